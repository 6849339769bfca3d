"""Laws, losses and exact answers that the tests of the estimators share.

Statistical tests compare a mean with its exact value and allow 4 standard errors: another seed
than theirs fails each comparison once in 16,000 times.
"""

from copy import deepcopy

import torch
from torch.distributions import Binomial, Multinomial, NegativeBinomial, Poisson

from topicgen.distributions import Finite, Truncated
from topicgen.gradients import ESTIMATORS, Enumeration

LEARNING = ("nvil", "rebar", "relax")
# Those whose mean is the gradient, whatever the law and the loss.
UNBIASED = ("reinforce", "leave_one_out", "nvil", "muprop", "rebar", "relax")


def doubles(*values):
    return torch.tensor(values, dtype=torch.float64)


ATOMS = doubles(0.0, 1.0, 2.0, 5.0)
# Laws by the parameter that is learnt, and a value of it. Of few atoms: RELAX computes with each.
LAWS = {
    "poisson": (lambda rate: Truncated(Poisson(rate), upper=5), torch.tensor(1.5)),
    "negative binomial": (
        lambda logits: Truncated(NegativeBinomial(3.0, logits=logits), upper=5),
        torch.tensor(-0.4),
    ),
    "binomial": (lambda logits: Binomial(4, logits=logits), torch.tensor(0.3)),
    "categorical": (
        lambda logits: Finite(logits, ATOMS),
        torch.tensor([0.5, -0.2, 0.1, -0.6]),
    ),
}
VECTORS = (lambda logits: Multinomial(3, logits=logits), torch.tensor([0.5, -0.4, 0.2]))


def square(z):
    return (z - 3).square()


def reciprocal(z):
    return 1 / (1 + z)


def product_of_latents(z):
    """A loss that the latent variables of the last axis share, and that no sum of theirs is."""
    return (z - 1).prod(-1) + (1 + z.sum(-1)).sqrt()


def built(name, n_latents=1, **options):
    """Return the named estimator for so many latent variables to a loss."""
    return ESTIMATORS[name](**({"n_latents": n_latents} if name in LEARNING else {}), **options)


def gradients(estimator, law, at, objective, n_draws):
    """Return independent estimates of the gradient in the law's parameter, shape (n_draws, ...)."""
    # In parts that fit the cache.
    parts = []
    for start in range(0, n_draws, 5000):
        n = min(5000, n_draws - start)
        parameter = at.expand(n, *at.shape).clone().requires_grad_()
        estimator.surrogate(law(parameter), objective).sum().backward()
        parts.append(parameter.grad)
    return torch.cat(parts)


def exact_gradient(law, at, objective):
    """Return the gradient by enumeration of the atoms of the one latent variable."""
    return gradients(Enumeration(), law, at, objective, 1)[0]


def every_choice(n_atoms, n_draws):
    """Return all that can be drawn, as numbers of atoms, shape (n_atoms^n_draws, n_draws)."""
    return torch.cartesian_prod(*[torch.arange(n_atoms)] * n_draws).reshape(-1, n_draws)


def exact_gradient_of_several(logits, atoms, objective):
    """Return the gradient in logits of shape (latents, n) of independent latents' shared loss."""
    logits = logits.detach().requires_grad_()
    index = every_choice(len(atoms), len(logits))
    chances = logits.softmax(-1)[torch.arange(len(logits)), index].prod(-1)
    (chances * objective(atoms[index])).sum().backward()
    return logits.grad


class Fixed(Finite):
    """A law whose "samples" are given."""

    def __init__(self, logits, atoms, samples):
        super().__init__(logits, atoms)
        self._samples = samples

    def sample(self, sample_shape=(), *, generator=None):
        assert self._samples.shape == (*sample_shape, *self.batch_shape)
        return self._samples


def expected_gradient(estimator, logits, atoms, objective):
    """Return the estimator's exact mean: its gradients at all draws, weighted by their chances.

    Args:
        estimator: one that draws from the law by ``sample``; left as it is.
        logits: shape (latents, n), of the latents that share a loss.
        atoms: shape (n,).
        objective: from values of shape (n_samples, 1, latents) to losses of shape (n_samples, 1).
    """
    n_draws = estimator.n_samples * len(logits)
    probs, total = logits.softmax(-1), torch.zeros_like(logits)
    for draw in every_choice(len(atoms), n_draws):
        index = draw.reshape(estimator.n_samples, 1, len(logits))
        leaf = logits.detach().unsqueeze(0).requires_grad_()
        law = Fixed(leaf, atoms, atoms[index])
        deepcopy(estimator).surrogate(law, objective).sum().backward()
        total += probs[torch.arange(len(logits)), index].prod() * leaf.grad[0]
    return total


def assert_mean(draws, expected):
    """Assert that the mean over the first axis is the expected one within 4 standard errors."""
    draws = draws.detach().double()
    error = draws.std(0) / len(draws) ** 0.5
    off = draws.mean(0) - expected
    # What has no spread is to be exact but for rounding.
    allowed = 4 * error + 1e-6 * torch.as_tensor(expected).abs()
    assert bool((off.abs() <= allowed).all()), f"off by {off / error} standard errors"
