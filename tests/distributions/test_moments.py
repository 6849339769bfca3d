import math

import numpy as np
import pytest
import torch
from scipy import stats
from scipy.integrate import quad
from torch.distributions import Multinomial, Poisson

from topicgen.distributions import Finite, GeneralizedGumbelSoftmax, Truncated, relaxed_moments

from .laws import DOUBLE, doubles


def moments(logits, atoms, temperature):
    return relaxed_moments(GeneralizedGumbelSoftmax(Finite(logits, atoms), temperature))


def two_atoms_by_quadrature(log_odds, low, high, temperature):
    """The difference of two Gumbel variables is logistic: one integral over it."""

    def moment(power):
        def integrand(x):
            weight = 1 / (1 + np.exp(-np.clip((log_odds + x) / temperature, -600, 600)))
            return weight**power * stats.logistic.pdf(x)

        points = [-log_odds + k * temperature for k in (-20, -3, 0, 3, 20)]
        return quad(integrand, -45, 45, points=points, limit=1000, epsabs=1e-12)[0]

    mean = moment(1)
    width = high - low
    return low + width * mean, width**2 * (moment(2) - mean**2)


@pytest.mark.parametrize("temperature", [0.05, 0.3, 1.0, 3.0])
@pytest.mark.parametrize("log_odds", [-6.0, -0.4, 0.0, 2.0])
def test_two_atoms_have_the_moments_of_the_logistic_integral(log_odds, temperature):
    mean, variance = moments(doubles(0.0, log_odds), doubles(-1.0, 4.0), temperature)
    expected = two_atoms_by_quadrature(log_odds, -1.0, 4.0, temperature)
    np.testing.assert_allclose([mean, variance], expected, rtol=1e-7, atol=1e-9)


def test_two_equal_atoms_at_temperature_one_are_uniform():
    """The logistic function of a logistic variable is uniform."""
    mean, variance = moments(doubles(0.0, 0.0), doubles(0.0, 1.0), 1.0)
    assert mean.item() == pytest.approx(1 / 2, abs=1e-10)
    assert variance.item() == pytest.approx(1 / 12, abs=1e-10)


@pytest.mark.parametrize("temperature", [0.2, 0.7, 1.5])
def test_three_atoms_have_the_moments_of_an_exponential_race(temperature):
    """The race is run a million times in numpy, without a Gumbel variable.

    Mean and variance lie within 4 standard errors: right ones fail in 1.3e-4 of the seeds.
    """
    masses, atoms = np.array([0.2, 0.5, 0.3]), np.array([0.0, 1.0, 4.0])
    mean, variance = moments(torch.from_numpy(masses).log(), torch.from_numpy(atoms), temperature)
    arrivals = np.random.default_rng(1).exponential(size=(1_000_000, 3)) / masses
    speeds = (arrivals.min(-1, keepdims=True) / arrivals) ** (1 / temperature)
    z = (speeds / speeds.sum(-1, keepdims=True)) @ atoms
    squares = (z - mean.item()) ** 2
    assert abs(z.mean() - mean.item()) < 4 * z.std() / 1000
    assert abs(squares.mean() - variance.item()) < 4 * squares.std() / 1000


@pytest.mark.parametrize("temperature", [0.1, 0.5, 1.0, 5.0])
def test_the_moments_do_not_hang_on_the_normalisation_of_the_logits(temperature):
    logits, atoms = torch.randn(5, dtype=DOUBLE), torch.arange(5.0)
    torch.testing.assert_close(
        moments(logits, atoms, temperature), moments(logits + 50, atoms, temperature)
    )


def test_equal_atoms_have_the_mean_of_the_atoms_at_any_temperature():
    for temperature in (0.1, 1.0, 20.0):
        mean, _ = moments(
            torch.zeros(5, dtype=DOUBLE), doubles(0.0, 1.0, 2.0, 5.0, 10.0), temperature
        )
        assert mean.item() == pytest.approx(3.6, abs=1e-9)


@pytest.mark.parametrize("temperature", [10.0, 100.0])
def test_a_hot_relaxed_sample_is_the_mean_of_the_atoms(temperature):
    """The variance of its weights is of the order of that of the noise over the temperature."""
    mean, variance = moments(doubles(2.0, 0.0, -1.0), doubles(0.0, 1.0, 5.0), temperature)
    assert mean.item() == pytest.approx(2.0, abs=3 / temperature)
    assert variance.item() == pytest.approx((math.pi**2 / 6) * 14 / 9 / temperature**2, rel=0.3)


