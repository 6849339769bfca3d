import numpy as np
import pytest
import torch
from scipy import stats
from scipy.sparse import csr_matrix
from torch.distributions import Binomial, Geometric, NegativeBinomial, Poisson

from topicgen.distributions import Finite, Truncated
from topicgen.models import SparseCounts
from topicgen.models.encoder import ENCODERS, encode_explicit, encode_implicit

X = np.array([[4, 0, 1, 0, 2], [0, 0, 0, 0, 0], [0, 6, 0, 3, 1], [1, 0, 0, 0, 0]], dtype=float)
RATES = np.array([0.5, 1.0, 2.0])
SMOOTHING = np.array([0.1, 0.2, 0.3])
N_LAYERS = 300


def doubles(values):
    return torch.as_tensor(values, dtype=torch.float64)


def sparse(matrix, dtype=torch.float64):
    return SparseCounts.from_csr(csr_matrix(matrix), dtype)


def poisson_prior(upper=40):
    return Truncated(Poisson(doubles(RATES)), upper=upper)


@pytest.fixture
def beta():
    return doubles(np.random.default_rng(0).dirichlet(np.ones(5), 3))


def explicit(matrix, beta, prior, n_layers=N_LAYERS):
    return encode_explicit(sparse(matrix), beta, prior, doubles(SMOOTHING), n_layers)


def tilt(q, prior):
    """The g of q(c) ~ p(c) exp(g c), read off the first two atoms."""
    odds = q.logits[..., 1] - q.logits[..., 0]
    return (odds - (prior.logits[..., 1] - prior.logits[..., 0])).numpy()


def evidence(matrix, smoothed, beta):
    """n_k, by its equation and a dense loop."""
    n = np.zeros_like(smoothed)
    for d, row in enumerate(matrix):
        for w, x in enumerate(row):
            joint = smoothed[d] * beta[:, w]
            n[d] += x * joint / joint.sum()
    return n


PRIORS = {
    "poisson": poisson_prior,
    "geometric": lambda: Truncated(Geometric(doubles([0.6, 0.5, 0.3])), upper=40),
    "negative_binomial": lambda: Truncated(
        NegativeBinomial(doubles([0.5, 1.0, 4.0]), logits=doubles([-1.0, 0.0, -1.0])), upper=40
    ),
    "binomial": lambda: Truncated(Binomial(20, doubles([0.05, 0.1, 0.2])), upper=20),
}


@pytest.fixture(params=PRIORS)
def prior(request):
    return PRIORS[request.param]()


def test_explicit_posterior_is_the_prior_tilted(prior, beta):
    q = explicit(X, beta, prior)
    assert q.batch_shape == (4, 3)
    expected = prior.logits.numpy() + tilt(q, prior)[..., None] * prior.atoms.numpy()
    expected -= np.logaddexp.reduce(expected, axis=-1)[..., None]
    np.testing.assert_allclose(q.logits, expected, rtol=0, atol=1e-9)


def test_explicit_tilt_satisfies_its_equation(prior, beta):
    q = explicit(X, beta, prior)
    smoothed = q.mean.numpy() + SMOOTHING
    n = evidence(X, smoothed, beta.numpy())
    total = smoothed.sum(-1, keepdims=True)
    expected = n / smoothed - X.sum(1, keepdims=True) / total
    np.testing.assert_allclose(tilt(q, prior), expected, rtol=0, atol=1e-8)


def test_explicit_layers_come_nearer_to_the_fixed_point(beta):
    prior = poisson_prior()
    limit = explicit(X, beta, prior).mean
    gaps = [(explicit(X, beta, prior, n).mean - limit).abs().max().item() for n in (0, 3, 10, 40)]
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[-1] < 1e-2 * gaps[0]


def test_explicit_posterior_of_a_poisson_prior_is_poisson(beta):
    prior = poisson_prior()
    q = explicit(X, beta, prior)
    rates = RATES * np.exp(tilt(q, prior))
    assert np.abs(tilt(q, prior)).max() > 1
    expected = stats.poisson(rates[..., None]).pmf(np.arange(41))
    np.testing.assert_allclose(q.probs[..., :-1], expected[..., :-1], rtol=0, atol=1e-9)


def test_explicit_posterior_of_a_poisson_prior_is_poisson_below_a_near_end(beta):
    prior = poisson_prior(upper=5)
    q = explicit(X, beta, prior)
    ours = q.probs[..., :-1].numpy()
    rates = RATES * np.exp(tilt(q, prior))
    theirs = stats.poisson(rates[..., None]).pmf(np.arange(5))
    np.testing.assert_allclose(
        ours / ours.sum(-1, keepdims=True), theirs / theirs.sum(-1, keepdims=True), atol=1e-12
    )


@pytest.mark.parametrize("inference", ENCODERS)
@pytest.mark.parametrize("n_layers", [0, 1, 10])
def test_document_without_words_gets_the_prior(prior, beta, inference, n_layers):
    q = ENCODERS[inference](sparse(X), beta, prior, doubles(SMOOTHING), n_layers)
    torch.testing.assert_close(q.probs[1], prior.probs, rtol=0, atol=1e-12)


@pytest.mark.parametrize("inference", ENCODERS)
def test_no_layer_gives_the_prior(prior, beta, inference):
    q = ENCODERS[inference](sparse(X), beta, prior, doubles(SMOOTHING), 0)
    torch.testing.assert_close(q.probs, prior.probs.expand(4, -1, -1), rtol=0, atol=1e-12)


