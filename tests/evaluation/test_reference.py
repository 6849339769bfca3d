import tracemalloc
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import coo_matrix, csc_array, csr_array, csr_matrix

from topicgen.corpus import Corpus
from topicgen.errors import InputError
from topicgen.evaluation import reference
from topicgen.evaluation.reference import joint_counts

WORDS = ["a", "b", "c", "d"]
TOPICS = [["a", "b", "c"], ["d", "a"]]


@pytest.fixture(scope="module")
def counts():
    return np.random.default_rng(1).poisson(0.6, (60, 4))


def joint_probabilities(topics, texts, windows, vocabulary=None):
    counted = joint_counts(topics, texts, windows, vocabulary)
    return {window: counts.probabilities() for window, counts in counted.items()}


def tokens(counts):
    return [[w for w, n in zip(WORDS, row, strict=True) for _ in range(n)] for row in counts]


def assert_same(left, right):
    assert left.keys() == right.keys()
    for window in left:
        for a, b in zip(left[window], right[window], strict=True):
            np.testing.assert_array_equal(a, b)


@pytest.mark.parametrize("block", [1, 7, 50])
def test_blocks_of_any_size_add_up_to_the_same(counts, block, monkeypatch):
    texts = tokens(counts)
    windows = ["document", 2, 5]
    of_texts = joint_probabilities(TOPICS, texts, windows)
    of_counts = joint_probabilities(TOPICS, counts, ["document"], WORDS)
    monkeypatch.setattr(reference, "BLOCK", block)
    assert_same(joint_probabilities(TOPICS, texts, windows), of_texts)
    assert_same(joint_probabilities(TOPICS, counts, ["document"], WORDS), of_counts)
    assert_same(joint_probabilities(TOPICS, csr_array(counts), ["document"], WORDS), of_counts)
    assert len(list(reference.blocks_of_tokens(texts, {}))) > 1
    assert len(list(reference.blocks_of_counts(counts, WORDS, {}))) > 1


def test_an_iterator_is_read_once_for_all_windows(counts):
    texts = tokens(counts)
    windows = ["document", 2, 5]
    once = joint_probabilities(TOPICS, iter(texts), windows)
    for window in windows:
        alone = joint_probabilities(TOPICS, (iter(text) for text in texts), [window])
        np.testing.assert_array_equal(once[window][0], alone[window][0])


@pytest.mark.parametrize("form", [list, csr_matrix, csc_array, coo_matrix, csr_array])
def test_counts_of_any_form_are_the_whole_documents_of_tokens(counts, form):
    expected = joint_probabilities(TOPICS, tokens(counts), ["document"])
    x = form(counts)
    assert_same(joint_probabilities(TOPICS, x, ["document"], WORDS), expected)
    corpus = SimpleNamespace(counts=csr_matrix(counts), vocabulary=np.array(WORDS))
    assert_same(joint_probabilities(TOPICS, corpus, ["document"]), expected)


def test_a_corpus_mapped_from_disk(counts, tmp_path):
    Corpus(csr_matrix(counts), WORDS, [str(i) for i in range(60)]).save(tmp_path / "corpus")
    mapped = Corpus.open(tmp_path / "corpus")
    expected = joint_probabilities(TOPICS, counts, ["document"], WORDS)
    assert_same(joint_probabilities(TOPICS, mapped, ["document"]), expected)


def test_stored_zeros_are_no_occurrences():
    x = csr_array((np.array([1, 0, 1]), np.array([0, 1, 1]), np.array([0, 2, 3])), shape=(2, 2))
    joint = joint_probabilities([["a", "b"]], x, ["document"], ["a", "b"])
    np.testing.assert_array_equal(joint["document"][0], [[0.5, 0], [0, 0.5]])


