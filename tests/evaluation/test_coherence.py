import os
import subprocess
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.sparse import csr_matrix, load_npz

from topicgen.errors import InputError
from topicgen.evaluation import coherence, coherence_scores

MEASURES = ["u_mass", "c_uci", "c_npmi", "c_v"]
DATA = Path(os.environ.get("TOPICGEN_DATA", Path(__file__).parents[3] / "shared" / "data"))


def gensim_coherence(topics, texts, measure, window=None):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from gensim.corpora import Dictionary
        from gensim.models import CoherenceModel

        return CoherenceModel(
            topics=topics,
            texts=texts,
            dictionary=Dictionary(texts),
            coherence=measure,
            window_size=window,
            processes=1,
        ).get_coherence_per_topic()


def assert_equals_gensim(topics, texts, measure, window=None):
    ours = coherence(topics, texts, measure, per_topic=True, window=window)
    theirs = gensim_coherence(topics, texts, measure, window)
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-6)
    assert coherence(topics, texts, measure, window=window) == pytest.approx(np.mean(theirs))


@pytest.fixture(scope="module")
def texts():
    """Bursty documents from 0 to 300 tokens, and two words that never meet."""
    rng = np.random.default_rng(0)
    texts = []
    for length in [0, 1, 9, 10, 11, 109, 110, 111, 300, *rng.integers(1, 60, 60)]:
        p = rng.dirichlet(np.full(40, 0.2))
        texts.append([f"w{i}" for i in rng.choice(40, length, p=p)])
    return [*texts, ["left", "w0"], ["right", "w1"]]


@pytest.fixture(scope="module")
def topics(texts):
    rng = np.random.default_rng(1)
    words = sorted({word for text in texts for word in text} - {"left", "right"})
    return [
        *([str(word) for word in rng.choice(words, 10, replace=False)] for _ in range(5)),
        ["left", "right", "w0", "w1"],
        ["left", "right"],
    ]


@pytest.mark.parametrize("measure", MEASURES)
def test_equals_gensim_per_topic(topics, texts, measure):
    assert_equals_gensim(topics, texts, measure)


# gensim ignores the window for u_mass.
@pytest.mark.parametrize("measure", ["c_uci", "c_npmi", "c_v"])
@pytest.mark.parametrize("window", [2, 25, 1000])
def test_equals_gensim_in_windows_of_any_size(topics, texts, measure, window):
    assert_equals_gensim(topics, texts, measure, window)


@pytest.mark.parametrize("measure", MEASURES)
def test_whole_documents_are_windows_longer_than_every_document(topics, texts, measure):
    whole = coherence(topics, texts, measure, True, window="document")
    np.testing.assert_array_equal(whole, coherence(topics, texts, measure, True, window=1000))


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("length", [3, 10, 40, 200])
def test_equals_gensim_on_a_single_document(measure, length):
    text = [f"w{i}" for i in np.random.default_rng(2).integers(0, 5, length)]
    assert_equals_gensim([sorted(set(text))[:3], sorted(set(text))[-2:]], [text], measure)


def test_equals_gensim_on_20_newsgroups_for_every_measure_and_number_of_words():
    folder = DATA / "20ng_5000"
    if not folder.exists():
        pytest.skip(f"20ng_5000 is not in {DATA}; set TOPICGEN_DATA to the folder that holds it")
    counts = load_npz(folder / "train_bow.npz").tocsr()[:200]
    vocabulary = np.array((folder / "vocab.txt").read_text(encoding="utf-8").split())
    rng = np.random.default_rng(3)
    texts = [
        [str(w) for w in rng.permutation(np.repeat(vocabulary[row.indices], row.data.astype(int)))]
        for row in counts
    ]
    frequent = np.argsort(-counts.sum(axis=0).A1)[:200]
    topics = [[str(w) for w in vocabulary[rng.permutation(frequent)[:20]]] for _ in range(5)]
    scores = coherence_scores(topics, texts, MEASURES, (5, 10, 20))
    assert len(scores) == 12
    for score in scores:
        cut = [topic[: score.top_n] for topic in topics]
        theirs = gensim_coherence(cut, texts, score.measure)
        np.testing.assert_allclose(score.per_topic, theirs, rtol=0, atol=1e-6)


