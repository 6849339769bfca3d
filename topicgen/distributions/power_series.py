"""The distributions whose masses are a power series: Poisson, (negative) binomial, geometric."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import singledispatch

import torch
from torch import Tensor
from torch.distributions import (
    Bernoulli,
    Binomial,
    Distribution,
    Geometric,
    NegativeBinomial,
    Poisson,
)
from torch.nn.functional import logsigmoid

from topicgen.distributions.checks import may_hold

# The logarithm that stands in for that of 0. Its exponential is far below rounding error, and times
# the slope of the logarithm there it is 1 again: so a mass of 0 keeps its gradient.
LOG_OF_ZERO = -64.0
# How much less likely each count beyond the greatest possible one is made: beyond any number.
_CLIFF = 1e4
# From this size on a ratio of Gamma functions is taken from Stirling's series.
_LARGE = 100.0


@dataclass(frozen=True)
class PowerSeries:
    r"""A distribution with :math:`P(X = c) = h(c) \exp(c \eta - A)` on the non-negative integers.

    A mass of 0 is stored as one that rounds to 0 and has the gradient of the true one;
    ``least`` and ``greatest`` say where it is 0.

    Args:
        eta: :math:`\eta`, shape (\*batch), finite.
        log_normaliser: :math:`A`, shape (\*batch).
        log_h: :math:`\log h` of atoms of shape (n,), shape (n,) or (\*batch, n).
        least: the least possible count, shape (\*batch), or None for 0.
        greatest: the greatest possible count, shape (\*batch), or None where there is none.
    """

    eta: Tensor
    log_normaliser: Tensor
    log_h: Callable[[Tensor], Tensor]
    least: Tensor | None = None
    greatest: Tensor | None = None

    def log_masses(self, atoms: Tensor) -> Tensor:
        r"""Return log P(X = c) for atoms of shape (n,), shape (\*batch, n)."""
        # A term for each atom as a product too: the gradient of a plain sum is slower.
        offset = _outer(-self.log_normaliser, torch.ones_like(atoms))
        return _outer(self.eta, atoms) + offset + self.log_h(atoms)

    def log_tail(self, end: int, n_terms: int, step: int) -> tuple[Tensor, Tensor]:
        r"""Return :math:`\log \sum_{k \ge 0} P(X = e + k s) / P(X = e)`, and whether it converged.

        The end is :math:`e`, and :math:`s = \pm 1` leads away from the other atoms. What follows
        the first terms is taken as a geometric series. Where that is too much of the sum, or masses
        do not fall, it has not converged, and the value is of no use.
        """
        k = self._atoms(1, n_terms)
        heights = self.log_h(end + step * k) - self.log_h(self._atoms(end, end))
        falls = step * self.eta <= -heights[..., 0]
        slope = torch.minimum(step * self.eta, -heights[..., 0])
        nearest = (_outer(slope, k) + heights).exp() @ torch.ones_like(k)
        # At the other bound of the support the difference of the logarithms is no number.
        fall = (heights[..., -1] - heights[..., -2]).nan_to_num(nan=-torch.inf)
        ratio = (slope + fall).exp().clamp(max=0.999)
        following = (slope * n_terms + heights[..., -1]).exp() * ratio / (1 - ratio)
        return torch.log1p(nearest + following), falls & has_converged(following, nearest)

    def _atoms(self, first: int, last: int) -> Tensor:
        return torch.arange(first, last + 1, dtype=self.eta.dtype, device=self.eta.device)


def has_converged(following: Tensor, nearest: Tensor) -> Tensor:
    """Return whether the terms that were not summed are no more than the sum's rounding error."""
    return following <= 8 * torch.finfo(nearest.dtype).eps * nearest


def _outer(slope: Tensor, points: Tensor) -> Tensor:
    r"""Return slope * points, shape (\*batch, n)."""
    # As a product of matrices, which has the fastest gradient; the digits of one with a single term
    # do not depend on how many threads share it.
    return slope.unsqueeze(-1) @ points.unsqueeze(0)


@singledispatch
def power_series(law: Distribution) -> PowerSeries | None:
    """Return the distribution as a power series, or None where it is not known as one."""
    return None


@power_series.register
def _(law: Poisson) -> PowerSeries:
    greatest = _zero_where(law.rate == 0)
    return PowerSeries(
        log_or_stand_in(law.rate), law.rate, lambda c: -torch.lgamma(c + 1), greatest=greatest
    )


@power_series.register
def _(law: Geometric) -> PowerSeries:
    success, failure, is_sure = _log_chances(law)
    return PowerSeries(failure, -success, torch.zeros_like, greatest=_zero_where(is_sure))


