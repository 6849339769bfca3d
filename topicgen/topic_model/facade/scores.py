"""How well a model predicts documents."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from topicgen import evaluation
from topicgen.corpus import Corpus
from topicgen.errors import InputError
from topicgen.plain import quoted
from topicgen.topic_model import documents, scoring

if TYPE_CHECKING:
    import pandas as pd
from topicgen.topic_model.facade.base import Documents, FittedModel


class ScoreMethods(FittedModel):
    """What ``TopicModel`` scores."""

    def perplexity(
        self,
        X: Documents,
        method: str = "document_completion",
        *,
        metadata: Any = None,
        embeddings: Any = None,
        average: str = "corpus",
        n_samples: int | None = None,
    ) -> float:
        r"""Return :math:`\exp(-\log p / N)`: lower is better; guessing scores the vocabulary size.

        Args:
            X: texts, lists of tokens, a ``Corpus``, or counts.
            method: "document_completion" predicts half of each document's tokens, drawn with a
                fixed seed, each from the other half alone, by the likelihood's own conditional;
                "document_completion_in_sequence" also uses the earlier tokens of the same half,
                which differs if the likelihood models bursts ("negative_binomial"); "elbo" bounds
                the likelihood of all tokens, with hard samples and the exact KL divergence; "iwae"
                bounds it more tightly, with importance samples; "ais", annealed importance
                sampling, is tightest without upper layers, and with them if given enough
                temperatures. All three bounds are of the whole hierarchy.
            metadata: as in ``transform``.
            embeddings: as in ``transform``.
            average: "corpus", over all tokens, or "document", the exponential of the mean over
                documents of each document's mean over its tokens.
            n_samples: hard samples per document (by default 10 for "elbo", 100 for "iwae"), or the
                number of temperatures for "ais" (by default 100).

        Raises:
            InputError: where the documents cannot be used or have no known words, or the method is
                unknown.
        """
        if not isinstance(average, str) or average not in ("corpus", "document"):
            raise InputError(f"average must be corpus or document, got {quoted(average)}")
        log_likelihood, n_tokens = self.document_log_likelihood(
            X, method, metadata=metadata, embeddings=embeddings, n_samples=n_samples
        )
        result = evaluation.perplexity(log_likelihood, n_tokens)
        return result.corpus if average == "corpus" else result.per_document

    def document_log_likelihood(
        self,
        X: Documents,
        method: str = "document_completion",
        *,
        metadata: Any = None,
        embeddings: Any = None,
        n_samples: int | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return each document's log-likelihood in nats, and the number of tokens scored.

        These are what ``perplexity`` averages, and what :func:`topicgen.evaluation.perplexity`
        takes; two models can be compared by them document by document. The tokens scored are the
        held-out half for "document_completion" (also in sequence), and all tokens for the other
        methods.

        Args and raises are those of ``perplexity``.
        """
        hierarchy, counts = self._hierarchy(), self._read(X)
        log_likelihood, scored = scoring.score_documents(
            self.fitted_,
            hierarchy,
            counts,
            method,
            refinement=self._refinement(),
            n_samples=n_samples,
            known=self._known(X, metadata, embeddings, counts.shape[0]),
        )
        return log_likelihood, np.asarray(scored.sum(1)).ravel()

    def get_perplexities(
        self,
        X: Documents,
        methods: str | Sequence[str] = ("document_completion", "elbo", "iwae"),
        *,
        metadata: Any = None,
        embeddings: Any = None,
    ) -> "pd.DataFrame":
        """Return the perplexities of documents by several methods, one row per method.

        Columns: ``method``; ``perplexity`` over all tokens, with its ``standard_error`` over
        documents and its 95% interval, ``low`` to ``high``; ``unigram``, the perplexity of a
        unigram model, that is, of the word frequencies of the training documents, on the same
        tokens; ``per_document``, the average over documents, with ``per_document_standard_error``
        and ``per_document_unigram``; ``scored``, which tokens were predicted from which;
        ``n_documents``, those with known words; ``n_tokens``, the tokens scored; ``n_unknown``, the
        tokens outside the vocabulary, which are not scored (NaN where X does not record them).

        Where the likelihood models lengths ("poisson", "negative_binomial"), so do the bounds; the
        unigram model does not. It does not model bursts either.

        Args:
            X: texts, lists of tokens, a ``Corpus``, or counts.
            methods: one or more methods of ``perplexity``.
            metadata: as in ``transform``.
            embeddings: as in ``transform``.

        Raises:
            InputError: where the documents cannot be used or a method is unknown.
        """
        hierarchy, given = self._hierarchy(), X
        X = documents.as_corpus(self.fitted_, X, self.text_column)
        counts = self._read(X)
        return scoring.perplexity_table(
            self.fitted_,
            hierarchy,
            counts,
            [methods] if isinstance(methods, str) else methods,
            refinement=self._refinement(),
            n_unknown=X.n_unknown if isinstance(X, Corpus) else np.nan,
            known=self._known(given, metadata, embeddings, counts.shape[0]),
        )

    def score(
        self, X: Documents, y: object = None, *, metadata: Any = None, embeddings: Any = None
    ) -> float:
        """Return the evidence lower bound in nats per token: higher is better.

        Args and raises are those of ``perplexity``.
        """
        log_likelihood, n_tokens = self.document_log_likelihood(
            X, "elbo", metadata=metadata, embeddings=embeddings
        )
        if not n_tokens.any():
            raise InputError(
                f"expected documents with words that the model knows, got {len(n_tokens)} without; "
                "pass other documents"
            )
        return float(log_likelihood.sum() / n_tokens.sum())
