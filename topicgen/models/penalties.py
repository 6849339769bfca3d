r"""What the objective takes off for the topics themselves, and its gradients in a single pass.

A step reads the topics at all words, however few are in its documents: with many words it is the
number of passes that takes the time.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

# The norm below which a topic counts as one without words: what rounding leaves of a topic that is
# the collection itself.
_SHORTEST = 1e-6


def sum_of_squares(values: Tensor) -> Tensor:
    """Return the sum of the squares of all values.

    Example:
        >>> sum_of_squares(torch.tensor([[3.0, 4.0]]))
        tensor(25.)
    """
    total: Tensor = _SumOfSquares.apply(values)
    return total


def topic_overlap(weights: Tensor) -> Tensor:
    r"""Return how much topics share their words: the mean over topics of a sum of cosines.

    .. math:: \frac1K \sum_k \sum_{j \ne k} \frac{d_k \cdot d_j}{|d_k| |d_j|}

    Nearly all of it comes from the words of greatest weight.

    Args:
        weights: :math:`d`, what each word weighs in a topic, shape (n_topics, n_words): its
            probability, or its ``distinctive_part``. A topic with only zeros shares nothing.

    Example:
        >>> topic_overlap(torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]))
        tensor(0.6667)
    """
    overlap: Tensor = _TopicOverlap.apply(weights)
    return overlap


def distinctive_part(topic_word: Tensor, log_frequency: Tensor) -> Tensor:
    r"""Return how much each word says about topics, :math:`\beta \max(0, 1 + \log(\beta / f))`.

    A word as frequent as in the collection weighs its probability, a more frequent word weighs
    more, and a word rarer than :math:`f / e` nothing, so that topics may share the words that are
    common everywhere. Where the weight is not 0, it is the sum of the word's probability and its
    ``score``, which is its part of the divergence of the topic from the collection.

    Args:
        topic_word: :math:`\beta`, shape (n_topics, n_words), rows sum to 1.
        log_frequency: the log of :math:`f`, the words' frequencies, shape (n_words,).

    Example:
        >>> frequency = torch.tensor([0.5, 0.25, 0.25])
        >>> distinctive_part(torch.tensor([[0.5, 0.5, 0.0]]), frequency.log())
        tensor([[0.5000, 0.8466, 0.0000]])
    """
    part: Tensor = _DistinctivePart.apply(topic_word, log_frequency)
    return part


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
    def forward(ctx: Any, weights: Tensor) -> Tensor:
        # The squared norm of the sum of unit vectors holds every cosine, those of 1 among them.
        norm = torch.linalg.vector_norm(weights, dim=-1)
        inverse = norm.clamp_min(_SHORTEST).reciprocal()
        total = inverse @ weights
        ctx.save_for_backward(weights, inverse, total)
        return total @ total / len(weights) - (norm >= _SHORTEST).to(norm).mean()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> Tensor:
        weights, inverse, total = ctx.saved_tensors
        scale = 2 * gradient / len(weights) * inverse
        along = scale * inverse.square() * (weights @ total)
        # Of a unit vector only what is across to it can change.
        across = scale.unsqueeze(-1) * total
        return across.addcmul_(along.unsqueeze(-1), weights, value=-1.0)


class _DistinctivePart(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, topic_word: Tensor, log_frequency: Tensor) -> Tensor:
        # Words of probability 0 are among those that weigh nothing.
        weight = topic_word.log().sub_(log_frequency).add_(1.0).relu_()
        ctx.save_for_backward(weight)
        return topic_word * weight

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        (weight,) = ctx.saved_tensors
        return torch.where(weight > 0, gradient * (weight + 1), 0.0), None
