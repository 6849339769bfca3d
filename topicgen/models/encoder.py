r"""The encoder: from the words present to the topics of each document.

Each layer is one step of inference in the model itself, unfolded (Gregor and LeCun, 2010; Hershey,
Le Roux and Weninger, 2014), so that the encoder uses at once what the decoder learns. It has few
weights of its own: a number per topic and a number per word.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from topicgen import kernels
from topicgen.models.sparse import Documents, SparseCounts


@dataclass(frozen=True)
class Encoding:
    """What the encoder has found in each document.

    Args:
        proportions: the expected topic proportions, shape (n_documents, n_topics), rows sum to 1.
        evidence: the expected number of tokens of each topic, likewise.
    """

    proportions: Tensor
    evidence: Tensor


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
        >>> counts = SparseCounts.from_csr(csr_matrix(np.array([[3, 0], [0, 0]])))
        >>> topics = torch.tensor([[0.9, 0.1], [0.1, 0.9]])
        >>> encode(counts, topics, torch.ones(2), torch.ones(2), 5).proportions
        tensor([[0.7820, 0.2180],
                [0.5000, 0.5000]])
    """
    is_shared = pseudo_counts.dim() == 1
    if kernels.usable(topic_word) and n_layers > kernels.GRADED_LAYERS and is_shared:
        from topicgen.kernels.documents import Encode

        found = Encode.apply(documents.words, topic_word, pseudo_counts, word_weight, n_layers)
        return Encoding(*found)
    counts = documents.copied()
    proportions = pseudo_counts / pseudo_counts.sum(-1, keepdim=True)
    proportions = proportions.expand(len(counts), -1)
    with_gradient = torch.is_grad_enabled()
    weighted = counts.replace(counts.values * word_weight[counts.columns])
    for layer in range(n_layers):
        with torch.set_grad_enabled(with_gradient and layer >= n_layers - kernels.GRADED_LAYERS):
            evidence = expected_tokens(weighted, proportions, topic_word)
            total = evidence + pseudo_counts
            proportions = total / total.sum(-1, keepdim=True)
    return Encoding(proportions, evidence)


def expected_tokens(counts: SparseCounts, weights: Tensor, topic_word: Tensor) -> Tensor:
    r"""Return :math:`n_k = \sum_v x_v w_k \beta_{kv} / \sum_j w_j \beta_{jv}`.

    Args:
        counts: :math:`x`.
        weights: :math:`w`, shape (n_documents, n_topics), in any unit.
        topic_word: :math:`\beta`, shape (n_topics, n_words).

    Returns:
        Shape (n_documents, n_topics), in tokens; a row sums to the document's tokens.
    """
    likelihood = counts.product_at_words(weights, topic_word)
    floor = torch.finfo(likelihood.dtype).tiny
    return weights * counts.times_transposed(
        counts.values / likelihood.clamp_min(floor), topic_word
    )
