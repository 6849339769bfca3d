import math
from itertools import product

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix
from torch.distributions import Poisson, kl_divergence

from topicgen.distributions import Truncated
from topicgen.models import LatentCountModel, SparseCounts
from topicgen.models.encoder import encode_implicit

X = np.array([[3, 0, 1, 0], [0, 2, 0, 2], [1, 1, 1, 1]])
N_LAYERS = 20


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


def sparse(matrix):
    return SparseCounts.from_csr(csr_matrix(matrix), torch.float64)


def make_model(rates=(0.8, 1.5), frequency=(4.0, 3.0, 2.0, 1.0), upper=4, **options):
    prior = Truncated(Poisson(torch.tensor(rates)), upper=upper)
    return LatentCountModel(prior, torch.tensor(frequency), **options).double()


@pytest.fixture
def model():
    return make_model()


def walk(model, row):
    """Every combination of counts with its log prior and log likelihood, by numpy."""
    log_prior, atoms = model.prior.logits.numpy(), model.atoms.numpy()
    s, beta = model.smoothing.numpy(), model.topic_word().detach().numpy()
    for indices in product(range(len(atoms)), repeat=len(s)):
        smoothed = atoms[list(indices)] + s
        words = smoothed / smoothed.sum() @ beta
        log_p = sum(log_prior[k, i] for k, i in enumerate(indices))
        yield indices, log_p, (row * np.log(words)).sum()


def log_marginal(model, row):
    return np.logaddexp.reduce([p + likelihood for _, p, likelihood in walk(model, row)])


def exact_elbo(model, row):
    """The ELBO of the model's q, the mean taken over all combinations."""
    counts = sparse(row[None])
    q = encode_implicit(counts, model.topic_word(), model.prior, model.smoothing, N_LAYERS)
    log_q = q.logits[0].detach().numpy()
    elbo = 0.0
    for indices, log_p, likelihood in walk(model, row):
        log_mass = sum(log_q[k, i] for k, i in enumerate(indices))
        elbo += math.exp(log_mass) * (likelihood + log_p - log_mass)
    return elbo


def test_topics_are_distributions_near_the_frequencies(model):
    beta = model.topic_word()
    assert beta.shape == (2, 4)
    assert bool((beta > 0).all())
    torch.testing.assert_close(beta.sum(-1), torch.ones(2, dtype=torch.float64))
    with torch.no_grad():
        model.topic_logits.zero_()
    expected = torch.tensor([0.4, 0.3, 0.2, 0.1], dtype=torch.float64).expand(2, 4)
    torch.testing.assert_close(model.topic_word(), expected, rtol=0, atol=1e-6)


def test_topics_lie_word_by_word(model):
    assert model.topic_word().stride() == (1, 2)


def test_smoothing_is_shared_among_the_topics():
    assert make_model(smoothing=0.5).smoothing.tolist() == [0.25, 0.25]


def test_topic_log_prior_by_hand():
    model = make_model(topic_scale=2.0)
    with torch.no_grad():
        model.topic_logits.copy_(torch.tensor([[1.0, 2.0, 0.0, 0.0], [0.0, 0.0, 0.0, 3.0]]))
    assert model.topic_log_prior().item() == pytest.approx(-14 / 8)


def test_log_likelihood_equals_dense_computation(model):
    z = torch.tensor([[0.0, 3.0], [1.5, 0.25], [0.0, 0.0]], dtype=torch.float64)
    smoothed = z.numpy() + model.smoothing.numpy()
    theta = smoothed / smoothed.sum(-1, keepdims=True)
    beta = model.topic_word().detach().numpy()
    expected = (X * np.log(theta @ beta)).sum(-1)
    ours = model.log_likelihood(sparse(X), model.topic_word(), z)
    np.testing.assert_allclose(ours.detach(), expected, rtol=1e-12)


