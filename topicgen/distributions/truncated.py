"""A countable law made finite: the mass beyond the ends is moved onto them."""

import math
from typing import Any

import torch
from torch import Tensor
from torch.distributions import Distribution

from topicgen.distributions.finite import Finite, Shape


class Truncated(Finite):
    r"""The law of :math:`\min(\max(X, a), b)` for an integer-valued :math:`X`.

    The mass beyond an end is moved onto it (a statistician would say *censored*), so nothing is
    renormalised:

    .. math::
        \pi_a = P(X \le a), \qquad \pi_c = P(X = c), \qquad \pi_b = P(X \ge b).

    It is the truncation of Joo, Kim, Shin and Moon (2020).

    Args:
        base: an integer-valued law with ``log_prob``, batch shape (\*batch).
        lower: :math:`a`, the least atom; at or below it the base law's support begins.
        upper: :math:`b`, the greatest atom.

    Raises:
        ValueError: where ``upper`` is not above ``lower``, or the base law is not a law of single
            numbers.

    Example:
        >>> law = Truncated(torch.distributions.Poisson(torch.tensor(2.0)), upper=3)
        >>> law.probs
        tensor([0.1353, 0.2707, 0.2707, 0.3233])
        >>> law.clamped
        tensor(0.1429)
    """

    def __init__(self, base: Distribution, lower: int = 0, upper: int = 15) -> None:
        if not upper > lower:
            raise ValueError(
                f"expected upper above lower, got lower={lower} and upper={upper}; widen the range"
            )
        if base.event_shape:
            raise ValueError(
                f"expected a law of single numbers, got {base} with event_shape "
                f"{tuple(base.event_shape)}; truncate each of its numbers by itself"
            )
        first, last = _ends(base, lower, upper)
        if lower < first or upper > last:
            raise ValueError(
                f"expected ends within the support of {base} ({first} to {last}), got lower="
                f"{lower} and upper={upper}; bring the ends inside"
            )
        self.base = base
        below = _log_masses(base, first, lower).logsumexp(-1, keepdim=True)
        below = torch.cat([below, _log_masses(base, lower + 1, upper - 1)], -1)
        above = _log_mass_above(base, upper, last, below)
        logits = torch.cat([below, above], -1)
        atoms = torch.arange(lower, upper + 1, dtype=logits.dtype, device=logits.device)
        super().__init__(logits, atoms)

    def expand(self, batch_shape: Shape, _instance: Any = None) -> "Truncated":
        """Return the law with its masses repeated to the batch shape."""
        new = self._get_checked_instance(Truncated, _instance)
        super().expand(batch_shape, _instance=new)
        new.base = self.base.expand(batch_shape)
        return new

    @property
    def clamped(self) -> Tensor:
        r"""The mass moved onto the upper end, :math:`P(X > b)`, shape (\*batch)."""
        at_end = _log_masses(self.base, int(self.atoms[-1]), int(self.atoms[-1]))[..., 0]
        return (self.probs[..., -1] - at_end.exp()).clamp(min=0.0)


def truncation_point(base: Distribution, tolerance: float, limit: int = 4096) -> int:
    r"""Return the least :math:`b` with :math:`P(X > b) \le` tolerance for every law of the batch.

    Args:
        base: a law on the non-negative integers.
        tolerance: the mass that may be clamped, between 0 and 1.
        limit: the greatest point to try.

    Raises:
        ValueError: where the mass beyond ``limit`` is above the tolerance.

    Example:
        >>> truncation_point(torch.distributions.Poisson(torch.tensor([0.2, 5.0])), 1e-4)
        15
    """
    below = _log_masses(base, 0, limit).exp().double().cumsum(-1)
    short = (1.0 - below > tolerance).sum(-1).max()
    if short > limit:
        raise ValueError(
            f"expected a law with at most {tolerance:g} of its mass above {limit}, got {base}; "
            "lower its rate, raise the limit or give the truncation"
        )
    return int(short)


def _log_masses(base: Distribution, first: int, last: int) -> Tensor:
    r"""Return log P(X = c) for c = first, ..., last, shape (\*batch, last - first + 1)."""
    atoms = torch.arange(first, last + 1, dtype=torch.get_default_dtype())
    reference = base.mean
    atoms = atoms.to(reference).reshape(-1, *[1] * len(base.batch_shape))
    shape = (len(atoms), *base.batch_shape)
    if not len(atoms):
        return reference.new_empty(shape).movedim(0, -1)
    return base.log_prob(atoms.expand(shape)).movedim(0, -1)


def _log_mass_above(base: Distribution, upper: int, last: int, below: Tensor) -> Tensor:
    r"""Return log P(X >= upper) with a last axis of length 1.

    A small tail is summed, term by term, where :math:`1 - P(X < b)` would cancel; where the terms
    up to ``last`` leave a part out, the tail is that difference, and large enough for it.
    """
    cdf = below.logsumexp(-1, keepdim=True).exp()
    tail = _log_masses(base, upper, last).logsumexp(-1, keepdim=True)
    rounding = 64 * torch.finfo(cdf.dtype).eps
    is_short = 1 - cdf > tail.exp() + rounding
    # The inner `where` keeps the gradient of the branch not taken finite.
    complement = torch.log1p(-cdf.where(is_short, cdf.new_tensor(0.5)))
    return torch.where(is_short, complement, tail)


def _ends(base: Distribution, lower: int, upper: int) -> tuple[int, int]:
    """Return the ends of the base law's support, an infinite one cut where no mass is left."""
    first = getattr(base.support, "lower_bound", lower - _reach(lower))
    last = getattr(base.support, "upper_bound", upper + _reach(upper))
    return int(torch.as_tensor(first).min()), int(torch.as_tensor(last).min())


def _reach(end: int) -> int:
    """Return how many terms beyond an end to sum: all of a tail that falls off like Poisson's."""
    return 32 + 12 * math.isqrt(abs(end))
