import math

import numpy as np
import pytest
import torch
from scipy import stats
from torch.distributions import (
    Bernoulli,
    Binomial,
    Dirichlet,
    Geometric,
    Independent,
    NegativeBinomial,
    Poisson,
    kl_divergence,
)

from topicgen.distributions import (
    Finite,
    GeneralizedGumbelSoftmax,
    Truncated,
    ZeroInflatedPoisson,
    truncation_point,
)

from .laws import DOUBLE, clamped, doubles
from .test_masses import geometric, negative_binomial, poisson, scipy_law

BASES = [poisson, negative_binomial, geometric]
RATES = [1e-8, 1e-3, 1.0, 1e3, 1e5]
SUPPORTS = {
    "fixed": {"lower": 0, "upper": 15},
    "one end chosen": {},
    "two ends chosen": {"lower": None},
}


@pytest.mark.parametrize("options", SUPPORTS.values(), ids=SUPPORTS)
@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("base", BASES)
def test_values_and_gradients_are_finite(base, rate, options, dtype):
    # A geometric law of this rate reaches beyond the atoms that are tried.
    tolerance = 0.5 if base is geometric and rate == 1e5 else 1e-6
    rate = torch.tensor([rate], dtype=dtype, requires_grad=True)
    law = Truncated(base(rate), **options, tolerance=tolerance)
    assert law.logits.dtype == law.atoms.dtype == dtype
    possible = law.logits.isfinite()
    assert bool(possible.any())
    precision = 1e-4 if dtype == torch.float32 else 1e-9
    assert law.probs.double().sum().item() == pytest.approx(1, abs=precision)
    values = [law.logits[possible].mean(), law.mean, law.variance, law.entropy()]
    prior = Finite(torch.zeros_like(law.logits).detach(), law.atoms)
    values.append(kl_divergence(law, prior))
    for temperature in (0.1, 0.5, 1.0):
        for straight_through in (False, True):
            relaxed = GeneralizedGumbelSoftmax(law, temperature, straight_through=straight_through)
            z = relaxed.rsample((2,))
            margin = 1e-4 * (1 + law.atoms[-1])
            assert bool(((z >= law.atoms[0] - margin) & (z <= law.atoms[-1] + margin)).all())
            values.append(z.mean())
    for value in values:
        (gradient,) = torch.autograd.grad(value, rate, retain_graph=True)
        assert bool(value.isfinite())
        assert bool(gradient.isfinite())


@pytest.mark.parametrize("rate", [1e3, 1e5])
@pytest.mark.parametrize("base", BASES)
def test_masses_at_a_large_rate_equal_scipy_between_two_chosen_ends(base, rate, dtype):
    tolerance = 1e-2
    if base is geometric and rate == 1e5:
        tolerance = 0.5
    base_law = base(torch.tensor([rate], dtype=dtype))
    law = Truncated(base_law, lower=None, tolerance=tolerance)
    lower, upper = int(law.atoms[0]), int(law.atoms[-1])
    # The law of the parameters as float32 has them.
    if base is geometric:
        reference = stats.nbinom(1, base_law.probs.double().item())
    elif base is negative_binomial:
        reference = stats.nbinom(3, torch.sigmoid(-base_law.logits.double()).item())
    else:
        reference = scipy_law(base, rate)
    precision = 1e-4 if dtype == torch.float32 else 1e-7
    np.testing.assert_allclose(law.probs, clamped([reference], lower, upper), rtol=precision)
    beyond = reference.cdf(lower - 1) + reference.sf(upper)
    assert law.clamped.item() == pytest.approx(beyond, rel=10 * precision, abs=precision)


def test_ends_that_are_given_are_kept():
    base = Poisson(doubles(3.0, 40.0))
    assert Truncated(base, 2, 9).atoms.tolist() == list(range(2, 10))
    assert Truncated(base, lower=5).atoms[0] == 5
    assert Truncated(base, lower=None, upper=44).atoms[-1] == 44


def test_by_default_at_most_a_millionth_lies_above():
    law = Truncated(Poisson(doubles(1.0, 2.0)))
    assert law.atoms[0] == 0
    upper = int(law.atoms[-1])
    assert stats.poisson(2.0).sf(upper) <= 1e-6 < stats.poisson(2.0).sf(upper - 1)
    assert law.batch_shape == (2,)


@pytest.mark.parametrize("tolerance", [0.3, 1e-2, 1e-6])
def test_half_of_the_tolerance_lies_beyond_each_of_two_chosen_ends(tolerance):
    law = Truncated(Poisson(doubles(90.0, 110.0)), lower=None, tolerance=tolerance)
    lower, upper = int(law.atoms[0]), int(law.atoms[-1])
    low, high = stats.poisson(90), stats.poisson(110)
    assert low.cdf(lower - 1) <= tolerance / 2 < low.cdf(lower)
    assert high.sf(upper) <= tolerance / 2 < high.sf(upper - 1)
    assert bool((law.clamped <= tolerance).all())