def test_a_stream_is_never_held_as_a_whole():
    def stream(n):
        for _ in range(n):
            yield ["a", "b", "x", "x", "c"] * 20

    def peak(n):
        tracemalloc.start()
        joint_probabilities([["a", "b", "c"]], stream(n), ["document", 10])
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return peak

    # Four blocks and one that is full.
    assert peak(4 * reference.BLOCK // 100) < 1.2 * peak(reference.BLOCK // 100 + 1)


def test_the_row_of_a_bad_count_is_named_among_all(counts, monkeypatch):
    monkeypatch.setattr(reference, "BLOCK", 20)
    bad = counts.copy()
    bad[50, 2] = -1
    for x in (bad, csr_array(bad)):
        with pytest.raises(InputError, match="texts, got -1 at row 50, column 2"):
            joint_probabilities(TOPICS, x, ["document"], WORDS)


@pytest.mark.parametrize(
    ("texts", "windows", "vocabulary", "message"),
    [
        (["a b"], [2], None, r"texts\[0\] as a list of words, got str"),
        (
            csr_array([[1, 1, 1, 1]]),
            ["document"],
            None,
            "vocabulary together with a matrix of counts",
        ),
        ([1, 1], ["document"], WORDS, r"texts as a matrix of numbers .* got shape \(2,\)"),
        ([[1, 1, 1]], ["document"], WORDS, "vocabulary with 3 words .*, got 4"),
        ([[1, 1, 1, 1]], ["document", 3], WORDS, "window='document' on counts.* got 3"),
        ([[1, 1, 1, 0]], ["document"], WORDS, r"got 'd' at topics\[1\]\[0\], which is in none"),
    ],
)
def test_bad_input_is_named(texts, windows, vocabulary, message):
    with pytest.raises(InputError, match=message) as error:
        joint_probabilities(TOPICS, texts, windows, vocabulary)
    assert "\n" not in str(error.value)


COLUMNS = {"d": 2, "a": 0, "c": 1}
MATRIX = [[1, 0, 2], [3, 1, 1], [0, 1, 0]]


@pytest.mark.parametrize(
    "vocabulary",
    [COLUMNS, {2: "d", 0: "a", 1: "c"}, ["a", "c", "d"], pd.Index(["a", "c", "d"])],
    ids=["word to column", "column to word", "list", "Index"],
)
@pytest.mark.parametrize(
    "kind", [np.array, csr_array, pd.DataFrame], ids=lambda kind: kind.__name__
)
def test_words_are_on_their_columns(vocabulary, kind):
    """In the order of insertion "d" would have the counts of "a"."""
    joint = joint_probabilities([["a", "d", "c"]], kind(MATRIX), ["document"], vocabulary)
    expected = np.array([[2, 2, 1], [2, 2, 1], [1, 1, 2]]) / 3
    np.testing.assert_allclose(joint["document"][0], expected)


def test_the_columns_of_a_frame_are_its_words():
    topics = [["a", "d", "c"]]
    expected = joint_probabilities(topics, np.array(MATRIX), ["document"], COLUMNS)["document"][0]
    frame = pd.DataFrame(MATRIX, columns=["a", "c", "d"])
    for texts, vocabulary in ((frame, None), (frame, COLUMNS), (frame[["d", "a", "c"]], None)):
        joint = joint_probabilities(topics, texts, ["document"], vocabulary)["document"][0]
        np.testing.assert_allclose(joint, expected)
    with pytest.raises(
        InputError, match="columns of texts in the order of the vocabulary, got 'd'"
    ):
        joint_probabilities(topics, frame[["d", "a", "c"]], ["document"], COLUMNS)


@pytest.mark.parametrize(
    ("vocabulary", "message"),
    [
        ({"a", "c", "d"}, "got a set; a set has no order"),
        (COLUMNS.keys(), "got dict_keys, which is in the order of insertion"),
        ("acd", "vocabulary as a list of words, got str 'acd'"),
        (["a", None, "d"], "got None .* at index 1"),
        (["a", "d", "d"], "got 'd' for the columns 1 and 2"),
        ({"a": 0, "c": 1, "d": 3}, "got 3 for 'd'"),
    ],
)
def test_a_vocabulary_without_columns(vocabulary, message):
    with pytest.raises(InputError, match=message):
        joint_probabilities([["a", "d"]], np.array(MATRIX), ["document"], vocabulary)


@pytest.mark.parametrize("block", [1, 50, 2**17])
def test_groups_are_the_same_whatever_the_words_and_blocks(counts, block, monkeypatch):
    def grouped(topics, texts, windows, vocabulary=None):
        random = np.random.default_rng(3)
        return joint_counts(topics, texts, windows, vocabulary, n_groups=8, random=random)

    whole = grouped(TOPICS, tokens(counts), ["document", 2])
    monkeypatch.setattr(reference, "BLOCK", block)
    parts = grouped(TOPICS[1:], tokens(counts), ["document", 2])
    for window in ("document", 2):
        np.testing.assert_array_equal(parts[window].joint[0], whole[window].joint[1])
        np.testing.assert_array_equal(parts[window].n_virtual, whole[window].n_virtual)
    of_counts = grouped(TOPICS, counts, ["document"], WORDS)["document"]
    np.testing.assert_array_equal(of_counts.joint[0], whole["document"].joint[0])
    # 60 documents in 8 groups: 7 or 8 in each.
    assert set(of_counts.n_virtual) == {7, 8}
    assert of_counts.n_documents == 60
    all_of_them = joint_counts(TOPICS, counts, ["document"], WORDS)["document"]
    np.testing.assert_array_equal(of_counts.joint[0].sum(axis=0), all_of_them.joint[0][0])
