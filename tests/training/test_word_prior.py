import numpy as np
import pytest
import torch
from torch.distributions import MultivariateNormal, Normal

from topicgen.training.word_prior import WordPrior


def basis_of(n_words=7, n_dimensions=3, seed=0):
    """Unit vectors; the last word has none."""
    basis = torch.randn(n_words, n_dimensions, generator=torch.Generator().manual_seed(seed))
    basis = basis / basis.norm(dim=1, keepdim=True)
    basis[-1] = 0
    return basis.double()


@pytest.mark.parametrize("shared", [0.1, 0.5, 0.9])
def test_it_is_the_ratio_of_two_normal_distributions(shared):
    basis, scale = basis_of(), 2.0
    own = 1 - shared * basis.any(1).double()
    covariance = scale**2 * (shared * basis @ basis.T + torch.diag(own))
    torch.testing.assert_close(covariance.diagonal(), torch.full((7,), scale**2).double())
    correlated, plain = MultivariateNormal(torch.zeros(7).double(), covariance), Normal(0, scale)
    logits = torch.randn(4, 7, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    expected = correlated.log_prob(logits) - plain.log_prob(logits).sum(-1)
    prior = WordPrior(basis, scale, shared)
    found = torch.stack([prior.log_ratio(row[None]) for row in logits])
    # Up to a constant, which does not depend on the logits.
    torch.testing.assert_close(found - found[0], expected - expected[0])
    torch.testing.assert_close(prior.log_ratio(logits), found.sum())


def test_words_without_vectors_stay_as_they_are():
    prior = WordPrior(basis_of(), 3.0)
    logits = torch.zeros(2, 7, dtype=torch.float64)
    logits[:, -1] = 5.0
    assert prior.log_ratio(logits) == 0


def test_a_rare_word_moves_with_similar_ones():
    """The gradient at words that no document has is towards words that are like them."""
    basis = torch.tensor([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0], [-1.0, 0.0]])
    logits = torch.tensor([[2.0, 0.0, 0.0, 0.0]], requires_grad=True)
    WordPrior(basis, 1.0).log_ratio(logits).backward()
    found = logits.grad[0]
    assert found[1] > found[2]
    assert found[1] > 0 > found[3]


def test_it_follows_the_precision_of_the_model():
    prior = WordPrior(basis_of(), 3.0)
    assert prior.to(torch.zeros(1)).log_ratio(torch.ones(2, 7)).dtype == torch.float32
    assert prior.basis.dtype == torch.float64


def test_a_model_with_word_vectors_predicts_words_that_it_has_hardly_seen():
    """Words in pairs of one meaning: of half of the pairs, training documents have one word."""
    from scipy.sparse import csr_matrix

    from topicgen import TopicModel

    random = np.random.default_rng(0)
    n, n_pairs = 300, 40
    topics = random.dirichlet(np.full(n_pairs, 0.1), 4)
    pairs = np.stack([random.multinomial(12, topics[d % 4]) for d in range(2 * n)])
    rare = np.where(np.arange(n_pairs) % 2, 0.5, 0.04)
    second = random.binomial(pairs, np.broadcast_to(rare, pairs.shape))
    counts = csr_matrix(np.concatenate([pairs - second, second], 1))
    vectors = random.normal(size=(n_pairs, 20))
    vectors = np.concatenate([vectors, vectors + random.normal(0, 0.3, vectors.shape)])
    found = [
        TopicModel(4, random_state=0, word_vectors=given).fit(counts[:n]).perplexity(counts[n:])
        for given in (None, vectors)
    ]
    assert found[1] < found[0]
