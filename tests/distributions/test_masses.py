import math

import numpy as np
import pytest
import torch
from scipy import stats
from torch.distributions import Bernoulli, Binomial, Geometric, NegativeBinomial, Poisson

from topicgen.distributions import ConwayMaxwellPoisson, Finite, ZeroInflatedPoisson
from topicgen.distributions.masses import (
    choose_ends,
    clamped_masses,
    in_double,
    log_masses,
    support_bounds,
)

from .laws import DOUBLE, doubles

RATES = np.array([0.01, 0.8, 5.0, 14.0, 20.0, 300.0])
RANGES = [(0, 1), (0, 15), (0, 60), (2, 15), (14, 16), (250, 270), (4, 4)]


def poisson(rate):
    return Poisson(rate)


def negative_binomial(rate, dispersion=3.0):
    return NegativeBinomial(torch.full_like(rate, dispersion), logits=(rate / dispersion).log())


def overdispersed(rate):
    return negative_binomial(rate, dispersion=0.2)


def geometric(rate):
    return Geometric(1 / (1 + rate))


def without_certain_zeros(rate):
    """A law that is not known as a power series."""
    return ZeroInflatedPoisson(torch.zeros_like(rate), rate)


BASES = [poisson, negative_binomial, overdispersed, geometric, without_certain_zeros]


def scipy_law(base, rate):
    if base in (poisson, without_certain_zeros):
        return stats.poisson(rate)
    dispersion = {negative_binomial: 3.0, overdispersed: 0.2, geometric: 1.0}[base]
    return stats.nbinom(dispersion, dispersion / (dispersion + rate))


def scipy_clamped(law, lower, upper):
    if lower == upper:
        return np.zeros(1)
    inner = law.logpmf(np.arange(lower + 1, upper))
    return np.concatenate([[law.logcdf(lower)], inner, [law.logsf(upper - 1)]])


@pytest.mark.parametrize(("first", "last"), [(0, 40), (3, 3), (500, 530), (1000, 1010)])
@pytest.mark.parametrize("base", BASES)
def test_log_masses_equal_scipy(base, first, last):
    rates = [0.8, 5.0, 300.0, 500.0]
    masses = log_masses(base(doubles(*rates)), first, last)
    expected = [scipy_law(base, rate).logpmf(np.arange(first, last + 1)) for rate in rates]
    np.testing.assert_allclose(masses, expected, rtol=1e-9, atol=1e-8)


