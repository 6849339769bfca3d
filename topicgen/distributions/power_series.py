"""The laws whose masses are a power series: Poisson, negative binomial, geometric, binomial."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import singledispatch

import torch
from torch import Tensor
from torch.distributions import Binomial, Distribution, Geometric, NegativeBinomial, Poisson
from torch.nn.functional import logsigmoid

# Where 0 times eta has to be 0.
IMPOSSIBLE = -1e30


@dataclass(frozen=True)
class PowerSeries:
    r"""A law with :math:`P(X = c) = h(c) \exp(c \eta - A)` on the non-negative integers.

    Args:
        eta: :math:`\eta`, shape (\*batch), finite: ``IMPOSSIBLE`` stands for :math:`-\infty`.
        log_normaliser: :math:`A`, shape (\*batch).
        log_h: :math:`\log h` of atoms of shape (n,), shape (n,) or (\*batch, n).
    """

    eta: Tensor
    log_normaliser: Tensor
    log_h: Callable[[Tensor], Tensor]

    def log_masses(self, first: int, last: int) -> Tensor:
        r"""Return log P(X = c) for c = first, ..., last, shape (\*batch, last - first + 1)."""
        atoms = self._atoms(first, last)
        masses = _lines(self.eta, -self.log_normaliser, atoms, self.log_h(atoms))
        if bool((self.eta <= IMPOSSIBLE).any()):
            masses = masses.masked_fill(masses <= IMPOSSIBLE / 2, -torch.inf)
        return masses

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
        nearest = _lines(slope, torch.zeros_like(slope), k, heights).exp() @ torch.ones_like(k)
        # Beyond the last atom of a binomial law, the difference of the logarithms is none.
        fall = (heights[..., -1] - heights[..., -2]).nan_to_num(nan=-torch.inf)
        ratio = (slope + fall).exp().clamp(max=0.999)
        following = (slope * n_terms + heights[..., -1]).exp() * ratio / (1 - ratio)
        return torch.log1p(nearest + following), falls & has_converged(following, nearest)

    def _atoms(self, first: int, last: int) -> Tensor:
        return torch.arange(first, last + 1, dtype=self.eta.dtype, device=self.eta.device)


def has_converged(following: Tensor, nearest: Tensor) -> Tensor:
    """Return whether the terms that were not summed are no more than the sum's rounding error."""
    return following <= 8 * torch.finfo(nearest.dtype).eps * nearest


def _lines(slope: Tensor, offset: Tensor, points: Tensor, heights: Tensor) -> Tensor:
    r"""Return slope * points + offset + heights, shape (\*batch, n), written in one pass."""
    ones = torch.ones_like(points)
    if heights.dim() > 1:
        return torch.stack([slope, offset], -1) @ torch.stack([points, ones]) + heights
    columns = torch.stack([slope, offset, torch.ones_like(slope)], -1)
    return columns @ torch.stack([points, ones, heights])


@singledispatch
def power_series(law: Distribution) -> PowerSeries | None:
    """Return the law as a power series, or None where it is not known as one."""
    return None


@power_series.register
def _(law: Poisson) -> PowerSeries:
    return PowerSeries(_log(law.rate), law.rate, lambda c: -torch.lgamma(c + 1))


@power_series.register
def _(law: Geometric) -> PowerSeries:
    # log P(X > 0) and log P(X = 0), as exact as the parameter that is given allows.
    if next(name for name in vars(law) if name in ("probs", "logits")) == "logits":
        failure, success = logsigmoid(-law.logits), logsigmoid(law.logits)
    else:
        below_one = law.probs.clamp(max=1 - torch.finfo(law.probs.dtype).eps / 2)
        failure = torch.log1p(-below_one).masked_fill(law.probs == 1, IMPOSSIBLE)
        success = _log(law.probs)
    return PowerSeries(failure, -success, torch.zeros_like)


@power_series.register
def _(law: NegativeBinomial) -> PowerSeries:
    size = law.total_count.clamp(min=torch.finfo(law.total_count.dtype).tiny)
    eta = logsigmoid(law.logits)

    def log_h(c: Tensor) -> Tensor:
        wide = size.unsqueeze(-1)
        return torch.lgamma(wide + c) - torch.lgamma(c + 1) - torch.lgamma(wide)

    normaliser = -size * logsigmoid(-law.logits)
    return PowerSeries(eta, normaliser, log_h)


@power_series.register
def _(law: Binomial) -> PowerSeries:
    size = law.total_count

    def log_h(c: Tensor) -> Tensor:
        wide = size.unsqueeze(-1)
        return torch.lgamma(wide + 1) - torch.lgamma(c + 1) - torch.lgamma(wide - c + 1)

    normaliser = -size * logsigmoid(-law.logits)
    return PowerSeries(law.logits, normaliser, log_h)


def _log(value: Tensor) -> Tensor:
    """Return the logarithm, with a finite stand-in for that of 0, and a finite gradient there."""
    safe = value.clamp(min=torch.finfo(value.dtype).tiny).log()
    return safe.masked_fill(value == 0, IMPOSSIBLE)
