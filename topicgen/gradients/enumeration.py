"""The exact gradient, where it can be enumerated."""

from torch import Generator, Tensor
from torch.distributions import Distribution

from topicgen.distributions import enumerated
from topicgen.gradients.estimator import GradientEstimator, Objective


class Enumeration(GradientEstimator):
    r"""The expectation itself, :math:`\sum_j \pi_j f(c_j)`, atom by atom.

    It is the oracle of the others, for distributions on finitely many atoms of which each latent
    variable has a loss of its own.
    """

    def surrogate(
        self, law: Distribution, objective: Objective, *, generator: Generator | None = None
    ) -> Tensor:
        """Return the expected loss."""
        finite = enumerated(law)
        losses = objective(finite.enumerate_support())
        if losses.shape[1:] != finite.batch_shape:
            raise ValueError(
                f"expected a loss for each latent variable, of shape {tuple(finite.batch_shape)}, "
                f"got losses of shape {tuple(losses.shape[1:])}; sum over them outside"
            )
        return (finite.probs.movedim(-1, 0) * losses).sum(0)
