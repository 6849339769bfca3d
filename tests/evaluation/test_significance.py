import numpy as np
import pytest
from scipy import stats

from topicgen.errors import InputError
from topicgen.evaluation import holm, paired_test, perplexity


def test_four_documents_by_hand():
    # Differences 4, 3, 2, -1: a sum of 8. As great: + + + -, + + + +, and their opposites, of 16.
    result = paired_test([4.0, 3, 2, 0], [0.0, 0, 0, 1], [10, 10, 10, 10])
    assert result.difference == pytest.approx(8 / 40)
    assert result.p_value == 4 / 16


def test_all_sign_flips_equal_scipys():
    rng = np.random.default_rng(0)
    first, second = rng.normal(size=(2, 9))
    expected = stats.permutation_test(
        (first, second),
        lambda a, b, axis: (a - b).sum(axis=axis),
        permutation_type="samples",
        vectorized=True,
    )
    assert paired_test(first, second).p_value == pytest.approx(expected.pvalue)


def test_random_sign_flips_come_near_all_of_them():
    rng = np.random.default_rng(1)
    first, second = rng.normal(0.2, size=12), rng.normal(size=12)
    exact = paired_test(first, second, n_resamples=2**12).p_value
    drawn = paired_test(first, second, n_resamples=2000).p_value
    assert 0.05 < exact < 0.5
    # Four standard errors: it fails for one seed in sixteen thousand.
    assert abs(drawn - exact) < 4 * np.sqrt(exact * (1 - exact) / 2000)


def test_interval_is_students_where_documents_are_of_one_length():
    rng = np.random.default_rng(2)
    first, second = rng.normal(size=(2, 30))
    expected = stats.ttest_rel(first, second).confidence_interval(0.9)
    result = paired_test(first, second, confidence=0.9)
    assert result[1:3] == pytest.approx(tuple(expected))
    tokens = paired_test(first, second, np.full(30, 5), confidence=0.9)
    assert tokens[:3] == pytest.approx(np.array(result[:3]) / 5)


def test_interval_has_the_standard_error_of_perplexity():
    rng = np.random.default_rng(3)
    tokens = rng.integers(1, 200, 40)
    log_prob = -tokens * rng.gamma(20, 0.3, 40)
    result = paired_test(log_prob, np.zeros(40), tokens)
    scores = perplexity(log_prob, tokens)
    assert result.difference == pytest.approx(-np.log(scores.corpus))
    margin = stats.t.ppf(0.975, 39) * scores.standard_error / scores.corpus
    assert result.high - result.difference == pytest.approx(margin)


def test_interval_covers_the_truth():
    # Lengths vary, and differences with them. 95% of 400: 4 standard errors are 17.4, and it fails
    # for one seed in sixteen thousand.
    rng = np.random.default_rng(4)
    covered = 0
    for _ in range(400):
        tokens = rng.integers(20, 200, 100)
        difference = 0.3 * tokens + rng.normal(0, 0.1, 100) * tokens
        result = paired_test(difference, np.zeros(100), tokens, n_resamples=1)
        covered += result.low < 0.3 < result.high
    assert abs(covered - 380) < 18


def test_a_planted_difference_is_found():
    rng = np.random.default_rng(5)
    tokens = rng.integers(50, 150, 300)
    second = -6.0 * tokens + rng.normal(0, 30, 300)
    first = second + 0.05 * tokens + rng.normal(0, 10, 300)
    result = paired_test(first, second, tokens, n_resamples=999)
    assert result.p_value == 1 / 1000
    assert 0 < result.low < 0.05 < result.high
    opposite = paired_test(second, first, tokens, n_resamples=999)
    assert opposite == pytest.approx((-result.difference, -result.high, -result.low, 1 / 1000))


