"""The log-masses of an integer-valued law, and how far they reach."""

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.distributions import Distribution

from topicgen.distributions.checks import check_parameter
from topicgen.distributions.power_series import power_series

# In float32 the terms of a log-mass at larger atoms cancel to fewer digits than a mass needs.
_EXACT_IN_SINGLE = 512


def log_masses(base: Distribution, first: int, last: int) -> Tensor:
    r"""Return log P(X = c) for c = first, ..., last, shape (\*batch, last - first + 1)."""
    dtype = _reference(base).dtype
    law = in_double(base) if max(abs(first), abs(last)) > _EXACT_IN_SINGLE else base
    series = power_series(law)
    if series is not None:
        return series.log_masses(first, last).to(dtype)
    reference = _reference(law)
    # The atoms are left unexpanded, so that what depends on them alone is computed once.
    atoms = torch.arange(first, last + 1, dtype=reference.dtype, device=reference.device)
    masses = law.log_prob(atoms.reshape(-1, *[1] * len(base.batch_shape)))
    return masses.expand(-1, *base.batch_shape).movedim(0, -1).to(dtype)


def clamped_log_masses(base: Distribution, lower: int, upper: int) -> Tensor:
    r"""Return log P(X <= a), log P(X = c) for a < c < b, and log P(X >= b).

    Returns:
        Shape (\*batch, b - a + 1), the logarithms of masses that sum to 1.
    """
    if lower == upper:
        # All of the mass, whatever the parameters, which keep their (zero) gradient.
        masses = log_masses(base, lower, upper)
        return masses.where(torch.zeros_like(masses, dtype=torch.bool), masses.new_zeros(()))
    first, last = _outer_ends(base)
    start, stop = int(max(first, lower - _reach(lower))), int(min(last, upper + _reach(upper)))
    # All that is needed at once: the law is asked once for its masses.
    sizes = lower - start + 1, upper - lower - 1, stop - upper + 1
    below, inner, above = log_masses(base, start, stop).split(sizes, -1)
    inner_mass = inner.exp().sum(-1, keepdim=True)
    at_or_below = _log_tail(below.flip(-1), is_all=start == first)
    at_or_above = _log_tail(above, is_all=stop == last)
    if start > first:
        # Where masses rise beyond the end, most of all mass lies there.
        rises = below[..., -2:-1] > below[..., -1:]
        complement = _log_complement(inner_mass + at_or_above.exp(), rises)
        at_or_below = torch.where(rises, complement, at_or_below)
    if stop < last:
        # A small tail is summed, because one minus all else would cancel. A large one may have more
        # terms than were summed, but is that difference to all digits but a few.
        rest = at_or_below.exp() + inner_mass
        is_large = 1 - rest > torch.finfo(rest.dtype).eps ** (1 / 3)
        at_or_above = torch.where(is_large, _log_complement(rest, is_large), at_or_above)
    return torch.cat([at_or_below, inner, at_or_above], -1)


def _log_tail(masses: Tensor, *, is_all: bool) -> Tensor:
    """Return the log of the sum of masses, and of what follows them as a geometric series."""
    if is_all:
        return masses.logsumexp(-1, keepdim=True)
    # Where there is no mass at all, the difference of the logarithms is none.
    fall = (masses[..., -1:] - masses[..., -2:-1]).nan_to_num(nan=-torch.inf)
    ratio = fall.exp().clamp(max=0.999)
    following = masses[..., -1:] - torch.log1p(-ratio)
    return torch.cat([masses[..., :-1], following], -1).logsumexp(-1, keepdim=True)


def _log_complement(rest: Tensor, where: Tensor) -> Tensor:
    """Return log(1 - rest) there, and elsewhere a number with a finite gradient."""
    return torch.log1p(-rest.where(where, rest.new_tensor(0.5)))


def _reach(end: int) -> int:
    """Return how many terms beyond an end to sum before the rest is as good as geometric."""
    return 8 + 2 * math.isqrt(abs(end))


def in_double(base: Distribution) -> Distribution:
    """Return the same law with its parameters in double precision."""
    stored = {name: value for name, value in vars(base).items() if name in base.arg_constraints}
    if {"probs", "logits"} <= stored.keys():
        # torch keeps the one that it was given, and later the other one that it derives.
        del stored[max("probs", "logits", key=list(stored).index)]
    wide = {k: v.double() if torch.is_tensor(v) else v for k, v in stored.items()}
    make: Callable[..., Distribution] = type(base)
    return make(**wide, validate_args=False)


def ends(base: Distribution) -> tuple[float, float]:
    """Return the ends of the support that all laws of the batch have."""
    first, last = _bounds(base)
    return first.max().item(), last.min().item()


def _outer_ends(base: Distribution) -> tuple[float, float]:
    """Return the ends beyond which no law of the batch has a mass."""
    first, last = _bounds(base)
    return first.min().item(), last.max().item()


def _bounds(base: Distribution) -> tuple[Tensor, Tensor]:
    first = getattr(base.support, "lower_bound", -math.inf)
    last = getattr(base.support, "upper_bound", math.inf)
    return torch.as_tensor(first), torch.as_tensor(last)


def choose_ends(
    base: Distribution, tolerance: float, lower: int | None = None, limit: int = 2**20
) -> tuple[int, int]:
    r"""Return the narrowest ends beyond which no law of the batch has more than the tolerance.

    Args:
        base: an integer-valued law.
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
        bounds = ends(base)
        share = tolerance if lower is not None else tolerance / 2
        # What the masses lack lies beyond the window, and counts against either end.
        missing = (1 - masses.sum(-1, keepdim=True)).clamp(min=0.0)
        if lower is None:
            at_or_below = masses.cumsum(-1) + missing * (first > bounds[0])
            lower = first + _count(at_or_below <= share)
        at_or_above = masses.flip(-1).cumsum(-1) + missing * (last < bounds[1])
        return lower, max(last - _count(at_or_above <= share), lower)


def _window(base: Distribution, tolerance: float, limit: int) -> tuple[int, int, Tensor]:
    """Return ends with nearly all of the mass between them, and the masses there."""
    bounds = ends(base)
    mean, spread = base.mean, base.variance.sqrt()
    check_parameter(base, "mean", mean, mean.isfinite(), "finite")
    if mean.numel() == 0:
        start = int(max(bounds[0], 0))
        return start, start, mean.new_ones(*mean.shape, 1)
    width = 12.0
    while True:
        first = int(max(bounds[0], math.floor((mean - width * spread).min().item() - width)))
        last = int(min(bounds[1], math.ceil((mean + width * spread).max().item() + width)))
        if last - first >= limit:
            raise ValueError(
                f"expected a law with at most {16 * tolerance:g} of its mass beyond {limit} atoms, "
                f"got {base}; lower its rate, raise the tolerance or give both ends"
            )
        masses = log_masses(base, first, last).exp()
        rounding = 1e-14 * last
        if (first, last) == bounds or bool((1 - masses.sum(-1) <= tolerance + rounding).all()):
            return first, last, masses
        width *= 2


def _count(flags: Tensor) -> int:
    """Return for how many of the last axis all of the batch is true."""
    return int(flags.flatten(end_dim=-2).all(0).sum()) if flags.dim() > 1 else int(flags.sum())


def _reference(base: Distribution) -> Tensor:
    """Return a tensor of the law's dtype and device."""
    mean: Tensor = base.mean
    return mean
