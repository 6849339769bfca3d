from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from scipy.sparse import csr_matrix

from topicgen.errors import InputError
from topicgen.evaluation import CoherenceScore, coherence, coherence_scores

MEASURES = ["u_mass", "c_uci", "c_npmi", "c_v", "c_w2v"]


@pytest.fixture(scope="module")
def made():
    """Topics, texts and vectors."""
    rng = np.random.default_rng(0)
    words = [f"w{i}" for i in range(30)]
    texts = [[str(w) for w in rng.choice(words, n)] for n in rng.integers(0, 150, 60)]
    topics = [[str(w) for w in rng.permutation(words)[:20]] for _ in range(8)]
    return topics, texts, {word: rng.normal(size=4) for word in words}


def test_scores_are_the_coherences_in_the_order_asked_for(made):
    topics, texts, vectors = made
    scores = coherence_scores(topics, iter(texts), MEASURES, (10, 5, 20), vectors=vectors)
    assert [s[:2] for s in scores] == [(m, n) for m in MEASURES for n in (10, 5, 20)]
    for s in scores:
        alone = coherence(topics, texts, s.measure, True, top_n=s.top_n, vectors=vectors)
        np.testing.assert_allclose(s.per_topic, alone, rtol=0, atol=1e-12)
        assert s.mean == pytest.approx(alone.mean())
        if s.measure == "c_w2v":
            assert np.isnan([s.low, s.high, s.standard_error]).all()
        else:
            assert s.low < s.mean < s.high


def test_counts_are_scored_in_whole_documents(made):
    topics, texts, _ = made
    vocabulary = sorted({word for topic in topics for word in topic})
    counts = [[text.count(word) for word in vocabulary] for text in texts]
    of_counts = coherence_scores(topics, counts, ("c_v", "u_mass"), vocabulary=vocabulary)
    of_texts = coherence_scores(topics, texts, ("c_v", "u_mass"), window="document")
    for a, b in zip(of_counts, of_texts, strict=True):
        np.testing.assert_allclose(a.per_topic, b.per_topic, rtol=0, atol=1e-12)


def test_a_single_measure_and_word_vectors_without_texts(made):
    topics, _, vectors = made
    (score,) = coherence_scores(topics, None, "c_w2v", vectors=vectors)
    assert isinstance(score, CoherenceScore)
    assert score.top_n == 10


def test_scores_make_a_table(made):
    topics, texts, _ = made
    table = pd.DataFrame(coherence_scores(topics, texts, top_n=(5, 10)))
    columns = ["measure", "top_n", "mean", "low", "high", "per_topic", "standard_error", "halves"]
    assert list(table) == columns
    assert table["measure"].tolist() == ["c_npmi", "c_npmi", "c_v", "c_v"]
    assert table["mean"].dtype == float


@pytest.mark.filterwarnings("ignore:expected texts with all words of the topics")
def test_the_halves_are_those_of_the_documents(made):
    """Each half of so few documents is one of those that enumeration gives."""
    topics, texts, _ = made
    few = [text for text in texts if len(text) > 60][:4]
    halves = {
        round(coherence_scores(topics, half, "c_npmi", absent="drop")[0].mean, 10)
        for n in range(1, 5)
        for half in combinations(few, n)
    }
    (score,) = coherence_scores(topics, few, "c_npmi", absent="drop", window="document")
    (windows,) = coherence_scores(topics, few, "c_npmi", absent="drop")
    known = windows.halves[~np.isnan(windows.halves)]
    assert {round(float(half), 10) for half in known} <= halves
    assert len(set(known)) > 5
    assert score.standard_error == pytest.approx(np.nanstd(score.halves))


def test_the_error_is_that_of_a_mean_where_words_are_frequent():
    # c_uci of one pair is a smooth function of three shares; its delta-method error. The standard
    # deviation of 2,000 halves has an error of 1.6%, and 128 groups one of 6%: 25% is four times.
    rng = np.random.default_rng(5)
    a, b = rng.random(3000) < 0.5, rng.random(3000) < 0.4
    b |= a & (rng.random(3000) < 0.3)
    texts = [["x"] + ["a"] * int(one) + ["b"] * int(two) for one, two in zip(a, b, strict=True)]
    (score,) = coherence_scores([["a", "b"]], texts, "c_uci", 2, n_resamples=2000)
    influence = (a & b) / (a & b).mean() - a / a.mean() - b / b.mean()
    assert score.standard_error == pytest.approx(influence.std() / np.sqrt(3000), rel=0.25)
    t = stats.t.ppf(0.975, 127)
    assert score.high - score.mean == pytest.approx(t * score.standard_error)
    assert score.mean - score.low == pytest.approx(t * score.standard_error)


