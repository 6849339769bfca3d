import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy import stats
from scipy.integrate import quad
from torch.distributions import (
    Binomial,
    Categorical,
    Gamma,
    Geometric,
    Multinomial,
    NegativeBinomial,
    Poisson,
)

from topicgen.distributions import Finite, Truncated, ZeroInflatedPoisson
from topicgen.gradients import ExponentialArrivals

from .conftest import assert_mean, doubles, gradients, square

N = 50_000
MIXTURES = {
    "negative binomial": NegativeBinomial(doubles(3.0, 0.8), probs=doubles(0.4, 0.6)),
    "geometric": Geometric(probs=doubles(0.25, 0.7)),
    "geometric by logits": Geometric(logits=doubles(-1.0, 0.5)),
    "truncated": Truncated(NegativeBinomial(doubles(3.0, 0.8), logits=doubles(-0.4, 0.4)), upper=2),
}


def base_of(law):
    return law.base if isinstance(law, Truncated) else law


def cubic(x):
    u = np.clip((1 + x) / 2, 0, 1)
    return 3 * u**2 - 2 * u**3


def logistic(x):
    return 1 / (1 + np.exp(-x))


def integral_of_powers(indicator, temperature, power):
    """Return the integral over all times of the indicator's power."""
    ends = np.clip([0, 1 - temperature, 1, 1 + temperature, 1 + 12 * temperature], 0, None)
    return sum(
        quad(lambda t: indicator((1 - t) / temperature) ** power, *part)[0]
        for part in pairwise(ends)
    )


def sample(law, temperature=0.1, n_samples=N, **options):
    return ExponentialArrivals(temperature, **options).sample(law, n_samples)


@pytest.mark.parametrize("temperature", [1e-3, 0.1, 0.5, 1.0])
def test_mean_of_cubic_counts_is_the_rate(temperature):
    """Each of the 12 comparisons fails for one seed in 16,000."""
    rates = doubles(0.05, 1.0, 5.0)
    assert_mean(sample(Poisson(rates), temperature), rates)


def test_mean_of_cubic_counts_is_another_beyond_a_temperature_of_1():
    """The indicator is cut off at time 0."""
    mean = 6 * integral_of_powers(cubic, 2.0, 1)
    assert abs(mean - 6) > 0.1
    assert_mean(sample(Poisson(doubles(6.0)), 2.0), mean)


@pytest.mark.parametrize("temperature", [0.05, 0.5])
def test_mean_of_logistic_counts_is_the_indicators_integral(temperature):
    """Rate times temperature times softplus(1 / temperature), less 1e-5 that is cut off."""
    rates = doubles(0.05, 1.0, 5.0)
    expected = rates * temperature * math.log1p(math.exp(1 / temperature))
    assert_mean(sample(Poisson(rates), temperature, indicator="sigmoid"), expected)


def test_logistic_counts_of_a_large_rate_have_their_late_arrivals():
    expected = 100 * 0.5 * math.log1p(math.exp(2))
    z = sample(Poisson(doubles(100.0)), 0.5, n_samples=5000, indicator="sigmoid")
    assert_mean(z, expected)


@pytest.mark.parametrize("temperature", [0.1, 0.7])
@pytest.mark.parametrize(("name", "indicator"), [("cubic", cubic), ("sigmoid", logistic)])
def test_variance_is_the_integral_of_the_indicators_square(name, indicator, temperature):
    """Campbell's theorem. Each case fails for one seed in 16,000."""
    z = sample(Poisson(doubles(4.0)), temperature, indicator=name)
    mean = 4 * integral_of_powers(indicator, temperature, 1)
    variance = 4 * integral_of_powers(indicator, temperature, 2)
    assert_mean(z, mean)
    assert_mean((z - mean).square(), variance)
    assert variance < 4


@pytest.mark.parametrize("indicator", ["cubic", "sigmoid"])
@pytest.mark.parametrize("rate", [0.3, 5.0])
def test_counts_are_poisson_as_the_temperature_falls(rate, indicator):
    """Chi-square of rounded values, which fails for one seed in 10,000."""
    z = sample(Poisson(doubles(rate)), 1e-3, indicator=indicator)[:, 0]
    assert_mean((z - rate).square(), rate)
    last = int(stats.poisson(rate).isf(1e-3))
    observed = np.bincount(z.round().clamp(max=last).long().numpy(), minlength=last + 1)
    masses = np.append(stats.poisson(rate).pmf(range(last)), stats.poisson(rate).sf(last - 1))
    assert stats.chisquare(observed, N * masses).pvalue > 1e-4


@pytest.mark.parametrize("law", MIXTURES.values(), ids=MIXTURES)
def test_a_mixed_poisson_law_keeps_its_mean_and_its_variance(law):
    """Each of the 16 comparisons fails for one seed in 16,000."""
    base = base_of(law)
    z = sample(law, 1e-3)
    assert z.shape == (N, 2)
    assert_mean(z, base.mean)
    # 1e-3 of a temperature takes less than 1e-3 of the rate from the variance.
    error = (z - base.mean).square().std(0) / N**0.5
    off = (z - base.mean).square().mean(0) - base.variance
    assert bool((off.abs() < 4 * error + 1e-3 * base.mean).all())


