import pytest
import torch
from torch.distributions import Categorical, Poisson

from topicgen.distributions import Finite, Truncated
from topicgen.gradients import Enumeration, MuProp, Reinforce

from .conftest import (
    ATOMS,
    VECTORS,
    doubles,
    exact_gradient_of_several,
    expected_gradient,
    gradients,
    product_of_latents,
    reciprocal,
    square,
)


def law_of(rate):
    return Truncated(Poisson(rate), upper=20)


@pytest.mark.parametrize("loss", [square, reciprocal])
def test_mean_over_all_draws_is_the_gradient(loss):
    logits = doubles([0.5, -0.2, 0.1, -0.6])

    def objective(z):
        return loss(z).squeeze(-1)

    found = expected_gradient(MuProp(), logits, ATOMS, objective)
    torch.testing.assert_close(found, exact_gradient_of_several(logits, ATOMS, objective))


@pytest.mark.parametrize("n_samples", [1, 2])
def test_mean_over_all_draws_is_the_gradient_of_latents_that_share_a_loss(n_samples):
    logits, atoms = doubles([0.5, -0.2, 0.1], [-0.6, 0.3, 0.0]), doubles(0.0, 1.0, 3.0)
    found = expected_gradient(MuProp(n_samples), logits, atoms, product_of_latents)
    expected = exact_gradient_of_several(logits, atoms, product_of_latents)
    torch.testing.assert_close(found, expected)


def test_a_linear_loss_leaves_no_variance():
    """Its expansion is all of it: the law's gradient is that of the mean, whatever is drawn."""
    rate = torch.linspace(0.5, 6.0, 100, dtype=torch.float64).requires_grad_()
    MuProp().surrogate(law_of(rate), lambda z: 3 * z + 2).sum().backward()
    (expected,) = torch.autograd.grad(3 * law_of(rate).mean.sum(), rate)
    torch.testing.assert_close(rate.grad, expected)


def test_a_linear_loss_of_vectors_leaves_no_variance():
    make, at = VECTORS
    weights = torch.tensor([1.0, -2.0, 0.5])
    logits = at.expand(100, 3).clone().requires_grad_()
    MuProp().surrogate(make(logits), lambda z: z @ weights).sum().backward()
    (expected,) = torch.autograd.grad((make(logits).mean @ weights).sum(), logits)
    torch.testing.assert_close(logits.grad, expected, rtol=1e-4, atol=1e-4)


def test_a_quadratic_loss_leaves_less_variance_than_reinforce():
    """About a half, each known within 3%."""
    rate = torch.tensor(5.0)
    found = gradients(MuProp(), law_of, rate, square, 50_000)
    plain = gradients(Reinforce(), law_of, rate, square, 50_000)
    assert found.var() < 0.8 * plain.var()


def test_an_atom_that_is_certain_has_no_gradient():
    logits = doubles([0.0, 200.0]).requires_grad_()
    value = MuProp().surrogate(Finite(logits, doubles(0.0, 1.0)), square)
    value.sum().backward()
    assert value.tolist() == [4.0]
    assert logits.grad.abs().max() < 1e-80


def test_a_categorical_law_will_do():
    logits = torch.tensor([0.5, -0.2, 0.1, -0.6]).expand(50, 4).clone().requires_grad_()
    value = MuProp().surrogate(Categorical(logits=logits), lambda z: 3.0 * z)
    value.sum().backward()
    found, logits.grad = logits.grad, None
    Enumeration().surrogate(Categorical(logits=logits), lambda z: 3.0 * z).sum().backward()
    torch.testing.assert_close(found, logits.grad)
