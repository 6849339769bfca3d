"""The Generalized Gumbel-Softmax relaxation of a distribution on finitely many atoms."""

import math
from numbers import Real
from typing import Any

import torch
from torch import Generator, Tensor
from torch.distributions import Distribution, constraints

from topicgen.distributions.checks import check_parameter
from topicgen.distributions.enumerated import enumerated
from topicgen.distributions.finite import Finite, Shape
from topicgen.distributions.relaxation import relaxed_pick
from topicgen.plain import quoted


class GeneralizedGumbelSoftmax(Finite):
    r"""A discrete distribution whose samples carry gradients.

    An atom is picked by Gumbel-Max, the pick is relaxed with a temperature :math:`\tau`, and the
    linear transformation :math:`T` maps it back to a value (Joo, Kim, Shin and Moon, 2020):

    .. math::
        w = \operatorname{softmax}\Bigl(\frac{\log \pi + g}{\tau}\Bigr), \quad
        g_j \sim \text{Gumbel}(0, 1), \qquad z = T(w) = \sum_j w_j c_j .

    As :math:`\tau \to 0`, :math:`z` tends to a sample of the distribution. At any other
    temperature it is no count but a value between the atoms, less dispersed than the distribution
    (``relaxed_moments`` tells by how much); ``sample``, ``log_prob``, ``mean``, ``variance``,
    ``entropy`` and the KL divergence are those of the distribution itself.

    Args:
        law: a distribution on finitely many atoms, such as ``Truncated(Poisson(rate), upper=15)``,
            or one of torch's with a finite support: binomial, multinomial, categorical, Bernoulli.
        temperature: :math:`\tau > 0`.
        straight_through: whether ``rsample`` returns atoms, with the gradient of the relaxed
            sample (biased).
        validate_args: as in ``torch.distributions``.

    Raises:
        ValueError: where the temperature is not above 0.
        TypeError: where the distribution's support is not finite.

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
        self,
        law: Distribution,
        temperature: float | Tensor,
        *,
        straight_through: bool = False,
        validate_args: bool | None = None,
    ) -> None:
        _check_temperature(type(self).__name__, temperature)
        law = law if isinstance(law, Finite) else enumerated(law)
        self.temperature = temperature
        self.straight_through = straight_through
        # Checked and perhaps normalised already, and this runs at every training step.
        self.atoms = law.atoms
        self._scores, self._logits, self._probs = law._scores, law._logits, law._probs
        Distribution.__init__(self, law.batch_shape, law.event_shape, validate_args=False)
        self._validate_args = law._validate_args if validate_args is None else validate_args

    @classmethod
    def from_logits(
        cls,
        logits: Tensor,
        support: Tensor,
        temperature: float | Tensor,
        *,
        straight_through: bool = False,
        validate_args: bool | None = None,
    ) -> "GeneralizedGumbelSoftmax":
        r"""Return the relaxation of the distribution with these logits on the atoms of ``support``.

        Args:
            logits: unnormalised log-masses, shape (\*batch, n).
            support: the atoms, shape (n,) or (n, \*event).
            temperature: :math:`\tau > 0`.
            straight_through: as in the constructor.
            validate_args: as in the constructor.

        Example:
            >>> counts = torch.tensor([0.0, 1.0, 5.0])
            >>> q = GeneralizedGumbelSoftmax.from_logits(torch.zeros(8, 3), counts, temperature=0.5)
            >>> q.rsample().shape
            torch.Size([8])
        """
        law = Finite(logits, support, validate_args)
        return cls(law, temperature, straight_through=straight_through)

    def rsample(
        self,
        sample_shape: Shape = torch.Size(),  # noqa: B008
        *,
        generator: Generator | None = None,
    ) -> Tensor:
        r"""Draw relaxed values with gradients, shape (\*sample_shape, \*batch, \*event).

        Args:
            sample_shape: how many to draw.
            generator: where the randomness comes from; None for torch's global stream. The values
                and gradients of a seed do not depend on the number of threads.
        """
        shape = self._extended_shape(torch.Size(sample_shape))
        values = relaxed_pick(
            self._scores,
            self.atoms,
            self.temperature,
            math.prod(sample_shape),
            straight_through=self.straight_through,
            generator=generator,
        )
        return values[0] if shape == values.shape[1:] else values.reshape(shape)

    def expand(self, batch_shape: Shape, _instance: Any = None) -> "GeneralizedGumbelSoftmax":
        """Return the distribution with its masses repeated to the batch shape."""
        new = self._get_checked_instance(GeneralizedGumbelSoftmax, _instance)
        super().expand(batch_shape, _instance=new)
        new.temperature = self.temperature
        new.straight_through = self.straight_through
        return new


def _check_temperature(name: str, temperature: float | Tensor) -> None:
    # A number is compared as one: as a tensor it would stop a compiler, at every training step.
    if not isinstance(temperature, Tensor):
        if isinstance(temperature, bool) or not isinstance(temperature, Real):
            raise TypeError(
                f"temperature must be a number, got {quoted(temperature)}; pass 0.5, for example"
            )
        if 0 < temperature < math.inf:
            return
    if isinstance(temperature, Tensor) and temperature.is_cuda and not temperature.dim():
        return  # To read it the program would wait for the GPU, at every training step.
    given = torch.as_tensor(temperature)
    if given.dim():
        raise ValueError(
            f"expected one temperature for the whole batch, got {temperature}; pass a number or a "
            "tensor without axes"
        )
    usable = (given > 0) & given.isfinite()
    check_parameter(name, "temperature", given, usable, constraints.positive)
