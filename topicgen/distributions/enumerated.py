"""Laws of torch whose support is finite, as laws on atoms."""

from itertools import combinations
from math import comb

import torch
from torch import Tensor
from torch.distributions import Distribution, Multinomial

from topicgen.distributions.finite import Finite

_MOST_ATOMS = 100_000


def enumerated(law: Distribution) -> Finite:
    r"""Return the law of a binomial, multinomial, categorical, Bernoulli, ... as a ``Finite``.

    Nothing is truncated: all of the support becomes atoms. Those of a multinomial law of N trials
    in K categories are its :math:`\binom{N + K - 1}{K - 1}` count vectors: N and K must be small.

    Args:
        law: a law with ``enumerate_support``, or a ``Multinomial``; batch shape (\*batch).

    Raises:
        TypeError: where the support is not finite.
        ValueError: where a multinomial law has more than 100,000 atoms.

    Example:
        >>> from torch.distributions import Categorical, Multinomial
        >>> enumerated(Categorical(torch.ones(3)))
        Finite(batch_shape=(), 3 atoms from 0 to 2)
        >>> enumerated(Multinomial(3, torch.tensor([0.7, 0.2, 0.1]))).mean
        tensor([2.1000, 0.6000, 0.3000])
    """
    if isinstance(law, Finite):
        return law
    if isinstance(law, Multinomial):
        atoms = _count_vectors(law.total_count, law.event_shape[0]).to(law.mean)
    elif law.has_enumerate_support:
        atoms = law.enumerate_support(expand=False).reshape(-1, *law.event_shape)
    else:
        raise TypeError(
            f"expected a law on finitely many atoms, got {law}; truncate it: "
            f"Truncated({type(law).__name__}(...))"
        )
    ones = [1] * len(law.batch_shape)
    logits = law.log_prob(atoms.reshape(len(atoms), *ones, *law.event_shape))
    return Finite(logits.movedim(0, -1), atoms)


def _count_vectors(n_trials: int, n_categories: int) -> Tensor:
    """Return all vectors of counts that sum to the number of trials, shape (n, n_categories)."""
    n_atoms = comb(n_trials + n_categories - 1, n_categories - 1)
    if n_atoms > _MOST_ATOMS:
        raise ValueError(
            f"expected a multinomial law with at most {_MOST_ATOMS:,} count vectors, got "
            f"{n_atoms:,} ({n_trials} trials in {n_categories} categories); use fewer of them"
        )
    # Bars among stars: where they stand says how many stars lie between them.
    n_places = n_trials + n_categories - 1
    bars = torch.tensor(list(combinations(range(n_places), n_categories - 1)))
    bars = bars.reshape(n_atoms, n_categories - 1)
    edges = [torch.full((n_atoms, 1), end) for end in (-1, n_places)]
    return torch.cat([edges[0], bars, edges[1]], 1).diff(dim=1) - 1
