"""The counts that a topic's latent variable may take."""

import math

import torch
from torch import Tensor
from torch.distributions import Distribution

from topicgen.distributions import Finite, Truncated

_EVERY_COUNT_UP_TO = 12
_GROWTH = 1.2


def greatest_count(prior_count: float, *, models_length: bool = False) -> int:
    """Return a count that few are expected to exceed, were the document of one topic.

    Where the counts grow with the length of a document, that is one ten times as long as most.

    Example:
        >>> greatest_count(10.0), greatest_count(10.0, models_length=True)
        (20, 130)
    """
    most = prior_count * (10 if models_length else 1)
    return math.ceil(most + 3 * math.sqrt(most))


def count_atoms(greatest: int) -> Tensor:
    """Return the counts from 0 to the greatest: each up to 12, then in steps of about a fifth.

    A difference of one unit in a hundred tells nothing of a document's topics, and every atom costs
    time.

    Example:
        >>> count_atoms(30)
        tensor([ 0.,  1.,  2.,  3.,  4.,  5.,  6.,  7.,  8.,  9., 10., 11., 12., 14.,
                17., 21., 25., 30.])
    """
    atoms = list(range(min(greatest, _EVERY_COUNT_UP_TO) + 1))
    step = float(_EVERY_COUNT_UP_TO)
    while atoms[-1] < greatest:
        step *= _GROWTH
        atoms.append(min(round(step), greatest))
    return torch.tensor(atoms, dtype=torch.get_default_dtype())


def binned(law: Distribution, atoms: Tensor) -> Finite:
    r"""Return the law of the atom nearest to each count, the mass beyond the last moved onto it.

    Of two atoms as near, the lower is taken.

    Args:
        law: on the non-negative integers, batch shape (\*batch).
        atoms: whole numbers from 0 on, ascending, shape (n,).

    Example:
        >>> law = torch.distributions.Poisson(torch.tensor(1.0))
        >>> binned(law, torch.tensor([0.0, 1.0, 3.0])).probs
        tensor([0.3679, 0.5518, 0.0803])
    """
    greatest = int(atoms[-1])
    fine = Truncated(law, upper=greatest)
    if len(atoms) == greatest + 1:
        return Finite(fine.logits, atoms, validate_args=False)
    middle = (atoms[1:] + atoms[:-1]) / 2
    nearest = torch.bucketize(fine.atoms, middle.to(fine.atoms))
    masses = fine.probs.new_zeros(*fine.batch_shape, len(atoms)).index_add(-1, nearest, fine.probs)
    floor = torch.finfo(masses.dtype).tiny
    return Finite(masses.clamp_min(floor).log(), atoms, validate_args=False)


def bin_widths(atoms: Tensor) -> Tensor:
    """Return how many counts are nearest to each atom, shape (n,).

    Example:
        >>> bin_widths(torch.tensor([0.0, 1.0, 2.0, 4.0, 8.0]))
        tensor([1.0000, 1.0000, 1.5000, 3.0000, 4.0000])
    """
    if len(atoms) == 1:
        return torch.ones_like(atoms)
    gaps = atoms.diff()
    return torch.cat([gaps[:1], (gaps[1:] + gaps[:-1]) / 2, gaps[-1:]])
