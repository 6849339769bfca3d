"""Models of every kind, fitted once, that tests edit copies of."""

import copy

import numpy as np
import pytest
import torch

from topicgen import TopicModel
from topicgen.distributions import Finite

N_WORDS, N_DOCUMENTS = 40, 160


def planted(seed=0, n_topics=4, n_documents=N_DOCUMENTS):
    """Return counts of documents about one or two of some topics with ten words each."""
    random = np.random.default_rng(seed)
    topics = np.full((n_topics, N_WORDS), 0.002)
    for topic in range(n_topics):
        topics[topic, 10 * topic : 10 * (topic + 1)] = random.gamma(2.0, size=10)
    topics /= topics.sum(1, keepdims=True)
    share = random.dirichlet(np.full(n_topics, 0.2), n_documents)
    return np.stack([random.multinomial(40, row @ topics) for row in share])


GIVEN = Finite(torch.tensor([0.5, 0.2, 0.2, 0.1]).log(), torch.tensor([0.0, 2.0, 5.0, 20.0]))
METADATA = {"party": ["Lab", "Con"] * (N_DOCUMENTS // 2), "year": list(range(N_DOCUMENTS))}
KINDS = {
    "usual": {},
    "implicit": {"inference": "implicit"},
    "poisson": {"latent": "poisson", "likelihood": "poisson"},
    "geometric": {"latent": "geometric"},
    "binomial": {"latent": "binomial"},
    "given": {"latent": GIVEN},
    "bursts": {"likelihood": "negative_binomial"},
    "background": {"background": True},
    "deep": {"upper_components": (2,)},
    "effects": {"prevalence": "~ party + year"},
    "content": {"content": "party"},
}


@pytest.fixture(scope="package")
def counts():
    return planted()


@pytest.fixture(scope="package")
def fitted_models(counts):
    """Return a function that gives a fresh copy of the fitted model of a kind."""
    kept = {}

    def model_of(kind):
        if kind not in kept:
            model = TopicModel(4, max_epochs=4, random_state=0, **KINDS[kind])
            kept[kind] = model.fit(counts, metadata=METADATA)
        return copy.copy(kept[kind])  # edits replace what is fitted, and do not change it

    return model_of


@pytest.fixture
def model(fitted_models):
    return fitted_models("usual")


@pytest.fixture(params=KINDS)
def any_model(request, fitted_models):
    """A model of each kind in turn."""
    return fitted_models(request.param)
