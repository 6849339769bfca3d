r"""An inference network: from a document's words to the distribution of each of its counts.

.. math::
    h_0 = \sum_v \log(1 + u_v x_v) \, e_v, \qquad
    h_i = \operatorname{softplus}(\operatorname{norm}(W_i h_{i-1} + b_i)), \qquad f = W h + b

with an embedding :math:`e_v` and a weight :math:`u_v` of each word, so that a document costs
O(words present x width).
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Generator, Tensor, nn

from topicgen.distributions import Finite
from topicgen.models.count_laws import count_law
from topicgen.models.encoders.encoder import Encoder, Seen

if TYPE_CHECKING:
    from topicgen.models.latent_counts import LatentCountModel


class WordsNetwork(nn.Module):
    """From the words of documents to some numbers about each.

    Args:
        n_words: of the vocabulary.
        n_outputs: the numbers.
        widths: of the hidden layers, at least one.
        generator: draws the weights; None for torch's global stream.
        dtype: of the weights.
    """

    def __init__(
        self,
        n_words: int,
        n_outputs: int,
        widths: Sequence[int],
        *,
        generator: Generator | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__()
        first, *others = widths
        self.words = _normal((n_words, first), 1 / math.sqrt(first), generator, dtype)
        sizes = [first, *others]
        self.layers = nn.ParameterList(
            [
                _normal((below, above), 1 / math.sqrt(below), generator, dtype)
                for below, above in zip(sizes, others, strict=False)
            ]
        )
        self.scales = nn.ParameterList([torch.ones(size, dtype=dtype) for size in sizes])
        self.shifts = nn.ParameterList([torch.zeros(size, dtype=dtype) for size in sizes])
        # 0, so that all documents start at what is expected of them.
        self.output = nn.Parameter(torch.zeros(n_outputs, sizes[-1], dtype=dtype))
        self.bias = nn.Parameter(torch.zeros(n_outputs, dtype=dtype))

    def forward(self, seen: Seen, word_weight: Tensor) -> Tensor:
        """Return the numbers, shape (n_documents, n_outputs)."""
        counts = seen.documents.copied()
        words = self.words if seen.words is None else self.words[seen.words]
        amounts = torch.log1p(counts.values * word_weight[counts.columns])
        hidden = counts.times_transposed(amounts, words.T)
        for number, (scale, shift) in enumerate(zip(self.scales, self.shifts, strict=True)):
            if number:
                hidden = hidden @ self.layers[number - 1]
            normed = nn.functional.layer_norm(hidden, hidden.shape[-1:], scale, shift)
            hidden = nn.functional.softplus(normed)
        return nn.functional.linear(hidden, self.output, self.bias)


class Network(Encoder):
    r"""A network gives the parameters of each count's distribution, or its masses.

    Explicit: means :math:`m_k \propto \alpha_k e^{f_k}` that sum to what is expected of a document,
    with the model's pseudo-counts :math:`\alpha`, in the family of the prior: Poisson, binomial, or
    negative binomial with a dispersion :math:`r_k e^{f_{K+k}}` of each document's own. Implicit:
    free masses :math:`q_k(c) \propto p_k(c) e^{f_{kc}}` on every atom.

    Args:
        n_words: of the vocabulary.
        n_topics: of the model.
        n_atoms: of the counts, for free masses; None for the parameters of distributions.
        widths: of the hidden layers.
        generator: draws the weights; None for torch's global stream.
        dtype: of the weights.
    """

    def __init__(
        self,
        n_words: int,
        n_topics: int,
        n_atoms: int | None = None,
        *,
        widths: Sequence[int] = (256,),
        generator: Generator | None = None,
        dtype: torch.dtype = torch.float32,
    ) -> None:
        super().__init__()
        n_outputs = n_topics * (2 if n_atoms is None else n_atoms)
        self.network = WordsNetwork(n_words, n_outputs, widths, generator=generator, dtype=dtype)

    def posterior(
        self, model: "LatentCountModel", seen: Seen, prior: Finite | None = None
    ) -> Finite:
        """Return what the network finds."""
        outputs = self.network(seen, model.word_weight(seen.words))
        if model.inference == "implicit":
            prior = model.prior if prior is None else prior
            masses = outputs.unflatten(-1, (-1, len(model.atoms)))
            return Finite(prior.logits + masses, model.atoms, validate_args=False)
        of_means, of_dispersions = outputs.chunk(2, -1)
        log_expected = model.pseudo_counts().log() + of_means
        mean = model.expected_sum(seen.n_tokens).unsqueeze(-1) * log_expected.softmax(-1) + 1e-4
        if model.latent not in ("negative_binomial", "geometric"):
            family = "binomial" if model.latent == "binomial" else "poisson"
            return count_law(family, mean, model.atoms)
        dispersion = 1.0 if model.latent == "geometric" else model.dispersion
        dispersion = (dispersion * of_dispersions.exp()).clamp(1e-3, 1e3)
        return count_law("negative_binomial", mean, model.atoms, dispersion)


def _normal(
    shape: tuple[int, ...], scale: float, generator: Generator | None, dtype: torch.dtype
) -> nn.Parameter:
    device = None if generator is None else generator.device
    return nn.Parameter(scale * torch.randn(shape, generator=generator, device=device, dtype=dtype))
