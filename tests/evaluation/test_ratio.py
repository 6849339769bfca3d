import numpy as np
import pytest
from scipy import stats

from topicgen.evaluation.ratio import RatioBootstrap, bootstrap_ratio, error_of_mean, ratio_of_sums


def test_ratio_by_hand():
    # r = 10 / 4; the deviations are 9 - 7.5 and 1 - 2.5, and the mean size is 2.
    ratio, error = ratio_of_sums(np.array([9.0, 1.0]), np.array([3.0, 1.0]))
    assert ratio == 2.5
    assert error == pytest.approx(np.sqrt(2 * 1.5**2 / 2) / 2)


def test_of_documents_of_one_size_it_is_the_mean_and_its_error():
    values = np.random.default_rng(0).normal(size=50)
    ratio, error = ratio_of_sums(values, np.full(50, 4.0))
    assert ratio == pytest.approx(values.mean() / 4)
    assert error == pytest.approx(values.std(ddof=1) / np.sqrt(50) / 4)
    assert error_of_mean(values - values.mean()) == pytest.approx(error * 4)


def test_a_single_document_has_no_error():
    ratio, error = ratio_of_sums(np.array([3.0]), np.array([2.0]))
    assert ratio == 1.5
    assert np.isnan(error)


def test_ends_and_p_by_hand():
    # Of 19 draws a fifth of two-sided alpha = .2 leaves out 2 at either end: -2 and 3; abs(t*)
    # leaves out 4 of them: 2.5. The wider at either end: r - 3 s.e. and r + 2.5 s.e.
    draws = np.array([-4, -2.0, -1.5, -1, -0.8, -0.6, -0.4, -0.2, -0.1, 0.0])
    draws = np.concatenate([draws, [0.1, 0.2, 0.4, 0.6, 0.8, 1, 2.5, 3, 5]])
    bootstrap = RatioBootstrap(1.0, 0.5, np.sort(draws), 30)
    assert bootstrap.interval(0.8) == (1.0 - 0.5 * 3, 1.0 + 0.5 * 2.5)
    # t = 2: 3 draws lie at or above it, 5 at or beyond on either side: 2 (3 + 1) / 20.
    assert bootstrap.p_value() == 8 / 20


def test_resamples_by_enumeration():
    # Two documents, drawn (1, 1), (1, 2), (2, 1) or (2, 2): t* is infinite in half, else 0.
    draws = bootstrap_ratio(np.array([1.0, 3.0]), np.ones(2), 4000, np.random.default_rng(0)).draws
    assert set(draws) == {-np.inf, 0, np.inf}
    # Four standard errors of a share of a quarter: it fails for one seed in eight thousand.
    for end in (-np.inf, np.inf):
        assert abs(np.mean(draws == end) - 0.25) < 4 * np.sqrt(0.25 * 0.75 / 4000)


def test_the_draws_are_those_of_resampled_documents():
    # Two sets of 4,000 draws, one by the definition; Kolmogorov-Smirnov at .001.
    rng = np.random.default_rng(1)
    sizes = rng.integers(1, 50, 12).astype(float)
    values = sizes * rng.gamma(2, size=12)
    ratio, _ = ratio_of_sums(values, sizes)
    expected = []
    for _ in range(4000):
        i = rng.integers(12, size=12)
        drawn, error = ratio_of_sums(values[i], sizes[i])
        expected.append((drawn - ratio) / error)
    draws = bootstrap_ratio(values, sizes, 4000, rng).draws
    assert stats.ks_2samp(draws, expected).pvalue > 0.001


def test_groups_keep_the_skewness():
    # The ends of 3,000 documents in 200 groups are those of all the documents. The 2.5% quantiles
    # of 9,999 draws have standard errors of .03; grouping adds as much.
    rng = np.random.default_rng(2)
    values = rng.gamma(0.1, size=3000)
    groups = bootstrap_ratio(values, np.ones(3000), 9999, np.random.default_rng(0))
    times = rng.multinomial(3000, np.full(3000, 1 / 3000), 2000).astype(float)
    mean = times @ values / 3000
    error = np.sqrt((times @ values**2 / 3000 - mean**2) / 2999)
    t = (mean - values.mean()) / error
    assert np.quantile(groups.draws, [0.025, 0.975]) == pytest.approx(
        np.quantile(t, [0.025, 0.975]), abs=0.2
    )
    assert abs(np.quantile(t, 0.025)) > np.quantile(t, 0.975) + 0.1


def test_what_differs_by_rounding_alone_does_not_vary():
    sizes = np.array([3.0, 7.0, 11.0])
    bootstrap = bootstrap_ratio(0.1 * sizes, sizes, 99, np.random.default_rng(0))
    assert bootstrap.interval(0.95) == (bootstrap.ratio, bootstrap.ratio)
    assert bootstrap.p_value() == 1 / 4
