"""REINFORCE with a first-order Taylor expansion as its control variate."""

import torch
from torch import Tensor
from torch.distributions import Distribution

from topicgen.gradients.estimator import (
    GradientEstimator,
    Objective,
    hard_sample,
    mean_of,
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

    def surrogate(self, law: Distribution, objective: Objective) -> Tensor:
        """Return the mean loss, with the scores of the residuals and the mean's own gradient."""
        mean = mean_of(law)
        with torch.enable_grad():
            point = mean.detach().unsqueeze(0).requires_grad_()
            at_mean = objective(point)
            (slope,) = torch.autograd.grad(at_mean.sum(), point)
        z = hard_sample(law, self.n_samples)
        losses = objective(z)
        linear = sum_latents(slope * (z - point.detach()), losses)
        signal = losses.detach() - at_mean.detach() - linear
        log_prob = sum_latents(law.log_prob(z), losses)
        through_mean = sum_latents(slope * mean, at_mean)
        return (losses + without_value(signal * log_prob) + without_value(through_mean)).mean(0)
