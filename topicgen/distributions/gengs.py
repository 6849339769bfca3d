"""The Generalized Gumbel-Softmax relaxation of a law on finitely many atoms."""

from typing import Any

import torch
from torch import Tensor
from torch.distributions import Distribution

from topicgen.distributions.finite import Finite, Shape


class GeneralizedGumbelSoftmax(Finite):
    r"""A discrete law whose samples carry gradients.

    An atom is picked by Gumbel-Max, the pick is relaxed with a temperature :math:`\tau`, and the
    linear transformation :math:`T` maps it back to a number (Joo, Kim, Shin and Moon, 2020):

    .. math::
        w = \operatorname{softmax}\Bigl(\frac{\log \pi + g}{\tau}\Bigr), \quad
        g_j \sim \text{Gumbel}(0, 1), \qquad z = T(w) = \sum_j w_j c_j .

    As :math:`\tau \to 0`, :math:`z` tends to a sample of the law. At any other temperature it is
    no count but a number between the atoms, less dispersed than the law; ``sample``, ``log_prob``,
    ``mean``, ``variance``, ``entropy`` and the KL divergence are those of the law itself.

    Args:
        law: a law on finitely many atoms, such as ``Truncated(Poisson(rate), upper=15)``.
        temperature: :math:`\tau > 0`.
        straight_through: whether ``rsample`` returns atoms, with the gradient of the relaxed
            sample (biased).

    Raises:
        ValueError: where the temperature is not above 0.

    Example:
        >>> from topicgen.distributions import Truncated
        >>> rate = torch.tensor([0.5, 4.0], requires_grad=True)
        >>> law = Truncated(torch.distributions.Poisson(rate), upper=15)
        >>> z = GeneralizedGumbelSoftmax(law, temperature=0.5).rsample((1000,))
        >>> z.shape
        torch.Size([1000, 2])
        >>> z.mean().backward()
        >>> bool((rate.grad > 0).all())
        True
    """

    has_rsample = True

    def __init__(
        self, law: Finite, temperature: float | Tensor, *, straight_through: bool = False
    ) -> None:
        is_single = not isinstance(temperature, Tensor) or temperature.dim() == 0
        if not (is_single and temperature > 0):
            raise ValueError(
                f"expected one temperature above 0, got {temperature}; 0.5 to 1 is usual"
            )
        self.temperature = temperature
        self.straight_through = straight_through
        # The law is checked and normalised already, and this runs at every training step.
        self.atoms, self.logits = law.atoms, law.logits
        Distribution.__init__(self, law.batch_shape, validate_args=False)

    @classmethod
    def from_logits(
        cls,
        logits: Tensor,
        support: Tensor,
        temperature: float | Tensor,
        *,
        straight_through: bool = False,
    ) -> "GeneralizedGumbelSoftmax":
        r"""Return the relaxation of the law with these logits on the atoms of ``support``.

        Args:
            logits: unnormalised log-masses, shape (\*batch, n).
            support: the atoms, shape (n,).
            temperature: :math:`\tau > 0`.
            straight_through: as in the constructor.
        """
        return cls(Finite(logits, support), temperature, straight_through=straight_through)

    def rsample(self, sample_shape: Shape = torch.Size()) -> Tensor:  # noqa: B008
        r"""Draw relaxed values with gradients, shape (\*sample_shape, \*batch)."""
        shape = self._extended_shape(torch.Size(sample_shape))
        uniform = torch.rand(
            (*shape, len(self.atoms)), dtype=self.logits.dtype, device=self.logits.device
        )
        # A draw of 0 would rule its atom out, were it the only possible one.
        uniform.clamp_(min=torch.finfo(uniform.dtype).tiny)
        scores = self.logits - uniform.log_().neg_().log_()
        relaxed = _softmax_mean(scores / self.temperature, self.atoms)
        if not self.straight_through:
            return relaxed
        return self.atoms[scores.argmax(-1)] + (relaxed - relaxed.detach())

    def expand(self, batch_shape: Shape, _instance: Any = None) -> "GeneralizedGumbelSoftmax":
        """Return the law with its masses repeated to the batch shape."""
        new = self._get_checked_instance(GeneralizedGumbelSoftmax, _instance)
        super().expand(batch_shape, _instance=new)
        new.temperature = self.temperature
        new.straight_through = self.straight_through
        return new


def _softmax_mean(scores: Tensor, atoms: Tensor) -> Tensor:
    r"""Return softmax(scores) @ atoms, in one pass over the atoms.

    Written out because torch's softmax kernels are made for long rows: with a dozen atoms this is
    several times as fast.
    """
    weights = (scores - scores.detach().amax(-1, keepdim=True)).exp()
    sums = weights @ torch.stack([torch.ones_like(atoms), atoms], -1)
    return sums[..., 1] / sums[..., 0]
