"""The sampler against posteriors that are summed or integrated exactly.

Statistical tests are seeded. Draws of many independent documents are compared, after the walks have
settled; each test would fail for one seed in a thousand if all is right.
"""

import itertools

import numpy as np
import pytest
import torch
from scipy import stats
from scipy.sparse import csr_matrix

from topicgen.distributions import Finite
from topicgen.models.gibbs import GibbsSampler
from topicgen.models.rates import AtomRates, GammaRates
from topicgen.models.sparse import SparseCounts

P_VALUE = 1e-3
N = 3_000
WORDS = np.array([3, 1, 1])
TOPICS = np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]])


def settled(law, n_sweeps=60, words=WORDS, **options):
    counts = SparseCounts.from_csr(csr_matrix(np.tile(words, (N, 1)).astype(float)))
    sampler = GibbsSampler(
        counts,
        torch.tensor(TOPICS.T.copy(), dtype=torch.float32),
        law,
        torch.zeros(N, 2),
        generator=torch.Generator().manual_seed(0),
        **options,
    )
    for _ in range(n_sweeps):
        state = sampler.sweep()
    return state


def likelihood(theta):
    """Of the words in their order, where the topics have these proportions."""
    return np.prod((np.stack([theta, 1 - theta], -1) @ TOPICS) ** WORDS, axis=-1)


def rising(r, k):
    return np.prod(r + np.arange(k))


def cdf_of_first_proportion(shape, mean):
    """By the density of the ratio of two gamma variables, on a grid."""
    theta = (np.arange(20_000) + 0.5) / 20_000
    (r0, r1), (c0, c1) = shape, np.array(shape) / mean
    density = theta ** (r0 - 1) * (1 - theta) ** (r1 - 1)
    density = density / (c0 * theta + c1 * (1 - theta)) ** (r0 + r1) * likelihood(theta)
    cumulative = density.cumsum() / density.sum()
    return lambda x: np.interp(x, theta, cumulative)


@pytest.mark.parametrize(("shape", "mean"), [((0.5, 2.0), (4.0, 1.0)), ((1.0, 1.0), (3.0, 3.0))])
def test_proportions_with_gamma_rates_and_a_multinomial(shape, mean):
    state = settled(GammaRates(torch.tensor(shape), torch.tensor(mean)))
    drawn = state.proportions[:, 0].numpy()
    assert stats.kstest(drawn, cdf_of_first_proportion(shape, mean)).pvalue > P_VALUE


def test_tokens_with_dirichlet_proportions():
    shape = np.array([0.5, 2.0])
    state = settled(GammaRates(torch.tensor(shape).float(), torch.tensor(shape).float()))
    # Each assignment of topics to the five tokens has a probability in closed form.
    exact = np.zeros(6)
    words = np.repeat(np.arange(3), WORDS)
    for assignment in itertools.product(range(2), repeat=5):
        n = np.bincount(assignment, minlength=2)
        prior = np.prod([rising(r, k) for r, k in zip(shape, n, strict=True)])
        exact[n[0]] += prior * np.prod(TOPICS[list(assignment), words])
    times = np.bincount(state.tokens[:, 0].int(), minlength=6)
    assert stats.chisquare(times, N * exact / exact.sum()).pvalue > P_VALUE


def test_rates_with_gamma_rates_and_a_poisson_likelihood():
    shape, mean = np.array([0.5, 2.0]), np.array([4.0, 1.0])
    state = settled(
        GammaRates(torch.tensor(shape).float(), torch.tensor(mean).float()), cost=torch.ones(())
    )
    grid = (np.arange(1_500) + 0.5) / 60
    a, b = np.meshgrid(grid, grid, indexing="ij")
    density = stats.gamma(shape[0], scale=mean[0] / shape[0]).pdf(a)
    density *= stats.gamma(shape[1], scale=mean[1] / shape[1]).pdf(b)
    words = a[..., None] * TOPICS[0] + b[..., None] * TOPICS[1]
    density *= np.exp(-(a + b)) * np.prod(words**WORDS, axis=-1)
    exact = (density * a).sum() / density.sum()
    drawn = state.log_rates.exp()[:, 0].numpy()
    assert abs(drawn.mean() - exact) < 3.3 * drawn.std() / np.sqrt(N)


