import numpy as np
import pytest
import torch
from scipy import stats
from torch.distributions import Binomial, Geometric, NegativeBinomial, Poisson

from topicgen.distributions import ConwayMaxwellPoisson
from topicgen.distributions.power_series import power_series

from .laws import DOUBLE, doubles

CHANCES = doubles(1e-3, 0.4, 0.99)
LAWS = {
    "poisson": (
        Poisson(doubles(1e-6, 3.0, 200.0)),
        [stats.poisson(rate) for rate in (1e-6, 3.0, 200.0)],
    ),
    "geometric": (Geometric(CHANCES), [stats.nbinom(1, p) for p in CHANCES.tolist()]),
    "geometric by logits": (
        Geometric(logits=CHANCES.logit()),
        [stats.nbinom(1, p) for p in CHANCES.tolist()],
    ),
    "negative binomial": (
        NegativeBinomial(doubles(0.2, 3.0, 40.0), CHANCES),
        [stats.nbinom(*row) for row in zip((0.2, 3.0, 40.0), 1 - CHANCES.numpy(), strict=True)],
    ),
    "binomial": (
        Binomial(doubles(4.0, 30.0, 9.0), CHANCES),
        [stats.binom(*row) for row in zip((4, 30, 9), CHANCES.tolist(), strict=True)],
    ),
}


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize(("first", "last"), [(0, 40), (0, 0), (3, 3), (5, 30)])
def test_log_masses_equal_scipy(name, first, last):
    law, references = LAWS[name]
    masses = power_series(law).log_masses(doubles(*range(first, last + 1)))
    counts = np.arange(first, last + 1)
    assert masses.shape == (3, len(counts))
    expected = np.array([reference.logpmf(counts) for reference in references])
    is_possible = np.isfinite(expected)
    np.testing.assert_allclose(masses[is_possible], expected[is_possible], rtol=1e-9, atol=1e-9)
    assert not bool(masses[~is_possible].exp().any())


@pytest.mark.parametrize("name", LAWS)
def test_gradients_equal_those_of_the_log_prob_of_torch(name):
    law, _ = LAWS[name]
    names = [n for n in law.arg_constraints if n in vars(law) and n != "total_count"]
    given = vars(law)[names[0]].clone().requires_grad_()
    options = {"total_count": law.total_count} if hasattr(law, "total_count") else {}
    law = type(law)(**options, **{names[0]: given})
    counts = torch.arange(4, dtype=DOUBLE)
    theirs = law.log_prob(counts.unsqueeze(-1)).T
    ours = power_series(law).log_masses(torch.arange(4.0, dtype=DOUBLE))
    torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-9)
    weights = torch.rand_like(ours)
    values = [(x * weights).sum() for x in (ours, theirs)]
    gradients = [torch.autograd.grad(value, given, retain_graph=True)[0] for value in values]
    torch.testing.assert_close(*gradients, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("law", [Poisson(doubles(0.0)), Geometric(doubles(1.0))])
def test_a_distribution_on_zero_alone_has_a_rounding_error_of_mass_elsewhere(law):
    series = power_series(law)
    np.testing.assert_allclose(
        series.log_masses(torch.arange(3.0, dtype=DOUBLE)).exp(), [[1.0, 0.0, 0.0]], atol=1e-25
    )
    assert series.greatest.tolist() == [0.0]


@pytest.mark.parametrize("make", [Poisson, lambda x: Geometric(1 - x)])
def test_the_gradient_of_a_law_on_zero_alone_is_finite(make):
    parameter = doubles(0.0).requires_grad_()
    mass = power_series(make(parameter)).log_masses(torch.arange(3.0, dtype=DOUBLE)).exp()
    (gradient,) = torch.autograd.grad(mass.sum(), parameter)
    assert bool(gradient.isfinite().all())


@pytest.mark.parametrize("logits", [-18.0, 0.3, 18.0])
def test_a_geometric_law_is_as_exact_as_its_logits_allow(logits):
    """Its chance of success, whose mean torch looks at first, would round to 1 in float32."""
    law = Geometric(logits=torch.tensor([logits]))
    law.mean  # noqa: B018
    exact = power_series(Geometric(logits=doubles(logits))).log_masses(
        torch.arange(4.0, dtype=DOUBLE)
    )
    torch.testing.assert_close(
        power_series(law).log_masses(torch.arange(4.0)).double(), exact, rtol=1e-6, atol=0
    )


def test_a_binomial_law_has_no_mass_beyond_its_size():
    series = power_series(Binomial(doubles(2.0, 4.0), doubles(0.5, 0.5)))
    masses = series.log_masses(torch.arange(6.0, dtype=DOUBLE)).exp()
    assert masses[0, 3:].tolist() == [0.0] * 3
    assert masses[1, 5:].tolist() == [0.0]
    assert series.greatest.tolist() == [2.0, 4.0]


def test_atoms_have_the_dtype_and_batch_of_the_law(dtype):
    law = Poisson(torch.ones(2, 3, dtype=dtype))
    masses = power_series(law).log_masses(torch.arange(5.0, dtype=dtype))
    assert masses.shape == (2, 3, 5)
    assert masses.dtype == dtype
    assert power_series(Poisson(torch.ones(0))).log_masses(torch.arange(5.0)).shape == (0, 5)


def test_other_laws_are_not_known():
    assert power_series(ConwayMaxwellPoisson(1.0, 1.0)) is None
