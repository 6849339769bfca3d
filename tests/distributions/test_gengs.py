import math

import numpy as np
import pytest
import torch
from scipy import stats
from scipy.integrate import quad
from torch.distributions import Poisson, kl_divergence

from topicgen.distributions import Finite, GeneralizedGumbelSoftmax, Truncated

THREE = np.array([0.2, 0.5, 0.3])


def doubles(*values):
    return torch.tensor(values, dtype=torch.float64)


def relaxation(masses, atoms, temperature, **options):
    law = Finite(torch.as_tensor(masses).log(), torch.as_tensor(atoms, dtype=torch.float64))
    return GeneralizedGumbelSoftmax(law, temperature, **options)


def race(exponentials, masses, atoms, temperature):
    """Relaxed samples written otherwise: weights from an exponential race, without a Gumbel."""
    arrivals = exponentials / masses
    speeds = (arrivals.min(-1, keepdims=True) / arrivals) ** (1 / temperature)
    return (speeds / speeds.sum(-1, keepdims=True)) @ atoms


def clamped_poisson(rate, upper):
    return np.append(stats.poisson(rate).pmf(range(upper)), stats.poisson(rate).sf(upper - 1))


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


def test_shapes():
    law = Truncated(Poisson(torch.tensor([0.5, 4.0, 9.0])), upper=15)
    relaxed = GeneralizedGumbelSoftmax(law, temperature=0.5)
    assert relaxed.has_rsample
    assert relaxed.rsample().shape == (3,)
    assert relaxed.rsample((2, 5)).shape == (2, 5, 3)
    wide = relaxed.expand((4, 3))
    assert isinstance(wide, GeneralizedGumbelSoftmax)
    assert (wide.temperature, wide.straight_through) == (0.5, False)
    assert wide.rsample((2,)).shape == (2, 4, 3)


def test_it_is_the_law_but_for_its_relaxed_samples():
    law = Truncated(Poisson(doubles(0.5, 4.0)), upper=15)
    relaxed = GeneralizedGumbelSoftmax(law, temperature=2.0)
    assert kl_divergence(relaxed, law).tolist() == [0.0, 0.0]
    assert relaxed.mean.tolist() == law.mean.tolist()
    assert bool(law.support.check(relaxed.sample((100,))).all())


def test_from_logits_is_the_constructor():
    logits, atoms = torch.tensor([[0.0, 1.0, 2.0]]), torch.tensor([0.0, 1.0, 5.0])
    direct = GeneralizedGumbelSoftmax(Finite(logits, atoms), 0.3, straight_through=True)
    short = GeneralizedGumbelSoftmax.from_logits(logits, atoms, 0.3, straight_through=True)
    assert torch.equal(direct.logits, short.logits)
    assert torch.equal(direct.atoms, short.atoms)
    assert (short.temperature, short.straight_through) == (0.3, True)


def test_same_seed_same_samples():
    relaxed = relaxation(THREE, [0, 1, 4], 0.5)
    torch.manual_seed(3)
    first = relaxed.rsample((10,))
    torch.manual_seed(3)
    assert torch.equal(relaxed.rsample((10,)), first)


def test_temperature_may_be_a_tensor():
    torch.manual_seed(1)
    first = relaxation(THREE, [0, 1, 4], 0.5).rsample((10,))
    torch.manual_seed(1)
    assert torch.equal(relaxation(THREE, [0, 1, 4], doubles(0.5)[0]).rsample((10,)), first)


@pytest.mark.parametrize("temperature", [0.1, 0.5, 2.0])
def test_two_atoms_have_the_moments_of_the_logistic_integral(temperature):
    """Mean and variance within 4 standard errors: a right sampler fails in 4e-4 of the seeds."""
    n = 400_000
    masses, atoms = np.array([0.3, 0.7]), np.array([1.0, 4.0])
    z = relaxation(masses, atoms, temperature).rsample((n,)).numpy()

    # The difference of two Gumbel variables is logistic.
    def moment(power):
        def integrand(x):
            weight = 1 / (1 + np.exp(-np.clip((np.log(7 / 3) + x) / temperature, -500, 500)))
            return (1 + 3 * weight) ** power * stats.logistic.pdf(x)

        return quad(integrand, -40, 40, points=[-1.0, 0.0], limit=500)[0]

    mean = moment(1)
    variance = moment(2) - mean**2
    squares = (z - mean) ** 2
    assert abs(z.mean() - mean) < 4 * z.std() / math.sqrt(n)
    assert abs(squares.mean() - variance) < 4 * squares.std() / math.sqrt(n)


