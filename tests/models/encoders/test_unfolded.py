import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix

from topicgen.models import SparseCounts
from topicgen.models.encoders.encoder import expected_tokens
from topicgen.models.encoders.unfolded import encode

X = np.array([[4, 0, 1, 0, 2], [0, 0, 0, 0, 0], [0, 6, 0, 3, 1], [1, 0, 0, 0, 0]], dtype=float)


def doubles(values):
    return torch.as_tensor(values, dtype=torch.float64)


def sparse(matrix, dtype=torch.float64):
    return SparseCounts.from_csr(csr_matrix(matrix), dtype)


@pytest.fixture
def weights():
    """Topics, pseudo-counts and word weights, with gradients."""
    beta = np.random.default_rng(0).dirichlet(np.ones(5), 3)
    alpha, u = [0.2, 1.0, 3.0], [1.0, 0.5, 2.0, 1.5, 0.1]
    return [doubles(values).requires_grad_() for values in (beta, alpha, u)]


def dense_encode(beta, alpha, u, n_layers, n_graded):
    """The layers by their equation, all words of all documents; the last ones with gradient."""
    theta = (alpha / alpha.sum()).expand(len(X), -1)
    for layer in range(n_layers):
        if 0 < layer == n_layers - n_graded:
            theta = theta.detach()
        joint = theta[:, :, None] * beta  # (documents, topics, words)
        share = joint / joint.sum(1, keepdim=True)
        evidence = (doubles(X)[:, None] * u * share).sum(-1)
        theta = (evidence + alpha) / (evidence + alpha).sum(-1, keepdim=True)
    return theta, evidence


@pytest.mark.parametrize("n_layers", [1, 2, 5, 40])
def test_layers_equal_their_equation(weights, n_layers):
    encoding = encode(sparse(X), *weights, n_layers)
    proportions, evidence = dense_encode(*weights, n_layers, n_layers)
    torch.testing.assert_close(encoding.proportions, proportions)
    torch.testing.assert_close(encoding.evidence, evidence)


@pytest.mark.parametrize("n_layers", [2, 5])
def test_gradient_is_that_of_the_last_two_layers(weights, n_layers):
    toward = doubles(np.random.default_rng(1).normal(size=(4, 3)))

    def gradients(encoding):
        value = sum((part * toward).sum() for part in encoding)
        return torch.autograd.grad(value, weights)

    encoding = encode(sparse(X), *weights, n_layers)
    ours = gradients((encoding.proportions, encoding.evidence))
    for a, b in zip(ours, gradients(dense_encode(*weights, n_layers, 2)), strict=True):
        torch.testing.assert_close(a, b)
        assert a.abs().max() > 1e-3


def test_without_gradients_the_values_are_the_same(weights):
    with torch.no_grad():
        plain = encode(sparse(X), *weights, 5)
    assert not plain.proportions.requires_grad
    assert torch.equal(plain.proportions, encode(sparse(X), *weights, 5).proportions)


def test_document_without_words_gets_the_shares_of_the_pseudo_counts(weights):
    encoding = encode(sparse(X), *weights, 5)
    torch.testing.assert_close(encoding.proportions[1], weights[1] / weights[1].sum())
    assert encoding.evidence[1].tolist() == [0.0, 0.0, 0.0]


def test_words_of_a_topic_raise_it():
    beta = doubles([[0.96, 0.02, 0.02], [0.02, 0.96, 0.02], [0.02, 0.02, 0.96]])
    encoding = encode(sparse(np.eye(3) * 20), beta, doubles([1.0] * 3), doubles([1.0] * 3), 5)
    assert bool((encoding.proportions.diagonal() > 0.8).all())
    torch.testing.assert_close(encoding.evidence.sum(-1), doubles([20.0] * 3))


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_documents_of_a_million_tokens_are_finite(weights, dtype):
    matrix = np.array([[1e6, 0, 0, 0, 0], [2e5] * 5, [0, 0, 1, 0, 0]])
    leaves = [weight.detach().to(dtype).requires_grad_() for weight in weights]
    encoding = encode(sparse(matrix, dtype), *leaves, 5)
    assert encoding.proportions.dtype == dtype
    torch.testing.assert_close(encoding.proportions.sum(-1), torch.ones(3, dtype=dtype))
    encoding.proportions.square().sum().backward()
    assert all(bool(leaf.grad.isfinite().all()) for leaf in leaves)


def test_word_that_no_topic_has_is_finite():
    beta, ones = doubles([[1.0, 0.0], [1.0, 0.0]]), doubles([1.0, 1.0])
    encoding = encode(sparse([[1.0, 2.0]]), beta, ones, ones, 5)
    assert encoding.proportions.tolist() == [[0.5, 0.5]]


def test_expected_tokens_share_out_the_tokens_whatever_the_unit(weights):
    shares = doubles(np.random.default_rng(2).random((4, 3)))
    tokens = expected_tokens(sparse(X), shares, weights[0])
    torch.testing.assert_close(tokens.sum(-1), doubles(X.sum(1)))
    torch.testing.assert_close(expected_tokens(sparse(X), 7 * shares, weights[0]), tokens)