def test_counts_on_atoms_with_a_multinomial():
    law = Finite(
        torch.tensor([[0.5, 0.3, 0.2], [0.2, 0.3, 0.5]]).log(), torch.tensor([0.0, 1.0, 3.0])
    )
    smoothing = 0.3
    state = settled(AtomRates(law, torch.full((2,), smoothing), torch.tensor(1.0)))
    z = (state.log_rates.exp() - smoothing).round().int().numpy()
    exact, times = [], []
    for i, j in itertools.product(range(3), repeat=2):
        a, b = law.atoms[i].item(), law.atoms[j].item()
        theta = (a + smoothing) / (a + b + 2 * smoothing)
        prior = law.probs[0, i].item() * law.probs[1, j].item()
        exact.append(prior * likelihood(np.array(theta)))
        times.append(((z[:, 0] == a) & (z[:, 1] == b)).sum())
    exact = np.array(exact) / np.sum(exact)
    assert stats.chisquare(times, N * exact).pvalue > P_VALUE


def test_words_that_burst():
    """Rates of one topic, whose posterior is a product of two terms in closed form."""
    shape, mean, b = 1.5, 6.0, 0.9
    words = np.array([4, 0, 2])
    state = settled(
        GammaRates(torch.tensor([shape, shape]), torch.tensor([mean, 1e-6])),
        words=words,
        cost=torch.tensor(b * np.log1p(1 / b)),
        steadiness=torch.tensor(b),
    )
    grid = (np.arange(40_000) + 0.5) / 800
    log_density = stats.gamma(shape, scale=mean / shape).logpdf(grid)
    for count, p in zip(words, TOPICS[0], strict=True):
        log_density += stats.nbinom(b * grid * p, b / (1 + b)).logpmf(count)
    density = np.exp(log_density - log_density.max())
    cumulative = density.cumsum() / density.sum()
    drawn = state.log_rates.exp()[:, 0].numpy()
    assert stats.kstest(drawn, lambda x: np.interp(x, grid, cumulative)).pvalue > P_VALUE


def test_documents_without_words_have_the_prior():
    shape = torch.tensor([0.5, 2.0])
    state = settled(GammaRates(shape, shape), n_sweeps=3, words=np.zeros(3))
    assert (state.tokens == 0).all()
    assert stats.kstest(state.proportions[:, 0].numpy(), stats.beta(0.5, 2.0).cdf).pvalue > P_VALUE


def test_tiny_shapes_stay_finite():
    state = settled(GammaRates(torch.full((2,), 1e-3), torch.tensor([1e-3, 50.0])))
    assert torch.isfinite(state.log_rates).all()
    assert torch.isfinite(state.proportions).all()


def sampler_of(law, seed=0, **options):
    counts = SparseCounts.from_csr(csr_matrix(np.tile(WORDS, (N, 1)).astype(float)))
    topics = torch.tensor(TOPICS.T.copy(), dtype=torch.float32)
    random = torch.Generator().manual_seed(seed)
    return GibbsSampler(counts, topics, law, torch.zeros(N, 2), generator=random, **options)


@pytest.mark.parametrize("cost", [None, torch.ones(())], ids=["multinomial", "poisson"])
def test_two_halves_are_a_sweep(cost):
    law = GammaRates(torch.tensor([0.5, 2.0]), torch.tensor([4.0, 1.0]))
    whole = sampler_of(law, cost=cost).sweep()
    halves = sampler_of(law, cost=cost)
    tokens, own, price = halves.draw_tokens()
    assert price.shape == (N, 1)
    state = halves.draw_rates(tokens, own, price)
    for one, other in zip(whole, state, strict=True):
        assert torch.equal(one, other)
    assert halves.log_rates is state.log_rates


def test_the_law_may_change_between_the_halves():
    flat = GammaRates(torch.tensor([2.0, 2.0]), torch.tensor([3.0, 3.0]))
    sampler = sampler_of(flat, cost=torch.ones(()))
    tokens, own, cost = sampler.draw_tokens()
    sampler.law = GammaRates(torch.tensor([400.0, 1e-2]), torch.tensor([400.0, 1e-2]))
    rates = sampler.draw_rates(tokens, own, cost).log_rates.exp()
    expected = ((400.0 + tokens[:, 0]) / 2).numpy()
    standard = (rates[:, 0].numpy() - expected) / (expected / np.sqrt(2 * expected))
    assert stats.kstest(standard, "norm").pvalue > P_VALUE


def test_documents_with_rates_of_their_own():
    """Half of the documents have each law; both have the posterior that is theirs."""
    shape, mean = torch.tensor([[0.5, 2.0], [2.0, 0.5]]), torch.tensor([[4.0, 1.0], [2.0, 2.0]])
    half = N // 2
    law = GammaRates(shape.repeat_interleave(half, 0), mean.repeat_interleave(half, 0))
    state = settled(law)
    for rows, r, m in zip((slice(half), slice(half, N)), shape, mean, strict=True):
        exact = cdf_of_first_proportion(r.double().numpy(), m.double().numpy())
        drawn = state.proportions[rows, 0].numpy()
        assert stats.kstest(drawn, exact).pvalue > P_VALUE
