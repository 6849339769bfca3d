"""Joint posterior draws of documents with covariates, in planted documents.

Statistical tests are seeded. Comparisons with planted values allow four standard errors, so each
fails for about one seed in ten thousand if all is right.
"""

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix

from topicgen.models import (
    PRIORS,
    DocumentCovariates,
    Known,
    LatentCountModel,
    LogLinear,
    SparseCounts,
    count_atoms,
    imputation,
    impute_tokens,
    settle_topics,
)
from topicgen.models.imputation import Settled

N, N_WORDS, K = 240, 45, 3
COEFFICIENTS = np.array([0.8, 0.0, -0.5])


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(autouse=True)
def few_sweeps(monkeypatch):
    monkeypatch.setattr(imputation, "_MOST_SWEEPS", 60)


@pytest.fixture(scope="module")
def planted():
    """Documents of 30 tokens, and their topics; the last words and the last row are empty."""
    random = np.random.default_rng(0)
    x = random.normal(size=N)
    x = (x - x.mean()) / x.std()
    topics = random.dirichlet(np.full(N_WORDS - 3, 0.1), K)
    rates = random.gamma(2.0 * np.exp(np.outer(x, COEFFICIENTS)), 5.0)
    shares = rates / rates.sum(1, keepdims=True)
    counts = np.stack([random.multinomial(30, share @ topics) for share in shares])
    counts = np.pad(counts, [(0, 0), (0, 3)]).astype(float)
    levels = torch.tensor(np.arange(N) % 4)[:, None]
    known = Known(DocumentCovariates(torch.tensor(x).float()[:, None], levels))
    return SparseCounts.from_csr(csr_matrix(counts)), known, topics


def model_of(topics, latent="negative_binomial", n_levels=(4,), **options):
    prior = PRIORS[latent](torch.full((K,), 30.0), count_atoms(100))
    model = LatentCountModel(
        prior,
        torch.ones(N_WORDS),
        latent=latent,
        prevalence=LogLinear([0], n_levels, K),
        mean_length=30.0,
        **options,
    )
    with torch.no_grad():
        logits = np.log(
            np.pad(0.97 * topics + 0.03 / N_WORDS, [(0, 0), (0, 3)], constant_values=1e-3)
        )
        model.topic_logits.copy_(torch.tensor(logits))
    return model


# -- draws -----------------------------------------------------------------------------------


def test_coefficients_are_recovered(planted):
    counts, known, topics = planted
    model = model_of(topics)
    before = model.topic_word().detach().clone()
    draws = list(impute_tokens(model, counts, known, 20, generator=generator()))
    assert len(draws) == 20
    for tokens in draws:
        assert tokens.shape == (N, K)
        torch.testing.assert_close(tokens.sum(1), counts.n_tokens)
    assert not torch.equal(draws[0], draws[-1])
    # The model has the mean coefficients and rates, in its own precision; topics stay.
    function = model.rate_prevalence
    assert function.coefficients.dtype == torch.float32
    np.testing.assert_allclose(function.coefficients[0], COEFFICIENTS, atol=0.3)
    np.testing.assert_allclose(model.rate_shape, 2.0, rtol=0.5)
    assert torch.equal(model.topic_word(), before)
    assert not model.prevalence.coefficients.any()
    # The draws say the same: more of topic 0 where x is large.
    share = torch.stack(draws).mean(0) / 30
    high = known.covariates.matrix[:, 0] > 0.5
    assert share[high, 0].mean() > share[~high, 0].mean() + 0.1


def test_the_same_seed_gives_the_same_draws(planted):
    counts, known, topics = planted
    few = counts.select(torch.arange(30))
    chosen = known.select(torch.arange(30))
    state = torch.random.get_rng_state()
    first, again = (
        torch.stack(
            list(
                impute_tokens(
                    model_of(topics, topic_logits=torch.zeros(K, N_WORDS)),
                    few,
                    chosen,
                    3,
                    generator=generator(1),
                )
            )
        )
        for _ in range(2)
    )
    assert torch.equal(first, again)
    assert torch.equal(torch.random.get_rng_state(), state)


def test_the_model_does_not_change_before_the_last_draw(planted):
    counts, known, topics = planted
    model = model_of(topics)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    draws = impute_tokens(model, counts, known, 3, generator=generator())
    next(draws)
    draws.close()
    for name, value in model.state_dict().items():
        assert value.dtype == before[name].dtype
        assert torch.equal(value, before[name]), name


@pytest.mark.parametrize("latent", ["poisson", "binomial"])
def test_rates_on_atoms_have_draws_but_no_coefficients(planted, latent):
    counts, known, topics = planted
    model = model_of(topics, latent)
    before = model.rate_mean.clone()
    for tokens in impute_tokens(model, counts, known, 2, generator=generator()):
        torch.testing.assert_close(tokens.sum(1), counts.n_tokens)
    assert not model.rate_prevalence.coefficients.any()
    assert torch.equal(model.rate_mean, before)
    assert settle_topics(model, counts, known) is None


