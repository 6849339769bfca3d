"""Posteriors, predictions and likelihoods of documents under a fitted topic model."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from scipy.sparse import csr_matrix
from sklearn.utils.validation import check_is_fitted

from topicgen import evaluation
from topicgen.errors import InputError
from topicgen.models import Hierarchy, LatentCountModel, SparseCounts
from topicgen.training import one_core_spared, seeded

# Documents read at a time: bounds the memory.
_CHUNK = 1024


class ScoringMixin:
    """What a model with ``model_`` and ``components_`` says of documents, in chunks."""

    components_: np.ndarray
    model_: LatentCountModel
    hierarchy_: Hierarchy
    refinement: int

    def _counts(self, X: Any) -> csr_matrix:
        """Return the counts of the model's vocabulary."""
        raise NotImplementedError

    def perplexity(
        self,
        X: Any,
        method: str = "document_completion",
        *,
        average: str = "corpus",
        n_samples: int | None = None,
    ) -> float:
        r"""Return :math:`\exp(-\log p / N)`: lower is better, the vocabulary's size is chance.

        Args:
            X: texts, a ``Corpus``, or counts.
            method: "document_completion" predicts half of each document's tokens, drawn with a
                fixed seed, from the other half; "elbo" bounds the likelihood of all tokens by hard
                samples and the exact KL divergence; "iwae" bounds it more tightly, by importance
                samples. Both are of the whole hierarchy where there are upper layers.
            average: "corpus", over all tokens, or "document", the exponential of the mean over the
                documents of each one's mean over its tokens.
            n_samples: hard samples a document: by default 10 for "elbo", 100 for "iwae".

        Raises:
            InputError: where the documents cannot be used or no method has the name.
        """
        if average not in ("corpus", "document"):
            raise InputError(f"expected average to be corpus or document, got {average!r}")
        result = evaluation.perplexity(
            *self.document_log_likelihood(X, method, n_samples=n_samples)
        )
        return result.corpus if average == "corpus" else result.per_document

    def document_log_likelihood(
        self, X: Any, method: str = "document_completion", *, n_samples: int | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return each document's log-likelihood in nats, and the number of tokens it speaks of.

        They are what ``perplexity`` averages, and what two models can be compared by document by
        document: :func:`topicgen.evaluation.perplexity` takes the two. The tokens are the held-out
        half for "document_completion", all of them for the others.

        Args and raises are those of ``perplexity``.
        """
        check_is_fitted(self, "components_")
        return self._log_likelihood(self._counts(X), method, n_samples)

    def score(self, X: Any, y: object = None) -> float:
        """Return the evidence lower bound in nats a token: higher is better."""
        log_likelihood, n_tokens = self.document_log_likelihood(X, "elbo")
        return float(log_likelihood.sum() / max(n_tokens.sum(), 1e-300))

    def _batches(self, counts: csr_matrix) -> Iterable[SparseCounts]:
        device = self.model_.atoms.device
        for start in range(0, counts.shape[0], _CHUNK):
            yield SparseCounts.from_csr(counts[start : start + _CHUNK], torch.float64, device)

    def _doc_topic(self, counts: csr_matrix) -> np.ndarray:
        with one_core_spared():
            parts = [self.model_.doc_topic(b, self.refinement) for b in self._batches(counts)]
        return torch.cat(parts).cpu().numpy()

    def _log_likelihood(
        self, counts: csr_matrix, method: str, n_samples: int | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the log-likelihood in nats and the number of tokens, for each document."""
        if method == "document_completion":
            observed, held_out = evaluation.split_tokens(counts, random_state=0)
            doc_topic = self._doc_topic(csr_matrix(observed))
            log_likelihood = evaluation.log_likelihood(doc_topic, self.components_, held_out)
            return log_likelihood, np.asarray(held_out.sum(1)).ravel()
        if method not in ("elbo", "iwae"):
            raise InputError(
                f"expected method to be document_completion, elbo or iwae, got {method!r}"
            )
        bounds = self.hierarchy_ if len(self.hierarchy_.layers) else self.model_
        parts = []
        with one_core_spared(), seeded(0, self.model_.atoms.device):
            for batch in self._batches(counts):
                if method == "elbo":
                    bound = bounds.hard_bound(batch, n_samples=n_samples or 10).elbo
                else:
                    bound = bounds.importance_bound(batch, n_samples=n_samples or 100)
                parts.append(bound)
        return torch.cat(parts).cpu().numpy(), np.asarray(counts.sum(1)).ravel()
