import numpy as np
import torch

from topicgen.distributions import Finite
from topicgen.models.posteriors import conditional_posterior


def random_prior():
    logits = torch.from_numpy(np.random.default_rng(0).normal(size=(3, 6)))
    return Finite(logits, torch.tensor([0.0, 1.0, 2.0, 3.0, 5.0, 9.0], dtype=torch.float64))


def test_conditional_equals_its_equation():
    random, prior = np.random.default_rng(1), random_prior()
    evidence, price, smoothing = random.random((2, 3)) * 9, random.random((2, 1)), random.random(3)
    q = conditional_posterior(
        *map(torch.from_numpy, (evidence, price)), prior, torch.from_numpy(smoothing)
    )
    c = prior.atoms.numpy()
    expected = prior.probs.numpy() * (c + smoothing[:, None]) ** evidence[..., None]
    expected = expected * np.exp(-price[..., None] * c)
    expected /= expected.sum(-1, keepdims=True)
    np.testing.assert_allclose(q.probs, expected, rtol=0, atol=1e-12)


def test_conditional_of_nothing_is_the_prior():
    prior, nothing = random_prior(), torch.zeros(2, 3, dtype=torch.float64)
    q = conditional_posterior(nothing, nothing[:, :1], prior, torch.ones(3, dtype=torch.float64))
    torch.testing.assert_close(q.probs, prior.probs.expand(2, -1, -1))


def test_conditional_on_a_million_tokens_is_finite():
    evidence = torch.tensor([[1e6, 0.0, 1e-3]])
    prior = Finite(random_prior().logits.float(), random_prior().atoms.float())
    q = conditional_posterior(evidence, torch.tensor([[1e4]]), prior, torch.full((3,), 1e-3))
    assert bool(q.logits.isfinite().all())
    torch.testing.assert_close(q.probs.sum(-1), torch.ones(1, 3))