def test_log_likelihood_by_hand():
    model = make_model(frequency=(3.0, 1.0), smoothing=2.0)
    beta = torch.tensor([[0.75, 0.25], [0.5, 0.5]], dtype=torch.float64)
    z = torch.tensor([[2.0, 0.0]], dtype=torch.float64)
    # theta = (3/4, 1/4), words = (11/16, 5/16)
    expected = 2 * math.log(11 / 16) + math.log(5 / 16)
    assert model.log_likelihood(sparse([[2, 1]]), beta, z).item() == pytest.approx(expected)


def test_document_without_words_costs_nothing(model):
    bound = model.hard_bound(sparse([[0, 0, 0, 0]]), n_samples=3, n_layers=N_LAYERS)
    assert bound.log_likelihood.item() == 0
    assert bound.kl.item() == pytest.approx(0, abs=1e-12)
    importance = model.importance_bound(sparse([[0, 0, 0, 0]]), n_samples=3, n_layers=N_LAYERS)
    assert importance.item() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("row", X)
def test_bounds_keep_their_order(model, row):
    """Over 4000 copies of one document, 4 standard errors: 2e-4 of the seeds fail.

    The ELBO below the importance bounds, these rising with their samples, all below the exact log
    marginal.
    """
    n = 4000
    copies = sparse(np.tile(row, (n, 1)))
    exact, elbo = log_marginal(model, row), exact_elbo(model, row)
    assert elbo < exact
    hard = model.hard_bound(copies, n_samples=1, n_layers=N_LAYERS).elbo.numpy()
    bounds = [
        model.importance_bound(copies, n_samples=s, n_layers=N_LAYERS).numpy() for s in (1, 5, 50)
    ]
    means = [bound.mean() for bound in bounds]
    errors = [bound.std() / math.sqrt(n) for bound in bounds]
    assert abs(hard.mean() - elbo) < 4 * hard.std() / math.sqrt(n)
    assert abs(means[0] - elbo) < 4 * errors[0]
    assert means[0] < means[1] + 4 * (errors[0] + errors[1])
    assert means[1] < means[2] + 4 * (errors[1] + errors[2])
    assert means[2] < exact + 4 * errors[2]
    assert exact - means[2] < 0.2 * (exact - elbo) + 4 * errors[2]


@pytest.mark.parametrize("inference", ["explicit", "implicit"])
def test_hard_bound_is_the_mean_of_its_samples_and_has_the_exact_kl(inference):
    model = make_model(inference=inference)
    bound = model.hard_bound(sparse(X), n_samples=2000, n_layers=N_LAYERS)
    q = encode_implicit(sparse(X), model.topic_word(), model.prior, model.smoothing, N_LAYERS)
    torch.testing.assert_close(bound.kl, kl_divergence(q, model.prior).sum(-1).detach())
    torch.testing.assert_close(bound.elbo, bound.log_likelihood - bound.kl)
    exact = [exact_elbo(model, row) for row in X]
    # The log likelihood of 4 tokens has a standard deviation below 2 nats here.
    np.testing.assert_allclose(bound.elbo, exact, rtol=0, atol=4 * 2 / math.sqrt(2000))


@pytest.mark.parametrize("estimator", ["gengs", "gengs_st"])
@pytest.mark.parametrize("inference", ["explicit", "implicit"])
@pytest.mark.parametrize("token_dropout", [0.0, 0.5])
def test_relaxed_bound_has_a_finite_gradient(inference, estimator, token_dropout):
    model = make_model(inference=inference)
    bound = model.relaxed_bound(
        sparse(X), estimator=estimator, temperature=0.5, token_dropout=token_dropout, n_layers=5
    )
    assert bound.elbo.shape == (3,)
    assert bool((bound.kl >= 0).all())
    bound.elbo.sum().backward()
    assert bool(model.topic_logits.grad.isfinite().all())
    assert model.topic_logits.grad.abs().max() > 0


def test_relaxed_bound_tends_to_the_exact_elbo_at_a_low_temperature():
    """4000 copies, 4 standard errors: 2e-4 of the seeds fail."""
    model, n = make_model(inference="implicit"), 4000
    for row in X:
        bound = model.relaxed_bound(
            sparse(np.tile(row, (n, 1))),
            estimator="gengs_st",
            temperature=0.01,
            token_dropout=0.0,
            n_layers=N_LAYERS,
        )
        elbo = bound.elbo.detach().numpy()
        assert abs(elbo.mean() - exact_elbo(model, row)) < 4 * elbo.std() / math.sqrt(n)