def implicit_layer(probs, prior, beta):
    """One coordinate ascent step, by its equation and dense numpy."""
    atoms = prior.atoms.numpy()
    log_smoothed = np.log(atoms + SMOOTHING[:, None])
    geometric_mean = np.exp((probs * log_smoothed).sum(-1))
    n = evidence(X, geometric_mean, beta.numpy())
    total = (probs @ atoms + SMOOTHING).sum(-1)
    penalty = (X.sum(1) / total)[:, None, None] * atoms
    masses = prior.probs.numpy() * np.exp(n[..., None] * log_smoothed - penalty)
    return masses / masses.sum(-1, keepdims=True)


@pytest.mark.parametrize("n_layers", [1, 2, 5])
def test_implicit_layers_equal_their_equation(prior, beta, n_layers):
    q = encode_implicit(sparse(X), beta, prior, doubles(SMOOTHING), n_layers)
    expected = np.broadcast_to(prior.probs.numpy(), q.probs.shape)
    for _ in range(n_layers):
        expected = implicit_layer(expected, prior, beta)
    np.testing.assert_allclose(q.probs, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("inference", ENCODERS)
def test_words_of_a_topic_raise_its_count(inference):
    beta = doubles([[0.96, 0.02, 0.02], [0.02, 0.96, 0.02], [0.02, 0.02, 0.96]])
    prior = Truncated(Poisson(doubles([1.0, 1.0, 1.0])), upper=15)
    q = ENCODERS[inference](sparse(np.eye(3) * 20), beta, prior, doubles(SMOOTHING), 30)
    assert q.mean.argmax(-1).tolist() == [0, 1, 2]
    assert bool((q.mean.diagonal() > 2).all())


@pytest.mark.parametrize("inference", ENCODERS)
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_documents_of_a_million_tokens_are_finite(inference, dtype):
    matrix = np.array([[1e6, 0, 0, 0, 0], [2e5] * 5, [0, 0, 1, 0, 0]])
    rng = np.random.default_rng(1)
    beta = torch.from_numpy(rng.dirichlet(np.full(5, 0.1), 3)).to(dtype).requires_grad_()
    rates = torch.tensor([1e-6, 1.0, 20.0], dtype=dtype)
    prior = Truncated(Poisson(rates), upper=15)
    smoothing = torch.full((3,), 1e-3, dtype=dtype)
    q = ENCODERS[inference](sparse(matrix, dtype), beta, prior, smoothing, 20)
    assert q.logits.dtype == dtype
    assert bool(q.mean.isfinite().all())
    torch.testing.assert_close(q.probs.sum(-1), torch.ones(3, 3, dtype=dtype))
    (q.mean.sum() + q.entropy().sum()).backward()
    assert bool(beta.grad.isfinite().all())


@pytest.mark.parametrize("inference", ENCODERS)
def test_word_that_no_topic_has_is_finite(inference):
    beta = doubles([[1.0, 0.0], [1.0, 0.0]])
    prior = Truncated(Poisson(doubles([1.0, 2.0])), upper=15)
    q = ENCODERS[inference](sparse([[1.0, 2.0]]), beta, prior, doubles([0.1, 0.1]), 10)
    assert bool(q.logits.isfinite().all())


def finite_differences(function, beta):
    """Central differences in the logs of the entries."""
    step, gradient = 1e-5, torch.zeros_like(beta)
    for index in np.ndindex(*beta.shape):
        up, down = beta.clone(), beta.clone()
        up[index] *= 1 + step
        down[index] *= 1 - step
        gradient[index] = (function(up) - function(down)) / (2 * step)
    return gradient


def gradients(encode, matrix, beta, weights):
    """Gradient of a weighted mean in log topics, ours and that of the converged fixed point."""
    counts, prior, smoothing = sparse(matrix), poisson_prior(upper=15), doubles(SMOOTHING)

    def function(topics):
        return (encode(counts, topics, prior, smoothing, N_LAYERS).mean * weights).sum()

    leaf = beta.clone().requires_grad_()
    (ours,) = torch.autograd.grad(function(leaf), leaf)
    with torch.no_grad():
        theirs = finite_differences(function, beta)
    return (ours * beta).flatten(), theirs.flatten()


@pytest.mark.parametrize("encode", ENCODERS.values(), ids=ENCODERS)
def test_gradient_is_that_of_the_fixed_point_where_words_are_few(encode, beta):
    """One word a document: what topics do to each other through the fixed point is small."""
    weights = doubles(np.random.default_rng(3).normal(size=(5, 3)))
    ours, theirs = gradients(encode, np.eye(5) * 0.05, beta, weights)
    assert theirs.norm() > 1e-3
    assert (ours - theirs).norm() < 0.1 * theirs.norm()


@pytest.mark.parametrize("encode", ENCODERS.values(), ids=ENCODERS)
def test_gradient_points_the_way_of_the_fixed_point(encode, beta):
    """With more words it keeps the direction and leaves out how topics answer each other."""
    weights = doubles(np.random.default_rng(3).normal(size=(4, 3)))
    ours, theirs = gradients(encode, X, beta, weights)
    assert torch.nn.functional.cosine_similarity(ours, theirs, dim=0) > 0.9
    assert 0.1 * theirs.norm() < ours.norm() < 2 * theirs.norm()


@pytest.mark.parametrize("inference", ENCODERS)
def test_values_are_the_same_with_and_without_gradient(inference, beta):
    prior = poisson_prior(upper=15)
    with torch.no_grad():
        plain = ENCODERS[inference](sparse(X), beta, prior, doubles(SMOOTHING), 7)
    q = ENCODERS[inference](sparse(X), beta.requires_grad_(), prior, doubles(SMOOTHING), 7)
    assert q.logits.requires_grad
    assert not plain.logits.requires_grad
    torch.testing.assert_close(q.logits.detach(), plain.logits, rtol=0, atol=1e-12)
    assert isinstance(q, Finite)