@pytest.mark.parametrize("temperature", [0.2, 0.7, 1.5])
def test_three_atoms_have_the_moments_of_an_exponential_race(temperature):
    """Mean and variance within 4 joint standard errors: 4e-4 of the seeds fail a right sampler."""
    n = 400_000
    atoms = np.array([0.0, 1.0, 4.0])
    ours = relaxation(THREE, atoms, temperature).rsample((n,)).numpy()
    exponentials = np.random.default_rng(1).exponential(size=(n, 3))
    theirs = race(exponentials, THREE, atoms, temperature)
    error = math.sqrt((ours.var() + theirs.var()) / n)
    assert abs(ours.mean() - theirs.mean()) < 4 * error
    a, b = (ours - ours.mean()) ** 2, (theirs - theirs.mean()) ** 2
    assert abs(a.mean() - b.mean()) < 4 * math.sqrt((a.var() + b.var()) / n)


def test_moments_tend_to_those_of_the_law_as_the_temperature_falls():
    """At temperature 0.01, within 4 standard errors and the bias that is left (below 2%)."""
    n = 200_000
    law = Truncated(Poisson(doubles(4.0)), upper=15)
    gaps = []
    for temperature in (1.0, 0.3, 0.01):
        z = GeneralizedGumbelSoftmax(law, temperature).rsample((n,))[:, 0]
        gaps.append((law.variance.item() - z.var().item()) / law.variance.item())
    assert gaps[0] > 0.2
    assert gaps[0] > gaps[1] > abs(gaps[2])
    assert abs(gaps[2]) < 0.02 + 4 * math.sqrt(2.3 / n)
    assert abs(z.mean() - law.mean).item() < 4 * z.std().item() / math.sqrt(n) + 0.01


@pytest.mark.parametrize("function", [lambda z: (z - 3) ** 2, lambda z: 1 / (1 + z)])
@pytest.mark.parametrize("temperature", [0.3, 1.0])
def test_gradient_equals_finite_differences_of_the_relaxed_expectation(temperature, function):
    """Within 4 joint standard errors of differences with common random numbers, by numpy.

    A right gradient fails in 6e-5 of the seeds.
    """
    rate = torch.tensor(3.0, dtype=torch.float64, requires_grad=True)
    law = GeneralizedGumbelSoftmax(Truncated(Poisson(rate), upper=8), temperature)
    ours = []
    for _ in range(50):
        mean = function(law.rsample((4000,))).mean()
        ours.append(torch.autograd.grad(mean, rate, retain_graph=True)[0].item())
    exponentials = np.random.default_rng(2).exponential(size=(200_000, 9))
    atoms, step = np.arange(9.0), 1e-4
    up, down = (
        function(race(exponentials, clamped_poisson(3.0 + h, 8), atoms, temperature))
        for h in (step, -step)
    )
    theirs = (up - down) / (2 * step)
    error = math.sqrt(np.var(ours, ddof=1) / 50 + theirs.var() / len(theirs))
    assert abs(np.mean(ours) - theirs.mean()) < 4 * error


def test_gradient_bias_shrinks_with_the_temperature():
    """E[(z - 3)^2] of Poisson(5) on 0..20, against the exact gradient.

    At temperature 1 the bias is some -0.5, 40 standard errors; at 0.1 it is lost in the noise of
    some 0.06. The claim (a fifth of the bias, 4 standard errors allowed) fails in 3e-5 of the
    seeds.
    """
    rate = torch.tensor(5.0, dtype=torch.float64, requires_grad=True)
    law = Truncated(Poisson(rate), upper=20)
    exact = sum(p * (c - 3) ** 2 for p, c in zip(law.probs, range(21), strict=True))
    (exact,) = torch.autograd.grad(exact, rate, retain_graph=True)
    biases, errors = [], []
    for temperature in (1.0, 0.1):
        gradients = []
        for _ in range(60):
            z = GeneralizedGumbelSoftmax(law, temperature).rsample((4000,))
            mean = ((z - 3) ** 2).mean()
            gradients.append(torch.autograd.grad(mean, rate, retain_graph=True)[0].item())
        biases.append(abs(np.mean(gradients) - exact.item()))
        errors.append(np.std(gradients, ddof=1) / math.sqrt(len(gradients)))
    assert biases[0] > 20 * errors[0]
    assert biases[1] < biases[0] / 5 + 4 * errors[1]
    assert biases[1] < biases[0]