def test_a_lower_end_is_chosen_below_an_upper_end_that_is_given():
    law = Truncated(Poisson(doubles(100.0)), lower=None, upper=120, tolerance=1e-4)
    assert stats.poisson(100).cdf(law.atoms[0] - 1) <= 1e-4
    assert stats.poisson(100).cdf(law.atoms[0] + 20) > 1e-4
    assert Truncated(Poisson(doubles(100.0)), lower=None, upper=3).atoms.tolist() == [3.0]


def test_an_upper_end_is_chosen_above_a_lower_end_that_is_given():
    assert Truncated(Poisson(doubles(1.0)), lower=50).atoms.tolist() == [50.0]


@pytest.mark.parametrize(("lower", "upper"), [(0, 4), (2, 9), (3, 3), (30, 40)])
@pytest.mark.parametrize("base", BASES)
def test_clamped_is_the_mass_beyond_both_ends(base, lower, upper):
    rates = [0.3, 4.0, 30.0]
    law = Truncated(base(doubles(*rates)), lower, upper)
    laws = [scipy_law(base, rate) for rate in rates]
    expected = [reference.cdf(lower - 1) + reference.sf(upper) for reference in laws]
    np.testing.assert_allclose(law.clamped, expected, rtol=0, atol=1e-10)


def test_clamped_is_what_a_binomial_has_beyond_the_ends():
    law = Truncated(Binomial(20, doubles(1e-4, 0.3, 0.75)), 2, 15)
    laws = [stats.binom(20, p) for p in (1e-4, 0.3, 0.75)]
    np.testing.assert_allclose(law.clamped, [x.cdf(1) + x.sf(15) for x in laws], atol=1e-10)
    assert Truncated(Binomial(20, doubles(0.3)), upper=20).clamped.tolist() == [0.0]


def test_one_atom_has_all_of_the_mass_and_no_gradient():
    rate = doubles(3.0).requires_grad_()
    law = Truncated(Poisson(rate), 4, 4)
    assert law.probs.tolist() == [[1.0]]
    assert law.mean.tolist() == law.sample().tolist() == [4.0]
    z = GeneralizedGumbelSoftmax(law, 0.5).rsample((5,))
    (gradient,) = torch.autograd.grad((z + law.mean + law.entropy()).sum(), rate)
    assert gradient.tolist() == [0.0]


def test_a_rate_of_zero_is_the_atom_at_zero():
    rate = doubles(0.0).requires_grad_()
    law = Truncated(Poisson(rate), upper=4)
    assert law.probs.tolist() == [[1.0, 0.0, 0.0, 0.0, 0.0]]
    assert law.mean.tolist() == law.entropy().tolist() == law.clamped.tolist() == [0.0]
    z = GeneralizedGumbelSoftmax(law, 0.5).rsample((5,))
    (gradient,) = torch.autograd.grad(z.sum(), rate)
    assert z.tolist() == [[0.0]] * 5
    assert bool(gradient.isfinite())


@pytest.mark.parametrize("rate", [1e-6, 1e-3, 1.0, 5.0, 20.0])
def test_the_gradient_of_the_poisson_mean_is_the_mass_below_the_end(rate):
    # d E[min(X, b)] / d rate = P(X < b) for a Poisson law.
    parameter = doubles(rate).requires_grad_()
    Truncated(Poisson(parameter), upper=15).mean.sum().backward()
    assert parameter.grad.item() == pytest.approx(stats.poisson(rate).cdf(14), rel=1e-9)


@pytest.mark.parametrize("base", BASES)
def test_the_kl_and_the_entropy_equal_enumeration_by_scipy(base):
    """Between two truncated laws, each with the masses of scipy."""
    rates, prior_rates = [0.3, 4.0, 30.0], [1.0, 3.0, 20.0]
    p = Truncated(base(doubles(*rates)), 1, 25)
    q = Truncated(base(doubles(*prior_rates)), 1, 25)
    masses = clamped([scipy_law(base, rate) for rate in rates], 1, 25)
    others = clamped([scipy_law(base, rate) for rate in prior_rates], 1, 25)
    kl = (masses * np.log(masses / others)).sum(-1)
    np.testing.assert_allclose(kl_divergence(p, q), kl, rtol=0, atol=1e-6)
    np.testing.assert_allclose(p.entropy(), stats.entropy(masses, axis=-1), rtol=0, atol=1e-6)


def test_the_kl_is_between_laws_of_several_kinds():
    p, q = Truncated(Poisson(doubles(2.0)), upper=9), Truncated(Geometric(doubles(0.3)), upper=9)
    masses = clamped([stats.poisson(2.0), stats.nbinom(1, 0.3)], 0, 9)
    expected = stats.entropy(masses[0], masses[1])
    assert kl_divergence(p, q).item() == pytest.approx(expected, abs=1e-6)


def test_expand_repeats_the_base():
    law = Truncated(Poisson(doubles(0.5, 4.0)), 1, 5).expand((3, 2))
    assert law.base.batch_shape == (3, 2)
    torch.testing.assert_close(law.clamped, law.clamped[:1].expand(3, 2))


