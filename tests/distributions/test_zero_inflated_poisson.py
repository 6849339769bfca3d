import math

import numpy as np
import pytest
import torch
from scipy import stats
from torch.distributions import Poisson

from topicgen.distributions import GeneralizedGumbelSoftmax, Truncated, ZeroInflatedPoisson

from .laws import chi_square_pvalue, doubles

PAIRS = [(0.0, 2.0), (0.3, 0.5), (0.5, 4.0), (0.95, 20.0), (1.0, 3.0), (0.2, 0.0)]


def masses_of(gate, rate, counts):
    return gate * (counts == 0) + (1 - gate) * stats.poisson(rate).pmf(counts)


@pytest.mark.parametrize(("gate", "rate"), PAIRS)
def test_masses_and_moments_equal_scipy(gate, rate):
    law = ZeroInflatedPoisson(doubles(gate)[0], doubles(rate)[0])
    counts = np.arange(120.0)
    masses = masses_of(gate, rate, counts)
    np.testing.assert_allclose(law.log_prob(torch.from_numpy(counts)).exp(), masses, atol=1e-12)
    mean = masses @ counts
    assert law.mean.item() == pytest.approx(mean, abs=1e-9)
    assert law.variance.item() == pytest.approx(masses @ (counts - mean) ** 2, abs=1e-9)


def test_it_is_the_poisson_law_without_certain_zeros():
    rates, counts = doubles(1e-8, 0.5, 30.0), torch.arange(20.0).double().unsqueeze(-1)
    ours = ZeroInflatedPoisson(torch.zeros(3).double(), rates).log_prob(counts)
    torch.testing.assert_close(ours, Poisson(rates).log_prob(counts), rtol=1e-12, atol=1e-12)


def test_shapes_broadcast(dtype):
    law = ZeroInflatedPoisson(torch.full((2, 1), 0.5, dtype=dtype), torch.ones(3, dtype=dtype))
    assert law.batch_shape == law.mean.shape == law.variance.shape == (2, 3)
    assert law.sample((4,)).shape == law.log_prob(law.sample((4,))).shape == (4, 2, 3)
    assert law.sample((0,)).shape == (0, 2, 3)
    assert law.sample().dtype == law.mean.dtype == dtype
    wide = law.expand((5, 2, 3))
    assert wide.batch_shape == (5, 2, 3)
    assert torch.equal(wide.mean, law.mean.expand(5, 2, 3))
    assert ZeroInflatedPoisson(torch.ones(0), torch.ones(0)).sample((2,)).shape == (2, 0)


def test_parameters_may_be_numbers():
    assert ZeroInflatedPoisson(0.5, 2.0).mean.item() == 1


def test_samples_follow_the_masses():
    """Pearson's chi-square at 1e5 draws of each of two laws: fails in 1e-3 of the seeds."""
    pairs = [(0.3, 0.5), (0.5, 4.0)]
    law = ZeroInflatedPoisson(*doubles(*pairs).T)
    for row, pair in zip(law.sample((100_000,)).T, pairs, strict=True):
        observed = row.long().bincount(minlength=40).numpy()
        masses = masses_of(*pair, np.arange(len(observed)))
        assert chi_square_pvalue(observed, masses / masses.sum()) > 5e-4


def test_the_log_prob_has_the_gradient_of_finite_differences():
    gate, rate = doubles(0.2, 0.7).requires_grad_(), doubles(0.5, 4.0).requires_grad_()

    def log_probs(gate, rate):
        law = ZeroInflatedPoisson(gate, rate)
        return law.log_prob(doubles(0.0, 0.0)), law.log_prob(doubles(1.0, 7.0)), law.variance

    assert torch.autograd.gradcheck(log_probs, (gate, rate))


@pytest.mark.parametrize("gate", [0.0, 1e-8, 0.5, 1.0])
@pytest.mark.parametrize("rate", [0.0, 1e-8, 1.0, 1e5])
def test_the_relaxed_law_has_finite_values_and_gradients(gate, rate, dtype):
    parameters = [torch.tensor(x, dtype=dtype, requires_grad=True) for x in (gate, rate)]
    law = Truncated(ZeroInflatedPoisson(*parameters), upper=15)
    z = GeneralizedGumbelSoftmax(law, 0.5).rsample((50,))
    assert law.probs.sum().item() == pytest.approx(1, abs=1e-5)
    for value in (law.mean, law.variance, law.entropy(), z.mean()):
        gradients = torch.autograd.grad(value, parameters, retain_graph=True)
        assert bool(value.isfinite())
        assert all(bool(gradient.isfinite()) for gradient in gradients)


@pytest.mark.parametrize(
    ("gate", "rate", "name"),
    [
        (-0.1, 1.0, "gate"),
        (1.1, 1.0, "gate"),
        (math.nan, 1.0, "gate"),
        (0.5, -1.0, "rate"),
        (0.5, math.nan, "rate"),
    ],
)
def test_parameters_out_of_their_range_are_refused(gate, rate, name):
    with pytest.raises(
        ValueError,
        match=rf"parameter {name} \(Tensor of shape \(2,\)\) of distribution ZeroInflatedPoisson "
        r".*the first at index \(1,\)",
    ):
        ZeroInflatedPoisson(torch.tensor([0.5, gate]), torch.tensor([1.0, rate]))


@pytest.mark.parametrize("value", [-1.0, 0.5, math.nan])
def test_a_value_that_is_no_count_is_refused(value):
    with pytest.raises(ValueError, match="within the support"):
        ZeroInflatedPoisson(0.5, 1.0).log_prob(torch.tensor(value))
