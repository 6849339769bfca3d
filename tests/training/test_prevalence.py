"""The encoder's coefficients, in planted documents whose topics are known."""

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
    count_atoms,
)
from topicgen.training import Collection, PrevalenceUpdate, generator
from topicgen.training import prevalence as module

N, K, N_WORDS = 400, 3, 30
COEFFICIENTS = np.array([0.7, -0.2, -0.5])
TOPICS = np.kron(np.eye(K), np.ones(N_WORDS // K)) / (N_WORDS // K)


def planted(length=60, n_groups=0):
    random = np.random.default_rng(0)
    x = random.normal(size=N)
    x = (x - x.mean()) / x.std()
    groups = np.arange(N) % max(n_groups, 1)
    of_groups = random.normal(0, 0.8, (max(n_groups, 1), K)) * (n_groups > 0)
    shares = np.exp(np.outer(x, COEFFICIENTS) + of_groups[groups])
    shares /= shares.sum(1, keepdims=True)
    counts = np.stack([random.multinomial(length, share @ TOPICS) for share in shares])
    levels = torch.tensor(groups)[:, None] if n_groups else torch.zeros(N, 0, dtype=torch.long)
    known = Known(DocumentCovariates(torch.tensor(x).float()[:, None], levels))
    return Collection(csr_matrix(counts)), known, of_groups


def model_with(n_levels=(), **options):
    prior = PRIORS["negative_binomial"](torch.full((K,), 30.0), count_atoms(100))
    options = {"prevalence": LogLinear([0], n_levels, K), **options}
    model = LatentCountModel(prior, torch.ones(N_WORDS), **options)
    with torch.no_grad():
        model.topic_logits.copy_(torch.tensor(8.0 * (TOPICS > 0)))
    return model


def contrast(values):
    """Of log ratios of shares only the differences between topics are known."""
    values = np.asarray(values)
    return values - values.mean(-1, keepdims=True)


@pytest.mark.parametrize("length", [60, 8])
def test_planted_coefficients_are_found(length):
    collection, known, _ = planted(length)
    model = model_with()
    update = PrevalenceUpdate(model, collection, known, generator(0, "cpu"))
    for _ in range(20):
        update()
    # The standard error of each is about .03 with 60 tokens, and .06 with 8.
    found = contrast(model.prevalence.coefficients[0])
    np.testing.assert_allclose(found, contrast(COEFFICIENTS), atol=0.2)
    assert not model.rate_prevalence.coefficients.any()


def test_planted_groups_are_found():
    collection, known, of_groups = planted(n_groups=20)
    model = model_with(n_levels=[20])
    update = PrevalenceUpdate(model, collection, known, generator(0, "cpu"))
    for _ in range(20):
        update()
    found = contrast(model.prevalence.intercepts(0))
    assert np.corrcoef(found.ravel(), contrast(of_groups).ravel())[0, 1] > 0.95


def test_covariates_of_nothing_are_shrunk_away():
    collection, known, _ = planted()
    noise = torch.randn(N, 1, generator=torch.Generator().manual_seed(0))
    model = model_with()
    noise = Known(DocumentCovariates(noise, known.covariates.levels))
    update = PrevalenceUpdate(model, collection, noise, generator(0, "cpu"))
    for _ in range(20):
        update()
    assert model.prevalence.coefficients.abs().max() < 0.15


def test_of_many_documents_some_are_read(monkeypatch):
    collection, known, _ = planted()
    monkeypatch.setattr(module, "_MOST_DOCUMENTS", 150)
    read, select = [], Collection.select
    monkeypatch.setattr(
        Collection, "select", lambda self, rows: read.append(rows) or select(self, rows)
    )
    model, state = model_with(), torch.random.get_rng_state()
    update = PrevalenceUpdate(model, collection, known, generator(0, "cpu"))
    for _ in range(20):
        update()
    assert [len(rows.unique()) for rows in read] == [150] * 20
    assert len(torch.cat(read).unique()) == N
    assert torch.equal(torch.random.get_rng_state(), state)
    np.testing.assert_allclose(
        contrast(model.prevalence.coefficients[0]), contrast(COEFFICIENTS), atol=0.25
    )


def test_a_model_without_prevalence_stays():
    collection, known, _ = planted()
    model = model_with(prevalence=None)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    PrevalenceUpdate(model, collection, known, None)()
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
