import math

import pytest
import torch
from torch.distributions import Poisson

from topicgen.distributions import Finite
from topicgen.gradients import RELAXATIONS, PathwiseEstimator
from topicgen.models.count_estimators import (
    COUNT_ESTIMATORS,
    LEARNING_ESTIMATORS,
    count_estimator,
    drawn_by,
    estimated,
    learning_estimator,
)
from topicgen.models.count_laws import count_law
from topicgen.training import generator

N = 20_000
ATOMS = torch.arange(30.0, dtype=torch.float64)
NAMES = (*COUNT_ESTIMATORS, *LEARNING_ESTIMATORS)
# Those that show relaxed values or the mean; all others show whole counts.
RELAXED = ("gengs", "eat", "gaussian", "mean")


def new(name, n_topics=1, temperature=0.5):
    smoothing = torch.ones(n_topics, dtype=torch.float64)
    learner = learning_estimator(name, smoothing, generator=generator(0, "cpu"))
    return count_estimator(name if learner is None else learner, temperature)


def law(mean):
    return count_law("poisson", torch.full((N, 1), mean, dtype=torch.float64), ATOMS)


def test_names_are_those_that_the_documentation_lists():
    assert list(COUNT_ESTIMATORS) == [
        "gengs",
        "gengs_st",
        "eat",
        "gaussian",
        "mean",
        "reinforce",
        "leave_one_out",
        "vimco",
        "muprop",
    ]
    assert list(LEARNING_ESTIMATORS) == ["nvil", "rebar", "relax"]
    assert all(COUNT_ESTIMATORS[name] is make for name, make in RELAXATIONS.items())


@pytest.mark.parametrize("name", ["gengs", "gengs_st", "eat"])
def test_the_temperature_is_passed_on(name):
    assert count_estimator(name, 0.3).temperature == 0.3


@pytest.mark.parametrize("name", NAMES)
def test_values_are_no_less_than_0_and_have_the_mean_of_the_counts(name):
    """4 standard errors: each fails for one seed in 16,000. Relaxed values are near the mean."""
    q = law(5.0)
    z = drawn_by(name, 0.1, q, generator=generator(0, "cpu"))
    assert z.shape == (N, 1)
    assert z.min() >= 0
    error = 4 * z.std().item() / math.sqrt(N)
    # Normal values that are cut at 0 have a mean that is higher by .01.
    assert z.mean().item() == pytest.approx(5.0, abs=error + 0.02)
    assert bool((z == z.round()).all()) == (name not in RELAXED)


@pytest.mark.parametrize("name", NAMES)
def test_values_of_small_counts_are_no_less_than_0(name):
    z = drawn_by(name, 0.5, law(0.1), generator=generator(0, "cpu"))
    assert z.min() >= 0
    assert bool(z.isfinite().all())


@pytest.mark.parametrize("name", NAMES)
def test_the_gradient_of_the_mean_is_positive(name):
    """Its value is 1; the worst, reinforce, is estimated to within .3 for all but 1e-4."""
    mean = torch.tensor(2.0, dtype=torch.float64, requires_grad=True)
    q = count_law("poisson", mean.expand(N, 1), ATOMS)
    # A loss of each document, which its latent variables share.
    surrogate = new(name).surrogate(q, lambda z: z.sum(-1), generator=generator(0, "cpu"))
    assert surrogate.shape == (N,)
    surrogate.mean().backward()
    assert mean.grad.item() == pytest.approx(1.0, abs=0.3)


def test_arrivals_are_those_of_poisson_counts_with_the_same_means():
    q = law(3.0)
    z = drawn_by("eat", 0.1, q, generator=generator(1, "cpu"))
    expected = COUNT_ESTIMATORS["eat"](0.1)
    assert isinstance(expected, PathwiseEstimator)
    poisson = super(type(expected), expected).sample(Poisson(q.mean), generator=generator(1, "cpu"))
    assert torch.equal(z, poisson[0])


@pytest.mark.parametrize("name", NAMES)
def test_draws_come_from_the_generator(name):
    q = Finite(torch.randn(50, 4, 6, generator=generator(3, "cpu")), torch.arange(6.0))
    before = torch.get_rng_state()
    first, second, other = (
        drawn_by(name, 0.5, q, generator=generator(seed, "cpu")) for seed in (1, 1, 2)
    )
    assert torch.equal(first, second)
    assert torch.equal(first, other) == (name == "mean")
    assert torch.equal(torch.get_rng_state(), before)


