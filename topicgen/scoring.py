"""Posteriors, predictions and likelihoods of documents under a fitted topic model."""

from collections.abc import Iterable, Sequence
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from scipy.sparse import csr_matrix
from sklearn.utils.validation import check_is_fitted

from topicgen import evaluation
from topicgen.corpus import Corpus
from topicgen.documents import as_corpus
from topicgen.errors import InputError
from topicgen.models import (
    Hierarchy,
    LatentCountModel,
    SparseCounts,
    annealed_bound,
    evidence_bound,
    importance_bound,
)
from topicgen.training import generator, one_core_spared

if TYPE_CHECKING:
    import pandas as pd

# Documents read at a time: bounds the memory.
_CHUNK = 1024

# Each method of scoring documents, with its hard samples, or temperatures, where it takes some.
METHODS = {"document_completion": 0, "elbo": 10, "iwae": 100, "ais": 100}

# What is scored of a document.
_HALF = "half of each document's tokens, the other half observed"
_ALL = "all tokens"


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
                samples; "ais", annealed importance sampling, most tightly without upper layers, and
                with them given enough temperatures. All three are of the whole hierarchy.
            average: "corpus", over all tokens, or "document", the exponential of the mean over the
                documents of each one's mean over its tokens.
            n_samples: hard samples a document: by default 10 for "elbo", 100 for "iwae"; for "ais"
                the temperatures of its walk, 100.

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
        log_likelihood, scored = self._log_likelihood(self._counts(X), method, n_samples)
        return log_likelihood, np.asarray(scored.sum(1)).ravel()

    def get_perplexities(
        self, X: Any, methods: str | Sequence[str] = ("document_completion", "elbo", "iwae")
    ) -> "pd.DataFrame":
        """Return the perplexities of documents by several methods, a row each.

        Columns: ``method``; ``perplexity`` over all tokens, and its ``standard_error``, over
        documents; ``unigram``, that of the word frequencies of the training documents on the same
        tokens, which knows no topics; ``per_document``, the average over documents, and its
        ``per_document_standard_error`` and ``per_document_unigram``; ``scored``, what was predicted
        from what; ``n_documents`` with known words, and ``n_tokens`` scored; ``n_unknown``, tokens
        outside the vocabulary, which nothing scores: not a number where X does not tell.

        Where the likelihood models lengths ("poisson", "negative_binomial") the bounds are of the
        lengths too, the unigram's are not.

        Args:
            X: texts, a ``Corpus``, or counts.
            methods: one or several of those of ``perplexity``.

        Raises:
            InputError: where the documents cannot be used or no method has the name.
        """
        import pandas as pd

        check_is_fitted(self, "components_")
        X = as_corpus(self, X)
        counts, n_unknown = self._counts(X), np.nan
        if isinstance(X, Corpus) and X.found is not None:
            n_unknown = X.found["terms"] - X.n_tokens
        frequency = self.model_.log_frequency.exp().cpu().numpy()[None]
        rows = []
        for method in [methods] if isinstance(methods, str) else methods:
            log_likelihood, scored = self._log_likelihood(counts, method, None)
            n_tokens = np.asarray(scored.sum(1)).ravel()
            ours = evaluation.perplexity(log_likelihood, n_tokens)
            everywhere = np.ones((counts.shape[0], 1))
            known = evaluation.log_likelihood(everywhere, frequency / frequency.sum(), scored)
            unigram = evaluation.perplexity(known, n_tokens)
            rows.append(
                {
                    "method": method,
                    "perplexity": ours.corpus,
                    "standard_error": ours.standard_error,
                    "unigram": unigram.corpus,
                    "per_document": ours.per_document,
                    "per_document_standard_error": ours.per_document_standard_error,
                    "per_document_unigram": unigram.per_document,
                    "scored": _HALF if method == "document_completion" else _ALL,
                    "n_documents": np.count_nonzero(n_tokens),
                    "n_tokens": int(n_tokens.sum()),
                    "n_unknown": n_unknown,
                }
            )
        return pd.DataFrame(rows)

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
    ) -> tuple[np.ndarray, csr_matrix]:
        """Return each document's log-likelihood in nats, and the counts of the tokens scored."""
        if method not in METHODS:
            raise InputError(f"expected method to be one of {', '.join(METHODS)}, got {method!r}")
        if n_samples is not None and not (isinstance(n_samples, Integral) and n_samples >= 1):
            raise InputError(f"expected n_samples of 1 or more, got {n_samples!r}; leave it out")
        if method == "document_completion":
            observed, held_out = map(csr_matrix, evaluation.split_tokens(counts, random_state=0))
            doc_topic = self._doc_topic(observed)
            return evaluation.log_likelihood(doc_topic, self.components_, held_out), held_out
        n_samples = n_samples or METHODS[method]
        hierarchy, draws = self.hierarchy_, generator(0, self.model_.atoms.device)
        parts = []
        with one_core_spared():
            for batch in self._batches(counts):
                if method == "elbo":
                    elbo = evidence_bound(hierarchy, batch, n_samples=n_samples, generator=draws)
                    bound = elbo.elbo
                elif method == "iwae":
                    bound = importance_bound(hierarchy, batch, n_samples=n_samples, generator=draws)
                else:
                    bound = annealed_bound(
                        hierarchy, batch, n_temperatures=n_samples, generator=draws
                    )
                parts.append(bound)
        return torch.cat(parts).cpu().numpy(), counts
