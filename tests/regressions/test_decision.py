import numpy as np
import pytest
from regressions.decision import Measure, decide, rank_of_bound, rounds_needed

N_ROUNDS, N_MEASURES = 16, 16


def noisy(random, slowdown=0.0, noise=0.05, tolerance=0.1):
    """One measure of 16 rounds; heavy-tailed noise, as on a machine that others use too."""
    base, present = np.exp(noise * random.standard_t(3, (2, N_ROUNDS)))
    return Measure("fit", "seconds", tuple(base), tuple((1 + slowdown) * present), tolerance)


def share_with_false_reports(slowdown, n_campaigns=500):
    """How often anything is reported where all measures have the same slowdown."""
    random = np.random.default_rng(1)
    campaigns = [
        decide([noisy(random, slowdown) for _ in range(N_MEASURES)]) for _ in range(n_campaigns)
    ]
    return np.mean([any(v.is_regression for v in verdicts) for verdicts in campaigns])


def test_no_change_is_not_reported():
    """The error rate of 5% holds at the tolerance; without any change it is far smaller."""
    assert share_with_false_reports(0.0) < 0.01


def test_error_rate_at_the_tolerance():
    """The worst case, where every measure is worse by the tolerance: 5% of campaigns at most.

    Seeded; Binomial(500, 0.05) exceeds 40 with probability below 0.002.
    """
    assert share_with_false_reports(0.1) <= 40 / 500


def test_slowdown_of_30_percent_is_found():
    """Among 16 measures, with noise of 5% and heavy tails. Seeded."""
    random = np.random.default_rng(0)
    found = [
        decide([noisy(random, 0.3), *(noisy(random) for _ in range(N_MEASURES - 1))])
        for _ in range(200)
    ]
    assert np.mean([verdicts[0].is_regression for verdicts in found]) > 0.8


def test_interval_holds_the_median():
    """Each bound of a single measure fails with probability 5% at most. Seeded.

    Binomial(1000, 0.1) exceeds 130 with probability below 0.001.
    """
    random = np.random.default_rng(2)
    missed = 0
    for _ in range(1_000):
        (verdict,) = decide([noisy(random, 0.2)], 0.05)
        missed += not verdict.lower <= 0.2 <= verdict.upper
    assert missed <= 130


def test_bounds_by_hand():
    """Of five rounds at 1/32, the smallest change bounds the median."""
    base, present = (1.0,) * 5, (1.5, 1.2, 1.4, 1.3, 1.6)
    (verdict,) = decide([Measure("fit", "seconds", base, present, 0.1)], 1 / 32)
    assert (round(verdict.lower, 12), round(verdict.upper, 12)) == (0.2, 0.6)
    assert verdict.is_regression
    (verdict,) = decide([Measure("fit", "seconds", base, present, 0.2)], 1 / 32)
    assert not verdict.is_regression


def test_lower_coherence_is_worse():
    measure = Measure("fit", "NPMI", (0.3, -0.1), (0.25, -0.1), 0.02)
    np.testing.assert_allclose(measure.changes, [0.05, 0], atol=1e-12)


def test_too_few_rounds_are_refused():
    measure = Measure("fit", "seconds", (1.0,) * 3, (2.0,) * 3, 0.1)
    with pytest.raises(ValueError, match="expected 5 rounds or more, got 3"):
        decide([measure])


@pytest.mark.parametrize("n_measures", [1, 5, 16, 40])
def test_rounds_needed_are_the_fewest(n_measures):
    n_rounds = rounds_needed(n_measures, 0.05)
    assert rank_of_bound(n_rounds, 0.05 / n_measures) == 1
    assert rank_of_bound(n_rounds - 1, 0.05 / n_measures) == 0
