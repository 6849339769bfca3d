import numpy as np
import pytest
import torch
from scipy import stats
from scipy.sparse import csr_matrix
from scipy.special import gammaln

from topicgen.models import LIKELIHOODS, SparseCounts

X = np.array([[3, 0, 1, 0], [0, 2, 0, 2], [0, 0, 0, 0], [1, 1, 1, 7]], dtype=float)
MIXTURE = np.random.default_rng(0).dirichlet(np.ones(4), 4)
EXPECTED = np.array([2.0, 9.0, 4.0, 30.0])
STEADINESS = 5.0
# The laws of each word's count, all words of a document together.
LOG_PROBS = {
    "multinomial": lambda: (X * np.log(MIXTURE)).sum(1) - orders(),
    "poisson": lambda: stats.poisson(EXPECTED[:, None] * MIXTURE).logpmf(X).sum(1),
    "negative_binomial": lambda: (
        stats.nbinom(STEADINESS * EXPECTED[:, None] * MIXTURE, STEADINESS / (1 + STEADINESS))
        .logpmf(X)
        .sum(1)
    ),
}


def orders():
    """Less the log of the orders in which a document's tokens can come."""
    return gammaln(X + 1).sum(1) - gammaln(X.sum(1) + 1)


def make(name):
    law = LIKELIHOODS[name]().double()
    with torch.no_grad():
        for weight in law.parameters():
            weight.fill_(np.log(STEADINESS))
    return law


def every_word(matrix):
    """Counts with an entry for each word, said or not."""
    whole = SparseCounts.from_csr(csr_matrix(np.ones_like(matrix)), torch.float64)
    return whole.replace(torch.from_numpy(matrix.ravel()))


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_log_prob_is_that_of_the_tokens_in_their_order(name):
    counts = SparseCounts.from_csr(csr_matrix(X), torch.float64)
    at_words = torch.from_numpy(MIXTURE)[counts.rows, counts.columns]
    ours = make(name).log_prob(counts, at_words, torch.from_numpy(EXPECTED))
    np.testing.assert_allclose(ours.detach(), LOG_PROBS[name]() + orders(), rtol=0, atol=1e-9)


def words(matrix, name):
    """The log-probability of ordered words given their number, dense."""
    if name != "negative_binomial":
        return (matrix * np.log(MIXTURE)).sum(1)
    shape = STEADINESS * EXPECTED[:, None] * MIXTURE
    total = shape.sum(1)
    return (gammaln(shape + matrix) - gammaln(shape)).sum(1) - (
        gammaln(total + matrix.sum(1)) - gammaln(total)
    )


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_conditional_is_the_ratio_of_all_words_to_the_observed(name):
    hidden = np.minimum(X, [[1, 2, 0, 4]])
    ours = make(name).conditional(
        every_word(hidden),
        every_word(X - hidden),
        torch.from_numpy(MIXTURE),
        torch.eye(MIXTURE.shape[1], dtype=torch.float64),
        torch.from_numpy(EXPECTED),
    )
    expected = words(X, name) - words(X - hidden, name)
    np.testing.assert_allclose(ours.detach(), expected, rtol=0, atol=1e-9)
    assert ours[2].item() == 0


@pytest.mark.parametrize("name", LIKELIHOODS)
def test_next_words_are_each_given_the_observed_ones_alone(name):
    hidden = np.minimum(X, [[1, 2, 0, 4]])
    observed = X - hidden
    arguments = (
        every_word(hidden),
        every_word(observed),
        torch.from_numpy(MIXTURE),
        torch.eye(MIXTURE.shape[1], dtype=torch.float64),
        torch.from_numpy(EXPECTED),
    )
    ours = make(name).next_words(*arguments)
    if name != "negative_binomial":
        assert torch.equal(ours, make(name).conditional(*arguments))
        return
    urn = STEADINESS * EXPECTED[:, None] * MIXTURE + observed
    expected = (hidden * np.log(urn / urn.sum(1, keepdims=True))).sum(1)
    np.testing.assert_allclose(ours.detach(), expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", LIKELIHOODS)
def test_impossible_words_and_a_million_tokens_have_finite_gradients(name, dtype):
    counts = SparseCounts.from_csr(csr_matrix([[1e6, 3.0]]), dtype)
    mixture = torch.tensor([1.0, 0.0], dtype=dtype, requires_grad=True)
    expected = torch.tensor([1e3], dtype=dtype, requires_grad=True)
    value = make(name).to(dtype).log_prob(counts, mixture, expected)
    value.sum().backward()
    assert bool(value.isfinite().all())
    assert bool(mixture.grad.isfinite().all())