def test_straight_through_returns_atoms_with_the_relaxed_gradient():
    rates = doubles(0.3, 4.0, 12.0).requires_grad_()
    law = Truncated(Poisson(rates), upper=15)
    gradients, samples = [], []
    for straight_through in (False, True):
        torch.manual_seed(5)
        relaxed = GeneralizedGumbelSoftmax(law, 0.5, straight_through=straight_through)
        z = relaxed.rsample((200,))
        samples.append(z.detach())
        gradients.append(torch.autograd.grad(z.sum(), rates, retain_graph=True)[0])
    soft, hard = samples
    assert torch.equal(gradients[0], gradients[1])
    assert bool(law.support.check(hard).all())
    assert not bool(law.support.check(soft).all())


def test_straight_through_samples_follow_the_masses():
    """Pearson's chi-square at 1e6 draws: a right sampler fails in 1e-3 of the seeds."""
    z = relaxation(THREE, [0, 1, 4], 0.5, straight_through=True).rsample((1_000_000,))
    observed = [(z == atom).sum().item() for atom in (0, 1, 4)]
    assert sum(observed) == 1_000_000
    assert stats.chisquare(observed, THREE * 1e6).pvalue > 1e-3


@pytest.mark.parametrize("straight_through", [False, True])
def test_impossible_atoms_are_never_drawn_and_leave_the_gradient_finite(straight_through):
    logits = doubles(0.3, 0.0, -math.inf).requires_grad_()
    law = Finite(logits, doubles(0.0, 1.0, 1e6))
    relaxed = GeneralizedGumbelSoftmax(law, 0.5, straight_through=straight_through)
    z = relaxed.rsample((1000,))
    assert z.max() <= 1
    z.sum().backward()
    assert bool(logits.grad.isfinite().all())
    assert logits.grad[2] == 0


@pytest.mark.parametrize("other", [-math.inf, -1000.0])
@pytest.mark.parametrize("straight_through", [False, True])
def test_a_uniform_draw_of_zero_does_not_rule_out_a_sure_atom(monkeypatch, other, straight_through):
    """torch.rand gives 0 once in 2^24 float32 draws: often enough in a long training."""
    law = Finite(torch.tensor([0.0, other]), torch.tensor([3.0, 7.0]))
    relaxed = GeneralizedGumbelSoftmax(law, 0.5, straight_through=straight_through)
    monkeypatch.setattr(torch, "rand", lambda *_, **options: torch.tensor([0.0, 0.5], **options))
    assert relaxed.rsample().item() == 3


@pytest.mark.parametrize("temperature", [1e-3, 1e3])
def test_extreme_temperatures_are_finite(temperature):
    rate = torch.tensor([1e-6, 1.0, 1e4], requires_grad=True)
    law = GeneralizedGumbelSoftmax(Truncated(Poisson(rate), upper=15), temperature)
    z = law.rsample((100,))
    z.sum().backward()
    assert bool(z.isfinite().all())
    assert bool(rate.grad.isfinite().all())


@pytest.mark.parametrize("temperature", [0, -0.5, math.nan, torch.tensor([0.5, 0.0])])
def test_temperature_at_or_below_zero_is_refused(temperature):
    law = Finite(torch.zeros(2), torch.arange(2.0))
    with pytest.raises(ValueError, match=r"expected .*temperature above 0, got ") as caught:
        GeneralizedGumbelSoftmax(law, temperature)
    assert str(temperature) in str(caught.value)


def test_temperature_for_each_law_is_refused():
    """It would meet the atoms' axis, and pass unseen where a batch is as long as the support."""
    law = Finite(torch.zeros(2, 2), torch.arange(2.0))
    with pytest.raises(ValueError, match="temperature above 0, got "):
        GeneralizedGumbelSoftmax(law, torch.tensor([0.01, 5.0]))
