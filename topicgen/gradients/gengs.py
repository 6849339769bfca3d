"""The Generalized Gumbel-Softmax estimator."""

from torch import Generator, Tensor
from torch.distributions import Distribution

from topicgen.distributions import GeneralizedGumbelSoftmax
from topicgen.gradients.estimator import PathwiseEstimator


class GenGS(PathwiseEstimator):
    """Relaxed values of a distribution on finitely many atoms (Joo, Kim, Shin and Moon, 2020).

    Args:
        temperature: above 0; low is closer to the distribution, high has the smaller variance.
        straight_through: whether the objective sees atoms, with the gradient of relaxed values.
        n_samples: as in ``GradientEstimator``.
    """

    def __init__(
        self,
        temperature: float | Tensor = 0.5,
        *,
        straight_through: bool = False,
        n_samples: int = 1,
    ) -> None:
        super().__init__(n_samples)
        self.temperature = temperature
        self.straight_through = straight_through

    def sample(
        self, law: Distribution, n_samples: int = 1, *, generator: Generator | None = None
    ) -> Tensor:
        """Return relaxed values, or atoms with their gradient."""
        relaxed = GeneralizedGumbelSoftmax(
            law, self.temperature, straight_through=self.straight_through
        )
        return relaxed.rsample((n_samples,), generator=generator)
