from itertools import product

import numpy as np
import pytest
import torch
from torch.distributions import NegativeBinomial, Poisson

from topicgen.distributions import Finite, Truncated
from topicgen.models.proportions import expected_proportions, proportions


def doubles(*values):
    return torch.tensor(values, dtype=torch.float64)


def enumerated(law, smoothing):
    """E[theta] by walking through every combination of counts."""
    probs, atoms, s = law.probs.numpy(), law.atoms.numpy(), smoothing.numpy()
    expected = np.zeros(probs.shape[:2])
    for combination in product(range(len(atoms)), repeat=probs.shape[1]):
        weight = np.prod([probs[:, k, j] for k, j in enumerate(combination)], axis=0)
        smoothed = atoms[list(combination)] + s
        expected += weight[:, None] * (smoothed / smoothed.sum())
    return expected


def random_law(seed=0, n_topics=3, n_atoms=5, n_documents=6):
    rng = np.random.default_rng(seed)
    logits = torch.from_numpy(rng.normal(size=(n_documents, n_topics, n_atoms)) * 3)
    return Finite(logits, torch.arange(n_atoms, dtype=torch.float64))


def test_proportions_by_hand():
    theta = proportions(doubles([3.0, 0.0], [0.0, 0.0]), doubles(0.5, 1.5))
    torch.testing.assert_close(theta, doubles([0.7, 0.3], [0.25, 0.75]))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("smoothing", [0.05, 0.5 / 3, 2.0])
def test_expectation_equals_enumeration(seed, smoothing):
    law, s = random_law(seed), doubles(smoothing, smoothing, 2 * smoothing)
    ours = expected_proportions(law, s)
    np.testing.assert_allclose(ours, enumerated(law, s), rtol=0, atol=1e-6)
    np.testing.assert_allclose(ours.sum(-1), 1, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "law",
    [
        Truncated(Poisson(doubles([0.2, 1.0, 6.0], [5.0, 5.0, 5.0])), upper=12),
        Truncated(NegativeBinomial(doubles(0.3), logits=doubles([-1.0, 1.0, 2.0])), upper=12),
    ],
    ids=["poisson", "negative_binomial"],
)
def test_expectation_under_count_laws_equals_enumeration(law):
    s = doubles(0.2, 0.2, 0.2)
    np.testing.assert_allclose(expected_proportions(law, s), enumerated(law, s), rtol=0, atol=1e-6)


def test_sure_counts_have_the_proportions_of_the_counts():
    logits = torch.full((1, 3, 21), -torch.inf, dtype=torch.float64)
    logits[0, 0, 0] = logits[0, 1, 3] = logits[0, 2, 20] = 0.0
    law, s = Finite(logits, torch.arange(21, dtype=torch.float64)), doubles(0.1, 0.1, 0.1)
    expected = proportions(doubles([0.0, 3.0, 20.0]), s)
    torch.testing.assert_close(expected_proportions(law, s), expected, rtol=0, atol=1e-6)


def test_prior_alone_is_even_where_topics_are_alike():
    law = Truncated(Poisson(torch.full((2, 50), 0.3, dtype=torch.float64)), upper=15)
    theta = expected_proportions(law, torch.full((50,), 0.01, dtype=torch.float64))
    torch.testing.assert_close(theta, torch.full_like(theta, 0.02), rtol=0, atol=1e-12)


def test_huge_smoothing_drowns_the_counts():
    s = doubles(1e6, 2e6, 1e6)
    expected = doubles([0.25, 0.5, 0.25]).expand(6, 3)
    torch.testing.assert_close(expected_proportions(random_law(), s), expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("smoothing", [1e-2, 1e-3, 1e-6])
def test_tiny_smoothing_equals_enumeration(smoothing):
    law = Truncated(Poisson(doubles([0.2, 1.0, 3.0], [0.1, 0.2, 0.3], [2.0, 4.0, 6.0])), upper=8)
    s = torch.full((3,), smoothing, dtype=torch.float64)
    theta = expected_proportions(law, s)
    np.testing.assert_allclose(theta, enumerated(law, s), rtol=0, atol=1e-6)
    np.testing.assert_allclose(theta.sum(-1), 1, rtol=0, atol=1e-12)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("rate", [1e-6, 1.0, 100.0])
def test_many_topics_stay_finite_and_sum_to_one(dtype, rate):
    rates = torch.full((3, 200), rate, dtype=dtype)
    rates[:, 0] = 5.0
    theta = expected_proportions(
        Truncated(Poisson(rates), upper=15), torch.full((200,), 0.5 / 200, dtype=dtype)
    )
    assert theta.dtype == dtype
    assert bool((theta >= 0).all())
    torch.testing.assert_close(theta.sum(-1), torch.ones(3, dtype=dtype))


def test_single_topic_is_everything():
    law = Truncated(Poisson(doubles([2.0])), upper=5)
    assert expected_proportions(law, doubles(0.5)).tolist() == [[1.0]]