def test_equals_gensim_by_word_vectors(topics, texts):
    words = sorted({word for topic in topics for word in topic})
    rows = np.random.default_rng(4).normal(size=(len(words), 25)).astype(np.float32)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from gensim.corpora import Dictionary
        from gensim.models import CoherenceModel, KeyedVectors

        keyed = KeyedVectors(25)
        keyed.add_vectors(words, rows)
        theirs = CoherenceModel(
            topics=topics,
            texts=texts,
            dictionary=Dictionary(texts),
            coherence="c_w2v",
            keyed_vectors=keyed,
        ).get_coherence_per_topic()
    for vectors in (keyed, dict(zip(words, rows, strict=True))):
        ours = coherence(topics, None, "c_w2v", True, vectors=vectors)
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-6)


def test_word_vectors_by_hand():
    vectors = {"a": [3, 0], "b": [0, 3], "c": [-3, 0]}
    assert coherence([["a", "b"]], None, "c_w2v", vectors=vectors) == pytest.approx(np.sqrt(0.5))
    assert coherence([["a", "c"]], None, "c_w2v", vectors=vectors) == 0


@pytest.mark.parametrize("measure", MEASURES)
def test_counts_a_corpus_and_whole_documents_of_tokens_agree(topics, texts, measure):
    vocabulary = sorted({word for text in texts for word in text})
    counts = csr_matrix([[text.count(word) for word in vocabulary] for text in texts])
    corpus = SimpleNamespace(counts=counts, vocabulary=np.array(vocabulary))
    expected = coherence(topics, texts, measure, True, window="document")
    np.testing.assert_allclose(coherence(topics, corpus, measure, True), expected)
    for x in (counts, counts.toarray()):
        scores = coherence(topics, x, measure, True, vocabulary=vocabulary)
        np.testing.assert_allclose(scores, expected)


def test_one_pair_by_hand():
    texts = [["a", "b"], ["a", "b"], ["c"], ["a"]]  # p(a) = 3/4, p(b) = p(ab) = 1/2
    assert coherence([["a", "b"]], texts, "u_mass") == pytest.approx(np.log(2 / 3))
    assert coherence([["b", "a"]], texts, "u_mass") == pytest.approx(0, abs=1e-9)
    assert coherence([["a", "b"]], texts, "c_uci") == pytest.approx(np.log(4 / 3))
    assert coherence([["a", "b"]], texts) == pytest.approx(np.log(4 / 3) / np.log(2))


def test_independent_words_by_hand():
    texts = [["a", "b"], ["a"], ["b"], ["c"]]
    assert coherence([["a", "b"]], texts, "c_uci") == pytest.approx(0, abs=1e-9)
    assert coherence([["a", "b"]], texts, "c_npmi") == pytest.approx(0, abs=1e-9)
    assert coherence([["a", "b"]], texts, "c_v") == pytest.approx(np.sqrt(0.5))


def test_words_that_never_meet_and_words_that_are_everywhere_have_documented_values():
    apart = [["a"], ["b"]]
    assert coherence([["a", "b"]], apart) == pytest.approx(-1 + np.log(4) / np.log(1e12))
    assert coherence([["a", "b"]], [["a", "b"]]) == pytest.approx(-1)


@pytest.mark.parametrize("measure", ["c_uci", "c_npmi", "c_v"])
def test_a_single_short_document_has_one_virtual_document(measure):
    # Every probability is 1: no attraction, npmi -1 all over, and all vectors alike.
    expected = {"c_uci": 0, "c_npmi": -1, "c_v": 1}[measure]
    assert coherence([["a", "b"]], [["a", "b", "c"]], measure) == pytest.approx(expected, abs=1e-9)


def test_words_that_never_meet_have_the_least_finite_values():
    apart = [["a"], ["b"], ["c"], ["c"]]  # p(a) = p(b) = 1/4
    assert coherence([["a", "b"]], apart, "u_mass") == pytest.approx(np.log(4e-12), abs=1e-9)
    assert coherence([["a", "b"]], apart, "c_uci") == pytest.approx(np.log(16e-12), abs=1e-9)
    npmi = -1 + np.log(16) / np.log(1e12)
    own = np.log(4) / -np.log(0.25)
    cosine = (own + npmi) / np.sqrt(2 * (own**2 + npmi**2))
    assert coherence([["a", "b"]], apart, "c_v") == pytest.approx(cosine)


def test_an_empty_document_counts_as_one_without_words():
    with_empty = coherence([["a", "b"]], [["a", "b"], []], "c_npmi")
    assert with_empty == coherence([["a", "b"]], [["a", "b"], ["x"]], "c_npmi") == pytest.approx(1)


