import numpy as np
import pytest
from scipy import stats

from topicgen.comparison.seeds import Fits, estimate, fits_of_halves, fits_of_ratios
from topicgen.evaluation.ratio import ratio_of_sums


def test_deviations_have_the_covariance_of_the_ratios():
    rng = np.random.default_rng(0)
    sizes = rng.integers(0, 40, 30).astype(float)
    values = rng.normal(size=(3, 30)) * sizes
    fits = fits_of_ratios(values, sizes)
    kept = sizes > 0
    assert fits.df == kept.sum() - 1
    for i in range(3):
        ratio, error = ratio_of_sums(values[i, kept], sizes[kept])
        assert fits.scores[i] == pytest.approx(ratio)
        assert np.linalg.norm(fits.deviations[i]) == pytest.approx(error)
    _, error = ratio_of_sums((values[0] - values[1])[kept], sizes[kept])
    assert np.linalg.norm(fits.deviations[0] - fits.deviations[1]) == pytest.approx(error)


def test_halves_in_which_a_model_has_no_score_are_left_out():
    halves = np.array([[1.0, 3.0, np.nan, 5.0], [2.0, 2.0, 2.0, np.nan], [np.nan] * 4])
    fits = fits_of_halves(np.array([2.0, 2.0, np.nan]), halves, df=9)
    assert fits.deviations.shape == (3, 4)
    np.testing.assert_allclose((fits.deviations**2).sum(axis=1), [8 / 3, 0.0, np.nan])
    assert np.isnan(estimate(fits)[:3]).all()


def test_an_estimate_by_hand():
    # Two fits, -1 and -3, of variance 2: over seeds 2 / 2 = 1. Deviations (.3, .5) and (.5, .3):
    # mean (.4, .4), over documents .32; rests of .1 each, interaction 4 * .01 / 2 = .02.
    fits = Fits(np.array([-1.0, -3.0]), np.array([[0.3, 0.5], [0.5, 0.3]]), 1)
    value, low, high, p_value = estimate(fits)
    error, df = np.sqrt(1.3), 1.32**2 / (1 + 0.32**2)
    margin = stats.t.ppf(0.975, df) * error
    assert (value, low, high) == pytest.approx((-2, -2 - margin, -2 + margin))
    assert p_value == pytest.approx(2 * stats.t.sf(2 / error, df))


def test_of_one_fit_there_is_no_error():
    one, two = (Fits(np.zeros(n), np.zeros((n, 3)), 2) for n in (1, 2))
    for sides in ((one,), (one, two), (two, one), (two,)):
        assert np.isnan(estimate(*sides)[1:]).all()


@pytest.mark.parametrize(("seeds", "together"), [(0.0, 1.0), (0.05, 1.0), (0.3, 0.0)])
def test_settings_that_are_alike_are_told_apart_as_rarely_as_the_level_says(seeds, together):
    # Crossed effects of documents, seeds, and both together. 1,000 tests at 5% have a standard
    # error of .7%: above 8% fails for one seed in a hundred thousand.
    rng = np.random.default_rng(int(100 * seeds))
    rejected = {"seeds": 0, "documents": 0}
    for _ in range(1000):
        of_documents = rng.normal(size=200)
        sides = []
        for _ in range(2):
            of_fits = seeds * rng.normal(size=(3, 1))
            both = of_documents + of_fits + together * rng.normal(size=(3, 200))
            sides.append(fits_of_ratios(both, np.ones(200)))
        rejected["seeds"] += estimate(*sides).p_value <= 0.05
        gap = (sides[0].deviations.mean(0) - sides[1].deviations.mean(0)) ** 2
        z = (sides[0].scores.mean() - sides[1].scores.mean()) / np.sqrt(gap.sum())
        rejected["documents"] += abs(z) > 1.97
    assert rejected["seeds"] <= 80
    if seeds == 0.3:  # documents alone know nothing of other seeds
        assert rejected["documents"] > 900


def test_a_planted_difference_is_found():
    rng = np.random.default_rng(1)
    fits = [
        fits_of_ratios(
            mean + rng.normal(size=400) + rng.normal(0, 0.02, (4, 1)) + np.zeros((4, 400)),
            np.ones(400),
        )
        for mean in (0.0, 0.5)
    ]
    result = estimate(fits[1], fits[0])
    assert result.low < 0.5 < result.high
    assert result.p_value < 1e-3
