import pytest
import torch
from torch.distributions import Categorical, Poisson

from topicgen.distributions import Truncated
from topicgen.gradients import NVIL, Reinforce

from .conftest import (
    ATOMS,
    exact_gradient_of_several,
    expected_gradient,
    product_of_latents,
    square,
)

FOUR = torch.tensor([[0.5, -0.2, 0.1, -0.6]])
# What the rates of a batch are, and what they make likely: a loss that is large at all counts.
RATES = torch.linspace(1.0, 9.0, 50)


def loss(z):
    return square(z) + 10 * RATES


def law_of(rates):
    return Truncated(Poisson(rates), upper=25)


def own(z):
    return square(z).squeeze(-1)


def silent(**options):
    """Return the estimator with a baseline of zero."""
    estimator = NVIL(**options)
    torch.nn.init.zeros_(estimator.baseline[-1].weight)
    torch.nn.init.zeros_(estimator.baseline[-1].bias)
    return estimator


@pytest.fixture(scope="module")
def trained():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        estimator = NVIL()
        optimizer = torch.optim.Adam(estimator.parameters(), lr=0.02)
        for _ in range(400):
            optimizer.zero_grad()
            estimator.surrogate(law_of(RATES), loss).mean().backward()
            optimizer.step()
        return estimator.eval()


def baseline_loss(estimator, n_samples=200):
    z = law_of(RATES).sample((n_samples,))
    with torch.no_grad():
        baseline = estimator.baseline(RATES.unsqueeze(-1)).squeeze(-1)
        return (loss(z) - baseline - estimator.loss_mean).square().mean().item()


def variance(estimator, n_times=200):
    """Return the variance of each rate's gradient, its mean over the rates."""
    found = []
    for _ in range(n_times):
        rates = RATES.clone().requires_grad_()
        estimator.surrogate(law_of(rates), loss).sum().backward()
        found.append(rates.grad)
    return torch.stack(found).var(0).mean().item()


@pytest.mark.parametrize("is_training", [True, False])
@pytest.mark.parametrize("n_steps_before", [0, 1])
def test_mean_over_all_draws_is_the_gradient(is_training, n_steps_before):
    """Of one sample of one latent variable, whose baseline must not depend on what was drawn."""
    estimator = NVIL()
    for _ in range(n_steps_before):
        estimator.surrogate(law_of(RATES), loss)
    found = expected_gradient(estimator.train(is_training), FOUR, ATOMS.float(), own)
    expected = exact_gradient_of_several(FOUR, ATOMS.float(), own)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


def test_mean_over_all_draws_is_the_gradient_of_latents_that_share_a_loss():
    logits, atoms = torch.tensor([[0.5, -0.2, 0.1], [-0.6, 0.3, 0.0]]), torch.arange(3.0)
    found = expected_gradient(NVIL(2).eval(), logits, atoms, product_of_latents)
    expected = exact_gradient_of_several(logits, atoms, product_of_latents)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)


def test_training_lowers_the_baselines_loss(trained):
    """The loss's variance about its mean for each rate is all that is left, about."""
    least = loss(law_of(RATES).sample((2000,))).var(0).mean().item()
    assert baseline_loss(NVIL()) > 10 * least
    assert baseline_loss(trained) < 1.2 * least


def test_a_trained_baseline_lowers_the_variance_of_the_gradient(trained):
    """By a factor of about 8; each variance is known within 15%."""
    assert variance(trained) < variance(Reinforce()) / 4


def test_baseline_is_trained_by_least_squares():
    estimator = NVIL(n_samples=3).eval()
    estimator.loss_mean.fill_(30.0)
    asked = []

    def recording(z):
        asked.append(z)
        return loss(z)

    estimator.surrogate(law_of(RATES), recording).sum().backward()
    residual = loss(asked[0]) - estimator.baseline(RATES.unsqueeze(-1)).squeeze(-1) - 30
    parameters = list(estimator.parameters())
    expected = torch.autograd.grad(residual.square().mean(0).sum(), parameters)
    for parameter, gradient in zip(parameters, expected, strict=True):
        torch.testing.assert_close(parameter.grad, gradient, rtol=1e-3, atol=1e-2)


def test_running_average_starts_at_the_first_mean_and_follows_the_next():
    estimator = silent(decay=0.75)
    estimator.surrogate(law_of(RATES), lambda z: 4.0 + 0 * z)
    assert estimator.loss_mean.item() == pytest.approx(4.0)
    estimator.surrogate(law_of(RATES), lambda z: 8.0 + 0 * z)
    assert estimator.loss_mean.item() == pytest.approx(0.75 * 4 + 0.25 * 8)


def test_running_average_is_of_what_the_baseline_leaves():
    estimator = silent()
    torch.nn.init.constant_(estimator.baseline[-1].bias, 3.0)
    estimator.surrogate(law_of(RATES), lambda z: 4.0 + 0 * z)
    assert estimator.loss_mean.item() == pytest.approx(1.0)


def test_evaluation_freezes_the_running_average():
    estimator = NVIL()
    estimator.surrogate(law_of(RATES), loss)
    before = {name: value.clone() for name, value in estimator.named_buffers()}
    estimator.eval().surrogate(law_of(RATES), square)
    assert all(torch.equal(before[name], value) for name, value in estimator.named_buffers())
    estimator.train().surrogate(law_of(RATES), square)
    assert estimator.loss_mean != before["loss_mean"]


def test_running_average_is_saved_and_loaded():
    estimator, other = NVIL(), NVIL()
    estimator.surrogate(law_of(RATES), loss)
    other.load_state_dict(estimator.state_dict())
    found = []
    for one in (estimator, other):
        torch.manual_seed(1)
        rates = RATES.clone().requires_grad_()
        one.surrogate(law_of(rates), loss).sum().backward()
        found.append((rates.grad, one.loss_mean))
    torch.testing.assert_close(found[0], found[1])


def test_hidden_units_are_as_many_as_asked():
    shapes = [tuple(p.shape) for p in NVIL(3, n_hidden=7).parameters()]
    assert shapes == [(7, 3), (7,), (1, 7), (1,)]


def test_a_categorical_law_will_do():
    logits = torch.zeros(20, 4, requires_grad=True)
    value = NVIL().surrogate(Categorical(logits=logits), lambda z: (z - 3) ** 2)
    value.sum().backward()
    assert bool(value.isfinite().all() & logits.grad.isfinite().all())
