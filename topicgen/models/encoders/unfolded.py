r"""The unfolded encoder: each of its layers is one step of inference in the model itself.

It uses at once what the decoder learns (Gregor and LeCun, 2010; Hershey, Le Roux and Weninger,
2014), and has few weights: a number per topic and a number per word.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import torch
from torch import Generator, Tensor

from topicgen import kernels
from topicgen.distributions import Finite
from topicgen.models.encoders.encoder import (
    Encoder,
    Encoding,
    Seen,
    expected_tokens,
    explicit_posterior,
)
from topicgen.models.encoders.perceptron import Inputs, Perceptron
from topicgen.models.posteriors import conditional_posterior
from topicgen.models.proportions import proportions
from topicgen.models.sparse import Documents

if TYPE_CHECKING:
    from topicgen.models.latent_counts import LatentCountModel

# More layers would find one topic in a short document, and predict less well.
_LAYERS = 5

# The most, in nats, by which a guide moves the log of a pseudo-count.
_FARTHEST = 15.0


class Unfolded(Encoder):
    r"""A few layers of expectation maximisation, from what is expected of a document.

    Its weights are the model's own ``log_pseudo_counts`` and ``log_word_weight``. A guide, which is
    a small network that reads an embedding or the words, gives each document its own pseudo-counts,
    :math:`\alpha_{dk} = \alpha_k \sum_j e^{f_{dj}} P_{jk}`, as a prior; the words are evidence.
    :math:`P = I` until topics are edited, and then maps the guide's topics to the edited ones.

    Args:
        guide: gives :math:`f`; None to use the same pseudo-counts for all documents.
        reads_words: whether the words are evidence; otherwise the pseudo-counts alone decide.
    """

    learns_first = False
    parts: Tensor

    def __init__(self, guide: Perceptron | None = None, *, reads_words: bool = True) -> None:
        super().__init__()
        self.guide = guide
        self.reads_words = reads_words
        if guide is not None:
            self.register_buffer("parts", torch.eye(len(guide.bias), dtype=guide.bias.dtype))

    @staticmethod
    def guide_of(
        model: "LatentCountModel",
        inputs: Inputs,
        generator: Generator,
        *,
        widths: Sequence[int] = (128,),
    ) -> Perceptron:
        """Return a new guide for a model; until it is trained, it changes nothing."""
        start = torch.zeros_like(model.prior_mean)
        return Perceptron(inputs, len(model.log_frequency), start, widths, generator=generator)

    def encode(self, model: "LatentCountModel", seen: Seen) -> Encoding:
        """Return what the layers find."""
        weight = model.word_weight(seen.words)
        pseudo_counts = self.pseudo_counts(model, seen)
        if not self.reads_words:
            shares = pseudo_counts / pseudo_counts.sum(-1, keepdim=True)
            shares = shares.expand(len(seen.documents), -1)
            return Encoding(shares, pseudo_counts.expand_as(shares))
        return encode(seen.documents, seen.topic_word, pseudo_counts, weight, _LAYERS)

    def pseudo_counts(self, model: "LatentCountModel", seen: Seen) -> Tensor:
        """Return the pseudo-counts, shape (n_topics,) or (n_documents, n_topics)."""
        if self.guide is None:
            return model.pseudo_counts(seen.documents.n_tokens)
        # The guide knows each document, so pseudo-counts are not reduced for short ones.
        pseudo_counts = model.pseudo_counts()
        found = self.guide(seen, model.word_weight(seen.words), model.known)
        return pseudo_counts * (found.clamp(-_FARTHEST, _FARTHEST).exp() @ self.parts)

    def _load_from_state_dict(self, state: dict[str, Tensor], prefix: str, *others: Any) -> None:
        """Make room for a guide with as many topics as it was trained with."""
        parts = state.get(f"{prefix}parts")
        # An optimizer may hold the weights of this guide, so they are replaced only if need be.
        if self.guide is not None and parts is not None and parts.shape != self.parts.shape:
            self.parts = self.parts.new_empty(parts.shape)
            self.guide.resize(len(parts))
        super()._load_from_state_dict(state, prefix, *others)

    def posterior(
        self, model: "LatentCountModel", seen: Seen, prior: Finite | None = None
    ) -> Finite:
        """Return the counts with what the layers find as their means, or as their evidence."""
        encoding = self.encode(model, seen)
        if model.inference == "implicit":
            evidence = encoding.evidence
            n_tokens = seen.documents.n_tokens if self.reads_words else evidence.sum(-1)
            expected = model.expected_sum(seen.n_tokens).unsqueeze(-1)
            price = model.price(n_tokens, expected + model.smoothing.sum())
            prior = model.prior if prior is None else prior
            return conditional_posterior(evidence, price, prior, model.smoothing)
        return explicit_posterior(model, seen, encoding.proportions)

    def doc_topic(self, model: "LatentCountModel", seen: Seen) -> Tensor:
        """Return E[theta] under the posterior, shape (n_documents, n_topics)."""
        if model.inference == "implicit":
            return super().doc_topic(model, seen)
        # Of independent Poisson counts the shares do not depend on the sum.
        expected = model.expected_sum(seen.n_tokens).unsqueeze(-1)
        return proportions(expected * self.encode(model, seen).proportions, model.smoothing)


def encode(
    documents: Documents,
    topic_word: Tensor,
    pseudo_counts: Tensor,
    word_weight: Tensor,
    n_layers: int,
) -> Encoding:
    r"""Return topic proportions by a few layers of expectation maximisation.

    .. math::
        n_k = \sum_v u_v x_v \frac{\theta_k \beta_{kv}}{\sum_j \theta_j \beta_{jv}}, \qquad
        \theta_k \leftarrow \frac{n_k + \alpha_k}{\sum_j (n_j + \alpha_j)},

    from :math:`\theta = \alpha / \sum_j \alpha_j`: the mean under a Dirichlet prior, the update of
    Asuncion, Welling, Smyth and Teh (2009). A few layers predict better than many, which would give
    a short document a single topic. The last two layers have gradients.

    Args:
        documents: their words, :math:`x`.
        topic_word: :math:`\beta`, shape (n_topics, n_words), rows sum to 1.
        pseudo_counts: :math:`\alpha`, shape (n_topics,), or (n_documents, n_topics) where documents
            have different ones; above 0, in tokens.
        word_weight: :math:`u`, the evidence in a token of each word, shape (n_words,), above 0.
        n_layers: how many layers, at least 1.

    Example:
        >>> import numpy as np
        >>> from scipy.sparse import csr_matrix
        >>> from topicgen.models.sparse import SparseCounts
        >>> counts = SparseCounts.from_csr(csr_matrix(np.array([[3, 0], [0, 0]])))
        >>> topics = torch.tensor([[0.9, 0.1], [0.1, 0.9]])
        >>> encode(counts, topics, torch.ones(2), torch.ones(2), 5).proportions
        tensor([[0.7820, 0.2180],
                [0.5000, 0.5000]])
    """
    if kernels.usable(topic_word) and n_layers > kernels.GRADED_LAYERS:
        from topicgen.kernels.documents import Encode

        found = Encode.apply(documents.words, topic_word, pseudo_counts, word_weight, n_layers)
        return Encoding(*found)
    counts = documents.copied()
    shares = pseudo_counts / pseudo_counts.sum(-1, keepdim=True)
    shares = shares.expand(len(counts), -1)
    with_gradient = torch.is_grad_enabled()
    weighted = counts.replace(counts.values * word_weight[counts.columns])
    for layer in range(n_layers):
        with torch.set_grad_enabled(with_gradient and layer >= n_layers - kernels.GRADED_LAYERS):
            evidence = expected_tokens(weighted, shares, topic_word)
            total = evidence + pseudo_counts
            shares = total / total.sum(-1, keepdim=True)
    return Encoding(shares, evidence)
