r"""A network that reads documents: their words, their embeddings, or both.

.. math::
    h_0 = \sum_v \log(1 + u_v x_v) \, w_v + V e, \qquad
    h_i = \operatorname{softplus}(\operatorname{norm}(W_i h_{i-1})), \qquad f = W h + b

with a vector :math:`w_v` and a weight :math:`u_v` for each word, and the embedding :math:`e` of the
document. The cost of a document is O(words present x width). Without hidden layers,
:math:`f = h_0 + b`.

Training reads a random fifth of each embedding, multiplied by 5, which gives the outputs of a
network without hidden layers the variance :math:`s^2 = 4 \sum_i (e_i V_i)^2`. After training, the
whole embedding is read, and the outputs are moderated to :math:`f / \sqrt{1 + \pi s^2 / 8}`
(MacKay, 1992). Without that, they would be far too certain about new texts.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Generator, Tensor, nn

from topicgen.models.encoders.encoder import Seen
from topicgen.models.known import Known

# The share of an embedding's dimensions that are left out in training, drawn anew in each step.
# The embedding of a whole text reveals its hidden tokens, and an encoder would learn to read them.
DROPOUT = 0.8


@dataclass(frozen=True)
class Inputs:
    """What an encoder reads of documents.

    Args:
        words: whether it reads their words.
        n_dimensions: the dimensions of the embeddings that it reads; 0 if it does not read any.
    """

    words: bool = True
    n_dimensions: int = 0


class Perceptron(nn.Module):
    """A network from documents to some numbers for each.

    Args:
        inputs: what it reads.
        n_words: the size of the vocabulary.
        start: the numbers for every document before any training, shape (n_outputs,).
        widths: the widths of the hidden layers.
        generator: draws the weights; None for torch's global stream.
    """

    def __init__(
        self,
        inputs: Inputs,
        n_words: int,
        start: Tensor,
        widths: Sequence[int],
        *,
        generator: Generator | None = None,
    ) -> None:
        super().__init__()
        # Without hidden layers, random weights would change the outputs from the start.
        spread = 1.0 if widths else 0.0

        def drawn(*shape: int, n_inputs: int) -> nn.Parameter:
            device = None if generator is None else generator.device
            normal = torch.randn(shape, generator=generator, device=device, dtype=start.dtype)
            return nn.Parameter(spread * normal.cpu() / math.sqrt(n_inputs))

        def full(*shape: int, value: float) -> nn.Parameter:
            return nn.Parameter(torch.full(shape, value, dtype=start.dtype))

        self.inputs = inputs
        n_outputs = len(start)
        first = widths[0] if widths else n_outputs
        n = inputs.n_dimensions
        self.words = drawn(n_words, first, n_inputs=first) if inputs.words else None
        self.embeddings = drawn(n, first, n_inputs=n) if n else None
        self.layers = nn.ParameterList(
            [drawn(below, above, n_inputs=below) for below, above in pairwise(widths)]
        )
        self.scales = nn.ParameterList([full(width, value=1.0) for width in widths])
        self.shifts = nn.ParameterList([full(width, value=0.0) for width in widths])
        if widths:
            self.output = full(n_outputs, widths[-1], value=0.0)
        self.bias = nn.Parameter(start.detach().clone().cpu())

    def forward(self, seen: Seen, word_weight: Tensor, known: Known | None) -> Tensor:
        """Return the numbers, shape (n_documents, n_outputs).

        Args:
            seen: the documents.
            word_weight: the evidence in a token of each word, shape (n_words,).
            known: what else is known of the documents; missing embeddings count as 0.
        """
        hidden = self.bias.new_zeros(len(seen.documents), self._width)
        if self.words is not None:
            counts = seen.documents.copied()
            words = self.words if seen.words is None else self.words[seen.words]
            amounts = torch.log1p(counts.values * word_weight[counts.columns])
            hidden = hidden + counts.times_transposed(amounts, words.T)
        if self.embeddings is not None and known is not None and known.embeddings is not None:
            hidden = hidden + known.embeddings.to(hidden) @ self.embeddings
        if not len(self.scales):
            return hidden * self._moderation(known) + self.bias
        for number, (scale, shift) in enumerate(zip(self.scales, self.shifts, strict=True)):
            if number:
                hidden = hidden @ self.layers[number - 1]
            normed = nn.functional.layer_norm(hidden, hidden.shape[-1:], scale, shift)
            hidden = nn.functional.softplus(normed)
        return nn.functional.linear(hidden, self.output, self.bias)

    def _moderation(self, known: Known | None) -> Tensor | float:
        """Return the factor of the outputs, which is 1 in training."""
        embeddings = None if known is None else known.embeddings
        if self.embeddings is None or embeddings is None or torch.is_grad_enabled():
            return 1.0
        squares = embeddings.to(self.bias).square() @ self.embeddings.square()
        return (1 + math.pi / 8 * DROPOUT / (1 - DROPOUT) * squares).rsqrt()

    def resize(self, n_outputs: int) -> None:
        """Make room for another number of outputs, before weights are loaded."""
        for name in ("output", "bias") if len(self.scales) else ("words", "embeddings", "bias"):
            weight = getattr(self, name)
            if weight is not None:
                axis = 1 if name in ("words", "embeddings") else 0
                shape = [*weight.shape]
                shape[axis] = n_outputs
                setattr(self, name, nn.Parameter(weight.new_empty(shape)))

    @property
    def _width(self) -> int:
        return len(self.scales[0]) if len(self.scales) else len(self.bias)
