"""The Conway-Maxwell-Poisson law."""

from typing import Any

import torch
from torch import Generator, Tensor
from torch.distributions import Distribution, constraints
from torch.distributions.utils import lazy_property

from topicgen.distributions.checks import broadcast, validate
from topicgen.distributions.copies import deep_copy
from topicgen.distributions.finite import Finite, Shape

_MOST_TERMS = 2**16


class ConwayMaxwellPoisson(Distribution):
    r"""A Poisson distribution with a dispersion of its own (Conway and Maxwell, 1962).

    .. math:: P(X = c) = \frac{\lambda^c}{(c!)^\nu} \Big/ \sum_{j \ge 0} \frac{\lambda^j}{(j!)^\nu}

    Below :math:`\nu = 1` it is more dispersed than Poisson's distribution, which it is at 1, and
    above it less. The sum is taken as far as its terms count.

    Args:
        rate: :math:`\lambda`, above 0, shape (\*batch).
        dispersion: :math:`\nu`, above 0, shape (\*batch).
        validate_args: as in ``torch.distributions``.

    Raises:
        ValueError: where a parameter is out of its range, or the sum has more than 65,536 terms.

    Example:
        >>> law = ConwayMaxwellPoisson(torch.tensor(4.0), torch.tensor([0.8, 1.0, 2.0]))
        >>> law.mean
        tensor([5.7880, 4.0000, 1.7270])
    """

    arg_constraints = {  # noqa: RUF012
        "rate": constraints.positive,
        "dispersion": constraints.positive,
    }
    support = constraints.nonnegative_integer

    def __init__(
        self, rate: Tensor | float, dispersion: Tensor | float, validate_args: bool | None = None
    ) -> None:
        self.rate, self.dispersion = broadcast(rate=rate, dispersion=dispersion)
        Distribution.__init__(self, self.rate.shape, validate_args=False)
        validate(self, validate_args, rate=self.rate, dispersion=self.dispersion)

    @lazy_property
    def _summed(self) -> Finite:
        """Return the distribution on the atoms whose terms count."""
        with torch.no_grad():
            # The mode is near rate^(1/dispersion), and the spread of Gaussian shape about it.
            mode = (self.rate.double().log() / self.dispersion).exp()
            reach = mode + 12 * (mode / self.dispersion + 1 / self.dispersion).sqrt()
            n_terms = float((reach + 32 / self.dispersion).max()) + 1 if mode.numel() else 1.0
        if not n_terms <= _MOST_TERMS:
            raise ValueError(
                f"expected rates and dispersions whose sum has at most {_MOST_TERMS:,} terms, got "
                f"one of {n_terms:.3g}; raise the dispersion or lower the rate"
            )
        # In double precision: the terms of large counts cancel.
        atoms = torch.arange(int(n_terms) + 1, dtype=torch.float64, device=self.rate.device)
        terms = _log_term(atoms, self.rate.unsqueeze(-1), self.dispersion.unsqueeze(-1))
        return Finite(terms, atoms, validate_args=False)

    @property
    def mean(self) -> Tensor:
        r""":math:`E[X]`, shape (\*batch)."""
        return self._summed.mean.to(self.rate.dtype)

    @property
    def variance(self) -> Tensor:
        r""":math:`E[(X - E[X])^2]`, shape (\*batch)."""
        return self._summed.variance.to(self.rate.dtype)

    def log_prob(self, value: Tensor) -> Tensor:
        r"""Return the log-mass in nats of each value."""
        value = torch.as_tensor(value, dtype=self.rate.dtype, device=self.rate.device)
        if self._validate_args:
            self._validate_sample(value)
        normaliser = self._summed._scores.logsumexp(-1)
        return (_log_term(value, self.rate, self.dispersion) - normaliser).to(self.rate.dtype)

    def sample(
        self,
        sample_shape: Shape = torch.Size(),  # noqa: B008
        *,
        generator: Generator | None = None,
    ) -> Tensor:
        r"""Draw counts, shape (\*sample_shape, \*batch)."""
        return self._summed.sample(sample_shape, generator=generator).to(self.rate.dtype)

    def __deepcopy__(self, memo: dict[int, Any]) -> "ConwayMaxwellPoisson":
        """Return a copy, also of parameters that are computed from others."""
        new: ConwayMaxwellPoisson = deep_copy(self, memo)
        vars(new).pop("_summed", None)
        return new

    def expand(self, batch_shape: Shape, _instance: Any = None) -> "ConwayMaxwellPoisson":
        r"""Return the distribution with its parameters repeated to the batch shape."""
        new = self._get_checked_instance(ConwayMaxwellPoisson, _instance)
        new.rate = self.rate.expand(batch_shape)
        new.dispersion = self.dispersion.expand(batch_shape)
        Distribution.__init__(new, torch.Size(batch_shape), validate_args=False)
        new._validate_args = self._validate_args
        return new


def _log_term(value: Tensor, rate: Tensor, dispersion: Tensor) -> Tensor:
    value = value.double()
    return torch.xlogy(value, rate.double()) - dispersion * torch.lgamma(value + 1)
