from functools import cache

import pytest
import torch
from torch.distributions import Binomial, Multinomial, Poisson

from topicgen.distributions import (
    Finite,
    GeneralizedGumbelSoftmax,
    Truncated,
    enumerated,
    relaxed_moments,
)
from topicgen.gradients import GenGS

from .conftest import assert_mean, doubles, exact_gradient, gradients, square

LAWS = {
    "truncated": Truncated(Poisson(torch.tensor([[1.0, 4.0], [0.1, 9.0]])), upper=15),
    "binomial": Binomial(6, logits=torch.tensor([0.3, -1.0])),
    "vectors": Multinomial(3, torch.tensor([[0.7, 0.2, 0.1], [0.3, 0.3, 0.4]])),
    "free": Finite(torch.zeros(3, 4), torch.tensor([0.0, 1.0, 5.0, 7.5])),
}
RATE = torch.tensor(2.5, dtype=torch.float64)


def law_of(rate):
    return Truncated(Poisson(rate), upper=7)


@cache
def relaxed_gradient(temperature):
    """Return d/dr E[(z - 3)^2] of the relaxed values, by quadrature and central differences."""
    losses = []
    for rate in (RATE - 1e-4, RATE + 1e-4):
        mean, variance = relaxed_moments(GeneralizedGumbelSoftmax(law_of(rate), temperature))
        losses.append((variance + (mean - 3).square()).item())
    return (losses[1] - losses[0]) / 2e-4


@pytest.mark.parametrize("straight_through", [False, True])
@pytest.mark.parametrize("n_samples", [1, 5])
@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_values_are_the_relaxed_laws(law, n_samples, straight_through):
    torch.manual_seed(1)
    values = GenGS(0.7, straight_through=straight_through).sample(law, n_samples)
    torch.manual_seed(1)
    relaxed = GeneralizedGumbelSoftmax(law, 0.7, straight_through=straight_through)
    assert torch.equal(values, relaxed.rsample((n_samples,)))


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_straight_through_values_are_atoms(law):
    is_atom = enumerated(law).support.check
    assert bool(is_atom(GenGS(2.0, straight_through=True).sample(law, 100)).all())
    assert not bool(is_atom(GenGS(2.0).sample(law, 100)).any())


def test_straight_through_has_the_gradient_of_the_relaxed_values():
    """Of a linear loss, whose slope is the same at both."""
    found = []
    for straight_through in (False, True):
        torch.manual_seed(1)
        rate = torch.tensor([1.0, 4.0], requires_grad=True)
        GenGS(0.5, straight_through=straight_through).sample(law_of(rate)).sum().backward()
        found.append(rate.grad)
    assert torch.equal(found[0], found[1])


def test_bias_shrinks_with_the_temperature():
    """By quadrature, which the next test holds against samples."""
    exact = exact_gradient(law_of, RATE, square).item()
    biases = [abs(relaxed_gradient(temperature) - exact) for temperature in (0.5, 0.3, 0.1)]
    assert biases == sorted(biases, reverse=True)
    assert biases[0] > 0.3
    assert biases[-1] < 0.1


@pytest.mark.parametrize("temperature", [0.1, 0.3, 0.5])
def test_mean_gradient_is_that_of_the_relaxed_values(temperature):
    """Each case fails for one seed in 16,000."""
    draws = gradients(GenGS(temperature), law_of, RATE, square, 100_000)
    assert_mean(draws, relaxed_gradient(temperature))


def test_variance_of_the_gradient_grows_as_the_temperature_falls():
    found = [
        gradients(GenGS(temperature), law_of, RATE, square, 20_000).var().item()
        for temperature in (1.0, 0.3, 0.1)
    ]
    assert found[0] < found[1] / 2 < found[2] / 4


def test_a_temperature_of_almost_0_samples_the_law():
    """Each of 8 masses fails for one seed in 16,000."""
    law = law_of(RATE)
    values = GenGS(1e-6).sample(law, 50_000)
    assert_mean((values.round().unsqueeze(-1) == law.atoms).double(), law.probs)


@pytest.mark.parametrize("temperature", [0.0, -0.5, float("nan")])
def test_a_temperature_that_is_not_above_0_is_refused(temperature):
    with pytest.raises(ValueError, match="Expected parameter temperature"):
        GenGS(temperature).sample(law_of(RATE))


def test_a_law_on_infinitely_many_atoms_is_refused():
    with pytest.raises(TypeError, match="has no finite support"):
        GenGS().surrogate(Poisson(doubles(1.0)), square)