def test_the_window_decides_what_is_together():
    texts = [["a", *"x" * 8, "b"], ["c"] * 9]
    assert coherence([["a", "b"]], texts, window=9) < -0.8
    assert coherence([["a", "b"]], texts) == pytest.approx(1)


def test_top_n_keeps_the_first_words():
    texts = [["a", "b"], ["a", "b"], ["c"], ["c", "a"]]
    assert coherence([["a", "b", "c"]], texts, top_n=2) == coherence([["a", "b"]], texts)


def test_texts_may_be_read_once():
    texts = [["a", "b"], ["a"], ["b"], ["c"]]
    assert coherence([["a", "b"]], iter(texts), "c_v") == coherence([["a", "b"]], texts, "c_v")


TEXTS = [["a", "b"], ["b", "c"]]


@pytest.mark.parametrize(
    ("topics", "texts", "options", "message"),
    [
        (
            [["a", "b"], ["a", "z"]],
            TEXTS,
            {},
            r"contain, got 'z' at topics\[1\]\[1\], which is in none",
        ),
        ([["a", "b"]], [[], []], {"measure": "c_v"}, r"contain, got 'a' at topics\[0\]\[0\]"),
        ([["a", "b"]], [[], []], {}, r"contain, got 'a' at topics\[0\]\[0\]"),
        ([["a", "b"]], [], {}, r"contain, got 'a' at topics\[0\]\[0\]"),
        ([["a", "z"]], [[1, 0]], {"vocabulary": ["a", "z"]}, r"got 'z' at topics\[0\]\[1\]"),
        ([["a", "z"]], [[1, 1]], {"vocabulary": ["a", "b"]}, r"got 'z' at topics\[0\]\[1\]"),
        ([], TEXTS, {}, "at least one topic in topics, got none"),
        ([["a", "b"], []], TEXTS, {}, r"2 words or more in topics\[1\], got 0"),
        ([["a"]], TEXTS, {}, r"2 words or more in topics\[0\], got 1"),
        ([["a", "b"]], TEXTS, {"top_n": 3}, r"3 words or more in topics\[0\], got 2"),
        ([["a", "b"]], TEXTS, {"top_n": 1}, "top_n to be a whole number from 2, got 1"),
        ([["a", "b", "a"]], TEXTS, {}, r"distinct words in topics\[0\], got 'a' again at topics"),
        (["a b"], TEXTS, {}, r"topics\[0\] as a list of words, got str 'a b'"),
        ("a b", TEXTS, {}, "topics as lists of words, got str"),
        ([["a", ("b", 0.5)]], TEXTS, {}, r"words in topics\[0\], got tuple at topics\[0\]\[1\]"),
        ([["a", "b"]], ["a b", "c\nd"], {}, r"texts\[0\] as a list of words, got str 'a b'"),
        ([["a", "b"]], [["a"], None], {}, r"texts\[1\] as a list of words, got NoneType"),
        ([["a", "b"]], None, {}, "texts as lists of words, got NoneType"),
        (
            [["a", "b"]],
            csr_matrix([[1, 1]]),
            {},
            "vocabulary together with a matrix of counts, got none",
        ),
        ([["a", "b"]], [[1, 1]], {"vocabulary": ["a"]}, "vocabulary with 2 words .*, got 1"),
        ([["a", "b"]], [[1, -1]], {"vocabulary": ["a", "b"]}, "texts, got -1 at row 0, column 1"),
        (
            [["a", "b"]],
            [[1, 1]],
            {"vocabulary": ["a", "b"], "window": 10},
            "window='document' on counts, which keep no order of words, got 10",
        ),
        ([["a", "b"]], TEXTS, {"window": 0}, "window to be a number of tokens .* got 0"),
        ([["a", "b"]], TEXTS, {"window": "all"}, "window to be a number of tokens .* got 'all'"),
        ([["a", "b"]], TEXTS, {"measure": "npmi"}, "one of u_mass, .*, c_w2v, got 'npmi'"),
    ],
)
def test_bad_input_names_the_argument_and_the_first_bad_index(topics, texts, options, message):
    with pytest.raises(InputError, match=message) as error:
        coherence(topics, texts, **options)
    assert "\n" not in str(error.value)


def test_the_package_imports_neither_torch_nor_gensim():
    code = "import sys, topicgen.evaluation; print({'torch', 'gensim'} & set(sys.modules))"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "set()"
