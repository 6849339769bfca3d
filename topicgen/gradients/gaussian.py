"""The Gaussian approximation of a count."""

import torch
from torch import Generator, Tensor
from torch.distributions import Categorical, Distribution

from topicgen.distributions import Truncated
from topicgen.distributions.row_generator import drawn_rows
from topicgen.gradients.estimator import PathwiseEstimator


class GaussianApproximation(PathwiseEstimator):
    r"""Normal values with the mean and variance of the counts (Wu et al., 2020, for Poisson).

    .. math:: z = \mu + \sigma \varepsilon, \qquad \varepsilon \sim \mathcal N(0, 1)

    A poor approximation where the mean is small: z is no count, and may be negative. Of a truncated
    distribution the moments are those of the base distribution.

    Args:
        n_samples: as in ``GradientEstimator``.

    Raises:
        TypeError: where the distribution is categorical.
    """

    def sample(
        self, law: Distribution, n_samples: int = 1, *, generator: Generator | None = None
    ) -> Tensor:
        """Return normal values."""
        base = law.base if isinstance(law, Truncated) else law
        if isinstance(base, Categorical):
            raise TypeError(
                f"GaussianApproximation needs a distribution of counts, got {law}; "
                "use another estimator, such as GenGS"
            )
        mean, variance = base.mean, base.variance
        like = mean.detach().expand(n_samples, *mean.shape)
        noise = drawn_rows(Tensor.normal_, like, generator, dim=1)
        # The square root's gradient at 0 is infinite.
        return mean + variance.clamp(min=torch.finfo(mean.dtype).tiny).sqrt() * noise