def test_negative_binomial_counts_have_its_masses():
    """Chi-square of rounded values, which fails for one seed in 10,000."""
    z = sample(NegativeBinomial(doubles(3.0), probs=doubles(0.4)), 1e-3)[:, 0]
    law = stats.nbinom(3, 0.6)
    last = int(law.isf(1e-3))
    observed = np.bincount(z.round().clamp(max=last).long().numpy(), minlength=last + 1)
    masses = np.append(law.pmf(range(last)), law.sf(last - 1))
    assert stats.chisquare(observed, N * masses).pvalue > 1e-4


@pytest.mark.parametrize("temperature", [0.1, 0.5, 1.0])
def test_gradient_of_the_mean_is_exact(temperature):
    """The mean is the rate, so its slope is 1. Each case fails for one seed in 16,000."""
    rate = torch.tensor(4.0, dtype=torch.float64)
    draws = gradients(ExponentialArrivals(temperature), Poisson, rate, lambda z: z, N)
    assert_mean(draws, 1.0)


def test_gradient_of_a_quadratic_loss_is_that_of_the_soft_counts():
    """Its slope in the rate r is 2 (r - 3), and that of the variance."""
    rate = torch.tensor(4.0, dtype=torch.float64)
    draws = gradients(ExponentialArrivals(0.5), Poisson, rate, square, N)
    assert_mean(draws, 2 * (4.0 - 3.0) + integral_of_powers(cubic, 0.5, 2))


@pytest.mark.parametrize(
    ("law", "at", "expected"),
    [
        # r exp(l), and (1 - p) / p, whose slope is -1 / p^2.
        (lambda x: NegativeBinomial(3.0, logits=x), -0.4, 3 * math.exp(-0.4)),
        (lambda x: NegativeBinomial(x, probs=torch.tensor(0.4).double()), 3.0, 0.4 / 0.6),
        (lambda x: Geometric(probs=x), 0.4, -1 / 0.4**2),
    ],
)
def test_gradient_of_a_mixed_laws_mean_is_exact(law, at, expected):
    at = torch.tensor(at, dtype=torch.float64)
    draws = gradients(ExponentialArrivals(), law, at, lambda z: z, N)
    assert_mean(draws, expected)


@pytest.mark.parametrize("indicator", ["cubic", "sigmoid"])
def test_gradients_are_finite_at_the_smallest_rates(indicator):
    rate = torch.tensor([0.0, 1e-35, 1e-30, 1e-25, 1e-20, 1e-10, 1e-6], requires_grad=True)
    z = sample(Poisson(rate), n_samples=10, indicator=indicator)
    z.sum().backward()
    assert bool((z >= 0).all() & (z < 1e-3).all())
    assert bool(rate.grad.isfinite().all())


@pytest.mark.parametrize("indicator", ["cubic", "sigmoid"])
def test_gradients_of_a_sparse_negative_binomial_law_are_finite(indicator):
    """Of a total count of 0.1 the Gamma rate is below 1e-20 once in a hundred draws."""
    total = torch.full((2000,), 0.1, requires_grad=True)
    logits = torch.full((2000,), 1.4, requires_grad=True)
    sample(
        NegativeBinomial(total, logits=logits), n_samples=1, indicator=indicator
    ).sum().backward()
    assert bool(total.grad.isfinite().all() & logits.grad.isfinite().all())


def test_truncation_is_not_applied():
    torch.manual_seed(1)
    expected = sample(Poisson(doubles(5.0)), n_samples=100)
    torch.manual_seed(1)
    found = sample(Truncated(Poisson(doubles(5.0)), upper=2), n_samples=100)
    assert torch.equal(found, expected)
    assert found.max() > 2


def test_samples_and_latent_variables_are_independent():
    z = sample(Poisson(doubles(4.0, 4.0))) - 4
    assert_mean(z[:, 0] * z[:, 1], 0.0)
    assert_mean(z[1:] * z[:-1], doubles(0.0, 0.0))


@pytest.mark.parametrize(
    "law",
    [
        Binomial(5, probs=torch.tensor(0.5)),
        Categorical(torch.ones(3)),
        Multinomial(3, torch.ones(3)),
        Finite(torch.zeros(3), torch.arange(3.0)),
        Truncated(Binomial(5, probs=torch.tensor(0.5)), upper=3),
        ZeroInflatedPoisson(torch.tensor(0.5), torch.tensor(1.0)),
        Gamma(torch.tensor(1.0), torch.tensor(1.0)),
    ],
    ids=lambda law: type(law).__name__,
)
def test_other_laws_are_refused(law):
    with pytest.raises(TypeError, match="needs") as caught:
        ExponentialArrivals().surrogate(law, square)
    assert str(caught.value) == (
        "ExponentialArrivals needs a Poisson, geometric or negative binomial distribution, "
        f"truncated or not, got {law}; use another estimator, such as GenGS"
    )


@pytest.mark.parametrize("indicator", ["step", "", None, "CUBIC"])
def test_an_unknown_indicator_is_refused(indicator):
    with pytest.raises(ValueError, match="expected") as caught:
        ExponentialArrivals(indicator=indicator)
    assert str(caught.value) == f"expected indicator 'cubic' or 'sigmoid', got {indicator!r}"


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan")])
def test_a_temperature_that_is_not_above_0_is_refused(temperature):
    with pytest.raises(ValueError, match="expected") as caught:
        ExponentialArrivals(temperature)
    assert str(caught.value) == f"expected a temperature above 0, got {temperature}"
