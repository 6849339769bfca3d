"""The zero-inflated Poisson law."""

from typing import Any

import torch
from torch import Generator, Tensor
from torch.distributions import Distribution, constraints

from topicgen.distributions.checks import broadcast, validate
from topicgen.distributions.copies import deep_copy
from topicgen.distributions.finite import Shape
from topicgen.distributions.power_series import log_or_stand_in

# The largest rate whose exponential is used: a slope, which stays finite in float32.
_FINITE = 60.0


class ZeroInflatedPoisson(Distribution):
    r"""A Poisson distribution with more zeros (Lambert, 1992).

    .. math:: P(X = 0) = \rho + (1 - \rho) e^{-\lambda}, \qquad
        P(X = c) = (1 - \rho) \frac{\lambda^c e^{-\lambda}}{c!}, \quad c \ge 1

    Args:
        gate: :math:`\rho`, the share of certain zeros, from 0 to 1, shape (\*batch).
        rate: :math:`\lambda`, at least 0, shape (\*batch).
        validate_args: as in ``torch.distributions``.

    Raises:
        ValueError: where a parameter is out of its range.

    Example:
        >>> law = ZeroInflatedPoisson(torch.tensor(0.5), torch.tensor(2.0))
        >>> law.mean, law.variance
        (tensor(1.), tensor(2.))
        >>> law.log_prob(torch.tensor(0.0)).exp()
        tensor(0.5677)
    """

    arg_constraints = {  # noqa: RUF012
        "gate": constraints.unit_interval,
        "rate": constraints.nonnegative,
    }
    support = constraints.nonnegative_integer

    def __init__(
        self, gate: Tensor | float, rate: Tensor | float, validate_args: bool | None = None
    ) -> None:
        self.gate, self.rate = broadcast(gate=gate, rate=rate)
        Distribution.__init__(self, self.gate.shape, validate_args=False)
        validate(self, validate_args, gate=self.gate, rate=self.rate)

    @property
    def mean(self) -> Tensor:
        r""":math:`(1 - \rho) \lambda`, shape (\*batch)."""
        return (1 - self.gate) * self.rate

    @property
    def variance(self) -> Tensor:
        r""":math:`(1 - \rho) \lambda (1 + \rho \lambda)`, shape (\*batch)."""
        return self.mean * (1 + self.gate * self.rate)

    def log_prob(self, value: Tensor) -> Tensor:
        r"""Return the log-mass in nats of each value."""
        value = torch.as_tensor(value, dtype=self.rate.dtype, device=self.rate.device)
        if self._validate_args:
            self._validate_sample(value)
        return self.log_mass(value).masked_fill(value > self.greatest, -torch.inf)

    @property
    def greatest(self) -> Tensor:
        r"""The greatest possible count, shape (\*batch)."""
        return torch.where((self.rate == 0) | (self.gate == 1), 0.0, torch.inf)

    def log_mass(self, value: Tensor) -> Tensor:
        """Return the log-mass; one of no mass is finite, with the gradient of a mass of 0."""
        counted = log_or_stand_in(1 - self.gate) - self.rate
        at_zero = torch.where(
            self.gate == 0,
            torch.log1p(self.gate * self.rate.clamp(max=_FINITE).expm1()) - self.rate,
            torch.logaddexp(log_or_stand_in(self.gate), counted),
        )
        above = counted + value * log_or_stand_in(self.rate) - torch.lgamma(value + 1)
        return torch.where(value == 0, at_zero, above)

    def sample(
        self,
        sample_shape: Shape = torch.Size(),  # noqa: B008
        *,
        generator: Generator | None = None,
    ) -> Tensor:
        r"""Draw counts, shape (\*sample_shape, \*batch)."""
        with torch.no_grad():
            shape = self._extended_shape(torch.Size(sample_shape))
            counts = torch.poisson(self.rate.expand(shape), generator)
            return counts * (torch.empty_like(counts).uniform_(generator=generator) >= self.gate)

    def __deepcopy__(self, memo: dict[int, Any]) -> "ZeroInflatedPoisson":
        """Return a copy, also of parameters that are computed from others."""
        new: ZeroInflatedPoisson = deep_copy(self, memo)
        return new

    def expand(self, batch_shape: Shape, _instance: Any = None) -> "ZeroInflatedPoisson":
        r"""Return the distribution with its parameters repeated to the batch shape."""
        new = self._get_checked_instance(ZeroInflatedPoisson, _instance)
        new.gate, new.rate = self.gate.expand(batch_shape), self.rate.expand(batch_shape)
        Distribution.__init__(new, torch.Size(batch_shape), validate_args=False)
        new._validate_args = self._validate_args
        return new
