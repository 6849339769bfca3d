from functools import partial

import pytest
import torch
from torch.distributions import Poisson

from topicgen.gradients import Reinforce, Relax

from .conftest import LAWS, assert_mean, exact_gradient, gradients, reciprocal, square

Rebar = partial(Relax, n_hidden=0)
POISSON, RATE = LAWS["poisson"]


def estimate(estimator, loss=square):
    """Return the estimates at four rates, the same at each call but for the parameters."""
    torch.manual_seed(1)
    rate = torch.tensor([1.0, 2.0, 3.0, 4.0], dtype=torch.float64)
    logits = POISSON(rate).logits.clone().requires_grad_()
    law = POISSON(rate)
    law._logits = law._scores = logits
    value = estimator.surrogate(law, loss).mean()
    (gradient,) = torch.autograd.grad(value, logits, retain_graph=True)
    return value, gradient * len(rate)


@pytest.mark.parametrize("make", [Rebar, partial(Relax, n_hidden=3)])
@pytest.mark.parametrize("n_samples", [1, 2])
def test_own_gradient_is_that_of_the_squared_estimate(make, n_samples):
    """Against differences of the sum of squares, in each direction of the parameters."""
    estimator = make(n_samples=n_samples, temperature=0.7).double()
    value, _ = estimate(estimator)
    value.backward()
    step = 1e-6
    for parameter in estimator.parameters():
        for i in range(parameter.numel()):
            sums = []
            for sign in (1, -1):
                with torch.no_grad():
                    parameter.view(-1)[i] += sign * step
                sums.append(estimate(estimator)[1].square().sum().item())
                with torch.no_grad():
                    parameter.view(-1)[i] -= sign * step
            expected = (sums[0] - sums[1]) / (2 * step)
            assert parameter.grad.view(-1)[i].item() == pytest.approx(expected, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("make", [Rebar, Relax])
@pytest.mark.parametrize(("scale", "temperature"), [(-0.7, 2.0), (0.0, 0.5), (1.5, 0.05)])
def test_whatever_its_parameters_the_mean_is_the_gradient(make, scale, temperature):
    """Each case fails for one seed in 16,000."""
    estimator = make(temperature=temperature)
    torch.nn.init.constant_(estimator.scale, scale)
    expected = exact_gradient(POISSON, RATE, reciprocal)
    assert_mean(gradients(estimator, POISSON, RATE, reciprocal, 50_000), expected)


@pytest.mark.parametrize("make", [Rebar, partial(Relax, n_hidden=10)])
def test_training_reduces_the_variance(make):
    """From parameters that do harm to a sixth of REINFORCE's; variances are known within 5%."""
    law, at = LAWS["categorical"]
    estimator = make(temperature=5.0)
    torch.nn.init.constant_(estimator.scale, -1.0)

    def variance(one):
        return gradients(one, law, at, square, 10_000).var(0).sum().item()

    before, plain = variance(estimator), variance(Reinforce())
    optimizer = torch.optim.Adam(estimator.parameters(), lr=0.05)
    for _ in range(200):
        optimizer.zero_grad()
        estimator.surrogate(law(at.expand(100, 4)), square).mean().backward()
        optimizer.step()
    assert before > plain
    assert variance(estimator) < plain / 4


def test_no_control_variate_is_reinforce_in_law():
    """With a scale of 0, the variance is REINFORCE's within 5%."""
    estimator = Rebar()
    torch.nn.init.zeros_(estimator.scale)
    found = gradients(estimator, POISSON, RATE, square, 50_000).var().item()
    plain = gradients(Reinforce(), POISSON, RATE, square, 50_000).var().item()
    assert found == pytest.approx(plain, rel=0.05)


def test_samples_are_of_the_law():
    asked = []

    def recording(z):
        asked.append(z.detach())
        return square(z)

    law = POISSON(RATE.double())
    Rebar(n_samples=50_000).surrogate(law, recording)
    (z,) = (z for z in asked if bool(law.support.check(z).all()))
    hits = (z.unsqueeze(-1) == law.atoms).double()
    assert_mean(hits, law.probs)


def test_values_between_the_atoms_are_within_them():
    asked = []

    def recording(z):
        asked.append(z.detach())
        return square(z)

    Relax(n_samples=1000).surrogate(POISSON(RATE), recording)
    assert len(asked) == 3
    assert all(bool(((z >= 0) & (z <= 5)).all()) for z in asked)


def test_rebar_learns_its_scale_and_temperature_only():
    assert [name for name, _ in Rebar().named_parameters()] == ["scale", "log_temperature"]
    shapes = [tuple(p.shape) for p in Relax(3, n_hidden=7).network.parameters()]
    assert shapes == [(7, 3), (7,), (1, 7), (1,)]


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan")])
def test_a_temperature_that_is_not_above_0_is_refused(temperature):
    with pytest.raises(ValueError, match="temperature"):
        Relax(temperature=temperature)


def test_a_law_on_infinitely_many_atoms_is_refused():
    with pytest.raises(TypeError, match="has no finite support"):
        Relax().surrogate(Poisson(RATE), square)
