"""REINFORCE with a learnt baseline."""

import torch
from torch import Generator, Tensor
from torch.distributions import Distribution

from topicgen.gradients.estimator import (
    MOST_UNITS,
    GradientEstimator,
    Objective,
    check_whole,
    mean_of,
    scored_sample,
    without_value,
)
from topicgen.gradients.perceptron import perceptron


class NVIL(GradientEstimator):
    r"""Neural variational inference and learning (Mnih and Gregor, 2014).

    .. math:: \hat g = \bigl(f(z) - c - C_\psi(x)\bigr) \nabla \log q(z) + \nabla f(z)

    with a running average :math:`c` of what the baseline leaves, and a baseline :math:`C_\psi`
    trained by least squares. The baseline sees what the distribution is made of, its means, which
    depend on the input alone. The division of the signal by its spread, in the original, is left
    out: it changes the length of this gradient beside every other, such as that of a KL divergence.

    Args:
        n_latents: how many latent variables share a loss.
        n_hidden: units of the baseline's hidden layer.
        decay: what the running average keeps of itself at each step.
        n_samples: as in ``GradientEstimator``.
        generator: draws the baseline's first weights; None for torch's global stream.
    """

    loss_mean: Tensor
    is_started: Tensor

    def __init__(
        self,
        n_latents: int = 1,
        *,
        n_hidden: int = 100,
        decay: float = 0.8,
        n_samples: int = 1,
        generator: Generator | None = None,
    ) -> None:
        super().__init__(n_samples)
        check_whole("n_latents", n_latents, 1, MOST_UNITS)
        check_whole("n_hidden", n_hidden, 1, MOST_UNITS)
        self.n_latents = n_latents
        self.decay = decay
        self.baseline = perceptron(n_latents, n_hidden, generator=generator)
        self.register_buffer("loss_mean", torch.zeros(()))
        self.register_buffer("is_started", torch.zeros(()))

    def surrogate(
        self, law: Distribution, objective: Objective, *, generator: Generator | None = None
    ) -> Tensor:
        """Return the mean loss, with the weighted scores and the baseline's own loss."""
        _, losses, log_prob = scored_sample(law, objective, self.n_samples, generator)
        means = mean_of(law).detach().reshape(*losses.shape[1:], self.n_latents)
        residual = losses.detach() - self.baseline(means.to(self.loss_mean)).squeeze(-1)
        # Before the average follows: a baseline that knows this sample would bias the gradient.
        signal = residual - self.loss_mean
        if self.training and residual.numel():
            self._follow(residual.detach())
        scores = without_value(signal.detach() * log_prob)
        return (losses + scores + without_value(signal.square())).mean(0)

    def _follow(self, residual: Tensor) -> None:
        """Move the running average towards this step's."""
        mean = residual.mean().to(self.loss_mean)
        self.loss_mean = torch.lerp(mean, self.loss_mean, self.decay * self.is_started)
        self.is_started = torch.ones_like(self.is_started)
