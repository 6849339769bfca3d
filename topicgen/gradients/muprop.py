"""REINFORCE with a first-order Taylor expansion as its control variate."""

import torch
from torch import Generator, Tensor
from torch.distributions import Distribution

from topicgen.gradients.estimator import (
    GradientEstimator,
    Objective,
    mean_of,
    scored_sample,
    sum_latents,
    without_value,
)


class MuProp(GradientEstimator):
    r"""MuProp (Gu, Levine, Sutskever and Mnih, 2016): unbiased.

    .. math:: \hat g = \bigl(f(z) - f(\mu) - f'(\mu)^\top (z - \mu)\bigr) \nabla \log q(z)
        + f'(\mu)^\top \nabla \mu + \nabla f(z), \qquad \mu = E[z]

    The objective must be differentiable between the atoms.

    Args:
        n_samples: as in ``GradientEstimator``.
    """

    def surrogate(
        self, law: Distribution, objective: Objective, *, generator: Generator | None = None
    ) -> Tensor:
        """Return the mean loss, with the scores of the residuals and the mean's own gradient."""
        mean = mean_of(law)
        with torch.enable_grad():
            point = mean.detach().unsqueeze(0).requires_grad_()
            at_mean = objective(point)
            (slope,) = torch.autograd.grad(at_mean.sum(), point)
        z, losses, log_prob = scored_sample(law, objective, self.n_samples, generator)
        linear = sum_latents(slope * (z - point.detach()), losses)
        signal = losses.detach() - at_mean.detach() - linear
        through_mean = sum_latents(slope * mean, at_mean)
        return (losses + without_value(signal * log_prob) + without_value(through_mean)).mean(0)
