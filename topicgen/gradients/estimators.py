"""One protocol for every estimator: a law in, a sample that carries its gradient out."""

from collections.abc import Callable

from torch import Tensor

from topicgen.distributions import Finite, GeneralizedGumbelSoftmax
from topicgen.errors import InputError


def _gengs(law: Finite, temperature: float) -> Tensor:
    return GeneralizedGumbelSoftmax(law, temperature).rsample()


def _gengs_straight_through(law: Finite, temperature: float) -> Tensor:
    return GeneralizedGumbelSoftmax(law, temperature, straight_through=True).rsample()


ESTIMATORS: dict[str, Callable[[Finite, float], Tensor]] = {
    "gengs": _gengs,
    "gengs_st": _gengs_straight_through,
}


def differentiable_sample(estimator: str, law: Finite, temperature: float) -> Tensor:
    r"""Return one sample of the law, with the gradient of the named estimator.

    Args:
        estimator: "gengs" (relaxed values) or "gengs_st" (atoms, with the gradient of the relaxed
            values).
        law: the law, batch shape (\*batch).
        temperature: above 0; low is closer to the law, high has the smaller variance.

    Raises:
        InputError: where no estimator has the name.

    Example:
        >>> import torch
        >>> law = Finite(torch.zeros(3), torch.arange(3.0))
        >>> differentiable_sample("gengs_st", law, 0.5).item() in (0.0, 1.0, 2.0)
        True
    """
    if estimator not in ESTIMATORS:
        raise InputError(
            f"expected gradient_estimator to be one of {', '.join(ESTIMATORS)}, got {estimator!r}"
        )
    return ESTIMATORS[estimator](law, temperature)
