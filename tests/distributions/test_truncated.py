import math

import numpy as np
import pytest
import torch
from scipy import stats
from torch.distributions import (
    Binomial,
    Dirichlet,
    Geometric,
    Independent,
    NegativeBinomial,
    Poisson,
)

from topicgen.distributions import GeneralizedGumbelSoftmax, Truncated, truncation_point

RATES = [1e-6, 1e-3, 1.0, 20.0, 1e4]
RANGES = [(0, 1), (0, 15), (0, 60), (2, 15), (14, 16)]


def doubles(*values):
    return torch.tensor(values, dtype=torch.float64)


def poisson(rate):
    return Poisson(rate)


def negative_binomial(rate, dispersion=3.0):
    return NegativeBinomial(torch.full_like(rate, dispersion), logits=(rate / dispersion).log())


def overdispersed(rate):
    return negative_binomial(rate, dispersion=0.2)


def geometric(rate):
    return Geometric(1 / (1 + rate))


BASES = [poisson, negative_binomial, overdispersed, geometric]


def scipy_law(base, rate):
    if base is poisson:
        return stats.poisson(rate)
    dispersion = {negative_binomial: 3.0, overdispersed: 0.2, geometric: 1.0}[base]
    return stats.nbinom(dispersion, dispersion / (dispersion + rate))


def clamped_masses(law, lower, upper):
    inner = law.pmf(np.arange(lower + 1, upper))
    return np.concatenate([[law.cdf(lower)], inner, [law.sf(upper - 1)]])


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


@pytest.mark.parametrize(("lower", "upper"), RANGES)
@pytest.mark.parametrize("base", BASES)
def test_masses_equal_scipy_with_the_tails_at_the_ends(base, lower, upper):
    rates = [0.01, 0.8, 5.0, 14.0, 20.0, 300.0]
    law = Truncated(base(doubles(*rates)), lower=lower, upper=upper)
    expected = [clamped_masses(scipy_law(base, rate), lower, upper) for rate in rates]
    np.testing.assert_allclose(law.probs, expected, rtol=0, atol=1e-10)
    beyond = [scipy_law(base, rate).sf(upper) for rate in rates]
    np.testing.assert_allclose(law.clamped, beyond, rtol=0, atol=1e-10)


@pytest.mark.parametrize("upper", [3, 15, 20])
def test_binomial_masses_equal_scipy(upper):
    law = Truncated(Binomial(20, doubles(1e-4, 0.3, 0.75)), upper=upper)
    expected = [clamped_masses(stats.binom(20, p), 0, upper) for p in (1e-4, 0.3, 0.75)]
    np.testing.assert_allclose(law.probs, expected, rtol=0, atol=1e-10)
    beyond = [stats.binom(20, p).sf(upper) for p in (1e-4, 0.3, 0.75)]
    np.testing.assert_allclose(law.clamped, beyond, rtol=0, atol=1e-10)


def test_binomials_of_several_sizes_each_keep_their_tail():
    law = Truncated(Binomial(doubles(20.0, 30.0), doubles(0.3, 0.5)), upper=18)
    expected = [clamped_masses(stats.binom(n, p), 0, 18) for n, p in ((20, 0.3), (30, 0.5))]
    np.testing.assert_allclose(law.probs, expected, rtol=0, atol=1e-10)


def test_small_tails_are_right_in_relative_terms():
    law = Truncated(Poisson(doubles(1e-6, 1e-3, 1.0)), upper=15)
    expected = [stats.poisson(rate).logsf(14) for rate in (1e-6, 1e-3, 1.0)]
    np.testing.assert_allclose(law.logits[:, -1], expected, rtol=1e-9)


