import numpy as np
import pandas as pd
import pytest

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
    assert list(table) == ["measure", "top_n", "mean", "low", "high", "per_topic"]
    assert table["measure"].tolist() == ["c_npmi", "c_npmi", "c_v", "c_v"]
    assert table["mean"].dtype == float


def test_of_two_topics_a_quarter_of_the_draws_is_twice_the_lower_one():
    # The share of those draws, of 2,000, is 5 standard errors from either tail: below 1e-6.
    texts = [["a", "b"], ["a", "b"], ["c", "d"], ["c"]]  # means of draws: 1, halfway, the lower
    topics = [["a", "b"], ["c", "d"]]
    for confidence, all_of_them in ((0.6, True), (0.4, False)):  # tails of 20% and of 30%
        (score,) = coherence_scores(topics, texts, "c_npmi", 2, confidence=confidence)
        lower, upper = sorted(score.per_topic)
        expected = (lower, upper) if all_of_them else (score.mean, score.mean)
        assert (score.low, score.high) == pytest.approx(expected)


def test_the_interval_is_the_normal_one_where_topics_are_many():
    # 400 topics of known standard deviation; the quantiles of 10,000 draws have a standard error of
    # 2.7% of the mean's, which 12% exceeds by 4 of them: an error rate below 1e-4.
    rng = np.random.default_rng(5)
    angle = rng.uniform(0.5, 2.5, 400)
    vectors = {f"a{k}": [1.0, 0.0] for k in range(400)}
    vectors |= {f"b{k}": [np.cos(angle[k]), np.sin(angle[k])] for k in range(400)}
    topics = [[f"a{k}", f"b{k}"] for k in range(400)]
    (score,) = coherence_scores(topics, None, "c_w2v", 2, vectors=vectors, n_resamples=10_000)
    np.testing.assert_allclose(score.per_topic, np.cos(angle / 2))
    error = score.per_topic.std() / 20
    assert abs(score.low - (score.mean - 1.96 * error)) < 0.12 * error
    assert abs(score.high - (score.mean + 1.96 * error)) < 0.12 * error


def test_the_seed_decides_the_draws(made):
    topics, texts, _ = made

    def low(seed):
        return coherence_scores(topics, texts, "c_v", n_resamples=50, random_state=seed)[0].low

    assert low(0) == low(0) == low(np.random.default_rng(0)) != low(1)


def test_of_one_topic_there_is_no_interval():
    (score,) = coherence_scores([["a", "b"]], [["a", "b"], ["c"]], "c_npmi", 2)
    assert score.mean == score.per_topic[0] == pytest.approx(1)
    assert np.isnan([score.low, score.high]).all()


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
    assert np.isnan([scores[0].low, scores[0].high]).all()
    assert scores[1].mean == pytest.approx((first + second) / 2)
    low, high = sorted((first, second))
    assert (scores[1].low, scores[1].high) == (pytest.approx(low), pytest.approx(high))


def test_without_any_word_there_is_no_coherence():
    with pytest.warns(UserWarning, match="none with 2 of them, first 'a'"):
        (score,) = coherence_scores([["a", "b"]], [], "c_v", 2, absent="drop")
    assert np.isnan([score.mean, score.low, score.high]).all()