def test_the_moments_shift_and_scale_with_the_atoms():
    logits, atoms = torch.randn(4, dtype=DOUBLE), doubles(0.0, 1.0, 2.0, 6.0)
    mean, variance = moments(logits, atoms, 0.5)
    shifted, scaled = moments(logits, 1000 + 3 * atoms, 0.5)
    assert shifted.item() == pytest.approx(1000 + 3 * mean.item(), rel=1e-10)
    assert scaled.item() == pytest.approx(9 * variance.item(), rel=1e-6)


@pytest.mark.parametrize("n_impossible", [1, 2])
def test_an_impossible_atom_has_no_share(n_impossible):
    logits = doubles(0.0, 1.0, 0.5)
    more = torch.cat([logits, doubles(*[-math.inf] * n_impossible)]).requires_grad_()
    atoms = torch.arange(3.0 + n_impossible)
    with_impossible = moments(more, atoms, 0.5)
    torch.testing.assert_close(with_impossible, moments(logits, atoms[:3], 0.5))
    (gradient,) = torch.autograd.grad(sum(with_impossible), more)
    assert bool(gradient.isfinite().all())
    assert bool((gradient[3:] == 0).all())


@pytest.mark.parametrize("temperature", [0.05, 0.3, 1.0, 3.0])
def test_gradients_equal_finite_differences(temperature):
    logits, atoms = doubles(0.3, -1.0, 0.8).requires_grad_(), doubles(0.0, 1.0, 4.0)

    def value(logits):
        mean, variance = moments(logits, atoms, temperature)
        return mean + 2 * variance

    (gradient,) = torch.autograd.grad(value(logits), logits)
    with torch.no_grad():
        step = 1e-5 * doubles(1.0, -2.0, 0.5)
        difference = (value(logits + step) - value(logits - step)) / 2
    assert (gradient @ step).item() == pytest.approx(difference.item(), rel=1e-5)
    assert gradient.sum().item() == pytest.approx(0, abs=1e-9)


def test_one_atom_is_certain():
    mean, variance = moments(doubles(0.7), doubles(3.0), 0.5)
    assert mean.item() == pytest.approx(3, abs=1e-9)
    assert variance.item() == pytest.approx(0, abs=1e-9)


def test_each_number_of_a_vector_has_the_moments_of_its_own():
    logits, atoms = torch.randn(2, 4, dtype=DOUBLE), torch.randn(4, 3, 2, dtype=DOUBLE)
    mean, variance = moments(logits, atoms, 0.5)
    assert mean.shape == variance.shape == (2, 3, 2)
    order = atoms[:, 1, 0].argsort()
    ours = mean[:, 1, 0], variance[:, 1, 0]
    torch.testing.assert_close(moments(logits[:, order], atoms[order, 1, 0], 0.5), ours)


def test_relaxed_counts_of_a_multinomial_sum_to_the_trials():
    law = GeneralizedGumbelSoftmax(Multinomial(3, doubles(0.7, 0.2, 0.1)), 0.5)
    mean, variance = relaxed_moments(law)
    assert mean.sum().item() == pytest.approx(3, abs=1e-9)
    assert bool((variance < law.variance).all())


def test_shapes_and_dtypes(dtype):
    law = Truncated(Poisson(torch.ones(2, 3, dtype=dtype)), upper=4)
    for moment in relaxed_moments(GeneralizedGumbelSoftmax(law, torch.tensor(0.5))):
        assert moment.shape == (2, 3)
        assert moment.dtype == dtype
    empty = GeneralizedGumbelSoftmax(Truncated(Poisson(torch.ones(0)), upper=4), 0.5)
    assert [moment.shape for moment in relaxed_moments(empty)] == [(0,), (0,)]


def test_the_variance_of_a_relaxed_poisson_is_too_small():
    """Known by simulation, to .02: Poisson(5) on 0..15 at temperatures .5, 1 and 1.6."""
    law = Truncated(Poisson(doubles(5.0)), upper=15)
    for temperature, mean, variance in [(0.5, 5.03, 2.77), (1.0, 5.15, 1.40), (1.6, 5.39, 0.66)]:
        ours = relaxed_moments(GeneralizedGumbelSoftmax(law, temperature))
        assert ours[0].item() == pytest.approx(mean, abs=0.02)
        assert ours[1].item() == pytest.approx(variance, abs=0.02)
