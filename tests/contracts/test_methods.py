"""The equations of docs/methods.md, by their numbers, are what the code computes."""

import math

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix
from torch.distributions import Poisson

from topicgen.distributions import Truncated
from topicgen.distributions.relaxation import relaxed_pick
from topicgen.evaluation import coherence, completion_perplexity
from topicgen.models import LIKELIHOODS, SparseCounts, distinctive_part, topic_overlap
from topicgen.models.encoders.unfolded import encode
from topicgen.models.posteriors import conditional_posterior
from topicgen.models.priors import negative_binomial

WORDS = torch.tensor([2.0, 0.0, 1.0, 4.0], dtype=torch.float64)
EXPECTED = torch.tensor([8.0], dtype=torch.float64)


@pytest.fixture
def counts():
    return SparseCounts.from_csr(csr_matrix(WORDS.numpy()[None]), torch.float64)


@pytest.fixture
def topics():
    return torch.rand(3, 4, dtype=torch.float64).softmax(-1)


def test_4_poisson_likelihood(counts, topics):
    mixture = topics[0]
    value = 7 * math.log(8) - 8 - math.lgamma(8) + (WORDS * mixture.log()).sum()
    found = LIKELIHOODS["poisson"]().log_prob(counts, mixture[counts.columns], EXPECTED)
    torch.testing.assert_close(found, value[None])


def test_5_negative_binomial_likelihood(counts, topics):
    likelihood = LIKELIHOODS["negative_binomial"]().double()
    shape = likelihood.steadiness * EXPECTED
    terms = torch.lgamma(shape * topics[0] + WORDS) - torch.lgamma(shape * topics[0])
    value = torch.lgamma(shape) - torch.lgamma(shape + 7) + terms.sum()
    one = torch.ones(1, 1, dtype=torch.float64)
    found = likelihood.given_length(counts, one, topics[:1], EXPECTED)
    torch.testing.assert_close(found, value)


def test_6_truncation():
    masses = Poisson(torch.tensor(2.0)).log_prob(torch.arange(40.0)).exp()
    value = torch.stack([masses[:2].sum(), masses[2], masses[3], masses[4:].sum()])
    law = Truncated(Poisson(torch.tensor(2.0)), lower=1, upper=4)
    torch.testing.assert_close(law.probs, value)


def test_7_and_8_relaxation():
    scores = torch.randn(1, 5, dtype=torch.float64).log_softmax(-1).requires_grad_()
    atoms, temperature = torch.arange(5.0, dtype=torch.float64), 0.7
    draws = torch.empty(1, 1, 5, dtype=torch.float64)
    draws.uniform_(generator=torch.Generator().manual_seed(1))
    noise = -(-draws[0].log()).log()
    weights = ((scores + noise) / temperature).softmax(-1)
    value = weights @ atoms
    generator = torch.Generator().manual_seed(1)
    found = relaxed_pick(scores, atoms, temperature, generator=generator)
    torch.testing.assert_close(found[0], value)
    found.sum().backward()
    slope = weights * (atoms - value.unsqueeze(-1)) / temperature
    torch.testing.assert_close(scores.grad, slope.detach())


def test_9_a_layer_of_the_encoder(counts, topics):
    pseudo_counts = torch.tensor([0.5, 1.0, 1.5], dtype=torch.float64)
    evidence = torch.tensor([1.0, 1.0, 0.5, 2.0], dtype=torch.float64)
    theta = pseudo_counts / pseudo_counts.sum()
    for _ in range(2):
        parts = theta.unsqueeze(-1) * topics
        tokens = (evidence * WORDS * parts / parts.sum(0)).sum(-1)
        theta = (tokens + pseudo_counts) / (tokens + pseudo_counts).sum()
    found = encode(counts, topics, pseudo_counts, evidence, 2)
    torch.testing.assert_close(found.proportions[0], theta)
    torch.testing.assert_close(found.evidence[0], tokens)


def test_11_free_masses():
    prior = Truncated(Poisson(torch.tensor([1.0, 2.0])), upper=6)
    tokens, smoothing, cost = torch.tensor([3.0, 0.5]), torch.tensor([0.1, 0.1]), 0.4
    atoms = prior.atoms
    powers = (atoms + smoothing.unsqueeze(-1)) ** tokens.unsqueeze(-1)
    value = prior.probs * powers * (-cost * atoms).exp()
    found = conditional_posterior(tokens[None], torch.tensor([[cost]]), prior, smoothing)
    torch.testing.assert_close(found.probs[0], value / value.sum(-1, keepdim=True))


def test_13_overlap(topics):
    frequency = torch.rand(4, dtype=torch.float64).softmax(-1)
    part = topics * (1 + (topics / frequency).log()).clamp_min(0)
    cosines = torch.nn.functional.cosine_similarity(part[:, None], part[None], dim=-1)
    found = topic_overlap(distinctive_part(topics, frequency.log()))
    torch.testing.assert_close(found, (cosines.sum() - 3) / 3)


def test_15_dispersion():
    mean, dispersion = torch.tensor(3.0), torch.tensor(0.5)
    law = negative_binomial(mean, dispersion)
    torch.testing.assert_close(law.mean, mean)
    torch.testing.assert_close(law.variance, mean + mean**2 / dispersion)


def test_21_document_completion(topics):
    theta, hidden = np.array([[0.2, 0.3, 0.5]]), WORDS.numpy()[None]
    mixture = theta @ topics.numpy()
    value = math.exp(-(hidden * np.log(mixture)).sum() / hidden.sum())
    assert completion_perplexity(theta, topics.numpy(), hidden) == pytest.approx(value)


def test_24_coherence():
    texts = [["a", "b"], ["a"], ["b", "c"], ["a", "b"], ["c"]]
    joint, single = 2 / 5 + 1e-12, (3 / 5) * (3 / 5)
    value = math.log(joint / single) / -math.log(joint)
    assert coherence([["a", "b"]], texts, "c_npmi", window="document") == pytest.approx(value)
