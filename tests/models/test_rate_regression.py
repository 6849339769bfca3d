"""Rates that depend on covariates, in planted documents whose topics are known.

Statistical tests are seeded. Comparisons with planted values allow four standard errors, so each
fails for about one seed in ten thousand if all is right.
"""

import itertools

import numpy as np
import pytest
import torch
from scipy import stats
from scipy.sparse import csr_matrix

from topicgen.distributions import Finite
from topicgen.models import DocumentCovariates, GammaRates, LogLinear, SparseCounts
from topicgen.models.gibbs import GibbsSampler
from topicgen.models.rate_regression import RateRegression, _Seatings
from topicgen.models.rates import AtomRates

SHAPE, SCALE = np.array([0.3, 1.0, 0.5]), np.array([20.0, 10.0, 15.0])
COEFFICIENTS = np.array([[0.6, -0.4, 0.0]])
N = 600


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def planted(seed=0, n_words=60):
    random = np.random.default_rng(seed)
    x = random.normal(size=(N, 1))
    x = (x - x.mean()) / x.std()
    topics = random.dirichlet(np.full(n_words, 0.05), len(SHAPE))
    rates = random.gamma(SHAPE * np.exp(x @ COEFFICIENTS), SCALE)
    counts = SparseCounts.from_csr(csr_matrix(random.poisson(rates @ topics).astype(float)))
    levels = torch.zeros(N, 0, dtype=torch.long)
    return counts, torch.tensor(topics.T.copy()).float(), torch.tensor(x), levels


def regression(cost, seed=0, law=None):
    counts, topics, x, levels = planted(seed)
    law = law or GammaRates(torch.ones(3), torch.full((3,), 8.0))
    random = generator(seed)
    sampler = GibbsSampler(counts, topics, law, torch.zeros(N, 3), cost=cost, generator=random)
    function = LogLinear([0], [], 3, torch.float64)
    return RateRegression(sampler, DocumentCovariates(x, levels), function, generator=random)


@pytest.mark.parametrize("cost", [None, torch.ones(())], ids=["multinomial", "poisson"])
def test_planted_shapes_and_coefficients_are_found(cost):
    found = regression(cost)
    for _ in range(60):
        found.fit()
    shapes, coefficients = [], []
    for _ in range(60):
        state = found.draw()
        shapes.append(found.rates.shape.log())
        coefficients.append(found.function.coefficients.clone())
    assert state.tokens.sum(1).tolist() == planted()[0].n_tokens.tolist()
    drawn = torch.stack(coefficients)
    error = drawn.std(0).numpy()
    assert (error < 0.15).all()
    assert (abs(drawn.mean(0).numpy() - COEFFICIENTS) < 4 * error).all()
    log_shape = torch.stack(shapes)
    far = abs(log_shape.mean(0).numpy() - np.log(SHAPE))
    assert (far < 4 * log_shape.std(0).numpy() + 0.1).all()
    mean = found.rates.mean.numpy()
    expected = SHAPE * SCALE
    np.testing.assert_allclose(mean / mean.sum(), expected / expected.sum(), rtol=0.25)
    if cost is not None:
        np.testing.assert_allclose(mean, expected, rtol=0.25)


def test_a_multinomial_leaves_the_sum_of_the_means():
    found = regression(None)
    for _ in range(3):
        found.fit()
    assert found.rates.mean.sum().item() == pytest.approx(24.0)


def test_the_sampler_draws_with_the_rates_of_each_document():
    found = regression(None)
    found.fit()
    law = found.sampler.law
    factor = found.function(found.covariates).exp()
    assert law.shape.shape == (N, 3)
    assert law.shape.dtype == torch.float32
    torch.testing.assert_close(law.shape.double(), found.rates.shape * factor)
    scale = law.mean / law.shape
    torch.testing.assert_close(scale, scale[:1].expand(N, 3))


def test_other_rates_are_refused():
    law = AtomRates(
        Finite(torch.zeros(3, 2), torch.tensor([0.0, 1.0])), torch.ones(3), torch.tensor(1.0)
    )
    with pytest.raises(TypeError, match="gamma rates, got AtomRates"):
        regression(None, law=law)


# -- the seatings ----------------------------------------------------------------------------


def tables(shape, n):
    """The probabilities of so many tables of n customers, over all their choices."""
    chances = np.zeros(n + 1)
    for choices in itertools.product([0, 1], repeat=n):
        p = [shape / (shape + i) if new else i / (shape + i) for i, new in enumerate(choices)]
        chances[sum(choices)] += np.prod(p)
    return chances


TOKENS = torch.tensor([[5.0, 0.0], [1.0, 3.0]], dtype=torch.float64)
EXPOSURE = torch.tensor([[0.5, 0.7], [1.0, 2.0]], dtype=torch.float64)
SHAPES = torch.tensor([[0.4, 2.0], [0.8, 3.0]], dtype=torch.float64)


def test_expected_tables_are_those_of_all_seatings():
    told = _Seatings(TOKENS, EXPOSURE).expected(SHAPES.log())
    mean = SHAPES * EXPOSURE
    expected = [
        tables(shape, int(n)) @ np.arange(int(n) + 1)
        for shape, n in zip(SHAPES.flatten().tolist(), TOKENS.flatten().tolist(), strict=True)
    ]
    np.testing.assert_allclose((told.score + mean).flatten(), expected, rtol=1e-9)
    torch.testing.assert_close(told.curvature, mean)


def test_the_score_of_expected_tables_is_that_of_negative_binomial_tokens():
    log_shape = SHAPES.log().requires_grad_()
    # The success probability is u / (c + u), with log(1 + u / c) the exposure.
    logits = torch.special.expm1(EXPOSURE).log()
    law = torch.distributions.NegativeBinomial(log_shape.exp(), logits=logits)
    law.log_prob(TOKENS).sum().backward()
    told = _Seatings(TOKENS, EXPOSURE).expected(SHAPES.log())
    torch.testing.assert_close(told.score, log_shape.grad)


def test_drawn_tables_have_their_probabilities():
    n, shape = 3_000, 0.7
    tokens = torch.full((n, 1), 4.0, dtype=torch.float64)
    seated = _Seatings(tokens, torch.ones_like(tokens)).drawn(
        torch.full_like(tokens, shape), generator()
    )
    times = np.bincount(seated.tables[:, 0].long(), minlength=5)
    assert times[0] == 0  # the first customer opens a table
    chances = tables(shape, 4)[1:]
    assert stats.chisquare(times[1:], n * chances).pvalue > 1e-3
    told = seated(torch.zeros_like(tokens))
    torch.testing.assert_close(told.score, seated.tables - 1)
    torch.testing.assert_close(told.curvature, torch.ones_like(tokens))


def test_no_tokens_need_no_tables():
    seatings = _Seatings(torch.zeros(2, 2), torch.ones(2, 2))
    assert seatings.drawn(torch.ones(2, 2), generator()).tables.tolist() == [[0.0, 0.0]] * 2
    assert seatings.expected(torch.zeros(2, 2)).score.tolist() == [[-1.0, -1.0]] * 2
