import math
from itertools import product

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix
from torch.distributions import Poisson, kl_divergence

from topicgen.distributions import Finite
from topicgen.models import (
    COUNT_ESTIMATORS,
    LEARNING_ESTIMATORS,
    LIKELIHOODS,
    PRIORS,
    DocumentCovariates,
    Hierarchy,
    Known,
    LatentCountModel,
    LogLinear,
    Seen,
    SparseCounts,
    count_atoms,
    evidence_bound,
    expected_proportions,
    fixed_prior,
    learning_estimator,
    topic_overlap,
)

X = np.array([[3, 0, 1, 0], [0, 2, 0, 2], [1, 1, 1, 1]])
INFERENCES = ["explicit", "implicit"]


def sparse(matrix):
    return SparseCounts.from_csr(csr_matrix(matrix), torch.float64)


def make_model(rates=(0.8, 1.5), frequency=(4.0, 3.0, 2.0, 1.0), upper=4, **options):
    """A model small enough to walk through all its counts."""
    atoms = torch.arange(upper + 1.0)
    prior = fixed_prior(Poisson(torch.tensor(rates)), len(rates), atoms)
    options = {"latent": "poisson", "prior_count": sum(rates), **options}
    return LatentCountModel(prior, torch.tensor(frequency), **options).double()


@pytest.fixture
def model():
    return make_model()