@pytest.mark.parametrize("base", BASES)
def test_log_masses_in_single_precision_are_exact_at_large_atoms(base):
    """lgamma(1e5) has an error of .1 in float32."""
    masses = log_masses(base(torch.tensor([1e5])), 99_990, 100_010)
    assert masses.dtype == torch.float32
    expected = scipy_law(base, 1e5).logpmf(np.arange(99_990, 100_011))
    np.testing.assert_allclose(masses[0], expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize(("lower", "upper"), RANGES)
@pytest.mark.parametrize("base", BASES)
def test_clamped_masses_equal_scipy_with_the_tails_at_the_ends(base, lower, upper):
    masses = clamped_masses(base(torch.from_numpy(RATES)), lower, upper).log.exp()
    expected = [np.exp(scipy_clamped(scipy_law(base, rate), lower, upper)) for rate in RATES]
    np.testing.assert_allclose(masses, expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize(("lower", "upper"), [(0, 15), (2, 15), (4, 6)])
@pytest.mark.parametrize("base", [poisson, without_certain_zeros])
def test_small_tails_are_right_in_relative_terms(base, lower, upper):
    rates = [1e-6, 1e-3, 1.0, 40.0]
    masses = clamped_masses(base(doubles(*rates)), lower, upper).log
    expected = [scipy_clamped(stats.poisson(rate), lower, upper) for rate in rates]
    np.testing.assert_allclose(masses, expected, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(
    ("lower", "upper"), [(0, 3), (0, 15), (0, 20), (5, 15), (18, 20), (20, 20)]
)
def test_clamped_binomial_masses_equal_scipy(lower, upper):
    chances = [1e-4, 0.3, 0.75]
    masses = clamped_masses(Binomial(20, doubles(*chances)), lower, upper).log.exp()
    expected = [np.exp(scipy_clamped(stats.binom(20, p), lower, upper)) for p in chances]
    np.testing.assert_allclose(masses, expected, rtol=0, atol=1e-10)


def test_binomials_of_several_sizes_each_keep_their_tail():
    base = Binomial(doubles(20.0, 30.0, 200.0), doubles(0.3, 0.5, 0.2))
    masses = clamped_masses(base, 2, 18).log.exp()
    laws = [stats.binom(*row) for row in ((20, 0.3), (30, 0.5), (200, 0.2))]
    expected = [np.exp(scipy_clamped(law, 2, 18)) for law in laws]
    np.testing.assert_allclose(masses, expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize("base", BASES)
def test_the_gradient_of_the_clamped_masses_is_that_of_finite_differences(base):
    rates = doubles(0.8, 5.0, 14.0).requires_grad_()
    for lower, upper in ((0, 8), (3, 8)):
        assert torch.autograd.gradcheck(
            lambda r, a=lower, b=upper: clamped_masses(base(r), a, b).log.exp(), rates
        )


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        (Poisson(doubles(1.0)), (0, math.inf)),
        (Binomial(10, doubles(0.5)), (0, 10)),
        (Binomial(doubles(10.0, 20.0), doubles(0.5)), (0, 20)),
        (Bernoulli(doubles(0.5)), (0, 1)),
        (Finite(torch.zeros(2), torch.tensor([2.0, 7.0])), (2, 7)),
        (ConwayMaxwellPoisson(1.0, 1.0), (0, math.inf)),
    ],
)
def test_bounds_are_those_of_all_distributions_of_a_batch_together(base, expected):
    assert support_bounds(base) == expected


@pytest.mark.parametrize(
    "base",
    [
        Poisson(torch.tensor([3.0])),
        Geometric(torch.tensor([0.2])),
        Geometric(logits=torch.tensor([0.2])),
        NegativeBinomial(torch.tensor([3.0]), torch.tensor([0.3])),
        NegativeBinomial(torch.tensor([3.0]), logits=torch.tensor([0.3])),
        Binomial(5, torch.tensor([0.3])),
        Binomial(torch.tensor([5.0]), logits=torch.tensor([0.3])),
        ZeroInflatedPoisson(torch.tensor([0.3]), torch.tensor([3.0])),
        ConwayMaxwellPoisson(torch.tensor([3.0]), torch.tensor([1.2])),
    ],
    ids=lambda base: type(base).__name__,
)
@pytest.mark.parametrize("is_looked_at", [False, True])
def test_a_law_in_double_precision_is_the_same_law(base, is_looked_at):
    if is_looked_at:
        # torch then keeps the parameter that it derives beside the one that it was given.
        [getattr(base, name) for name in base.arg_constraints]
    wide = in_double(base)
    assert type(wide) is type(base)
    assert wide.mean.dtype == DOUBLE
    assert wide.batch_shape == base.batch_shape
    torch.testing.assert_close(wide.mean.float(), base.mean)
    torch.testing.assert_close(wide.variance.float(), base.variance)


def test_the_parameter_that_was_given_is_the_one_that_is_kept():
    base = NegativeBinomial(torch.tensor(3.0), logits=torch.tensor(20.0))
    assert base.probs == 1
    assert in_double(base).mean.item() == pytest.approx(3 * math.exp(20), rel=1e-6)


def is_narrowest(laws, lower, upper, share, *, lower_is_chosen):
    """Whether no end can be moved inwards without leaving more than its share beyond."""
    fits = max(law.sf(upper) for law in laws) <= share
    is_least = upper == lower or max(law.sf(upper - 1) for law in laws) > share
    if lower_is_chosen:
        fits &= max(law.cdf(lower - 1) for law in laws) <= share
        is_least &= upper == lower or max(law.cdf(lower) for law in laws) > share
    return fits and is_least


@pytest.mark.parametrize("tolerance", [0.3, 1e-2, 1e-4, 1e-6, 1e-9])
@pytest.mark.parametrize("rates", [[0.2], [0.2, 5.0, 40.0], [300.0], [1e3, 1.1e3]])
@pytest.mark.parametrize("base", BASES)
def test_chosen_ends_are_the_narrowest(base, rates, tolerance, dtype):
    law = base(torch.tensor(rates, dtype=dtype))
    # In float32 the parameters are rounded, so the law is that of the rounded ones.
    wide = in_double(law)
    laws = [scipy_of(wide, row) for row in range(len(rates))]
    lower, upper = choose_ends(law, tolerance, lower=0)
    assert lower == 0
    assert is_narrowest(laws, 0, upper, tolerance, lower_is_chosen=False)
    lower, upper = choose_ends(law, tolerance)
    assert is_narrowest(laws, lower, upper, tolerance / 2, lower_is_chosen=True)


def scipy_of(law, row):
    """The law of scipy with exactly these parameters."""
    if hasattr(law, "rate"):
        return stats.poisson(law.rate[row].item())
    if isinstance(law, Geometric):
        return stats.nbinom(1, law.probs[row].item())
    return stats.nbinom(law.total_count[row].item(), torch.sigmoid(-law.logits[row]).item())


@pytest.mark.parametrize("rate", [1e3, 1e5])
def test_two_chosen_ends_at_a_large_rate_are_near_it(rate, dtype):
    lower, upper = choose_ends(Poisson(torch.tensor(rate, dtype=dtype)), 1e-6)
    law = stats.poisson(rate)
    assert is_narrowest([law], lower, upper, 5e-7, lower_is_chosen=True)
    assert upper - lower < 10 * math.sqrt(rate)


def test_chosen_ends_of_a_binomial_stay_within_its_support():
    base = Binomial(20, doubles(0.01, 0.99))
    assert choose_ends(base, 1e-12) == (0, 20)
    assert choose_ends(Binomial(20, doubles(0.5)), 1e-12) == (0, 20)
    law = stats.binom(20, 0.5)
    assert is_narrowest(
        [law], *choose_ends(Binomial(20, doubles(0.5)), 1e-2), 5e-3, lower_is_chosen=True
    )


def test_ends_may_be_chosen_on_the_same_atom():
    assert choose_ends(Poisson(doubles(1e-9)), 1e-3) == (0, 0)
    assert choose_ends(Poisson(doubles(0.0)), 1e-3) == (0, 0)


@pytest.mark.parametrize("make", [Poisson, geometric, lambda x: Binomial(5, x)])
def test_an_empty_batch_has_ends_within_the_support(make):
    lower, upper = choose_ends(make(torch.ones(0)), 1e-6)
    assert 0 <= lower <= upper <= 5


def test_a_law_that_reaches_too_far_is_refused():
    with pytest.raises(
        ValueError, match=r"at most 1e-06 of its mass beyond 1048576 atoms, got Pois"
    ):
        choose_ends(Poisson(doubles(1e7)), 1e-6, lower=0)


def test_a_law_is_not_refused_for_what_the_tolerance_leaves_beyond():
    """Of this law 3e-5 lies beyond the 2^20 atoms that are tried, and its ends need 690,000."""
    _, upper = choose_ends(geometric(doubles(1e5)), 1e-3, lower=0)
    assert is_narrowest([scipy_law(geometric, 1e5)], 0, upper, 1e-3, lower_is_chosen=False)


@pytest.mark.parametrize("rate", [math.nan, math.inf])
def test_a_law_without_a_mean_is_refused(rate):
    base = Poisson(doubles(1.0, rate), validate_args=False)
    with pytest.raises(ValueError, match=r"parameter mean .* constraint finite, .* index \(1,\)"):
        choose_ends(base, 1e-6, lower=0)


def test_a_base_that_is_asked_for_its_masses_broadcasts_its_parameters(dtype):
    base = ZeroInflatedPoisson(torch.full((2, 1), 0.5, dtype=dtype), torch.ones(3, dtype=dtype))
    masses = log_masses(base, 0, 4)
    assert masses.shape == (2, 3, 5)
    assert masses.dtype == dtype
    assert clamped_masses(base, 0, 4).log.shape == (2, 3, 5)
