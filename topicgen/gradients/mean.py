"""The mean in place of a sample."""

from torch import Generator, Tensor
from torch.distributions import Distribution

from topicgen.gradients.estimator import PathwiseEstimator, mean_of


class Mean(PathwiseEstimator):
    r"""The mean of the distribution as its only value: the gradient of :math:`f(E[z])`.

    It has no variance. It is exact where f is linear, and otherwise the gradient of another
    objective than :math:`E[f(z)]`: nothing in it knows how far z lies from its mean.

    Args:
        n_samples: as in ``GradientEstimator``; all samples are the same.

    Example:
        >>> import torch
        >>> law = torch.distributions.Poisson(torch.tensor([4.0]))
        >>> Mean().sample(law, 2)
        tensor([[4.],
                [4.]])
    """

    def sample(
        self, law: Distribution, n_samples: int = 1, *, generator: Generator | None = None
    ) -> Tensor:
        """Return the mean as often as asked for; nothing is drawn."""
        mean = mean_of(law)
        return mean.expand(n_samples, *mean.shape)
