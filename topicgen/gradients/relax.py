"""REINFORCE with a learnt control variate of relaxed samples."""

import torch
from torch import Generator, Tensor, nn
from torch.distributions import Distribution

from topicgen.distributions import Finite, enumerated
from topicgen.gradients.estimator import (
    MOST_UNITS,
    GradientEstimator,
    Objective,
    check_number,
    check_whole,
    sum_latents,
    without_value,
)
from topicgen.gradients.perceptron import perceptron


class Relax(GradientEstimator):
    r"""RELAX (Grathwohl et al., 2018), and REBAR (Tucker et al., 2017) without its network.

    .. math:: \hat g = \bigl(f(z) - c(\tilde s)\bigr) \nabla \log q(z)
        + \nabla c(s) - \nabla c(\tilde s), \qquad
        c(s) = \eta \, f\bigl(T(\operatorname{softmax}(s / \tau))\bigr) + r_\phi(\cdot)

    where :math:`s` are the scores of the Gumbel-Max race that :math:`z` has won,
    :math:`\tilde s` are scores drawn anew given the winner, and :math:`T` maps weights of the atoms
    to values. Unbiased for any control variate; :math:`\eta`, :math:`\tau` and the network
    :math:`r_\phi` on relaxed values are trained to make the estimate's variance small. The
    objective must be differentiable between the atoms, twice.

    Args:
        n_latents: how many latent variables share a loss.
        n_hidden: units of the network's hidden layer; 0 for REBAR.
        temperature: :math:`\tau` to start from, above 0.
        n_samples: as in ``GradientEstimator``.
        generator: draws the network's first weights; None for torch's global stream.

    Raises:
        ValueError: where the temperature is not above 0.
    """

    def __init__(
        self,
        n_latents: int = 1,
        *,
        n_hidden: int = 50,
        temperature: float = 0.5,
        n_samples: int = 1,
        generator: Generator | None = None,
    ) -> None:
        super().__init__(n_samples)
        check_whole("n_latents", n_latents, 1, MOST_UNITS)
        check_whole("n_hidden", n_hidden, 0, MOST_UNITS)
        check_number("temperature", temperature)
        self.n_latents = n_latents
        self.scale = nn.Parameter(torch.ones(()))
        self.log_temperature = nn.Parameter(torch.tensor(temperature).log())
        self.network: nn.Module | None = None
        if n_hidden:
            self.network = perceptron(n_latents, n_hidden, generator=generator)

    def surrogate(
        self, law: Distribution, objective: Objective, *, generator: Generator | None = None
    ) -> Tensor:
        """Return the mean loss, with the estimate and the variance's gradient attached."""
        finite = enumerated(law)
        # An impossible atom stays one, without the infinity.
        logits = finite.logits.clamp(min=max(-1e30, torch.finfo(finite.logits.dtype).min))
        leaf = logits.detach().requires_grad_()
        learnt = [parameter for parameter in self.parameters() if parameter.requires_grad]
        with torch.enable_grad():
            losses, estimate = self._estimate(leaf, finite, objective, generator)
            spread = estimate.square().sum()
            own = torch.autograd.grad(spread, learnt, retain_graph=True) if learnt else ()
        slopes = sum_latents((estimate.detach() * logits).sum(-1), losses[0])
        own_loss = losses.new_zeros(())
        for gradient, parameter in zip(own, learnt, strict=True):
            own_loss = own_loss + (gradient * parameter).sum()
        # Added to every loss: the mean of the result has the gradient of the variance.
        return losses.mean(0) + without_value(slopes) + without_value(own_loss)

    def _estimate(
        self, logits: Tensor, law: Finite, objective: Objective, generator: Generator | None
    ) -> tuple[Tensor, Tensor]:
        r"""Return the losses and the estimate in the logits, shape (\*batch, n), with its graph."""
        log_probs = logits.log_softmax(-1).expand(self.n_samples, *logits.shape)
        scores = log_probs - _log_exponential(log_probs, generator)
        winner = scores.argmax(-1)
        rivals = _scores_given(winner, log_probs, generator)
        control, conditional = (self._control(s, law, objective) for s in (scores, rivals))
        losses = objective(law.atoms[winner])
        hit = sum_latents(log_probs.gather(-1, winner.unsqueeze(-1)).squeeze(-1), losses)
        signal = losses.detach() - conditional
        (pathwise,) = torch.autograd.grad((control - conditional).sum(), logits, create_graph=True)
        (score,) = torch.autograd.grad(hit, logits, signal, create_graph=True)
        return losses, (pathwise + score) / self.n_samples

    def _control(self, scores: Tensor, law: Finite, objective: Objective) -> Tensor:
        weights = (scores / self.log_temperature.exp()).softmax(-1)
        values = torch.tensordot(weights, law.atoms, 1)
        losses = objective(values)
        if self.network is None:
            return self.scale * losses
        inputs = values.reshape(*losses.shape, self.n_latents).to(self.scale)
        return self.scale * losses + self.network(inputs).squeeze(-1)


def _log_exponential(like: Tensor, generator: Generator | None) -> Tensor:
    uniform = torch.empty_like(like).uniform_(generator=generator)
    return (-uniform.clamp_(min=torch.finfo(like.dtype).tiny).log()).log()


def _scores_given(winner: Tensor, log_probs: Tensor, generator: Generator | None) -> Tensor:
    r"""Return scores of a Gumbel-Max race that is known to have this winner.

    The winner's score is Gumbel, and every other's is a Gumbel variable about its log-probability
    cut off there: :math:`-\log(E_j / \pi_j + E_{\max})` in terms of exponential variables.
    """
    log_draws = _log_exponential(log_probs.detach(), generator)
    index = winner.unsqueeze(-1)
    log_least = log_draws.gather(-1, index)
    others = -torch.logaddexp(log_draws - log_probs, log_least)
    return others.scatter(-1, index, -log_least)