@power_series.register
def _(law: NegativeBinomial) -> PowerSeries:
    # In torch's terms a failure ends the trials, and successes are counted.
    success, failure, _ = _log_chances(law)
    is_empty = law.total_count == 0
    size = law.total_count.unsqueeze(-1)

    def log_h(c: Tensor) -> Tensor:
        if not may_hold(is_empty):
            return log_ways(size, c)
        # With log s apart, so that it carries the gradient at s = 0.
        at_least_1 = c.clamp(min=1)
        first = log_or_stand_in(size) - at_least_1.log()
        return torch.where(c > 0, first + log_ways(size + 1, at_least_1 - 1), 0.0)

    is_nothing = is_empty | (law.probs == 0) if is_given_by(law, "probs") else is_empty
    normaliser = -law.total_count * failure

    return PowerSeries(success, normaliser, log_h, greatest=_zero_where(is_nothing))


@power_series.register
def _(law: Binomial) -> PowerSeries:
    return _binomial(law, law.total_count)


@power_series.register
def _(law: Bernoulli) -> PowerSeries:
    return _binomial(law, torch.ones_like(law.probs))


def _binomial(law: Binomial | Bernoulli, size: Tensor) -> PowerSeries:
    success, failure, is_sure = _log_chances(law)
    least, greatest = size.masked_fill(~is_sure, 0.0), size
    if is_given_by(law, "probs"):
        greatest = size.masked_fill(law.probs == 0, 0.0)

    # Where it is the logarithm of 0, it is kept from the sums in which its gradient would drown.
    apart, failure = failure.masked_fill(~is_sure, 0.0), failure.masked_fill(is_sure, 0.0)

    def log_h(c: Tensor) -> Tensor:
        left = size.unsqueeze(-1) - c
        ways = log_ways(left.clamp(min=0) + 1, c) + _CLIFF * left.clamp(max=0)
        return ways + left * apart.unsqueeze(-1) if may_hold(is_sure) else ways

    return PowerSeries(success - failure, -size * failure, log_h, least, greatest)


def _log_chances(
    law: Bernoulli | Binomial | Geometric | NegativeBinomial,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return log p, log (1 - p), and whether p is 1, as exact as what was given allows."""
    if is_given_by(law, "logits"):
        logits = law.logits
        return logsigmoid(logits), logsigmoid(-logits), torch.zeros_like(logits).bool()
    probs = law.probs
    is_sure = probs == 1
    # Not taken where the chance is 1, but its gradient would be.
    below_one = probs.masked_fill(is_sure, 0.5)
    at_one = log_or_stand_in(1 - probs.masked_fill(~is_sure, 0.5))
    return log_or_stand_in(probs), torch.where(is_sure, at_one, torch.log1p(-below_one)), is_sure


def is_given_by(law: Distribution, name: str) -> bool:
    """Return whether "probs" or "logits" is what the distribution was made from.

    torch keeps the parameter that it was given, and later the other one that it derives.
    """
    return next(key for key in vars(law) if key in ("probs", "logits")) == name


def log_or_stand_in(value: Tensor) -> Tensor:
    """Return the logarithm; that of 0 is a stand-in, whose exponential has the right gradient."""
    return (value + math.exp(LOG_OF_ZERO) * (value == 0).to(value)).log()


def log_ways(size: Tensor, count: Tensor) -> Tensor:
    r"""Return :math:`\log \frac{\Gamma(s + c)}{\Gamma(s) \, c!}`, also at the largest sizes s."""
    # Those that are most alike are subtracted first.
    if not may_hold(size > _LARGE):
        return torch.lgamma(size + count) - torch.lgamma(count + 1) - torch.lgamma(size)
    is_large = size > _LARGE
    small, large = size.masked_fill(is_large, 1.0), size.masked_fill(~is_large, _LARGE)
    stirling = (
        (large - 0.5) * torch.log1p(count / large)
        + count * (torch.log(large + count) - 1)
        + _stirling_remainder(large + count)
        - _stirling_remainder(large)
        - torch.lgamma(count + 1)
    )
    exact = torch.lgamma(small + count) - torch.lgamma(count + 1) - torch.lgamma(small)
    return torch.where(is_large, stirling, exact)


def _stirling_remainder(x: Tensor) -> Tensor:
    """Return what Stirling's formula lacks of the logarithm of the Gamma function, for large x."""
    return (1 - 1 / (30 * x.square())) / (12 * x)


def _zero_where(is_zero: Tensor) -> Tensor | None:
    """Return 0 as the greatest count there, and elsewhere none."""
    if not may_hold(is_zero):
        return None
    return torch.where(is_zero, 0.0, torch.inf)
