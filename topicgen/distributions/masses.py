"""The log-masses of an integer-valued distribution, and how far they reach."""

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.distributions import (
    Binomial,
    Categorical,
    Distribution,
    MixtureSameFamily,
    NegativeBinomial,
    constraints,
)

from topicgen.distributions.checks import check_law, check_parameter, check_tensors, may_hold
from topicgen.distributions.finite import Finite
from topicgen.distributions.power_series import has_converged, power_series
from topicgen.distributions.zero_inflated_poisson import ZeroInflatedPoisson

# In float32 the terms of a log-mass at larger atoms cancel to fewer digits than a mass needs.
_EXACT_IN_SINGLE = 512
# A tail of up to so many terms, over all distributions of the batch, is summed as it is.
_MOST_SUMMED = 2**22


@dataclass(frozen=True)
class Masses:
    r"""The masses of a distribution on consecutive atoms.

    Args:
        log: their logarithms, -inf where there is no mass, shape (\*batch, n).
        probs: the masses with a gradient also where they are 0, which no logarithm has; None where
            all are above 0.
    """

    log: Tensor
    probs: Tensor | None


def log_masses(base: Distribution, first: int, last: int) -> Tensor:
    r"""Return log P(X = c) for c = first, ..., last, shape (\*batch, last - first + 1).

    A mass of 0 may be one that rounds to 0: see ``PowerSeries``.
    """
    law = _as_exact_as_needed(base, first, last)
    atoms = torch.arange(first, last + 1, dtype=law.mean.dtype, device=law.mean.device)
    return _log_masses_at(law, atoms).to(base.mean.dtype)


def log_masses_at(base: Distribution, counts: Tensor) -> Tensor:
    r"""Return log P(X = c) for whole numbers c, also where ``base.log_prob`` is inexact.

    Args:
        base: a distribution on whole numbers, batch shape (\*batch).
        counts: c, shape (n,).

    Returns:
        In double precision, shape (\*batch, n). A mass of 0 may be one that rounds to 0.

    Example:
        >>> log_masses_at(torch.distributions.Poisson(torch.tensor(9e4)), torch.tensor([9e4]))
        tensor([-6.6227], dtype=torch.float64)
    """
    check_law("base", base)
    check_tensors(counts=counts)
    return _log_masses_at(in_double(base), counts.double())


def _log_masses_at(law: Distribution, atoms: Tensor) -> Tensor:
    series = power_series(law)
    if series is not None:
        return series.log_masses(atoms)
    # The atoms are left unexpanded, so that what depends on them alone is computed once.
    if isinstance(law, ZeroInflatedPoisson):
        log_prob = law.log_mass
    else:
        # A count that is not in the support has no mass.
        law = copy.copy(law)
        law._validate_args = False
        log_prob = law.log_prob
    masses = log_prob(atoms.reshape(-1, *[1] * len(law.batch_shape)))
    return masses.expand(-1, *law.batch_shape).movedim(0, -1)


def clamped_masses(base: Distribution, lower: int, upper: int) -> Masses:
    r"""Return P(X <= a), P(X = c) for a < c < b, and P(X >= b), which sum to 1."""
    dtype = base.mean.dtype
    law = _as_exact_as_needed(base, lower, upper)
    logarithms = _clamped_log_masses(law, lower, upper)
    is_impossible = _is_impossible(law, lower, upper)
    if is_impossible is None:
        return Masses(logarithms.to(dtype), None)
    probs = logarithms.exp()
    # The gradient of the mass that rounds to 0, and the value 0.
    probs = torch.where(is_impossible, probs - probs.detach(), probs)
    return Masses(
        logarithms.masked_fill(is_impossible, -torch.inf).to(dtype),
        probs.to(dtype),
    )


def _is_impossible(law: Distribution, lower: int, upper: int) -> Tensor | None:
    """Return which of the clamped atoms have no mass, or None where all have some."""
    bounds = law if isinstance(law, ZeroInflatedPoisson) else power_series(law)
    least, greatest = getattr(bounds, "least", None), getattr(bounds, "greatest", None)
    atoms = torch.arange(lower, upper + 1, device=law.mean.device)
    is_impossible = torch.zeros((), dtype=torch.bool, device=atoms.device)
    # What lies beyond an end counts as the end.
    if least is not None:
        is_impossible = (atoms < least.unsqueeze(-1)) & (atoms < upper)
    if greatest is not None:
        is_impossible = is_impossible | ((atoms > greatest.unsqueeze(-1)) & (atoms > lower))
    if not is_impossible.dim() or not may_hold(is_impossible):
        return None
    return is_impossible.expand(*law.batch_shape, len(atoms))


