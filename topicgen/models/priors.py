"""The families of count distributions for a topic's prior, and their fit to posteriors."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.distributions import Binomial, Distribution, Geometric, NegativeBinomial, Poisson

from topicgen.distributions import Finite, support_bounds
from topicgen.errors import InputError
from topicgen.models.support import binned

# The dispersions that are tried, in double so that large ones keep their differences.
_SHAPES = torch.logspace(-2.5, 2.0, 46, dtype=torch.float64)


@dataclass(frozen=True)
class Prior:
    """A distribution of each topic's count, and its parameters.

    Args:
        law: the masses on the atoms, batch shape (n_topics,).
        mean: the expected count, shape (n_topics,).
        dispersion: the shape parameter of a negative binomial, shape (n_topics,): the variance is
            the mean plus its square over the dispersion. NaN in other families.
    """

    law: Finite
    mean: Tensor
    dispersion: Tensor


def negative_binomial(mean: Tensor, shape: Tensor) -> NegativeBinomial:
    r"""Return the negative binomial of mean :math:`m`, variance :math:`m + m^2 / \text{shape}`."""
    return NegativeBinomial(shape, logits=(mean / shape).log())


def poisson_prior(mean: Tensor, atoms: Tensor, masses: Tensor | None = None) -> Prior:
    """Return Poisson distributions with these means."""
    return _without_dispersion(binned(Poisson(mean), atoms), mean)


def geometric_prior(mean: Tensor, atoms: Tensor, masses: Tensor | None = None) -> Prior:
    """Return geometric distributions with these means."""
    law = binned(Geometric(probs=1 / (1 + mean)), atoms)
    return _without_dispersion(law, mean)


def binomial_prior(mean: Tensor, atoms: Tensor, masses: Tensor | None = None) -> Prior:
    """Return binomials with these means; their greatest count is the last atom."""
    probs = (mean / atoms[-1]).clamp(1e-6, 1 - 1e-6)
    law = binned(Binomial(int(atoms[-1]), probs=probs), atoms)
    return _without_dispersion(law, mean)


def negative_binomial_prior(mean: Tensor, atoms: Tensor, masses: Tensor | None = None) -> Prior:
    """Return negative binomials with these means, with the likeliest of some dispersions.

    Args:
        mean: shape (n_topics,).
        atoms: the counts, shape (n,).
        masses: what the distributions should be close to, shape (n_topics, n); without it the
            dispersions of all topics sum to 5 (each is at least .05): a document holds few topics.
    """
    if masses is None:
        shape = torch.full_like(mean, max(5.0 / len(mean), 0.05))
        return Prior(binned(negative_binomial(mean, shape), atoms), mean, shape)
    shapes = _SHAPES.to(mean).unsqueeze(-1)
    candidates = binned(negative_binomial(mean.expand(len(shapes), -1), shapes), atoms)
    best = (candidates.logits * masses).sum(-1).argmax(0)
    law = Finite(candidates.logits[best, torch.arange(len(mean))], atoms, validate_args=False)
    return Prior(law, mean, shapes.squeeze(-1)[best])


PRIORS: dict[str, Callable[..., Prior]] = {
    "poisson": poisson_prior,
    "negative_binomial": negative_binomial_prior,
    "geometric": geometric_prior,
    "binomial": binomial_prior,
}


def fixed_prior(law: Distribution, n_topics: int, atoms: Tensor) -> Prior:
    """Return a given distribution, one for all topics or one for each, as a prior.

    Args:
        law: on whole numbers from 0, batch shape () or (n_topics,). A ``Finite`` keeps its atoms.
        n_topics: how many topics there are.
        atoms: the counts that any other distribution is reduced to, as far as they are possible.

    Raises:
        InputError: if the batch shape is neither of these.
    """
    if law.batch_shape not in (torch.Size([]), torch.Size([n_topics])):
        raise InputError(
            f"expected a latent distribution of batch shape () or ({n_topics},), got "
            f"{tuple(law.batch_shape)}; give one distribution, or one for each topic"
        )
    if not isinstance(law, Finite):
        law = binned(law, atoms[atoms <= support_bounds(law)[1]])
    logits = law.logits.detach().to(atoms.dtype).expand(n_topics, -1).clone()
    finite = Finite(logits, law.atoms.to(atoms.dtype), validate_args=False)
    return _without_dispersion(finite, finite.mean)


def _without_dispersion(law: Finite, mean: Tensor) -> Prior:
    return Prior(law, mean, torch.full_like(mean, math.nan))
