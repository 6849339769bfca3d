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

# The log mass of an impossible atom: a parameter that is not finite could not be trained.
_NO_MASS = -1e4
# Families whose counts differ in their dispersion too.
_WITH_DISPERSION = ("negative_binomial", "geometric")


class WordsNetwork(nn.Module):
    """From the words of documents to some numbers about each.

    Args:
        n_words: of the vocabulary.
        start: the numbers of all documents before any training, shape (n_outputs,).
        widths: of the hidden layers, at least one.
        generator: draws the weights; None for torch's global stream.
    """

    def __init__(
        self,
        n_words: int,
        start: Tensor,
        widths: Sequence[int],
        *,
        generator: Generator | None = None,
    ) -> None:
        super().__init__()
        dtype = start.dtype
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
        self.output = nn.Parameter(torch.zeros(len(start), sizes[-1], dtype=dtype))
        self.bias = nn.Parameter(start.detach().clone().cpu())

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
    negative binomial with the dispersion :math:`e^{f_{K+k}}`. Implicit: free masses
    :math:`q_k(c) \propto e^{f_{kc}}` on every atom. Dispersions and masses start at those of the
    prior, and stay with the documents where the prior moves.

    Args:
        network: gives :math:`f`.
    """

    def __init__(self, network: WordsNetwork) -> None:
        super().__init__()
        self.network = network

    @classmethod
    def of(
        cls, model: "LatentCountModel", generator: Generator, *, widths: Sequence[int] = (256,)
    ) -> "Network":
        """Return the network of a model, with hidden layers of these widths."""
        start = model.prior_logits.flatten().clamp_min(_NO_MASS)
        if model.inference == "explicit":
            start = torch.zeros_like(model.prior_mean)
            if model.latent in _WITH_DISPERSION:
                start = torch.cat([start, model.rate_shape.log()])
        n_words = len(model.log_frequency)
        return cls(WordsNetwork(n_words, start, widths, generator=generator))

    def posterior(
        self, model: "LatentCountModel", seen: Seen, prior: Finite | None = None
    ) -> Finite:
        """Return what the network finds."""
        outputs = self.network(seen, model.word_weight(seen.words))
        if model.inference == "implicit":
            masses = outputs.unflatten(-1, (-1, len(model.atoms)))
            return Finite(masses, model.atoms, validate_args=False)
        of_means, *of_dispersions = outputs.split(len(model.topic_logits), -1)
        shares = (model.pseudo_counts().log() + of_means).softmax(-1)
        mean = model.expected_sum(seen.n_tokens).unsqueeze(-1) * shares + 1e-4
        if of_dispersions:
            dispersion = of_dispersions[0].exp().clamp(1e-3, 1e3)
            return count_law("negative_binomial", mean, model.atoms, dispersion)
        family = "binomial" if model.latent == "binomial" else "poisson"
        return count_law(family, mean, model.atoms)


def _normal(
    shape: tuple[int, ...], scale: float, generator: Generator | None, dtype: torch.dtype
) -> nn.Parameter:
    device = None if generator is None else generator.device
    return nn.Parameter(scale * torch.randn(shape, generator=generator, device=device, dtype=dtype))
