"""Distributions of torch with a finite support, as distributions on atoms."""

from itertools import combinations
from math import comb

import torch
from torch import Tensor
from torch.distributions import (
    Bernoulli,
    Binomial,
    Categorical,
    Distribution,
    Multinomial,
    OneHotCategorical,
)

from topicgen.distributions.checks import check_law, may_hold
from topicgen.distributions.finite import Finite
from topicgen.distributions.masses import Masses, clamped_masses, support_bounds
from topicgen.distributions.power_series import is_given_by, log_or_stand_in

_MOST_ATOMS = 100_000
# Where 0 times a logit has to be 0.
_LEAST = -1e30


def enumerated(law: Distribution) -> Finite:
    r"""Return a binomial, multinomial, categorical, Bernoulli, ... distribution as a ``Finite``.

    Nothing is truncated: all of the support becomes atoms. Those of a multinomial distribution of
    N trials in K categories are its :math:`\binom{N + K - 1}{K - 1}` count vectors: N and K must
    be small.

    Args:
        law: a distribution with ``enumerate_support``, or a ``Multinomial``; batch shape (\*batch).

    Raises:
        TypeError: where the support is not finite.
        ValueError: where a multinomial distribution has more than 100,000 atoms.

    Example:
        >>> from torch.distributions import Categorical, Multinomial
        >>> enumerated(Categorical(torch.ones(3)))
        Finite(batch_shape=(), 3 atoms from 0 to 2)
        >>> enumerated(Multinomial(3, torch.tensor([0.7, 0.2, 0.1]))).mean
        tensor([2.1000, 0.6000, 0.3000])
    """
    if isinstance(law, Finite):
        return law
    check_law("law", law)
    if isinstance(law, Bernoulli | Binomial):
        first, last = map(int, support_bounds(law))
        masses, atoms = clamped_masses(law, first, last), torch.arange(first, last + 1)
        return _finite(law, masses, atoms)
    if isinstance(law, Multinomial):
        atoms = _count_vectors(law.total_count, law.event_shape[0]).to(law.mean)
        return _finite(law, _of_categories(law._categorical, atoms), atoms)
    if isinstance(law, Categorical):
        return _finite(
            law, _of_categories(law, torch.eye(law._num_events)), torch.arange(law._num_events)
        )
    if isinstance(law, OneHotCategorical):
        atoms = torch.eye(law.event_shape[0])
        return _finite(law, _of_categories(law._categorical, atoms), atoms)
    if not law.has_enumerate_support:
        raise TypeError(
            f"{law} has no finite support; truncate it: Truncated({type(law).__name__}(...))"
        )
    atoms = law.enumerate_support(expand=False).reshape(-1, *law.event_shape)
    ones = [1] * len(law.batch_shape)
    logits = law.log_prob(atoms.reshape(len(atoms), *ones, *law.event_shape))
    return Finite(logits.movedim(0, -1), atoms, law._validate_args)


def _finite(law: Distribution, masses: Masses, atoms: Tensor) -> Finite:
    finite = Finite(masses.log, atoms.to(masses.log.device), law._validate_args)
    # Normalised as they are, by sums whose gradient does not end at a mass of 0.
    finite._logits, finite._probs = masses.log, masses.probs
    return finite


def _of_categories(law: Categorical, counts: Tensor) -> Masses:
    r"""Return the masses of vectors of counts, shape (n, categories), in so many draws."""
    dtype = law.logits.dtype
    # In double precision: the binomial coefficients of many draws cancel.
    counts = counts.to(law.logits.device, torch.float64)
    is_by_logits = is_given_by(law, "logits")
    chances = law.logits.double() if is_by_logits else log_or_stand_in(law.probs.double())
    ways = torch.lgamma(counts.sum(-1) + 1) - torch.lgamma(counts + 1).sum(-1)
    # A category of no chance has its stand-in also where its logit is -inf.
    log_masses = chances.clamp(min=_LEAST) @ counts.T + ways
    is_never = chances == -torch.inf if is_by_logits else law.probs == 0
    if not may_hold(is_never):
        return Masses(log_masses.to(dtype), None)
    is_impossible = is_never.double() @ counts.T > 0
    probs = log_masses.exp()
    probs = torch.where(is_impossible, probs - probs.detach(), probs)
    return Masses(log_masses.masked_fill(is_impossible, -torch.inf).to(dtype), probs.to(dtype))


def _count_vectors(n_trials: int, n_categories: int) -> Tensor:
    """Return all vectors of counts that sum to the number of trials, shape (n, n_categories)."""
    n_atoms = comb(n_trials + n_categories - 1, n_categories - 1)
    if n_atoms > _MOST_ATOMS:
        raise ValueError(
            f"expected a multinomial distribution with at most {_MOST_ATOMS:,} count vectors, got "
            f"{n_atoms:,} ({n_trials} trials in {n_categories} categories); use fewer of them"
        )
    # Bars among stars: where they stand says how many stars lie between them.
    n_places = n_trials + n_categories - 1
    bars = torch.tensor(list(combinations(range(n_places), n_categories - 1)))
    bars = bars.reshape(n_atoms, n_categories - 1)
    edges = [torch.full((n_atoms, 1), end) for end in (-1, n_places)]
    return torch.cat([edges[0], bars, edges[1]], 1).diff(dim=1) - 1