def test_rate_of_zero_is_the_atom_at_zero():
    law = Truncated(Poisson(doubles(0.0)), upper=4)
    assert law.probs.tolist() == [[1.0, 0.0, 0.0, 0.0, 0.0]]
    assert law.mean.tolist() == law.entropy().tolist() == law.clamped.tolist() == [0.0]


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("base", BASES)
def test_values_and_gradients_are_finite(base, rate, dtype):
    rate = torch.tensor(rate, dtype=dtype, requires_grad=True)
    law = Truncated(base(rate), upper=15)
    assert law.logits.dtype == law.atoms.dtype == dtype
    assert bool(law.logits.isfinite().any())
    assert law.probs.sum().item() == pytest.approx(1, abs=1e-5)
    z = GeneralizedGumbelSoftmax(law, temperature=0.5).rsample((100,))
    assert bool((z >= 0).all() & (z <= 15.001).all())
    for value in (
        law.logits[law.logits.isfinite()].sum(),
        law.mean,
        law.variance,
        law.entropy(),
        z.mean(),
    ):
        (gradient,) = torch.autograd.grad(value, rate, retain_graph=True)
        assert value.isfinite()
        assert gradient.isfinite()
    (gradient,) = torch.autograd.grad(law.mean, rate)
    assert 0 <= gradient <= 1.001


@pytest.mark.parametrize("rate", [1e-6, 1e-3, 1.0, 5.0, 20.0])
def test_gradient_of_the_poisson_mean_is_the_mass_below_the_end(rate):
    # d E[min(X, b)] / d rate = P(X < b) for a Poisson law.
    parameter = doubles(rate).requires_grad_()
    Truncated(Poisson(parameter), upper=15).mean.sum().backward()
    assert parameter.grad.item() == pytest.approx(stats.poisson(rate).cdf(14), rel=1e-9)


def test_default_ends():
    law = Truncated(Poisson(torch.tensor([1.0, 2.0])))
    assert law.atoms.tolist() == list(range(16))
    assert law.batch_shape == (2,)


@pytest.mark.parametrize("tolerance", [0.3, 1e-2, 1e-4, 1e-9])
@pytest.mark.parametrize("base", BASES)
def test_truncation_point_is_the_least_that_suffices(base, tolerance):
    rates = [0.2, 5.0, 40.0]
    point = truncation_point(base(doubles(*rates)), tolerance)
    laws = [scipy_law(base, rate) for rate in rates]
    assert max(law.sf(point) for law in laws) <= tolerance
    assert max(law.sf(point - 1) for law in laws) > tolerance


def test_truncation_point_may_be_zero():
    assert truncation_point(Poisson(doubles(1e-3)), 0.01) == 0


def test_truncation_point_beyond_the_limit_is_refused():
    assert truncation_point(Poisson(doubles(5.0)), 1e-4, limit=15) == 15
    with pytest.raises(ValueError, match=r"at most 0\.0001 of its mass above 14, got .*; lower"):
        truncation_point(Poisson(doubles(5.0)), 1e-4, limit=14)


@pytest.mark.parametrize(("lower", "upper"), [(3, 3), (4, 1)])
def test_upper_at_or_below_lower_is_refused(lower, upper):
    with pytest.raises(
        ValueError, match=f"upper above lower, got lower={lower} and upper={upper}; widen"
    ):
        Truncated(Poisson(1.0), lower=lower, upper=upper)


@pytest.mark.parametrize("base", [Dirichlet(torch.ones(2)), Independent(Poisson(torch.ones(3)), 1)])
def test_multivariate_base_is_refused(base):
    shape = rf"\({base.event_shape[0]},\)"
    with pytest.raises(
        ValueError, match=f"(?s)law of single numbers, got .* with event_shape {shape}"
    ):
        Truncated(base, upper=3)


@pytest.mark.parametrize(
    ("base", "lower", "upper", "support"),
    [
        (Poisson(1.0), -1, 5, r"\(0 to \d+\)"),
        (Binomial(10, torch.tensor(0.5)), 0, 11, r"\(0 to 10\)"),
        (Binomial(torch.tensor([10.0, 20.0]), torch.tensor(0.5)), 0, 11, r"\(0 to 10\)"),
    ],
)
def test_ends_beyond_the_base_support_are_refused(base, lower, upper, support):
    with pytest.raises(
        ValueError, match=rf"within the support .*{support}, got lower={lower} and upper={upper}"
    ):
        Truncated(base, lower=lower, upper=upper)


def test_base_checks_its_own_parameters():
    with pytest.raises(ValueError, match="rate"):
        Truncated(Poisson(doubles(-1.0)), upper=3)
    with pytest.raises(ValueError, match="rate"):
        Truncated(Poisson(doubles(math.nan)), upper=3)