def learnable(name, n_topics=3, n_words=30, **options):
    """A model of one of the families, whose topics have words of their own."""
    prior = PRIORS[name](torch.full((n_topics,), 4.0), count_atoms(40))
    model = LatentCountModel(prior, torch.ones(n_words), latent=name, prior_count=12.0, **options)
    with torch.no_grad():
        model.topic_logits.copy_(4 * torch.eye(n_topics).repeat_interleave(n_words // n_topics, 1))
    return model.double()


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


def exact(model, row, q):
    """The expected log likelihood of a row and its ELBO under q, over all combinations."""
    log_q = q.logits[0].detach().numpy()
    expected = elbo = 0.0
    for indices, log_p, likelihood in walk(model, row):
        log_mass = sum(log_q[k, i] for k, i in enumerate(indices))
        expected += math.exp(log_mass) * likelihood
        elbo += math.exp(log_mass) * (likelihood + log_p - log_mass)
    return expected, elbo


# -- the generative side ---------------------------------------------------------------------


def test_topics_are_distributions_near_the_frequencies(model):
    beta = model.topic_word()
    assert beta.shape == (2, 4)
    assert bool((beta > 0).all())
    torch.testing.assert_close(beta.sum(-1), torch.ones(2, dtype=torch.float64))
    with torch.no_grad():
        model.topic_logits.zero_()
    expected = torch.tensor([0.4, 0.3, 0.2, 0.1], dtype=torch.float64).expand(2, 4)
    torch.testing.assert_close(model.topic_word(), expected, rtol=0, atol=1e-6)


def test_background_is_the_frequencies_and_stays_so():
    model = make_model(background=True)
    beta = model.topic_word()
    expected = torch.tensor([0.4, 0.3, 0.2, 0.1], dtype=torch.float64)
    torch.testing.assert_close(beta[1], expected, rtol=0, atol=1e-6)
    assert (beta[0] - expected).abs().max() > 0.01
    beta[1, 0].backward()
    assert model.topic_logits.grad.abs().max() == 0


def test_topics_lie_word_by_word(model):
    assert model.topic_word().stride() == (1, 2)


def test_smoothing_is_shared_among_the_topics():
    assert make_model(smoothing=0.5).smoothing.tolist() == [0.25, 0.25]


def test_log_prior_by_hand():
    model = make_model(topic_scale=2.0)
    with torch.no_grad():
        model.topic_logits.copy_(torch.tensor([[1.0, 2.0, 0.0, 0.0], [0.0, 0.0, 0.0, 3.0]]))
        model.log_word_weight.copy_(torch.tensor([0.0, 1.0, -2.0, 0.0]))
    assert model.log_prior().item() == pytest.approx(-14 / 8 - 5 / 2)


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


# -- inference -------------------------------------------------------------------------------


def test_explicit_posterior_expects_the_prior_count_in_the_encoder_s_proportions():
    model = make_model(upper=40, prior_count=9.0)
    q = model.posterior(sparse(X), model.topic_word())
    expected = 9 * model.encode(sparse(X), model.topic_word()).proportions
    torch.testing.assert_close(q.mean, expected, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("inference", INFERENCES)
def test_document_without_words_has_no_evidence(inference):
    model = make_model(inference=inference)
    model_prior = model.prior.probs.unsqueeze(0)
    refined = model.posterior(sparse([[0, 0, 0, 0]]), model.topic_word(), 1)
    torch.testing.assert_close(refined.probs, model_prior, rtol=0, atol=1e-12)
    if inference == "implicit":
        q = model.posterior(sparse([[0, 0, 0, 0]]), model.topic_word())
        torch.testing.assert_close(q.probs, model_prior, rtol=0, atol=1e-12)


def surrogate(model, row, q):
    """The bound that has closed-form coordinate ascent, by Jensen's inequality on both logs.

    With the geometric mean of each count in its words, and the mean of their sum.
    """
    s, beta = model.smoothing.numpy(), model.topic_word().detach().numpy()
    probs, logits = (value[0].detach().numpy() for value in (q.probs, q.logits))
    geometric = np.exp((probs * np.log(model.atoms.numpy() + s[:, None])).sum(-1))
    total = (probs @ model.atoms.numpy() + s).sum()
    kl = (probs * (logits - model.prior.logits.numpy())).sum()
    return (row * np.log(geometric @ beta)).sum() - row.sum() * np.log(total) - kl


@pytest.mark.parametrize("inference", INFERENCES)
@pytest.mark.parametrize("row", [*X, np.array([9, 0, 0, 5])])
def test_each_step_of_refinement_raises_a_bound_below_the_elbo(inference, row):
    model = make_model(inference=inference)
    with torch.no_grad():
        model.topic_logits.mul_(2)
    counts, topic_word = sparse(row[None]), model.topic_word()
    laws = [model.posterior(counts, topic_word, n) for n in range(12)]
    bounds = [surrogate(model, row, q) for q in laws]
    assert np.diff(bounds).min() > -1e-10
    assert bounds[-1] > bounds[0] + 1e-4
    for q, bound in zip(laws, bounds, strict=True):
        assert bound < exact(model, row, q)[1] < log_marginal(model, row)


def test_doc_topic_is_the_expectation_under_the_posterior():
    """Of the explicit posterior it is a closed form, to which counts cut off make a difference."""
    for inference, refinement, tolerance in [
        ("explicit", 0, 1e-3),
        ("explicit", 2, 1e-12),
        ("implicit", 0, 1e-12),
        ("implicit", 2, 1e-12),
    ]:
        model = make_model(upper=100, prior_count=40.0, inference=inference, smoothing=2.0)
        q = model.posterior(sparse(X), model.topic_word(), refinement)
        theta = model.doc_topic(sparse(X), model.topic_word(), refinement)
        expected = expected_proportions(q, model.smoothing).detach()
        torch.testing.assert_close(theta, expected, rtol=0, atol=tolerance)
        torch.testing.assert_close(theta.sum(-1), torch.ones(3, dtype=torch.float64))


@pytest.mark.parametrize("inference", INFERENCES)
def test_uniform_topics_predict_uniform_words(inference):
    model = make_model(frequency=(1.0,) * 37, inference=inference)
    with torch.no_grad():
        model.topic_logits.fill_(0.3)
    counts = sparse(np.random.default_rng(0).poisson(1.0, (10, 37)))
    words = model.doc_topic(counts, model.topic_word()) @ model.topic_word().detach()
    np.testing.assert_allclose(words, 1 / 37, rtol=1e-6)


@pytest.mark.parametrize("refinement", [0, 2])
@pytest.mark.parametrize("inference", INFERENCES)
def test_a_prior_of_each_document_is_taken_for_the_own_one(inference, refinement):
    """The model's own prior for every document changes nothing, another one does."""
    model = make_model(inference=inference)
    options = [sparse(X), model.topic_word(), refinement]
    own = model.posterior(*options)
    same = model.posterior(*options, Finite(model.prior.logits.repeat(3, 1, 1), model.atoms))
    torch.testing.assert_close(same.logits, own.logits)
    if inference == "implicit" or refinement:
        other = Finite(torch.randn(3, 2, 5, dtype=torch.float64), model.atoms)
        assert not torch.allclose(model.posterior(*options, other).logits, own.logits)


# -- objectives ------------------------------------------------------------------------------


@pytest.mark.parametrize("estimator", [*COUNT_ESTIMATORS, *LEARNING_ESTIMATORS])
@pytest.mark.parametrize("inference", INFERENCES)
def test_prediction_has_a_finite_gradient_for_every_weight(inference, estimator):
    model = make_model(inference=inference)
    observed, hidden = sparse(X).split(0.5)
    topic_word = model.topic_word()
    gradient = learning_estimator(estimator, model.smoothing) or estimator
    prediction = model.relaxed_prediction(
        observed, hidden, topic_word, estimator=gradient, temperature=0.5
    )
    assert prediction.shape == (3,)
    prediction.sum().backward()
    for weight in (model.topic_logits, model.log_pseudo_counts, model.log_word_weight):
        assert bool(weight.grad.isfinite().all())
        assert weight.grad.abs().max() > 0


@pytest.mark.parametrize("estimator", [*COUNT_ESTIMATORS, *LEARNING_ESTIMATORS])
@pytest.mark.parametrize("inference", INFERENCES)
def test_bound_has_a_finite_gradient_for_every_weight_of_a_network(inference, estimator):
    model = make_model(inference=inference, encoder="network", generator=torch.Generator())
    words, topic_word = sparse(X), model.topic_word()
    gradient = learning_estimator(estimator, model.smoothing) or estimator
    bound = model.relaxed_bound(words, words, topic_word, estimator=gradient, temperature=0.5)
    assert bound.shape == (3,)
    bound.sum().backward()
    for weight in (model.topic_logits, model.encoder.network.output, model.encoder.network.bias):
        assert bool(weight.grad.isfinite().all())
        assert weight.grad.abs().max() > 0


@pytest.mark.parametrize("inference", INFERENCES)
def test_prediction_is_of_the_hidden_words_given_the_observed(inference):
    """4000 copies of a document in the atoms themselves, 4 standard errors: 1e-4 of seeds fail."""
    n, model = 4000, make_model(inference=inference)
    words = np.ones((n, 4))  # an entry for each word, as both have the same
    both = sparse(words)
    observed, hidden = np.array([3.0, 0.0, 1.0, 0.0]), np.array([0.0, 2.0, 0.0, 1.0])
    q = model.posterior(sparse(observed[None]), model.topic_word())
    prediction = model.relaxed_prediction(
        both.replace(torch.from_numpy(words * observed).flatten()),
        both.replace(torch.from_numpy(words * hidden).flatten()),
        model.topic_word(),
        estimator="gengs_st",
        temperature=0.01,
    )
    prediction = prediction.detach().numpy()
    error = 4 * prediction.std() / math.sqrt(n)
    assert abs(prediction.mean() - exact(model, hidden, q)[0]) < error < 0.1


ALL = np.array([3.0, 2.0, 1.0, 1.0])
OBSERVED, HIDDEN = np.array([3.0, 0.0, 1.0, 0.0]), np.array([0.0, 2.0, 0.0, 1.0])


@pytest.mark.parametrize("inference", INFERENCES)
def test_prediction_by_the_mean_is_that_of_the_expected_counts(inference):
    model = make_model(inference=inference)
    with torch.no_grad():
        q = model.posterior(sparse(OBSERVED[None]), model.topic_word())
        smoothed = q.mean[0] + model.smoothing
        mixture = (smoothed / smoothed.sum() @ model.topic_word()).numpy()
    prediction = model.relaxed_prediction(
        sparse(np.ones((1, 4))).replace(torch.from_numpy(OBSERVED)),
        sparse(np.ones((1, 4))).replace(torch.from_numpy(HIDDEN)),
        model.topic_word(),
        estimator="mean",
        temperature=0.5,
    )
    assert prediction.item() == pytest.approx((HIDDEN * np.log(mixture)).sum())


@pytest.mark.parametrize("inference", INFERENCES)
def test_the_score_function_predicts_with_the_exact_gradient(inference):
    """Four standard errors over 40 batches, two weights: one seed in 4,000 fails."""
    model = make_model(inference=inference)
    documents = sparse(OBSERVED[None])
    weight = model.log_pseudo_counts
    # All 25 combinations of the two counts, by their masses.
    q = model.posterior(documents, model.topic_word())
    z = torch.cartesian_prod(model.atoms, model.atoms)
    smoothed = z + model.smoothing
    theta = smoothed / smoothed.sum(-1, keepdim=True)
    masses = (q.probs[0, 0].unsqueeze(1) * q.probs[0, 1]).flatten()
    words = (theta @ model.topic_word().detach()).log() @ torch.from_numpy(HIDDEN)
    (expected,) = torch.autograd.grad((masses * words).sum(), weight)
    random, n = torch.Generator().manual_seed(0), 500
    both, draws = sparse(np.ones((n, 4))), []
    for _ in range(40):
        prediction = model.relaxed_prediction(
            both.replace(torch.from_numpy(OBSERVED).repeat(n)),
            both.replace(torch.from_numpy(HIDDEN).repeat(n)),
            model.topic_word().detach(),
            estimator="leave_one_out",
            temperature=0.5,
            generator=random,
        )
        draws.append(torch.autograd.grad(prediction.mean(), weight)[0])
    found = torch.stack(draws)
    error = 4 * found.std(0) / math.sqrt(len(found))
    assert bool(((found.mean(0) - expected).abs() < error).all())
    assert bool((error < 0.5 * expected.abs()).all())


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
@pytest.mark.parametrize("inference", INFERENCES)
def test_bound_is_that_of_all_words(inference, likelihood):
    """4000 copies of a document in the atoms themselves, 4 standard errors: 1e-4 of seeds fail."""
    n, model = 4000, make_model(inference=inference, likelihood=likelihood, mean_length=7.0)
    words = np.ones((n, 4))
    both = sparse(words)
    observed, every = (
        both.replace(torch.from_numpy(words * row).flatten()) for row in (OBSERVED, ALL)
    )
    q = model.encoder.posterior(model, Seen(observed, model.topic_word(), every.n_tokens))
    options = {"estimator": "gengs_st", "temperature": 0.01}
    bound = model.relaxed_bound(observed, every, model.topic_word(), **options).detach().numpy()
    one = Finite(q.logits[0].detach(), q.atoms)
    z = torch.cartesian_prod(model.atoms, model.atoms)  # all combinations of the two counts
    masses = (one.probs[0].unsqueeze(1) * one.probs[1]).flatten()
    with torch.no_grad():
        copies = sparse(np.tile(ALL, (len(z), 1)))
        log_prob = model.log_likelihood(copies, model.topic_word(), z)
        expected = (masses * log_prob).sum() - kl_divergence(one, model.prior).sum()
    error = 4 * bound.std() / math.sqrt(n)
    assert abs(bound.mean() - expected.item()) < error < 0.2


def test_bound_without_the_divergence_is_the_expectation(model):
    words, options = sparse(X), {"estimator": "mean", "temperature": 1.0}
    with torch.no_grad():
        whole, half, none = (
            model.relaxed_bound(words, words, model.topic_word(), kl_weight=weight, **options)
            for weight in (1.0, 0.5, 0.0)
        )
        q = model.posterior(words, model.topic_word())
    divergence = kl_divergence(q, model.prior).sum(-1)
    torch.testing.assert_close(none - whole, divergence)
    torch.testing.assert_close(none - half, divergence / 2)


# -- the prior -------------------------------------------------------------------------------


@pytest.mark.parametrize("inference", INFERENCES)
@pytest.mark.parametrize("name", PRIORS)
def test_fitted_prior_raises_the_mean_bound(name, inference):
    model = learnable(name, inference=inference)
    frequency = np.kron([0.7, 0.25, 0.05], np.full(10, 0.1))
    counts = sparse(np.random.default_rng(0).multinomial(30, frequency, size=40))
    hierarchy = Hierarchy(model, [])
    before = evidence_bound(hierarchy, counts, n_samples=20).elbo.mean()
    model.fit_prior(counts, 4)
    after = evidence_bound(hierarchy, counts, n_samples=20).elbo.mean()
    assert after > before + 0.5
    assert model.prior_mean.argsort(descending=True).tolist() == [0, 1, 2]
    torch.testing.assert_close(model.prior.mean, model.prior_mean, rtol=0.05, atol=0)


def mean_masses(model, counts):
    return model.posterior(counts, model.topic_word()).probs.mean(0).detach()


def test_prior_that_was_given_stays_and_its_masses_are_told():
    model = make_model(latent="given")
    before, expected = model.prior.logits.clone(), mean_masses(model, sparse(X))
    torch.testing.assert_close(model.fit_prior(sparse(X), 1), expected)
    masses = model.fit_prior(sparse(X), 3)
    assert torch.equal(model.prior.logits, before)
    assert masses.shape == (2, 5)
    torch.testing.assert_close(masses.sum(-1), torch.ones(2, dtype=torch.float64))


@pytest.mark.parametrize("past_share", [0.0, 0.3, 1.0])
def test_the_past_has_its_share_of_the_masses(past_share):
    model = make_model()
    present = mean_masses(model, sparse(X))
    past = torch.tensor([[0.0, 0.0, 0.0, 0.0, 1.0], [1.0, 0.0, 0.0, 0.0, 0.0]])
    masses = model.fit_prior(sparse(X), 1, past=past, past_share=past_share)
    torch.testing.assert_close(masses, (1 - past_share) * present + past_share * past.double())
    mean = (masses @ model.atoms).clamp_min(1e-3)
    torch.testing.assert_close(model.prior_mean, mean * model.prior_count / mean.sum())


def test_documents_in_two_parts_leave_the_prior_of_both():
    """One round, of which the masses are plain means, whichever part came first."""
    rows, whole, parts = np.tile(X, (4, 1)), make_model(), make_model()
    parts.load_state_dict(whole.state_dict())
    first, second = sparse(rows[:3]), sparse(rows[3:])
    expected = whole.fit_prior(sparse(rows), 1)
    seen = mean_masses(parts, first)
    masses = parts.fit_prior(second, 1, past=seen, past_share=3 / 12)
    torch.testing.assert_close(masses, expected)
    torch.testing.assert_close(parts.prior.logits, whole.prior.logits)


# -- the state -------------------------------------------------------------------------------


def again(model, state):
    names = ("latent", "inference")
    options = {name: getattr(model, name) for name in names}
    return LatentCountModel.from_state(state, likelihood="multinomial", **options)


@pytest.mark.parametrize("inference", INFERENCES)
@pytest.mark.parametrize("name", PRIORS)
def test_from_state_is_bit_identical(name, inference):
    model = learnable(name, smoothing=0.7, inference=inference).float()
    state = {name: value.clone() for name, value in model.state_dict().items()}
    restored = again(model, state)
    assert restored.state_dict().keys() == state.keys()
    for entry, value in restored.state_dict().items():
        torch.testing.assert_close(value, state[entry], rtol=0, atol=0, equal_nan=True)
    counts = SparseCounts.from_csr(csr_matrix(np.random.default_rng(0).poisson(0.5, (7, 30))))
    assert torch.equal(restored.topic_word(), model.topic_word())
    topic_word = model.topic_word()
    assert torch.equal(
        restored.doc_topic(counts, topic_word, 2), model.doc_topic(counts, topic_word, 2)
    )
    q = model.posterior(counts, topic_word, 2)
    assert torch.equal(restored.posterior(counts, topic_word, 2).probs, q.probs)


def test_from_state_draws_nothing_and_keeps_a_state_of_its_own(model, monkeypatch):
    before, topics = torch.random.get_rng_state(), model.topic_logits.detach().clone()
    monkeypatch.setattr(torch, "randn", None)
    with torch.no_grad():
        again(model, model.state_dict()).topic_logits.zero_()
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.equal(model.topic_logits, topics)


def test_a_generator_decides_the_first_topics_and_every_draw():
    state = torch.random.get_rng_state()
    models = [make_model(generator=torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)]
    assert torch.equal(models[0].topic_logits, models[1].topic_logits)
    assert not torch.equal(models[0].topic_logits, models[2].topic_logits)
    for estimator in COUNT_ESTIMATORS.keys() - {"mean"}:
        values = []
        for seed in (1, 1, 2):
            generator = torch.Generator().manual_seed(seed)
            observed, hidden = sparse(X * 9).split(0.5, generator=generator)
            prediction = models[0].relaxed_prediction(
                observed,
                hidden,
                models[0].topic_word(),
                estimator=estimator,
                temperature=0.5,
                generator=generator,
            )
            values.append(prediction.detach())
        assert torch.equal(values[0], values[1])
        assert not torch.equal(values[0], values[2])
    assert torch.equal(torch.random.get_rng_state(), state)


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
            again(model, bad)


# -- overlap ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("topics", "overlap"),
    [
        ([[1.0, 0.0], [0.0, 1.0]], 0.0),
        ([[0.3, 0.7]] * 4, 3.0),
        ([[1.0, 0.0], [0.6, 0.8], [0.0, 1.0]], 2 * (0.6 + 0.8) / 3),
        ([[0.2, 0.8]], 0.0),
    ],
)
def test_overlap_by_hand(topics, overlap):
    assert topic_overlap(torch.tensor(topics)).item() == pytest.approx(overlap, abs=1e-6)


def test_with_many_words_a_prediction_reads_those_that_occur(monkeypatch):
    random = np.random.default_rng(0)
    counts = csr_matrix(random.poisson(0.2, (6, 50)))
    found = []
    for wide in (2**15, 10):
        monkeypatch.setattr("topicgen.models.latent_counts._WIDE", wide)
        prior = fixed_prior(Poisson(torch.tensor(2.0)), 4, torch.arange(9.0))
        model = LatentCountModel(
            prior, torch.ones(50), latent="given", generator=torch.Generator().manual_seed(0)
        )
        documents = SparseCounts.from_csr(counts)
        observed, hidden = documents.split(0.5, generator=torch.Generator().manual_seed(1))
        prediction = model.relaxed_prediction(
            observed,
            hidden,
            model.topic_word(is_for_few_words=True),
            estimator="gengs",
            temperature=0.5,
            generator=torch.Generator().manual_seed(2),
        )
        prediction.sum().backward()
        found.append([prediction, *(p.grad for p in model.parameters() if p.grad is not None)])
    for plain, of_few in zip(*found, strict=True):
        torch.testing.assert_close(of_few, plain, rtol=1e-4, atol=1e-5)


# -- covariates ------------------------------------------------------------------------------


def tilting(coefficients, n_levels=()):
    function = LogLinear([0], n_levels, len(coefficients), torch.float64)
    function.coefficients.copy_(torch.tensor([coefficients]))
    return function


def documents_at(values):
    matrix = torch.tensor(values, dtype=torch.float64)[:, None]
    return Known(DocumentCovariates(matrix, torch.zeros(len(values), 0, dtype=torch.long)))


def test_a_model_given_nothing_is_itself():
    model = learnable("poisson", prevalence=LogLinear([0], [], 3))
    assert model.given(None) is model
    assert model.known is None


def test_a_model_without_prevalence_has_no_use_for_covariates():
    model = learnable("poisson")
    given = model.given(documents_at([1.0]))
    assert torch.equal(given.prior.mean, model.prior.mean)


def test_a_model_keeps_the_embeddings_of_its_documents():
    model, embeddings = learnable("poisson"), torch.randn(2, 4)
    given = model.given(Known(embeddings=embeddings))
    assert given.known.embeddings is embeddings
    assert model.known is None
    assert torch.equal(given.prior.mean, model.prior.mean)


def test_a_model_given_covariates_shares_the_weights():
    model = learnable("poisson", prevalence=LogLinear([0], [], 3))
    given = model.given(documents_at([0.0, 1.0]))
    assert given is not model
    assert [id(p) for p in given.parameters()] == [id(p) for p in model.parameters()]
    with torch.no_grad():
        model.topic_logits.add_(torch.randn(3, 30))
    assert torch.equal(given.topic_word(), model.topic_word())
    assert model.known is None
    assert model.prior.batch_shape == (3,)


@pytest.mark.parametrize("latent", list(PRIORS))
def test_the_prior_mean_of_each_document_follows_its_covariates(latent):
    model = learnable(latent, prevalence=tilting([0.5, -0.5, 0.0]))
    prior = model.given(documents_at([0.0, 1.0])).prior
    assert prior.batch_shape == (2, 3)
    expected = 4.0 * np.exp(np.outer([0.0, 1.0], [0.5, -0.5, 0.0]))
    # Truncation at 40 takes some of the longest tails.
    np.testing.assert_allclose(prior.mean, expected, rtol=0.05)


def test_a_given_prior_is_tilted():
    prior = fixed_prior(Poisson(torch.tensor([2.0, 3.0])), 2, torch.arange(31.0))
    model = LatentCountModel(
        prior, torch.ones(4), latent="given", prevalence=tilting([0.7, 0.0])
    ).double()
    mean = model.given(documents_at([0.0, 1.0])).prior.mean
    # A Poisson distribution times exp(t z) is another.
    np.testing.assert_allclose(mean, [[2.0, 3.0], [2 * np.exp(0.7), 3.0]], rtol=1e-4)


def test_the_encoder_expects_what_the_covariates_say():
    model = learnable("negative_binomial", prevalence=tilting([2.0, 0.0, 0.0]))
    empty = sparse(np.zeros((2, 30)))
    given = model.given(documents_at([0.0, 1.0]))
    found = given.encode(empty, model.topic_word()).proportions.detach()
    np.testing.assert_allclose(found[0], 1 / 3, rtol=1e-6)
    np.testing.assert_allclose(found[1], np.array([np.exp(2), 1, 1]) / (np.exp(2) + 2), rtol=1e-6)
    alone = model.encode(empty, model.topic_word()).proportions.detach()
    torch.testing.assert_close(found[0], alone[0])
    # With words, less: it expects topics as surely as before.
    words = np.zeros((1, 30))
    words[0, 15] = 50
    clear = model.given(documents_at([1.0])).encode(sparse(words), model.topic_word())
    assert clear.proportions[0, 1] > 0.8


def test_the_rates_of_each_document_have_coefficients_of_their_own():
    model = learnable("negative_binomial", prevalence=tilting([0.5, 0.0, 0.0]))
    given = model.given(documents_at([0.0, 1.0]))
    factor = np.exp(np.outer([0.0, 1.0], [0.5, 0.0, 0.0]))
    np.testing.assert_allclose(given.rates.shape, model.rates.shape.numpy() * factor, rtol=1e-6)
    model.rate_prevalence.coefficients.zero_()
    torch.testing.assert_close(given.rates.shape, model.rates.shape.expand(2, 3))
    assert given.prior.mean[1, 0] > given.prior.mean[0, 0]


def test_rates_on_atoms_follow_the_prior():
    model = learnable("poisson", prevalence=tilting([0.5, 0.0, 0.0]))
    rates = model.given(documents_at([0.0, 1.0])).rates
    assert rates.law.batch_shape == (2, 3)
    drawn = rates.draw(2, generator=torch.Generator().manual_seed(0))
    assert drawn.shape == (2, 3)


@pytest.mark.parametrize("inference", INFERENCES)
def test_a_document_does_not_depend_on_the_covariates_of_others(inference):
    model = learnable(
        "negative_binomial", prevalence=tilting([1.0, -1.0, 0.0]), inference=inference
    )
    rows = np.random.default_rng(0).poisson(1.0, (3, 30))
    topic_word = model.topic_word()
    together = model.given(documents_at([-1.0, 0.0, 2.0])).doc_topic(sparse(rows), topic_word, 2)
    for row, value in enumerate([-1.0, 0.0, 2.0]):
        alone = model.given(documents_at([value])).doc_topic(sparse(rows[[row]]), topic_word, 2)
        torch.testing.assert_close(alone[0], together[row])
    torch.testing.assert_close(
        model.doc_topic(sparse(rows[[1]]), topic_word, 2)[0], together[1], atol=0.02, rtol=0
    )


def test_the_state_holds_the_prevalence():
    model = learnable("negative_binomial", prevalence=tilting([1.0, -1.0, 0.0], n_levels=[2]))
    model.rate_prevalence.coefficients.mul_(2)
    model.prevalence.intercepts(0).fill_(0.25)
    again = LatentCountModel.from_state(
        model.state_dict(),
        latent="negative_binomial",
        likelihood="multinomial",
        inference="explicit",
    )
    assert again.state_dict().keys() == model.state_dict().keys()
    for name, value in model.state_dict().items():
        torch.testing.assert_close(again.state_dict()[name].double(), value.double())
    assert again.rate_prevalence.coefficients[0].tolist() == [2.0, -2.0, 0.0]
    assert "prevalence.coefficients" not in learnable("poisson").state_dict()


def test_covariates_do_not_change_a_model_whose_coefficients_are_0():
    model = learnable("negative_binomial", prevalence=LogLinear([0], [], 3))
    rows = sparse(np.random.default_rng(0).poisson(1.0, (2, 30)))
    topic_word = model.topic_word()
    given = model.given(documents_at([1.0, 3.0])).doc_topic(rows, topic_word)
    torch.testing.assert_close(given, model.doc_topic(rows, topic_word))


def test_short_documents_have_a_share_of_the_pseudo_counts():
    model = make_model(usual_length=8.0)
    own = model.log_pseudo_counts.exp()
    found = model.pseudo_counts(torch.tensor([0.0, 1.0, 4.0, 8.0, 80.0], dtype=torch.float64))
    torch.testing.assert_close(found, torch.outer(torch.tensor([1, 1, 4, 8, 8]) / 8, own))
    assert torch.equal(model.pseudo_counts(), own)
    assert make_model().weight_of_expectations(torch.ones(2)) is None


def test_covariates_and_length_both_change_the_pseudo_counts():
    model = make_model(usual_length=8.0, prevalence=LogLinear([0], [], 2).double())
    with torch.no_grad():
        model.prevalence.coefficients[:] = torch.tensor([0.5, -0.5])
    no_groups = torch.zeros(1, 0, dtype=torch.long)
    known = Known(DocumentCovariates(torch.ones(1, 1, dtype=torch.float64), no_groups))
    given = model.given(known)
    expected = given.pseudo_counts() / 4
    torch.testing.assert_close(given.pseudo_counts(torch.tensor([2.0])), expected)


def test_the_usual_length_is_one_of_the_weights():
    options = {"latent": "poisson", "likelihood": "multinomial", "inference": "explicit"}
    for model in (make_model(usual_length=8.0), make_model()):
        again = LatentCountModel.from_state(model.state_dict(), **options)
        for n_tokens in (2.0, 9.0):
            n = torch.tensor([n_tokens], dtype=torch.float64)
            torch.testing.assert_close(again.pseudo_counts(n), model.pseudo_counts(n))


def test_a_few_words_are_enough_where_little_is_expected():
    """Nearly all pseudo-counts are of the topic that is the collection."""
    x = sparse([[0, 0, 0, 2]])
    found = []
    for usual_length in (None, 50.0):
        model = make_model(usual_length=usual_length)
        with torch.no_grad():
            model.log_pseudo_counts.copy_(torch.tensor([20.0, 0.1]).log())
            model.topic_logits.copy_(torch.tensor([[0.0, 0, 0, 0], [0, 0, 0, 3]]))
        found.append(model.doc_topic(x, model.topic_word())[0, 1].item())
    assert found[0] < 0.2
    assert found[1] > 0.5