def test_models_on_the_same_texts_share_the_halves(made):
    topics, texts, _ = made
    vocabulary = sorted({word for topic in topics for word in topic})
    counts = [[text.count(word) for word in vocabulary] for text in texts * 5]
    first, second = (
        coherence_scores(some, counts, "c_npmi", vocabulary=vocabulary)[0]
        for some in (topics, [*topics[1:], topics[0]])
    )
    np.testing.assert_allclose(first.halves, second.halves, rtol=0, atol=1e-12)
    # The texts in other blocks, as other words would divide them.
    sparse = csr_matrix(np.array(counts))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("topicgen.evaluation.reference.BLOCK", 700)
        (parts,) = coherence_scores(topics, sparse, "c_npmi", vocabulary=vocabulary)
    np.testing.assert_allclose(first.halves, parts.halves, rtol=0, atol=1e-12)


def test_intervals_cover_what_other_texts_give():
    # 200 texts, words of middling frequency; 92 to 97% covered in scripts/study_comparison.py. Of
    # 200 intervals, 85% is five standard errors below 92%.
    rng = np.random.default_rng(7)
    topics = [["a", "b", "c"], ["d", "e", "f"]]
    means, covered = [], []
    for seed in range(200):
        theme = rng.random((200, 2)) < 0.3
        share = np.where(np.repeat(theme, 3, axis=1), 0.4, 0.05)
        counts = csr_matrix((rng.random((200, 6)) < share).astype(int))
        (score,) = coherence_scores(
            topics, counts, "c_npmi", 3, vocabulary=list("abcdef"), random_state=seed
        )
        means.append(score.mean)
        covered.append((score.low, score.high))
    low, high = np.transpose(covered)
    truth = np.mean(means)
    assert np.mean((low <= truth) & (truth <= high)) > 0.85
    assert np.mean(high - low) < 1.4 * 2 * 1.98 * np.std(means)  # nor are they much too wide


def test_the_seed_decides_the_draws(made):
    topics, texts, _ = made

    def low(seed):
        return coherence_scores(topics, texts, "c_v", n_resamples=50, random_state=seed)[0].low

    assert low(0) == low(0) == low(np.random.default_rng(0)) != low(1)


def test_of_one_document_there_is_no_interval():
    (score,) = coherence_scores([["a", "b"]], [["a", "b", "c"]], "c_npmi", 2)
    assert score.mean == score.per_topic[0]
    assert np.isnan([score.low, score.high, score.standard_error]).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"measures": ("c_v", "npmi")}, "measure to be one of u_mass, .*, got 'npmi'"),
        ({"measures": ()}, "one or more of measures, got none"),
        ({"top_n": ()}, "one or more of top_n, got none"),
        ({"top_n": (2, 1)}, "top_n to be a whole number from 2, got 1"),
        ({"top_n": (2, 3)}, r"3 words or more in topics\[0\], got 2"),
        ({"confidence": 95}, "confidence between 0 and 1, both excluded, got 95"),
        ({"confidence": float("nan")}, "confidence between 0 and 1, both excluded, got nan"),
        ({"n_resamples": 0}, "n_resamples to be a whole number from 1 to 1000000, got 0"),
        ({"absent": "ignore"}, "absent to be one of raise, drop, got 'ignore'"),
        ({"window": 0}, "window to be a number of tokens .* got 0"),
        ({"measures": "c_w2v"}, "vectors for c_w2v, got none"),
    ],
)
def test_bad_input_is_named(options, message):
    with pytest.raises(InputError, match=message) as error:
        coherence_scores([["a", "b"]], [["a", "b"], ["c"]], **{"top_n": 2, **options})
    assert "\n" not in str(error.value)


def test_words_that_the_texts_lack_can_be_dropped():
    texts = [["a", "b", "c"], ["a", "b"], ["c"], ["d"]]
    topics = [["a", "x", "b", "c"], ["a", "c", "y", "z"], ["x", "y", "z", "d"]]
    with pytest.warns(
        UserWarning, match="none with 6 of them, first 'x'; the coherences are computed from"
    ):
        scores = coherence_scores(topics, texts, "c_npmi", (2, 4), absent="drop")
    first, second = (coherence(topic, texts) for topic in ([["a", "b", "c"]], [["a", "c"]]))
    # Of the first two words one topic keeps two; of all four, two do.
    np.testing.assert_allclose(scores[0].per_topic, [np.nan, second, np.nan])
    np.testing.assert_allclose(scores[1].per_topic, [first, second, np.nan])
    assert scores[0].mean == pytest.approx(second)
    assert scores[1].mean == pytest.approx((first + second) / 2)
    for score in scores:
        assert score.low <= score.mean <= score.high


def test_without_any_word_there_is_no_coherence():
    with pytest.warns(UserWarning, match="none with 2 of them, first 'a'"):
        (score,) = coherence_scores([["a", "b"]], [], "c_v", 2, absent="drop")
    assert np.isnan([score.mean, score.low, score.high]).all()