def test_an_estimator_that_is_not_pathwise_shows_whole_counts_without_gradients():
    logits = torch.randn(50, 6, requires_grad=True)
    z = drawn_by("leave_one_out", 0.5, Finite(logits, torch.arange(6.0)))
    assert not z.requires_grad
    assert set(z.tolist()) <= set(range(6))


# -- the door that the objectives use --------------------------------------------------------

TARGET = torch.tensor([2.0, 0.0, 1.0], dtype=torch.float64)


def log_likelihood(z):
    """Of one document, whose three counts are in a trade with one another."""
    return -((z - TARGET).sum(-1) ** 2) / 8 - z[..., 0] / 4


def document(requires_grad=True):
    """Return a posterior, its logits, a prior, and all atoms of three counts, one a row."""
    logits = torch.randn(1, 3, 4, generator=generator(5, "cpu"), dtype=torch.float64)
    logits.requires_grad_(requires_grad)
    atoms = torch.arange(4.0, dtype=torch.float64)
    prior = Finite(torch.randn(3, 4, generator=generator(6, "cpu"), dtype=torch.float64), atoms)
    return Finite(logits, atoms), logits, prior, torch.cartesian_prod(atoms, atoms, atoms)


def exact_bound(with_prior):
    q, logits, prior, every = document()
    mass = q.log_prob(every).sum(-1).exp()
    bound = (mass * log_likelihood(every)).sum()
    if with_prior:
        bound = bound - (mass * (q.log_prob(every) - prior.log_prob(every)).sum(-1)).sum()
    return bound.item(), torch.autograd.grad(bound, logits)[0]


def copies(name, with_prior, n=40_000, n_tokens=7.0):
    """Estimate with many copies of the document at once; return their mean, and its gradient."""
    _, logits, prior, _ = document()
    q = Finite(logits.expand(n, 3, 4), torch.arange(4.0, dtype=torch.float64))
    bound = estimated(
        new(name, 3),
        q,
        log_likelihood,
        torch.full((n,), n_tokens, dtype=torch.float64),
        prior=prior if with_prior else None,
        generator=generator(1, "cpu"),
    )
    assert bound.shape == (n,)
    return bound.mean().item(), torch.autograd.grad(bound.mean(), logits)[0]


@pytest.mark.parametrize("with_prior", [False, True])
@pytest.mark.parametrize("name", ["reinforce", "leave_one_out", "muprop", "nvil", "rebar", "relax"])
def test_the_bound_of_a_document_is_estimated_without_bias(name, with_prior):
    """Against all 64 combinations of three counts, within 5 standard errors of the worst."""
    value, gradient = exact_bound(with_prior)
    found, estimate = copies(name, with_prior)
    assert found == pytest.approx(value, abs=0.03)
    torch.testing.assert_close(estimate, gradient, atol=0.03, rtol=0)


@pytest.mark.parametrize("with_prior", [False, True])
def test_the_bound_of_several_samples_weighs_each_by_the_prior(with_prior):
    """Four samples: above the bound of one and, with a prior, below log p(x)."""
    _, _, prior, every = document()
    bound, _ = exact_bound(with_prior)
    found, gradient = copies("vimco", with_prior)
    log_evidence = (prior.log_prob(every).sum(-1) + log_likelihood(every)).logsumexp(0).item()
    assert found > bound + 0.1
    assert bool(gradient.isfinite().all())
    if with_prior:
        assert found < log_evidence


def test_what_is_learnt_is_of_one_size_in_short_and_long_documents():
    """Ten times the tokens and the loss: ten times the estimate, with the same baseline."""
    q, _, _, _ = document(requires_grad=False)
    values = [
        estimated(
            new("nvil", 3),
            q,
            lambda z, times=times: times * log_likelihood(z),
            torch.tensor([7.0 * times], dtype=torch.float64),
            generator=generator(1, "cpu"),
        ).item()
        for times in (1, 10)
    ]
    assert values[1] == pytest.approx(10 * values[0])


def test_an_estimator_that_learns_is_new_each_time_and_draws_its_weights_from_the_generator():
    before = torch.get_rng_state()
    first, second = new("nvil", 3), new("nvil", 3)
    assert first is not second
    assert count_estimator(first, 0.3) is first
    for one, other in zip(first.parameters(), second.parameters(), strict=True):
        assert torch.equal(one, other)
        assert one.dtype == torch.float64
    assert torch.equal(torch.get_rng_state(), before)
    assert learning_estimator("gengs", torch.ones(3)) is None
