"""Rates of planted documents; the topics are known."""

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix

from topicgen.models.gibbs import GibbsSampler
from topicgen.models.rate_fit import RateFit, ascend
from topicgen.models.rates import AtomRates, GammaRates
from topicgen.models.sparse import SparseCounts

SHAPE, MEAN = np.array([0.05, 0.3, 2.0, 0.3]), np.array([10.0, 5.0, 10.0, 20.0])


def planted(n_documents=1_500, n_words=200, seed=0):
    random = np.random.default_rng(seed)
    topics = random.dirichlet(np.full(n_words, 0.05), len(SHAPE))
    rates = random.gamma(SHAPE, MEAN / SHAPE, (n_documents, len(SHAPE)))
    counts = csr_matrix(random.poisson(rates @ topics).astype(float))
    return SparseCounts.from_csr(counts[counts.getnnz(1) > 0]), torch.tensor(
        topics.T.copy()
    ).float()


def fitted(cost, n_rounds=80, law=None, **options):
    counts, topics = planted()
    law = law or GammaRates(torch.full((4,), 0.5), torch.full((4,), 12.0))
    sampler = GibbsSampler(
        counts,
        topics,
        law,
        torch.zeros(len(counts), 4),
        cost=cost,
        generator=torch.Generator().manual_seed(0),
    )
    fit = RateFit(sampler, **options)
    states = [fit.round(keep=number >= n_rounds // 2) for number in range(n_rounds)]
    return fit, states[-20:]


@pytest.mark.parametrize("cost", [None, torch.ones(())], ids=["multinomial", "poisson"])
def test_planted_rates_are_found(cost):
    """Within four standard errors, by the errors that the fit itself says."""
    fit, states = fitted(cost)
    error = fit.log_shape_error(states).numpy()
    assert (error < 0.15).all()
    assert (abs(np.log(fit.rates.shape.numpy() / SHAPE)) < 4 * error + 0.02).all()
    mean = fit.rates.mean.numpy()
    np.testing.assert_allclose(mean / mean.sum(), MEAN / MEAN.sum(), rtol=0.2)


def test_a_multinomial_leaves_the_sum_of_the_means():
    fit, _ = fitted(None, n_rounds=4)
    assert fit.rates.mean.sum() == pytest.approx(48.0)


def test_shapes_may_be_left():
    fit, _ = fitted(torch.ones(()), n_rounds=10, fit_shape=False)
    assert fit.rates.shape.tolist() == [0.5] * 4


def test_rates_before_any_round_is_kept():
    fit, _ = fitted(None, n_rounds=0)
    assert fit.rates.shape.tolist() == [0.5] * 4


def test_every_ascent_makes_the_tokens_likelier():
    random = np.random.default_rng(0)
    tokens = torch.tensor(
        random.negative_binomial(SHAPE, SHAPE / (SHAPE + MEAN), (500, 4))
    ).double()
    cost = torch.tensor(random.gamma(5.0, 0.2, (500, 1)))
    rates = GammaRates(torch.full((4,), 1.0).double(), torch.full((4,), 3.0).double())
    before = -np.inf
    for _ in range(30):
        rates = ascend(rates, tokens, cost, scale_is_free=False)
        law = torch.distributions.NegativeBinomial(
            rates.shape, logits=(cost / rates.inverse_scale).log()
        )
        now = law.log_prob(tokens).sum().item()
        assert now >= before - 1e-6
        before = now


def test_other_rates_are_refused():
    from topicgen.distributions import Finite

    law = AtomRates(
        Finite(torch.zeros(4, 2), torch.tensor([0.0, 1.0])), torch.ones(4), torch.tensor(1.0)
    )
    with pytest.raises(TypeError, match="gamma rates, got AtomRates"):
        fitted(None, law=law)


@pytest.mark.parametrize("cost", [None, torch.ones(())], ids=["multinomial", "poisson"])
def test_of_a_single_topic_only_lengths_tell_the_dispersion(cost):
    counts, topics = planted(100)
    law = GammaRates(torch.ones(1), torch.full((1,), 40.0))
    own = topics[:, :1].contiguous()
    sampler = GibbsSampler(counts, own, law, torch.zeros(len(counts), 1), cost=cost)
    fit = RateFit(sampler)
    states = [fit.round(keep=True) for _ in range(5)]
    assert torch.isinf(fit.log_shape_error(states)).item() == (cost is None)
