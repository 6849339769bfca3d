"""The protocol of all gradient estimators."""

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from numbers import Integral, Real
from typing import TypeAlias

import torch
from torch import Generator, Tensor, nn
from torch.distributions import Categorical, Distribution

from topicgen.distributions import draw, enumerated
from topicgen.plain import quoted

Objective: TypeAlias = Callable[[Tensor], Tensor]


# Units of a layer of a network beyond which its weights would not fit anywhere.
MOST_UNITS = 2**20


def check_whole(
    name: str, value: object, least: int | None = None, most: int | None = None
) -> None:
    """Check that an argument is a whole number, and large or small enough.

    Raises:
        TypeError: where it is not.
        ValueError: where it is too small or too large.
    """
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise TypeError(
            f"{name} must be a whole number, got {quoted(value, 60)} ({type(value).__name__})"
        )
    if least is not None and value < least:
        raise ValueError(f"{name} must be at least {least}, got {quoted(value, 60)}")
    if most is not None and not value <= most:
        raise ValueError(f"{name} must be at most {most:,}, got {quoted(value, 60)}")


def check_number(name: str, value: object) -> None:
    """Check that an argument is a number above 0, or a tensor of them.

    Raises:
        TypeError: where it is something else.
        ValueError: where one is not above 0 and finite.
    """
    if isinstance(value, bool) or not isinstance(value, Real | Tensor):
        raise TypeError(
            f"{name} must be a number above 0, got {quoted(value, 60)} ({type(value).__name__})"
        )
    if not isinstance(value, Tensor) and (value <= 0 or not value < math.inf):
        raise ValueError(f"expected a {name} above 0, got {quoted(value, 60)}")


class GradientEstimator(nn.Module, ABC):
    r"""An estimator of the gradient of :math:`E_{z \sim q}[f(z)]`.

    ``surrogate`` returns a tensor to differentiate: its gradient estimates

    .. math:: \nabla E_{z \sim q}[f(z)]

    in the parameters of the distribution :math:`q` and of the objective :math:`f` at once. An
    estimator that learns (a baseline, a control variate) has parameters of its own; the
    surrogate's gradient in them is that of its own loss, so all can go to one optimizer.

    Args:
        n_samples: how many samples of each latent variable to average over.

    Raises:
        TypeError: where the number of samples is not a whole number.
        ValueError: where there are fewer samples than the estimator needs.

    Example:
        >>> from topicgen.distributions import Truncated
        >>> from topicgen.gradients import LeaveOneOut
        >>> rate = torch.tensor([4.0], requires_grad=True)
        >>> law = Truncated(torch.distributions.Poisson(rate), upper=20)
        >>> estimator, generator = LeaveOneOut(100_000), torch.Generator().manual_seed(0)
        >>> loss = estimator.surrogate(law, lambda z: (z - 3) ** 2, generator=generator)
        >>> loss.sum().backward()
        >>> abs(rate.grad.item() - 3.0) < 0.2  # d/dr E[(z - 3)^2] = 2 (r - 3) + 1
        True
    """

    fewest_samples = 1

    def __init__(self, n_samples: int = 1) -> None:
        super().__init__()
        check_whole("n_samples", n_samples)
        if n_samples < self.fewest_samples:
            raise ValueError(
                f"expected n_samples of at least {self.fewest_samples} for "
                f"{type(self).__name__}, got {n_samples}; draw more"
            )
        self.n_samples = n_samples

    @abstractmethod
    def surrogate(
        self, law: Distribution, objective: Objective, *, generator: Generator | None = None
    ) -> Tensor:
        r"""Return a tensor whose gradient is the estimate, and whose value is the mean loss.

        Args:
            law: :math:`q`, batch shape (\*kept, \*latents).
            objective: :math:`f`, from values of shape (n_samples, \*kept, \*latents, \*event) to
                losses of shape (n_samples, \*kept). Where there are no axes of latents, each
                latent variable has a loss of its own.
            generator: where the randomness comes from; None for torch's global stream.

        Returns:
            Shape (\*kept).
        """


class PathwiseEstimator(GradientEstimator):
    """An estimator that draws values which are differentiable in the distribution's parameters."""

    @abstractmethod
    def sample(
        self, law: Distribution, n_samples: int = 1, *, generator: Generator | None = None
    ) -> Tensor:
        r"""Return values with gradients, shape (n_samples, \*batch, \*event).

        Args:
            law: the distribution, batch shape (\*batch), event shape (\*event).
            n_samples: how many to draw.
            generator: where the randomness comes from; None for torch's global stream.
        """

    def surrogate(
        self, law: Distribution, objective: Objective, *, generator: Generator | None = None
    ) -> Tensor:
        """Return the mean loss of the differentiable values."""
        return objective(self.sample(law, self.n_samples, generator=generator)).mean(0)


def scored_sample(
    law: Distribution, objective: Objective, n_samples: int, generator: Generator | None
) -> tuple[Tensor, Tensor, Tensor]:
    r"""Return hard samples, their losses, and the log-mass of what shares each loss.

    Returns:
        Samples without gradients, shape (n_samples, \*kept, \*latents, \*event); losses and
        log-masses with theirs, each of shape (n_samples, \*kept).
    """
    with torch.no_grad():
        z = draw(law, (n_samples,), generator=generator)
    # Categories are integers in torch, with which a loss could not be averaged.
    z = z if z.is_floating_point() else z.to(torch.get_default_dtype())
    losses = objective(z)
    return z, losses, sum_latents(law.log_prob(z), losses)


def mean_of(law: Distribution) -> Tensor:
    """Return the mean, also that of categories as numbers, which torch does not define."""
    return enumerated(law).mean if isinstance(law, Categorical) else law.mean


def sum_latents(values: Tensor, losses: Tensor) -> Tensor:
    r"""Sum over the latent variables that share a loss: to the losses' shape."""
    return values.flatten(losses.dim()).sum(-1) if values.dim() > losses.dim() else values


def without_value(term: Tensor) -> Tensor:
    """Return zeros with the gradient of the term."""
    return term - term.detach()
