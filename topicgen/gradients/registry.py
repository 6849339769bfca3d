"""The estimators by name."""

from collections.abc import Callable
from functools import partial

from torch import Generator, Tensor

from topicgen.distributions import Finite
from topicgen.errors import InputError, check_kind
from topicgen.gradients.enumeration import Enumeration
from topicgen.gradients.estimator import GradientEstimator, PathwiseEstimator
from topicgen.gradients.exponential_arrivals import ExponentialArrivals
from topicgen.gradients.gaussian import GaussianApproximation
from topicgen.gradients.gengs import GenGS
from topicgen.gradients.mean import Mean
from topicgen.gradients.muprop import MuProp
from topicgen.gradients.nvil import NVIL
from topicgen.gradients.relax import Relax
from topicgen.gradients.score_function import VIMCO, LeaveOneOut, Reinforce
from topicgen.plain import quoted

# Those that need no more than masses on atoms, and return values with their gradient.
RELAXATIONS: dict[str, Callable[..., PathwiseEstimator]] = {
    "gengs": GenGS,
    "gengs_st": partial(GenGS, straight_through=True),
}

ESTIMATORS: dict[str, Callable[..., GradientEstimator]] = {
    **RELAXATIONS,
    "eat": ExponentialArrivals,
    "eat_sigmoid": partial(ExponentialArrivals, indicator="sigmoid"),
    "gaussian": GaussianApproximation,
    "mean": Mean,
    "reinforce": Reinforce,
    "leave_one_out": LeaveOneOut,
    "vimco": VIMCO,
    "nvil": NVIL,
    "muprop": MuProp,
    "rebar": partial(Relax, n_hidden=0),
    "relax": Relax,
    "enumeration": Enumeration,
}


def differentiable_sample(
    estimator: str, law: Finite, temperature: float | Tensor, *, generator: Generator | None = None
) -> Tensor:
    r"""Return one sample of the distribution, with the gradient of the named relaxation.

    Args:
        estimator: "gengs" (relaxed values) or "gengs_st" (atoms, with the gradient of the relaxed
            values).
        law: the distribution, batch shape (\*batch).
        temperature: above 0; low is closer to the distribution, high has the smaller variance.
        generator: where the randomness comes from; None for torch's global stream.

    Raises:
        InputError: where no relaxation has the name.

    Example:
        >>> import torch
        >>> law = Finite(torch.zeros(3), torch.arange(3.0))
        >>> differentiable_sample("gengs_st", law, 0.5).item() in (0.0, 1.0, 2.0)
        True
    """
    if not isinstance(estimator, str) or estimator not in RELAXATIONS:
        raise InputError(
            f"expected gradient_estimator to be one of {', '.join(RELAXATIONS)}, got "
            f"{quoted(estimator)}"
        )
    check_kind("law", law, Finite, "a Finite distribution; enumerated makes one")
    return RELAXATIONS[estimator](temperature).sample(law, generator=generator)[0]