@pytest.mark.parametrize("inference", ["explicit", "implicit"])
def test_uniform_topics_are_as_perplexed_as_the_vocabulary_is_large(inference):
    model = make_model(frequency=(1.0,) * 37, inference=inference)
    with torch.no_grad():
        model.topic_logits.fill_(0.3)
    counts = sparse(np.random.default_rng(0).poisson(1.0, (10, 37)))
    bound = model.hard_bound(counts, n_samples=2, n_layers=N_LAYERS)
    perplexity = (-bound.log_likelihood / counts.n_tokens).exp()
    np.testing.assert_allclose(perplexity, 37.0, rtol=1e-6)
    words = model.doc_topic(counts, N_LAYERS) @ model.topic_word().detach()
    np.testing.assert_allclose(words, 1 / 37, rtol=1e-6)


@pytest.mark.parametrize("inference", ["explicit", "implicit"])
def test_doc_topic_is_the_expectation_under_the_posterior(inference):
    model = make_model(inference=inference, smoothing=2.0)
    theta = model.doc_topic(sparse(X), N_LAYERS)
    q = model.posterior(sparse(X), model.topic_word(), N_LAYERS).probs.detach().numpy()
    atoms, s = model.atoms.numpy(), model.smoothing.numpy()
    expected = np.zeros((3, 2))
    for i, j in product(range(len(atoms)), repeat=2):
        smoothed = atoms[[i, j]] + s
        expected += (q[:, 0, i] * q[:, 1, j])[:, None] * smoothed / smoothed.sum()
    np.testing.assert_allclose(theta, expected, rtol=0, atol=1e-6)
    np.testing.assert_allclose(theta.sum(-1), 1, rtol=0, atol=1e-12)


@pytest.mark.parametrize("inference", ["explicit", "implicit"])
def test_from_state_is_bit_identical(inference):
    model = LatentCountModel(
        Truncated(Poisson(torch.tensor([0.3, 1.0, 2.0])), upper=6),
        torch.rand(50) + 0.1,
        smoothing=0.7,
        inference=inference,
    )
    state = {name: value.clone() for name, value in model.state_dict().items()}
    again = LatentCountModel.from_state(state, inference=inference)
    assert again.inference == inference
    assert again.state_dict().keys() == state.keys()
    for name, value in again.state_dict().items():
        assert torch.equal(value, state[name]), name
    counts = SparseCounts.from_csr(csr_matrix(np.random.default_rng(0).poisson(0.5, (7, 50))))
    assert torch.equal(again.topic_word(), model.topic_word())
    assert torch.equal(again.doc_topic(counts, 10), model.doc_topic(counts, 10))


def test_from_state_leaves_the_random_state(model):
    before = torch.random.get_rng_state()
    LatentCountModel.from_state(model.state_dict(), inference="explicit")
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize(
    "name", ["prior_logits", "atoms", "smoothing", "log_frequency", "topic_logits"]
)
def test_from_state_refuses_a_state_that_lacks_an_entry_or_its_shape(model, name):
    state = dict(model.state_dict())
    wrong = {**state, name: state[name][..., :-1]}
    del state[name]
    for bad in (state, wrong):
        with pytest.raises(
            (KeyError, RuntimeError, ValueError), match=r"atoms|topic|shape|key|" + name
        ):
            LatentCountModel.from_state(bad, inference="explicit")


def test_same_seed_same_model_and_bounds():
    results = []
    for _ in range(2):
        torch.manual_seed(7)
        model = make_model()
        bound = model.hard_bound(sparse(X), n_samples=2, n_layers=5)
        results.append((model.topic_logits.detach(), bound.elbo))
    assert torch.equal(results[0][0], results[1][0])
    assert torch.equal(results[0][1], results[1][1])
