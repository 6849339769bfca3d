"""The counts that a topic's latent variable may take."""

import math

import torch
from torch import Tensor
from torch.distributions import Distribution, Geometric, NegativeBinomial

from topicgen.distributions import Finite, Truncated, log_masses_at

_EVERY_COUNT_UP_TO = 12
_GROWTH = 1.2
_EVERY_MASS_UP_TO = 4096
_RUNS_FROM = 512
# More dispersed than Poisson's distribution.
_SMOOTH = (Geometric, NegativeBinomial)


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

    Of two atoms as near, the lower is taken. Where geometric and negative binomial
    distributions reach beyond 4,096 counts, runs of them are taken together: a mass is then off by
    up to 0.2%, and by up to 3% at dispersions so large that they are nearly Poisson.

    Args:
        law: on the non-negative integers, batch shape (\*batch).
        atoms: whole numbers from 0 on, ascending, shape (n,).

    Example:
        >>> law = torch.distributions.Poisson(torch.tensor(1.0))
        >>> binned(law, torch.tensor([0.0, 1.0, 3.0])).probs
        tensor([0.3679, 0.5518, 0.0803])
    """
    greatest = int(atoms[-1])
    middle = (atoms[1:] + atoms[:-1]) / 2
    if greatest > _EVERY_MASS_UP_TO and isinstance(law, _SMOOTH):
        # Beyond this the masses have fallen by e^-40, at the pace of the slowest.
        pace = law.variance / law.mean.clamp(min=1e-30) + law.variance.sqrt()
        last = math.ceil(max(greatest, law.mean.max().item()) + 40 * pace.max().item())
        counts, lengths = _runs(middle.double().floor() + 1, last)
        masses = (log_masses_at(law, counts) + lengths.log()).exp()
    else:
        fine = Truncated(law, upper=greatest)
        if len(atoms) == greatest + 1:
            return Finite(fine.logits, atoms, validate_args=False)
        counts, masses = fine.atoms, fine.probs
    nearest = torch.bucketize(counts, middle.to(counts))
    pooled = masses.new_zeros(*masses.shape[:-1], len(atoms)).index_add(-1, nearest, masses)
    pooled = pooled.to(law.mean.dtype)
    floor = torch.finfo(pooled.dtype).tiny
    return Finite(pooled.clamp_min(floor).log(), atoms, validate_args=False)


def _runs(bins: Tensor, last: int) -> tuple[Tensor, Tensor]:
    r"""Return the middles and lengths of runs of counts, none of them in two bins.

    A run is as long as half the square root of its counts. Across so many, the masses of a
    distribution that is as dispersed as Poisson's follow a line closely.

    Args:
        bins: the first count of each bin but the first, ascending.
        last: a count that the runs reach.
    """
    quarters = torch.arange(4 * math.isqrt(last) + 9, dtype=torch.float64, device=bins.device)
    # Small counts, at which a distribution may be steep, are each their own.
    each = torch.arange(float(_RUNS_FROM), dtype=torch.float64, device=bins.device)
    starts = (quarters / 4).square().floor()
    starts = torch.cat([each, starts[starts >= _RUNS_FROM], bins]).unique()
    lengths = starts.diff()
    return starts[:-1] + (lengths - 1) / 2, lengths


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