@pytest.mark.parametrize("options", SUPPORTS.values(), ids=SUPPORTS)
@pytest.mark.parametrize("make", [Poisson, geometric, lambda x: ZeroInflatedPoisson(x, x)])
def test_an_empty_batch_has_laws_of_no_mean(make, options):
    law = Truncated(make(torch.ones(0)), **options)
    assert law.mean.shape == law.clamped.shape == (0,)


@pytest.mark.parametrize("tolerance", [0.3, 1e-2, 1e-4, 1e-9])
@pytest.mark.parametrize("base", BASES)
def test_the_truncation_point_is_the_least_that_suffices(base, tolerance):
    rates = [0.2, 5.0, 40.0]
    point = truncation_point(base(doubles(*rates)), tolerance)
    laws = [scipy_law(base, rate) for rate in rates]
    assert max(law.sf(point) for law in laws) <= tolerance
    assert max(law.sf(point - 1) for law in laws) > tolerance


def test_the_truncation_point_may_be_zero():
    assert truncation_point(Poisson(doubles(1e-3)), 0.01) == 0


def test_a_truncation_point_beyond_the_limit_is_refused():
    assert truncation_point(Poisson(doubles(5.0)), 1e-4, limit=15) == 15
    with pytest.raises(ValueError, match=r"at most 0\.0001 of its mass above 14, got .*; lower"):
        truncation_point(Poisson(doubles(5.0)), 1e-4, limit=14)


@pytest.mark.parametrize("base", [Dirichlet(torch.ones(2)), Independent(Poisson(torch.ones(3)), 1)])
def test_a_base_of_vectors_is_refused(base):
    shape = rf"\({base.event_shape[0]},\)"
    with pytest.raises(
        ValueError, match=f"(?s)distribution on single numbers, got .* with event_shape {shape}"
    ):
        Truncated(base, upper=3)


@pytest.mark.parametrize(
    ("base", "lower", "upper", "support"),
    [
        (Poisson(1.0), 4, 1, r"\(0 to inf\)"),
        (Poisson(1.0), -1, 5, r"\(0 to inf\)"),
        (Binomial(10, torch.tensor(0.5)), 0, 11, r"\(0 to 10\)"),
        (Binomial(torch.tensor([10.0, 20.0]), torch.tensor(0.5)), 0, 21, r"\(0 to 20\)"),
    ],
)
def test_ends_beyond_the_support_or_out_of_order_are_refused(base, lower, upper, support):
    with pytest.raises(
        ValueError,
        match=rf"lower at most upper, both in the support of {type(base).__name__}\(.*{support}, "
        rf"got lower={lower} and upper={upper}; move the ends",
    ):
        Truncated(base, lower=lower, upper=upper)


@pytest.mark.parametrize("tolerance", [0.0, 1.0, -1e-3, math.nan])
def test_a_tolerance_that_is_no_share_is_refused(tolerance):
    with pytest.raises(ValueError, match="expected tolerance above 0 and below 1, got "):
        Truncated(Poisson(1.0), tolerance=tolerance)


@pytest.mark.parametrize("rate", [-1.0, math.nan])
@pytest.mark.parametrize("options", SUPPORTS.values(), ids=SUPPORTS)
def test_the_base_checks_its_own_parameters(rate, options):
    with pytest.raises(ValueError, match=r"Expected parameter rate .*distribution Poisson"):
        Truncated(Poisson(doubles(-1.0, rate)), **options)


def test_masses_that_are_no_numbers_are_refused_where_the_base_does_not_check():
    base = Poisson(doubles(1.0, math.nan), validate_args=False)
    with pytest.raises(
        ValueError,
        match=r"parameter log_prob \(Tensor of shape \(2,\)\) .*first at index \(1,\): nan",
    ):
        Truncated(base, upper=5, validate_args=True)


def test_validation_is_that_of_the_base_unless_it_is_given():
    law = Truncated(Poisson(doubles(1.0), validate_args=False), upper=3)
    assert law.log_prob(doubles(7.0)).tolist() == [-math.inf]
    with pytest.raises(ValueError, match="within the support"):
        Truncated(Poisson(doubles(1.0)), upper=3).log_prob(doubles(7.0))


def test_a_bernoulli_law_may_be_truncated_though_it_needs_not():
    law = Truncated(Bernoulli(doubles(0.3)), upper=1)
    np.testing.assert_allclose(law.probs, [[0.7, 0.3]])


def test_a_negative_binomial_of_any_batch_shape():
    base = NegativeBinomial(torch.ones(2, 1, dtype=DOUBLE), torch.full((3,), 0.5, dtype=DOUBLE))
    law = Truncated(base, upper=4)
    assert law.batch_shape == (2, 3)
    np.testing.assert_allclose(law.probs[1, 2], [1 / 2, 1 / 4, 1 / 8, 1 / 16, 1 / 16])
