r"""What the objective takes off for the topics themselves, and its gradients in a single pass.

A step reads the topics at all words, however few are in its documents: with many words it is the
number of passes that takes the time.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable


def sum_of_squares(values: Tensor) -> Tensor:
    """Return the sum of the squares of all values.

    Example:
        >>> sum_of_squares(torch.tensor([[3.0, 4.0]]))
        tensor(25.)
    """
    total: Tensor = _SumOfSquares.apply(values)
    return total


def topic_overlap(topic_word: Tensor) -> Tensor:
    r"""Return how much topics share their words: the mean over topics of a sum of cosines.

    .. math:: \frac1K \sum_k \sum_{j \ne k} \frac{\beta_k \cdot \beta_j}{|\beta_k| |\beta_j|}

    Nearly all of it comes from the most probable words.

    Args:
        topic_word: shape (n_topics, n_words).

    Example:
        >>> topic_overlap(torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
        tensor(0.6667)
    """
    overlap: Tensor = _TopicOverlap.apply(topic_word)
    return overlap


class _SumOfSquares(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        ctx.save_for_backward(values)
        flat = values.reshape(-1)
        return flat @ flat

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        (values,) = ctx.saved_tensors
        return values * (2 * gradient)


class _TopicOverlap(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, topic_word: Tensor) -> Tensor:
        # The squared norm of the sum of unit vectors holds every cosine, those of 1 among them.
        inverse = torch.linalg.vector_norm(topic_word, dim=-1).reciprocal()
        total = inverse @ topic_word
        ctx.save_for_backward(topic_word, inverse, total)
        return total @ total / len(topic_word) - 1

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        topic_word, inverse, total = ctx.saved_tensors
        scale = 2 * gradient / len(topic_word) * inverse
        along = scale * inverse.square() * (topic_word @ total)
        # Of a unit vector only what is across to it can change.
        across = scale.unsqueeze(-1) * total
        return across.addcmul_(along.unsqueeze(-1), topic_word, value=-1.0)
