"""The laws whose masses are a power series: Poisson, negative binomial, geometric, binomial."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import singledispatch

import torch
from torch import Tensor
from torch.distributions import Binomial, Distribution, Geometric, NegativeBinomial, Poisson
from torch.nn.functional import logsigmoid, pad


@dataclass(frozen=True)
class PowerSeries:
    r"""A law with :math:`P(X = c) = h(c) \exp(c \eta - A)` on the non-negative integers.

    Args:
        eta: :math:`\eta`, shape (\*batch).
        log_normaliser: :math:`A`, shape (\*batch).
        log_h: :math:`\log h` of atoms of shape (n,), shape (n,) or (\*batch, n).
    """

    eta: Tensor
    log_normaliser: Tensor
    log_h: Callable[[Tensor], Tensor]

    def log_masses(self, first: int, last: int) -> Tensor:
        r"""Return log P(X = c) for c = first, ..., last, shape (\*batch, last - first + 1)."""
        atoms = torch.arange(first, last + 1, dtype=self.eta.dtype, device=self.eta.device)
        # An atom at 0 has no share in eta, which may be -inf.
        n_zeros = int(first == 0)
        exponent = pad(self.eta.unsqueeze(-1) * atoms[n_zeros:], (n_zeros, 0))
        return exponent + (self.log_h(atoms) + (-self.log_normaliser).unsqueeze(-1))


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
    if "logits" in vars(law) and "probs" not in vars(law):
        failure, success = logsigmoid(-law.logits), logsigmoid(law.logits)
    else:
        below_one = law.probs.clamp(max=1 - torch.finfo(law.probs.dtype).eps / 2)
        failure = torch.log1p(-below_one).masked_fill(law.probs == 1, -torch.inf)
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
    """Return the logarithm, whose gradient at 0 is finite."""
    safe = value.clamp(min=torch.finfo(value.dtype).tiny).log()
    return safe.masked_fill(value == 0, -torch.inf)
