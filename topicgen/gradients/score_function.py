"""Score-function estimators: hard samples, and the gradient of their log-mass."""

import math

import torch
from torch import Generator, Tensor
from torch.distributions import Distribution

from topicgen.gradients.estimator import (
    GradientEstimator,
    Objective,
    scored_sample,
    without_value,
)


class Reinforce(GradientEstimator):
    r"""The score-function estimator (Williams, 1992): unbiased, with a high variance.

    .. math:: \hat g = f(z) \, \nabla \log q(z) + \nabla f(z), \qquad z \sim q

    Args:
        n_samples: as in ``GradientEstimator``.
    """

    def surrogate(
        self, law: Distribution, objective: Objective, *, generator: Generator | None = None
    ) -> Tensor:
        """Return the mean loss, with the weighted scores."""
        _, losses, log_prob = scored_sample(law, objective, self.n_samples, generator)
        return (losses + without_value(self._signal(losses.detach()) * log_prob)).mean(0)

    def _signal(self, losses: Tensor) -> Tensor:
        return losses


class LeaveOneOut(Reinforce):
    r"""REINFORCE with the other samples' mean loss as each one's baseline (Kool et al., 2019).

    .. math:: \hat g = \frac1S \sum_s \Bigl(f(z_s) - \frac1{S-1} \sum_{t \ne s} f(z_t)\Bigr)
        \nabla \log q(z_s) + \nabla f(z_s)

    Args:
        n_samples: S, at least 2.
    """

    fewest_samples = 2

    def __init__(self, n_samples: int = 2) -> None:
        super().__init__(n_samples)

    def _signal(self, losses: Tensor) -> Tensor:
        return (losses - losses.mean(0)) * (len(losses) / (len(losses) - 1))


class VIMCO(GradientEstimator):
    r"""The leave-one-out estimator of a bound of several samples (Mnih and Rezende, 2016).

    The loss of a sample is :math:`f(z) = -\log w(z)`, minus the log of an importance weight, and
    what is estimated is not the gradient of its mean but that of

    .. math:: E\Bigl[-\log \frac1S \sum_s w(z_s)\Bigr],

    with the signal of each sample measured against the bound in which the geometric mean of the
    other weights stands for its own.

    Args:
        n_samples: S, at least 2.
    """

    fewest_samples = 2

    def __init__(self, n_samples: int = 5) -> None:
        super().__init__(n_samples)

    def surrogate(
        self, law: Distribution, objective: Objective, *, generator: Generator | None = None
    ) -> Tensor:
        """Return the bound's loss, with the weighted scores."""
        _, losses, log_prob = scored_sample(law, objective, self.n_samples, generator)
        bound = math.log(len(losses)) - (-losses).logsumexp(0)
        signal = bound.detach() - _bounds_without_each(-losses.detach())
        return bound + without_value((signal * log_prob).sum(0))


def _bounds_without_each(log_weights: Tensor) -> Tensor:
    """Return the loss with each log-weight replaced by the mean of the others."""
    n = len(log_weights)
    others = (log_weights.sum(0) - log_weights) / (n - 1)
    kept = log_weights.expand(n, *log_weights.shape).clone()
    index = torch.arange(n, device=log_weights.device)
    kept[index, index] = others
    return math.log(n) - kept.logsumexp(1)
