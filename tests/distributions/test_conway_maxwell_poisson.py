import math

import numpy as np
import pytest
import torch
from scipy import stats
from torch.distributions import Poisson

from topicgen.distributions import ConwayMaxwellPoisson, GeneralizedGumbelSoftmax, Truncated

from .laws import DOUBLE, chi_square_pvalue, conway_maxwell_poisson, doubles

PAIRS = [(0.5, 0.5), (4.0, 0.8), (4.0, 1.0), (4.0, 2.0), (30.0, 1.3), (0.01, 3.0), (0.9, 0.1)]


@pytest.mark.parametrize(("rate", "dispersion"), PAIRS)
def test_masses_and_moments_equal_a_plain_sum(rate, dispersion):
    law = ConwayMaxwellPoisson(doubles(rate)[0], doubles(dispersion)[0])
    expected = conway_maxwell_poisson(rate, dispersion)
    counts = np.arange(60.0)
    masses = law.log_prob(torch.from_numpy(counts)).exp()
    np.testing.assert_allclose(masses, expected.pmf(counts), rtol=1e-9, atol=1e-13)
    assert law.mean.item() == pytest.approx(expected.mean(), rel=1e-9)
    assert law.variance.item() == pytest.approx(expected.var(), rel=1e-8)


@pytest.mark.parametrize("rate", [1e-8, 0.5, 4.0, 300.0])
def test_it_is_the_poisson_law_at_a_dispersion_of_one(rate):
    law = ConwayMaxwellPoisson(doubles(rate), 1.0)
    counts = torch.arange(40, dtype=DOUBLE)
    expected = Poisson(doubles(rate))
    torch.testing.assert_close(
        law.log_prob(counts), expected.log_prob(counts), rtol=1e-9, atol=1e-9
    )
    torch.testing.assert_close(law.mean, expected.mean)
    torch.testing.assert_close(law.variance, expected.variance)


def test_it_is_the_bernoulli_law_at_a_large_dispersion():
    law = ConwayMaxwellPoisson(doubles(3.0), doubles(200.0))
    np.testing.assert_allclose(law.log_prob(doubles(0.0, 1.0)).exp(), [0.25, 0.75], rtol=1e-12)


def test_the_dispersion_widens_below_one_and_narrows_above():
    law = ConwayMaxwellPoisson(doubles(4.0), doubles(0.7, 1.0, 1.5))
    ratio = law.variance / law.mean
    assert ratio[0] > 1.2
    assert ratio[1].item() == pytest.approx(1)
    assert ratio[2] < 0.8


def test_shapes_broadcast(dtype):
    law = ConwayMaxwellPoisson(torch.ones(2, 1, dtype=dtype), torch.ones(3, dtype=dtype))
    assert law.batch_shape == law.mean.shape == law.variance.shape == (2, 3)
    assert law.sample((4,)).shape == law.log_prob(law.sample((4,))).shape == (4, 2, 3)
    assert law.sample((0,)).shape == (0, 2, 3)
    assert law.sample().dtype == law.mean.dtype == dtype
    wide = law.expand((5, 2, 3))
    assert wide.batch_shape == (5, 2, 3)
    torch.testing.assert_close(wide.mean, law.mean.expand(5, 2, 3))
    assert ConwayMaxwellPoisson(torch.ones(0), torch.ones(0)).mean.shape == (0,)


def test_samples_follow_the_masses():
    """Pearson's chi-square at 1e5 draws of each of two laws: fails in 1e-3 of the seeds."""
    pairs = [(4.0, 0.8), (4.0, 2.0)]
    law = ConwayMaxwellPoisson(*doubles(*pairs).T)
    for row, pair in zip(law.sample((100_000,)).T, pairs, strict=True):
        observed = row.long().bincount(minlength=60).numpy()
        masses = conway_maxwell_poisson(*pair).pmf(np.arange(len(observed)))
        assert chi_square_pvalue(observed, masses / masses.sum()) > 5e-4


def test_the_mean_has_the_gradient_of_finite_differences():
    rate, dispersion = doubles(0.5, 4.0).requires_grad_(), doubles(0.8, 2.0).requires_grad_()

    def moments(rate, dispersion):
        law = ConwayMaxwellPoisson(rate, dispersion)
        return law.mean, law.variance, law.log_prob(doubles(1.0, 3.0))

    assert torch.autograd.gradcheck(moments, (rate, dispersion))


@pytest.mark.parametrize(
    ("rate", "dispersion"), [(1e-8, 1.0), (1e-3, 0.2), (50.0, 1.0), (1e3, 2.0)]
)
def test_the_relaxed_law_has_finite_values_and_gradients(rate, dispersion, dtype):
    parameters = [torch.tensor(x, dtype=dtype, requires_grad=True) for x in (rate, dispersion)]
    law = Truncated(ConwayMaxwellPoisson(*parameters), upper=15)
    z = GeneralizedGumbelSoftmax(law, 0.5).rsample((50,))
    assert law.probs.sum().item() == pytest.approx(1, abs=1e-5)
    for value in (law.mean, law.variance, law.entropy(), z.mean()):
        gradients = torch.autograd.grad(value, parameters, retain_graph=True)
        assert bool(value.isfinite())
        assert all(bool(gradient.isfinite()) for gradient in gradients)


@pytest.mark.parametrize(
    ("rate", "dispersion", "name"),
    [
        (-1.0, 1.0, "rate"),
        (0.0, 1.0, "rate"),
        (math.nan, 1.0, "rate"),
        (1.0, 0.0, "dispersion"),
        (1.0, math.nan, "dispersion"),
    ],
)
def test_parameters_out_of_their_range_are_refused(rate, dispersion, name):
    with pytest.raises(
        ValueError,
        match=rf"parameter {name} \(Tensor of shape \(2,\)\) of distribution ConwayMaxwellPoisson "
        r".*the first at index \(1,\)",
    ):
        ConwayMaxwellPoisson(torch.tensor([1.0, rate]), torch.tensor([1.0, dispersion]))


@pytest.mark.parametrize("value", [-1.0, 0.5, math.nan])
def test_a_value_that_is_no_count_is_refused(value):
    with pytest.raises(ValueError, match="within the support"):
        ConwayMaxwellPoisson(1.0, 1.0).log_prob(torch.tensor(value))


def test_a_sum_of_too_many_terms_is_refused():
    with pytest.raises(ValueError, match=r"at most 65,536 terms, got one of .*; raise the dispers"):
        ConwayMaxwellPoisson(torch.tensor(10.0), torch.tensor(0.1)).sample()


def test_scipy_agrees_that_the_tail_is_a_tail():
    law = Truncated(ConwayMaxwellPoisson(doubles(4.0), doubles(1.0)), upper=6)
    assert law.probs[0, -1].item() == pytest.approx(stats.poisson(4.0).sf(5))
