"""Multinomial draws of many items, which cost no more than those of few."""

import torch
from torch import Generator, Tensor


def draw_multinomial(
    numbers: Tensor, weights: Tensor, *, generator: Generator | None = None
) -> Tensor:
    r"""Return how many of some items fall into each category, one binomial draw after the other.

    .. math::
        n_k \mid n_1, \dots, n_{k-1} \sim \operatorname{Binomial}\Big(
        N - \sum_{j<k} n_j, \; w_k \Big/ \sum_{j \ge k} w_j \Big)

    Args:
        numbers: :math:`N`, whole numbers in double precision, shape (n,).
        weights: :math:`w`, shape (n, n_categories), from 0 up; of rows without any the last
            category gets all.
        generator: where the randomness comes from; None for torch's global stream.

    Returns:
        Shape (n, n_categories), whole numbers in double precision.

    Example:
        >>> draw_multinomial(torch.tensor([9.0]), torch.tensor([[0.0, 2.0, 0.0]]))
        tensor([[0., 9., 0.]], dtype=torch.float64)
    """
    left, weights = numbers.double(), weights.double()
    rest = weights.flip(-1).cumsum(-1).flip(-1)
    chances = torch.where(rest > 0, weights / rest, 0.0).clamp(max=1.0)
    chances[:, -1] = 1.0
    drawn = torch.empty_like(chances)
    for category, chance in enumerate(chances.unbind(-1)):
        here = torch.binomial(left, chance.contiguous(), generator)
        drawn[:, category] = here
        left = left - here
    return drawn
