import numpy as np
import pytest
from scipy import stats

from topicgen.errors import InputError
from topicgen.evaluation import holm, paired_test


def test_a_difference_by_hand():
    # Differences 4, 3, 2, -1: a sum of 8 over 40 tokens.
    result = paired_test([4.0, 3, 2, 0], [0.0, 0, 0, 1], [10, 10, 10, 10])
    assert result.difference == pytest.approx(8 / 40)
    assert result.low < 8 / 40 < result.high


def test_documents_that_do_not_vary_have_the_p_of_their_signs():
    result = paired_test([-2.0, -4, -6, -8], [-3.0, -6, -9, -12], [1, 2, 3, 4])
    assert result == (1, 1, 1, 1 / 8)


def test_two_or_three_documents_give_no_bound():
    for n in (2, 3):
        result = paired_test(np.arange(1.0, n + 1), np.zeros(n))
        assert (result.low, result.high) == (-np.inf, np.inf)
        assert result.p_value > 0.05


def test_the_interval_reaches_zero_where_p_is_one_minus_its_confidence():
    rng = np.random.default_rng(1)
    for n, mean in ((10, 0.7), (300, 0.93)):
        scores = rng.gamma(1, size=n) - mean
        p = paired_test(scores, np.zeros(n)).p_value
        assert 0.0002 < p < 0.9
        narrow = paired_test(scores, np.zeros(n), confidence=1 - p - 1e-3)
        wide = paired_test(scores, np.zeros(n), confidence=1 - p + 1e-3)
        assert narrow.low > 0 or narrow.high < 0
        assert wide.low < 0 < wide.high


def test_the_interval_is_near_students_where_differences_are_normal():
    # Of 2,000 documents; the larger of two quantiles of 9,999 draws is within 5%.
    scores = np.random.default_rng(2).normal(size=2000)
    expected = stats.ttest_1samp(scores, 0).confidence_interval(0.95)
    result = paired_test(scores, np.zeros(2000))
    half = (expected.high - expected.low) / 2
    assert result.low == pytest.approx(expected.low, abs=0.05 * half)
    assert result.high == pytest.approx(expected.high, abs=0.05 * half)
    tokens = paired_test(scores, np.zeros(2000), np.full(2000, 5))
    assert tokens[:3] == pytest.approx(np.array(result[:3]) / 5)


@pytest.mark.parametrize(
    ("n", "least", "most"), [(10, 0.0, 0.07), (30, 0.0, 0.06), (300, 0.02, 0.06)]
)
def test_skewed_differences_are_rejected_as_rarely_as_the_level_says(n, least, most):
    # Gamma of shape 1, mean 0. scripts/study_significance.py found 6.0, 3.5 and 3.9%, Student's t
    # 10.2, 7.4 and 5.1%. Of 600 the bounds leave 1 to 2.5 standard errors; the seed is fixed.
    rng = np.random.default_rng(n)
    rejected = 0
    for seed in range(600):
        difference = rng.gamma(1, size=n) - 1
        result = paired_test(difference, np.zeros(n), n_resamples=499, random_state=seed)
        rejected += result.p_value <= 0.05
    assert least * 600 <= rejected <= most * 600


def test_interval_covers_the_truth_where_lengths_vary():
    # Differences vary with lengths. The interval is a little wide: 95 to 96.5% of 400; 4 standard
    # errors below 95% are 17.4, and it fails for one seed in sixteen thousand.
    rng = np.random.default_rng(4)
    covered = 0
    for _ in range(400):
        tokens = rng.integers(20, 200, 100)
        difference = 0.3 * tokens + rng.normal(0, 0.1, 100) * tokens
        result = paired_test(difference, np.zeros(100), tokens, n_resamples=999)
        covered += result.low < 0.3 < result.high
    assert covered > 380 - 18


def test_a_planted_difference_is_found():
    rng = np.random.default_rng(5)
    tokens = rng.integers(50, 150, 300)
    second = -6.0 * tokens + rng.normal(0, 30, 300)
    first = second + 0.05 * tokens + rng.normal(0, 10, 300)
    result = paired_test(first, second, tokens, n_resamples=999)
    assert result.p_value == 2 / 1000
    assert 0 < result.low < 0.05 < result.high
    opposite = paired_test(second, first, tokens, n_resamples=999)
    assert opposite == pytest.approx(
        (-result.difference, -result.high, -result.low, 2 / 1000), abs=2e-3
    )


def test_p_values_are_no_smaller_than_uniform_where_models_are_alike():
    # Normal differences. The larger of two p-values is above a uniform one; the one-sided
    # Kolmogorov-Smirnov test at 0.001 fails for one seed in a thousand or less.
    rng = np.random.default_rng(6)
    p_values = [
        paired_test(rng.normal(size=60), np.zeros(60), n_resamples=199, random_state=seed).p_value
        for seed in range(500)
    ]
    assert stats.kstest(p_values, "uniform", alternative="greater").pvalue > 0.001
    assert np.mean(np.array(p_values) < 0.5) > 0.3


def test_models_that_are_the_same():
    assert paired_test([-3.0] * 20, [-3.0] * 20, [7] * 20) == (0, 0, 0, 1)


def test_documents_without_tokens_are_left_out():
    with_empty = paired_test([-1.0, 9.0, -5.0], [-2.0, 0.0, -5.5], [2, 0, 3])
    assert with_empty == paired_test([-1.0, -5.0], [-2.0, -5.5], [2, 3])


def test_a_seed_gives_the_same():
    scores = np.random.default_rng(7).normal(size=(2, 40))
    results = [paired_test(*scores, n_resamples=99, random_state=seed) for seed in (1, 1, 2)]
    assert results[0] == results[1] != results[2]


def test_more_documents_than_are_drawn_at_once(monkeypatch):
    scores = np.random.default_rng(8).normal(size=(2, 50))
    whole = paired_test(*scores, n_resamples=500)
    monkeypatch.setattr("topicgen.evaluation.ratio._DRAWN", 49)
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
            "n_resamples to be a whole number from 1 to 1000000, got 0",
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