def _clamped_log_masses(law: Distribution, lower: int, upper: int) -> Tensor:
    masses = log_masses(law, lower, upper)
    if lower == upper:
        # All of the mass, whatever the parameters, which keep their (zero) gradient.
        nothing = torch.zeros_like(masses, dtype=torch.bool)
        return masses.where(nothing, masses.new_zeros(()))
    # As a product with a mask: a part of each row would be read element by element.
    mask = masses.new_ones(upper - lower + 1)
    mask[[0, -1]] = 0
    inner_mass = masses.exp() @ mask.unsqueeze(-1)
    at_lower, inner, at_upper = masses.split([1, upper - lower - 1, 1], -1)
    first, last = support_bounds(law)
    at_or_below, converged_below = _log_tail(law, lower, first, at_lower)
    at_or_above, converged_above = _log_tail(law, upper, last, at_upper)
    # A small tail is summed, because one minus all else would cancel. One of too many terms to sum
    # is that difference, and large enough for it.
    if converged_below is not None:
        rest = inner_mass + at_or_above.exp()
        at_or_below = _or_complement(at_or_below, converged_below, rest)
    if converged_above is not None:
        rest = inner_mass + at_or_below.exp()
        at_or_above = _or_complement(at_or_above, converged_above, rest)
    return torch.cat([at_or_below, inner, at_or_above], -1)


