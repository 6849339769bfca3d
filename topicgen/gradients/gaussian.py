"""The Gaussian approximation of a count."""

import torch
from torch import Generator, Tensor
from torch.distributions import Categorical, Distribution

from topicgen.distributions import Truncated
from topicgen.gradients.estimator import PathwiseEstimator


class GaussianApproximation(PathwiseEstimator):
    r"""Normal values with the law's mean and variance (Wu et al., 2020, for a Poisson law).

    .. math:: z = \mu + \sigma \varepsilon, \qquad \varepsilon \sim \mathcal N(0, 1)

    A poor approximation where the mean is small: z is no count, and may be negative. Of a truncated
    law the moments are those of the base law.

    Args:
        n_samples: as in ``GradientEstimator``.

    Raises:
        TypeError: where the law is categorical.
    """

    def sample(
        self, law: Distribution, n_samples: int = 1, *, generator: Generator | None = None
    ) -> Tensor:
        """Return normal values."""
        base = law.base if isinstance(law, Truncated) else law
        if isinstance(base, Categorical):
            raise TypeError(
                f"expected a law of counts, got {law}, whose categories are no quantities; take "
                "another estimator, such as GenGS"
            )
        mean, variance = base.mean, base.variance
        noise = mean.new_empty(n_samples, *mean.shape).normal_(generator=generator)
        # The square root's gradient at 0 is infinite.
        return mean + variance.clamp(min=torch.finfo(mean.dtype).tiny).sqrt() * noise
