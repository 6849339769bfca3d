import pytest
import torch
from torch.distributions import Categorical, Multinomial, NegativeBinomial, Poisson

from topicgen.distributions import Finite, Truncated
from topicgen.gradients import Mean

from .conftest import doubles

# Truncated, P(z = 1) is 1 - e^-2.
LAWS = {
    "poisson": (Poisson(doubles(0.3, 5.0)), [0.3, 5.0]),
    "negative binomial": (NegativeBinomial(doubles(3.0), probs=doubles(0.25)), [1.0]),
    "truncated": (Truncated(Poisson(doubles(2.0)), upper=1), [0.8646647]),
    "finite": (Finite(doubles(0.25, 0.75).log(), doubles(0.0, 2.0)), 1.5),
    "categorical": (Categorical(doubles(0.5, 0.25, 0.25)), 0.75),
    "multinomial": (Multinomial(3, doubles(0.7, 0.2, 0.1)), [2.1, 0.6, 0.3]),
}


@pytest.mark.parametrize("name", LAWS)
def test_all_samples_are_the_mean(name):
    law, mean = LAWS[name]
    z = Mean().sample(law, 3)
    torch.testing.assert_close(z, torch.stack([torch.tensor(mean).to(z)] * 3))


def test_gradient_is_that_of_the_objective_at_the_mean():
    """Of (z - 3)^2 it is 2 (r - 3), where that of the expectation is 2 (r - 3) + 1."""
    rate = torch.tensor([5.0], requires_grad=True)
    loss = Mean(n_samples=4).surrogate(Poisson(rate), lambda z: (z - 3) ** 2)
    loss.sum().backward()
    assert loss.item() == 4.0
    assert rate.grad.item() == 4.0


def test_nothing_is_drawn():
    before = torch.get_rng_state()
    Mean().sample(Poisson(doubles(5.0)), 10)
    assert torch.equal(torch.get_rng_state(), before)