def _log_tail(
    law: Distribution, end: int, bound: float, at_end: Tensor
) -> tuple[Tensor, Tensor | None]:
    r"""Return the log of the mass from an end to the bound of the support, shape (\*batch, 1).

    Where that is too far to sum, what follows the nearest terms is taken as a geometric series, and
    for each distribution of the batch it is told whether that has converged; else None.
    """
    if end == bound:
        return at_end, None
    step = 1 if bound > end else -1
    series = power_series(law)
    # A distribution that is not known to fall like Poisson's is given more terms to do so.
    n_terms = (12 + 3 * math.isqrt(abs(end))) * (1 if series else 4)
    if abs(bound - end) <= max(n_terms, _MOST_SUMMED // max(1, at_end.numel())):
        terms = log_masses(law, int(min(end, bound)), int(max(end, bound)))
        return terms.logsumexp(-1, keepdim=True), None
    if series is not None:
        tail, converged = series.log_tail(end, n_terms, step)
        return at_end + tail.unsqueeze(-1), converged.unsqueeze(-1)
    far = end + step * n_terms
    terms = log_masses(law, min(end + step, far), max(end + step, far))
    terms = terms if step > 0 else terms.flip(-1)
    nearest = _ratio(terms, at_end).sum(-1, keepdim=True)
    ratio = _ratio(terms[..., -1:], terms[..., -2:-1]).clamp(max=0.999)
    following = _ratio(terms[..., -1:], at_end) * ratio / (1 - ratio)
    converged = (terms[..., :1] <= at_end) & has_converged(following, nearest)
    return at_end + torch.log1p(nearest + following), converged


def _ratio(log_mass: Tensor, of: Tensor) -> Tensor:
    """Return the ratio of two masses, at most 1, and 0 where there is no mass at all."""
    return (log_mass - of).nan_to_num(nan=-torch.inf).clamp(max=0.0).exp()


def _or_complement(tail: Tensor, converged: Tensor, rest: Tensor) -> Tensor:
    """Return the tail where it has converged, and else log(1 - rest) where that is exact enough."""
    is_better = ~converged & (1 - rest > math.sqrt(torch.finfo(rest.dtype).eps))
    # The inner `where` keeps the gradient of the branch not taken finite.
    complement = torch.log1p(-rest.where(is_better, rest.new_tensor(0.5)))
    return torch.where(is_better, complement, tail)


def _as_exact_as_needed(base: Distribution, first: int, last: int) -> Distribution:
    """Return the distribution in double precision where its own is too coarse."""
    mean = base.mean
    cancels = isinstance(base, Binomial | MixtureSameFamily | NegativeBinomial)
    is_far = max(abs(first), abs(last)) > _EXACT_IN_SINGLE
    if mean.dtype != torch.float64 and (cancels or is_far or mean.dtype != torch.float32):
        return in_double(base)
    return base


def in_double(base: Distribution) -> Distribution:
    """Return the same distribution with its parameters in double precision.

    One that cannot be made anew from its parameters is returned as it is.
    """
    if isinstance(base, MixtureSameFamily):
        chances = Categorical(logits=base.mixture_distribution.logits.double())
        parts = in_double(base.component_distribution)
        return MixtureSameFamily(chances, parts, validate_args=False)
    stored = {name: value for name, value in vars(base).items() if name in base.arg_constraints}
    if {"probs", "logits"} <= stored.keys():
        # torch keeps the one that it was given, and later the other one that it derives.
        del stored[max("probs", "logits", key=list(stored).index)]
    wide = {k: v.double() if torch.is_tensor(v) else v for k, v in stored.items()}
    make: Callable[..., Distribution] = type(base)
    try:
        return make(**wide, validate_args=False)
    except TypeError:
        return base


def support_bounds(base: Distribution) -> tuple[float, float]:
    r"""Return the least and the greatest count that some distribution of the batch can take.

    Args:
        base: a distribution on whole numbers.

    Example:
        >>> support_bounds(torch.distributions.Poisson(torch.ones(3)))
        (0.0, inf)
        >>> support_bounds(torch.distributions.Binomial(torch.tensor([3.0, 5.0]), torch.ones(2)))
        (0.0, 5.0)
    """
    check_law("base", base)
    support = getattr(base.support, "base_constraint", base.support)
    if support is constraints.boolean:
        return 0.0, 1.0
    if isinstance(base, Finite):
        return base.atoms.amin().item(), base.atoms.amax().item()
    first = torch.as_tensor(getattr(support, "lower_bound", -math.inf))
    last = torch.as_tensor(getattr(support, "upper_bound", math.inf))
    # A batch of no distributions has no sizes.
    greatest = last.max().item() if last.numel() else math.inf
    return float(first.min()), float(greatest)


def choose_ends(
    base: Distribution, tolerance: float, lower: int | None = None, limit: int = 2**20
) -> tuple[int, int]:
    r"""Return the narrowest ends beyond which lies no more mass than the tolerance.

    That holds for each distribution of the batch.

    Args:
        base: an integer-valued distribution.
        tolerance: the mass that may lie beyond the ends, above 0 and below 1. Where both are
            chosen, each may leave half of it.
        lower: the lower end, where it is given.
        limit: the most atoms to try.

    Raises:
        ValueError: where the mass beyond ``limit`` atoms is above the tolerance.

    Example:
        >>> choose_ends(torch.distributions.Poisson(torch.tensor([0.2, 5.0])), 1e-4, lower=0)
        (0, 15)
        >>> choose_ends(torch.distributions.Poisson(torch.tensor(1e5)), 1e-4)
        (98772, 101233)
    """
    with torch.no_grad():
        base = in_double(base)
        first, last, masses = _window(base, tolerance / 16, limit)
        bounds = support_bounds(base)
        share = tolerance if lower is not None else tolerance / 2
        # What the masses lack lies beyond the window, and counts against either end.
        missing = (1 - masses.sum(-1, keepdim=True)).clamp(min=0.0)
        if lower is None:
            at_or_below = masses.cumsum(-1) + missing * (first > bounds[0])
            lower = first + _count(at_or_below <= share)
        at_or_above = masses.flip(-1).cumsum(-1) + missing * (last < bounds[1])
        upper = max(last - _count(at_or_above <= share), lower)
        if upper - lower >= limit or bool((missing > share).any()):
            raise ValueError(
                f"expected a distribution with at most {tolerance:g} of its mass beyond "
                f"{limit} atoms, got {base}; lower its rate, raise the tolerance or give both ends"
            )
        return lower, upper


def _window(base: Distribution, tolerance: float, limit: int) -> tuple[int, int, Tensor]:
    """Return ends with nearly all of the mass between them, and the masses there."""
    bounds = support_bounds(base)
    mean, spread = base.mean, base.variance.sqrt()
    check_parameter(base, "mean", mean, mean.isfinite(), "finite")
    if mean.numel() == 0:
        start = int(max(bounds[0], 0))
        return start, start, mean.new_ones(*mean.shape, 1)
    width = 12.0
    while True:
        first = int(max(bounds[0], math.floor((mean - width * spread).min().item() - width)))
        last = int(min(bounds[1], math.ceil((mean + width * spread).max().item() + width)))
        is_widest = (first, last) == bounds or last - first >= limit
        last = min(last, first + limit - 1)
        masses = log_masses(base, first, last).exp()
        rounding = 1e-14 * last
        if is_widest or bool((1 - masses.sum(-1) <= tolerance + rounding).all()):
            return first, last, masses
        width *= 2


def _count(flags: Tensor) -> int:
    """Return for how many of the last axis all of the batch is true."""
    return int(flags.reshape(-1, flags.shape[-1]).all(0).sum())
