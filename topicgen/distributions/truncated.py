"""A countable distribution made finite: the mass beyond the ends is moved onto them."""

from numbers import Real
from typing import Any

import torch
from torch import Tensor
from torch.distributions import Distribution

from topicgen.distributions.checks import check_law, check_parameter
from topicgen.distributions.copies import deep_copy
from topicgen.distributions.finite import Finite, Shape
from topicgen.distributions.masses import (
    Masses,
    choose_ends,
    clamped_masses,
    log_masses,
    support_bounds,
)
from topicgen.plain import quoted


class Truncated(Finite):
    r"""The distribution of :math:`\min(\max(X, a), b)` for an integer-valued :math:`X`.

    The mass beyond an end is moved onto it (a statistician would say *censored*), so nothing is
    renormalised:

    .. math::
        \pi_a = P(X \le a), \qquad \pi_c = P(X = c), \qquad \pi_b = P(X \ge b).

    It is the truncation of Joo, Kim, Shin and Moon (2020).

    Args:
        base: an integer-valued distribution with ``log_prob``, ``mean`` and ``variance``, batch
            shape (\*batch).
        lower: :math:`a`, the least atom; None to choose it.
        upper: :math:`b`, the greatest atom; None to choose it.
        tolerance: the most mass that may lie beyond the ends that are chosen, for every
            distribution of the batch: they are the narrowest that keep it. ``clamped`` tells what
            lies there.
        validate_args: as in ``torch.distributions``.

    Raises:
        ValueError: where ``upper`` is below ``lower``, an end is beyond the support, or the base
            distribution is not on single whole numbers.

    Example:
        >>> law = Truncated(torch.distributions.Poisson(torch.tensor(2.0)), upper=3)
        >>> law.probs
        tensor([0.1353, 0.2707, 0.2707, 0.3233])
        >>> law.clamped
        tensor(0.1429)
        >>> Truncated(torch.distributions.Poisson(torch.tensor([90.0, 110.0])), lower=None)
        Truncated(batch_shape=(2,), 118 atoms from 48 to 165)
    """

    def __init__(
        self,
        base: Distribution,
        lower: int | None = 0,
        upper: int | None = None,
        *,
        tolerance: float = 1e-6,
        validate_args: bool | None = None,
    ) -> None:
        _check_whole_numbers(base)
        lower, upper = _chosen(base, lower, upper, tolerance)
        first, last = support_bounds(base)
        if not first <= lower <= upper <= last:
            raise ValueError(
                f"expected lower at most upper, both in the support of {base} ({first:g} to "
                f"{last:g}), got lower={lower} and upper={upper}; move the ends"
            )
        _check_exact(base, max(abs(lower), abs(upper)))
        self.base = base
        masses = clamped_masses(base, lower, upper)
        super().__init__(masses.log, torch.arange(lower, upper + 1), validate_args=False)
        self._take(masses)
        self._validate_args = base._validate_args if validate_args is None else validate_args
        if self._validate_args:
            # A parameter that is NaN is so in every mass.
            first_mass = masses.log[..., 0]
            check_parameter(base, "log_prob", first_mass, ~first_mass.isnan(), "real")

    def _take(self, masses: Masses) -> None:
        # They sum to 1 already, up to rounding.
        self._scores = self._logits = masses.log
        self._probs = masses.probs

    def __deepcopy__(self, memo: dict[int, Any]) -> "Truncated":
        """Return a copy with gradients to the parameters of the copied base."""
        new: Truncated = deep_copy(self, memo)
        new._take(clamped_masses(new.base, int(self.atoms[0]), int(self.atoms[-1])))
        return new

    def expand(self, batch_shape: Shape, _instance: Any = None) -> "Truncated":
        """Return the distribution with its masses repeated to the batch shape."""
        new = self._get_checked_instance(Truncated, _instance)
        super().expand(batch_shape, _instance=new)
        new.base = self.base.expand(torch.Size(batch_shape))
        return new

    @property
    def clamped(self) -> Tensor:
        r"""The mass moved onto the ends, :math:`P(X < a) + P(X > b)`, shape (\*batch)."""
        lower, upper = int(self.atoms[0]), int(self.atoms[-1])
        if lower == upper:
            return 1 - log_masses(self.base, lower, upper)[..., 0].exp()
        at_ends = log_masses(self.base, lower, lower), log_masses(self.base, upper, upper)
        beyond = self.probs[..., [0, -1]] - torch.cat(at_ends, -1).exp()
        return beyond.clamp(min=0.0).sum(-1)


def _check_exact(base: Distribution, greatest: int) -> None:
    """Raise an error where the dtype does not hold every whole number up to the greatest."""
    dtype = base.mean.dtype
    limit = int(2 / torch.finfo(dtype).eps)
    if greatest > limit:
        raise ValueError(
            f"{dtype} holds whole numbers up to {limit:,} only, got an end at {greatest:,} of "
            f"{base}; move the ends, or give the parameters in a wider dtype"
        )


def _check_whole_numbers(base: Distribution) -> None:
    """Raise an error unless the distribution is one of single whole numbers."""
    check_law("base", base)
    if base.event_shape:
        raise ValueError(
            f"Truncated needs a distribution on single numbers, got {base} with event_shape "
            f"{tuple(base.event_shape)}; truncate each of its numbers by itself"
        )
    is_whole = base.support is not None and base.support.is_discrete
    if isinstance(base, Finite):
        is_whole = bool((base.atoms == base.atoms.round()).all())
    if not is_whole:
        raise ValueError(
            f"Truncated needs a distribution on whole numbers, got {base}, whose support is "
            f"{base.support}; use a distribution of counts, such as Poisson, or give the masses "
            "of your own atoms to Finite"
        )


def truncation_point(base: Distribution, tolerance: float, limit: int = 4096) -> int:
    r"""Return the least :math:`b` with :math:`P(X > b) \le` tolerance in all of the batch.

    Args:
        base: a distribution on the non-negative integers.
        tolerance: the mass that may be clamped, between 0 and 1.
        limit: the greatest point to try.

    Raises:
        TypeError: where the base is no distribution.
        ValueError: where the mass beyond ``limit`` is above the tolerance, or that is not between 0
            and 1.

    Example:
        >>> truncation_point(torch.distributions.Poisson(torch.tensor([0.2, 5.0])), 1e-4)
        15
    """
    check_law("base", base)
    if isinstance(tolerance, bool) or not isinstance(tolerance, Real) or not 0 < tolerance < 1:
        raise ValueError(f"expected tolerance above 0 and below 1, got {quoted(tolerance, 60)}")
    point = choose_ends(base, tolerance, lower=0)[1]
    if point > limit:
        raise ValueError(
            f"expected a distribution with at most {tolerance:g} of its mass above {limit}, got "
            f"{base}; lower its rate, raise the limit or give the truncation"
        )
    return point


def _chosen(
    base: Distribution, lower: int | None, upper: int | None, tolerance: float
) -> tuple[int, int]:
    """Return the ends, those that are None chosen."""
    if lower is not None and upper is not None:
        return lower, upper
    if not 0 < tolerance < 1:
        raise ValueError(
            f"expected tolerance above 0 and below 1, got {tolerance}; 1e-6 is the default"
        )
    least, greatest = choose_ends(base, tolerance, lower)
    if upper is None:
        return least, greatest
    return min(least, upper), upper