def test_geometric_counts_have_coefficients(planted):
    counts, known, topics = planted
    model = model_of(topics, "geometric")
    list(impute_tokens(model, counts, known, 5, generator=generator()))
    assert model.rate_prevalence.coefficients[0, 0] > 0.3


def test_a_topic_that_occurs_nowhere_gets_no_tokens(planted):
    counts, known, topics = planted
    absent = np.full((1, N_WORDS - 3), 1e-12)
    model = model_of(np.concatenate([topics[:2], absent]))
    with torch.no_grad():
        model.topic_logits[2] = -50.0
        model.topic_logits[2, -1] = 50.0
    for tokens in impute_tokens(model, counts, known, 10, generator=generator()):
        assert tokens[:, 2].sum() == 0
    assert torch.isfinite(model.rate_shape).all()
    assert model.rate_mean[2] < 0.1 * model.rate_mean[:2].min()


def test_no_covariates_but_groups(planted):
    counts, known, topics = planted
    model = model_of(topics)
    bare = LogLinear([], [4], K)
    model.prevalence, model.rate_prevalence = bare, LogLinear([], [4], K)
    covariates = known.covariates
    known = Known(DocumentCovariates(covariates.matrix[:, :0], covariates.levels))
    list(impute_tokens(model, counts, known, 3, generator=generator()))
    assert model.rate_prevalence.intercepts(0).any()


def test_fewer_tokens_get_more_sweeps(planted, monkeypatch):
    counts, _, _ = planted
    monkeypatch.setattr(imputation, "_MOST_SWEEPS", 1_000)
    assert imputation._n_sweeps(counts) == 1_000
    many = counts.replace(counts.values * 10_000)
    assert imputation._n_sweeps(many) == 12
    some = counts.replace(counts.values * 50)
    assert imputation._n_sweeps(some) == int(24_000_000 / (50 * 30 * N))


# -- settled topics --------------------------------------------------------------------------


def test_topics_settle_at_the_planted_ones(planted):
    counts, known, topics = planted
    random = np.random.default_rng(1)
    model = model_of(0.6 * topics + 0.4 * random.dirichlet(np.full(N_WORDS - 3, 0.1), K))
    before = model.topic_word().detach().clone()
    settled = settle_topics(model, counts, known, generator=generator())
    assert torch.equal(model.topic_word(), before)
    assert settled.words.tolist() == sorted(counts.columns.unique().tolist())
    assert settled.tokens.shape == (len(settled.words), K)
    assert settled.tokens.sum().item() == pytest.approx(30 * N, rel=1e-5)
    with torch.no_grad():
        settled.write(model, 10.0)
    found, true = model.topic_word().detach().numpy()[:, :-3], topics
    start = before.numpy()[:, :-3]
    similar = [
        (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)
        for a, b in ((found, true), (start, true))
    ]
    assert (similar[0] > 0.97).all()
    assert (similar[0] > similar[1]).all()
    # The model gets the rates and the coefficients that go with them.
    np.testing.assert_allclose(model.rate_prevalence.coefficients[0], COEFFICIENTS, atol=0.4)
    assert model.rate_prevalence.coefficients.dtype == torch.float32


def test_written_topics_are_the_tokens_and_the_frequencies():
    torch.manual_seed(0)
    prior = PRIORS["poisson"](torch.full((2,), 3.0), count_atoms(20))
    frequency = torch.tensor([4.0, 3.0, 2.0, 1.0])
    model = LatentCountModel(prior, frequency, latent="poisson").double()
    before = model.topic_word().detach().clone()
    tokens = torch.tensor([[8.0, 0.0], [2.0, 5.0], [0.0, 5.0]], dtype=torch.float64)
    with torch.no_grad():
        Settled(torch.tensor([0, 1, 3]), tokens).write(model, 2.0)
    after = model.topic_word().detach()
    torch.testing.assert_close(after.sum(1), torch.ones(2).double())
    # The word that does not occur keeps its probability.
    torch.testing.assert_close(after[:, 2], before[:, 2])
    share = after[:, [0, 1, 3]] / after[:, [0, 1, 3]].sum(1, keepdim=True)
    expected = (tokens.T + 2.0 * torch.tensor([4.0, 3.0, 1.0]) / 8) / (tokens.sum(0) + 2.0)[:, None]
    torch.testing.assert_close(share, expected)


def test_the_background_topic_stays(planted):
    counts, known, topics = planted
    model = model_of(topics, background=True)
    before = model.topic_word().detach().clone()
    settled = settle_topics(model, counts, known, generator=generator())
    with torch.no_grad():
        settled.write(model, 10.0)
    after = model.topic_word().detach()
    assert torch.equal(after[-1], before[-1])
    assert not torch.allclose(after[0], before[0], atol=1e-3)
    torch.testing.assert_close(after.sum(1), torch.ones(K))


def test_frozen_topics_stay(planted):
    counts, known, topics = planted
    model = model_of(topics)
    model.freeze([1])
    before = model.topic_logits.detach().clone()
    settled = settle_topics(model, counts, known, generator=generator())
    with torch.no_grad():
        settled.write(model, 10.0)
    moved = (model.topic_logits.detach() != before).any(1)
    assert moved.tolist() == [topic != 1 for topic in range(K)]
