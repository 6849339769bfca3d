"""The gradient estimators of the counts, by name."""

from collections.abc import Callable

from torch import Generator, Tensor
from torch.distributions import Distribution, Poisson

from topicgen.distributions import Finite
from topicgen.gradients import (
    RELAXATIONS,
    ExponentialArrivals,
    GaussianApproximation,
    GradientEstimator,
    LeaveOneOut,
    Mean,
    PathwiseEstimator,
)

# Samples of the score function. Each is a prediction of its own, and takes its time.
_SCORED = 4


class _Arrivals(ExponentialArrivals):
    """Arrivals of Poisson processes with the means of the counts."""

    def sample(
        self, law: Distribution, n_samples: int = 1, *, generator: Generator | None = None
    ) -> Tensor:
        return super().sample(Poisson(law.mean), n_samples, generator=generator)


class _NotNegative(GaussianApproximation):
    """Normal values, but none below 0: shares of topics are made of them."""

    def sample(
        self, law: Distribution, n_samples: int = 1, *, generator: Generator | None = None
    ) -> Tensor:
        return super().sample(law, n_samples, generator=generator).clamp_min(0.0)


# From a name to what makes the estimator for the temperature of a step. An entry of one's own is a
# value of ``gradient_estimator`` too.
COUNT_ESTIMATORS: dict[str, Callable[[float | Tensor], GradientEstimator]] = {
    **RELAXATIONS,
    "eat": lambda temperature: _Arrivals(float(temperature)),
    "gaussian": lambda temperature: _NotNegative(),
    "mean": lambda temperature: Mean(),
    "leave_one_out": lambda temperature: LeaveOneOut(_SCORED),
}


def count_estimator(name: str, temperature: float | Tensor) -> GradientEstimator:
    """Return an estimator of the gradient of E[f(z)], with counts z on finitely many atoms.

    Args:
        name: in ``COUNT_ESTIMATORS``; "eat" takes the counts to be Poisson.
        temperature: above 0; "gaussian", "mean" and "leave_one_out" do without it.

    Example:
        >>> count_estimator("gengs_st", 0.5).straight_through
        True
    """
    return COUNT_ESTIMATORS[name](temperature)


def drawn_by(
    estimator: GradientEstimator, law: Finite, *, generator: Generator | None = None
) -> Tensor:
    r"""Return one value of each count as the estimator's objective sees it, shape (\*batch).

    An estimator that is not pathwise sees the counts themselves, which have no gradients.
    """
    if isinstance(estimator, PathwiseEstimator):
        return estimator.sample(law, generator=generator)[0]
    return law.sample(generator=generator)