def test_p_values_are_uniform_where_models_are_alike():
    # Differences symmetric about 0, of very different scales. Kolmogorov-Smirnov at 0.001: it fails
    # for one seed in a thousand.
    rng = np.random.default_rng(6)
    scale = rng.gamma(1, 10, 60)
    p_values = [
        paired_test(rng.normal(0, scale), np.zeros(60), n_resamples=199, random_state=seed).p_value
        for seed in range(500)
    ]
    ranks = np.array(p_values) * 200 - rng.random(500)  # discrete: spread within the step
    assert stats.kstest(ranks / 200, "uniform").pvalue > 0.001


def test_models_that_are_the_same():
    assert paired_test([-3.0] * 20, [-3.0] * 20, [7] * 20) == (0, 0, 0, 1)


def test_documents_without_tokens_are_left_out():
    with_empty = paired_test([-1.0, 9.0, -5.0], [-2.0, 0.0, -5.5], [2, 0, 3])
    assert with_empty == paired_test([-1.0, -5.0], [-2.0, -5.5], [2, 3])


def test_a_seed_gives_the_same():
    scores = np.random.default_rng(7).normal(size=(2, 40))
    results = [paired_test(*scores, n_resamples=99, random_state=seed) for seed in (1, 1, 2)]
    assert results[0] == results[1] != results[2]


def test_more_documents_than_signs_held_at_once(monkeypatch):
    scores = np.random.default_rng(8).normal(size=(2, 50))
    whole = paired_test(*scores, n_resamples=500)
    monkeypatch.setattr("topicgen.evaluation.significance._SIGNS", 49)
    parts = paired_test(*scores, n_resamples=500)
    # Four standard errors of the difference of two shares of 500: one seed in sixteen thousand.
    p = whole.p_value
    assert 0.01 < p < 0.99
    assert abs(parts.p_value - p) < 4 * np.sqrt(2 * p * (1 - p) / 500)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (([1.0], [1.0, 2.0]), {}, r"one shape \(documents,\), got \(1,\), \(2,\) and \(1,\)"),
        (([[1.0]], [[1.0]]), {}, r"got \(1, 1\)"),
        (([1.0, np.nan], [1.0, 2.0]), {}, "finite scores in first, got nan at index 1"),
        (([1.0, 2.0], [-np.inf, 2.0]), {}, "finite scores in second, got -inf at index 0"),
        (([1.0, 2.0], [1.0, 2.0], [1, -1]), {}, "n_tokens, got -1.0 at index 1"),
        (([1.0, 2.0], [1.0, 2.0], [1, 0]), {}, "two or more documents with tokens, got 1"),
        (
            ([1.0, 2.0], [1.0, 2.0]),
            {"confidence": 95},
            "confidence between 0 and 1, both excluded, got 95",
        ),
        (
            ([1.0, 2.0], [1.0, 2.0]),
            {"n_resamples": 0},
            "n_resamples to be a whole number from 1, got 0",
        ),
    ],
)
def test_bad_scores(arguments, options, message):
    with pytest.raises(InputError, match=message) as error:
        paired_test(*arguments, **options)
    assert "\n" not in str(error.value)


def test_holm_by_hand():
    # In order .005, .01, .03, .04: times 4, 3, 2, 1, and none below the one before.
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.9, 0.8]).tolist() == [1, 1, 1]
    assert holm([0.2]).tolist() == [0.2]
    assert holm([]).tolist() == []


def test_holm_errs_no_more_often_than_its_level():
    # Twenty uniform p-values: one or more below .05 with probability 1 - (1 - .05 / 20)^20 = .0488.
    # Four standard errors of 1000 are 27: it fails for one seed in thirty thousand.
    rng = np.random.default_rng(9)
    errors = sum(holm(rng.random(20)).min() < 0.05 for _ in range(1000))
    assert errors < 1000 * 0.0488 + 27.3
    assert errors > 1000 * 0.0488 - 27.3


@pytest.mark.parametrize(
    ("p_values", "message"),
    [
        ([0.1, 1.2], "p_values from 0 to 1, got 1.2 at index 1"),
        ([np.nan], "got nan at index 0"),
        ([[0.1]], r"shape \(m,\), got \(1, 1\)"),
    ],
)
def test_bad_p_values(p_values, message):
    with pytest.raises(InputError, match=message):
        holm(p_values)
