r"""The interface of all encoders, which infer the topics of documents."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from topicgen.distributions import Finite
from topicgen.models.count_laws import count_law
from topicgen.models.proportions import expected_proportions, proportions
from topicgen.models.sparse import Documents, SparseCounts

if TYPE_CHECKING:
    from topicgen.models.latent_counts import LatentCountModel


@dataclass(frozen=True, eq=False)
class Seen:
    """What an encoder sees of some documents; ``model.known`` is what else is known of them.

    Args:
        documents: the words of each, without the hidden ones.
        topic_word: the topics, shape (n_topics, n_words), rows sum to 1 over the vocabulary.
        n_tokens: how many tokens each document has, including hidden ones, shape (n_documents,).
        words: the columns of the vocabulary to which those of ``documents`` and ``topic_word``
            belong, shape (n_words,); None for the whole vocabulary.
    """

    documents: Documents
    topic_word: Tensor
    n_tokens: Tensor
    words: Tensor | None = None


@dataclass(frozen=True)
class Encoding:
    """What an encoder finds in each document.

    Args:
        proportions: the expected topic proportions, shape (n_documents, n_topics), rows sum to 1.
        evidence: the expected number of tokens of each topic, likewise.
    """

    proportions: Tensor
    evidence: Tensor


class Encoder(nn.Module):
    """Finds the approximate posterior of each document's counts.

    To write your own encoder, define ``posterior``. The encoder's parameters are trained with the
    model and are part of its weights. Every model also has ``log_pseudo_counts`` (what to expect of
    a document before reading it, in tokens) and ``log_word_weight`` (the evidence in a token of
    each word), which are trained if the encoder uses them.
    """

    # Whether the topics have to stay where they start until the encoder has learnt to find them.
    learns_first = True
    # The share of the topics' learning rate at which its own weights move.
    pace = 0.01

    def posterior(
        self,
        model: "LatentCountModel",
        seen: Seen,
        prior: Finite | None = None,
    ) -> Finite:
        """Return q(z | x), batch shape (n_documents, n_topics), on the atoms of the model.

        Args:
            model: the topics and the prior; its device and precision are those of the result.
            seen: the documents.
            prior: of each document, batch shape (n_documents, n_topics); None for that of the
                model.
        """
        raise NotImplementedError

    def encode(self, model: "LatentCountModel", seen: Seen) -> Encoding:
        """Return the expected proportions, and the expected tokens under them."""
        found = proportions(self.posterior(model, seen).mean, model.smoothing)
        return Encoding(found, expected_tokens(seen.documents.copied(), found, seen.topic_word))

    def doc_topic(self, model: "LatentCountModel", seen: Seen) -> Tensor:
        """Return E[theta] under the posterior, shape (n_documents, n_topics)."""
        return expected_proportions(self.posterior(model, seen), model.smoothing)


def explicit_posterior(
    model: "LatentCountModel", seen: Seen, shares: Tensor, dispersion: Tensor | None = None
) -> Finite:
    """Return counts whose means have these shares in the sum that a document's counts should have.

    Without a dispersion they are binomial if the model's are, or Poisson: even where the prior is
    negative binomial, an approximation that suits training.

    Args:
        model: the model.
        seen: the documents.
        shares: of the topics, shape (n_documents, n_topics), rows sum to 1.
        dispersion: of negative binomials, shape (n_documents, n_topics); None for the others.
    """
    # With a mean of 0 in all documents a topic would have no gradient, and be lost for good.
    mean = model.expected_sum(seen.n_tokens).unsqueeze(-1) * shares + 1e-4
    if dispersion is not None:
        return count_law("negative_binomial", mean, model.atoms, dispersion)
    family = "binomial" if model.latent == "binomial" else "poisson"
    return count_law(family, mean, model.atoms)


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
