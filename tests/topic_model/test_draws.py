"""Chains that disagree go on."""

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix

from topicgen.models import LatentCountModel
from topicgen.models.priors import negative_binomial_prior
from topicgen.topic_model import draws
from topicgen.topic_model.draws import USUAL, disagreement, draw_blocks


def test_disagreement_by_hand():
    shares = np.full((50, 4, 2, 2), 0.5)
    shares[::2, :, :, 0] = 0.6
    shares[1::2, :, :, 0] = 0.5
    shares[:, 0, 1, 0] += 0.3
    shares[..., 1] = 0.01
    agree, apart = disagreement(shares)
    assert agree == pytest.approx(np.sqrt(49 / 50))
    logs = np.log(shares[:, :, 1, 0] + 1e-3)
    between, within = logs.mean(0).var(ddof=1), logs.var(0, ddof=1).mean()
    assert apart == pytest.approx(np.sqrt(49 / 50 + between / within))
    assert apart > 2


def test_a_single_chain_cannot_disagree():
    assert disagreement(np.full((50, 1, 3, 2), 0.5)).tolist() == [1, 1, 1]
    assert disagreement(np.full((2, 4, 3, 2), 0.5)).tolist() == [1, 1, 1]


def test_chains_that_disagree_go_on(monkeypatch):
    random = np.random.default_rng(3)
    n_topics, n_words, n_documents = 6, 150, 30
    topics = 0.9 * random.dirichlet(np.ones(n_words)) + 0.1 * random.dirichlet(
        np.full(n_words, 0.1), n_topics
    )
    frequency = topics.mean(0)
    prior = negative_binomial_prior(torch.full((n_topics,), 10.0), torch.arange(200.0))
    model = LatentCountModel(
        prior,
        torch.tensor(frequency).float(),
        topic_logits=torch.tensor(np.log(topics / frequency)).float(),
    ).double()
    model.rate_shape.fill_(0.3)
    model.rate_mean.fill_(100.0)
    rates = random.gamma(0.3, size=(n_documents, n_topics))
    shares = rates / rates.sum(1, keepdims=True)
    counts = csr_matrix(np.stack([random.multinomial(1_000, share @ topics) for share in shares]))
    found = []
    for spacings in ((1,), draws._SPACINGS):
        monkeypatch.setattr(draws, "_SPACINGS", spacings)
        (drawn,) = draw_blocks(model, counts.astype(np.float64), USUAL, 0)
        assert (drawn.tokens.sum(-1) == 1_000).all()
        found.append(disagreement(drawn.proportions.reshape(-1, 4, n_documents, n_topics)))
    near, far = found
    agreed = near <= draws._DISAGREEMENT
    np.testing.assert_array_equal(near[agreed], far[agreed])
    assert (far[~agreed] > draws._DISAGREEMENT).mean() < 0.2
