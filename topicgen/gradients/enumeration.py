"""The exact gradient, where it can be enumerated."""

from torch import Generator, Tensor
from torch.distributions import Distribution

from topicgen.distributions import enumerated
from topicgen.gradients.estimator import GradientEstimator, Objective


class Enumeration(GradientEstimator):
    r"""The expectation itself, :math:`\sum_j \pi_j f(c_j)`, atom by atom.

    It is the oracle of the others, for distributions on finitely many atoms of which each latent
    variable has a loss of its own. A loss that joins several variables needs one variable in their
    place, a ``Finite`` whose atoms are the combinations of their values.

    Example:
        >>> import torch
        >>> from topicgen.distributions import Finite
        >>> first, second = torch.tensor([0.5, 0.5]), torch.tensor([0.25, 0.75])  # of 0 and 1
        >>> pairs = torch.cartesian_prod(torch.arange(2.0), torch.arange(2.0))
        >>> law = Finite((first[:, None] * second).flatten().log(), pairs)
        >>> Enumeration().surrogate(law, lambda z: z[..., 0] * z[..., 1])  # 1/2 * 3/4
        tensor(0.3750)
    """

    def surrogate(
        self, law: Distribution, objective: Objective, *, generator: Generator | None = None
    ) -> Tensor:
        """Return the expected loss."""
        finite = enumerated(law)
        losses = objective(finite.enumerate_support())
        expected, found = finite.batch_shape, losses.shape[1:]
        if found == expected:
            return (finite.probs.movedim(-1, 0) * losses).sum(0)
        if found == expected[: len(found)]:
            raise ValueError(
                "a loss that joins several latent variables cannot be enumerated one by one "
                f"(expected losses of shape {tuple(expected)}, got {tuple(found)}); replace the "
                "variables by one Finite with their combined values as atoms, or use another "
                "estimator"
            )
        raise ValueError(
            f"expected a loss for each latent variable, of shape {tuple(expected)}, got losses of "
            f"shape {tuple(found)}; return one number for each"
        )
