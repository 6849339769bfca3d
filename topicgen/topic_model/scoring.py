"""Predictions and likelihoods of documents under a fitted topic model."""

from collections.abc import Sequence
from numbers import Integral
from typing import TYPE_CHECKING

import numpy as np
import torch
from scipy.sparse import csr_matrix

from topicgen import evaluation
from topicgen.errors import InputError, listed, shown
from topicgen.models import (
    Hierarchy,
    Known,
    annealed_bound,
    evidence_bound,
    importance_bound,
)
from topicgen.topic_model.completion import completion_log_likelihood
from topicgen.topic_model.fitted import Fitted
from topicgen.topic_model.inference import batches, infer_proportions
from topicgen.training import generator, one_core_spared

if TYPE_CHECKING:
    import pandas as pd

# The methods of scoring documents, each with its default number of hard samples or temperatures.
METHODS = {
    "document_completion": 0,
    "document_completion_in_sequence": 0,
    "elbo": 10,
    "iwae": 100,
    "ais": 100,
}

# Which tokens of a document are scored.
_SCORED = {
    "document_completion": "half of each document's tokens, the other half observed",
    "document_completion_in_sequence": (
        "half of each document's tokens, the other half and those before it observed"
    ),
}
_ALL = "all tokens"

# Scoring a model twice on the same documents gives the same result.
_SEED = 0


def score_documents(
    fitted: Fitted,
    hierarchy: Hierarchy,
    counts: csr_matrix,
    method: str,
    *,
    refinement: int = 0,
    n_samples: int | None = None,
    known: Known | None = None,
) -> tuple[np.ndarray, csr_matrix]:
    """Return each document's log-likelihood in nats, and the counts of the tokens scored.

    Args:
        fitted: the model.
        hierarchy: its torch module, on the device to compute on.
        counts: counts of the model's words, shape (n_documents, n_words).
        method: a name in ``METHODS``.
        refinement: steps of coordinate ascent for the proportions in document completion.
        n_samples: hard samples, or temperatures, per document; None for those in ``METHODS``.
        known: what else is known of the documents, or None.

    Raises:
        InputError: where the method is unknown, or ``n_samples`` is not a positive integer.
    """
    if not isinstance(method, str) or method not in METHODS:
        raise InputError(f"method must be one of {', '.join(METHODS)}, got {shown(method)}")
    if n_samples is not None and not (isinstance(n_samples, Integral) and n_samples >= 1):
        raise InputError(f"n_samples must be a positive integer, got {shown(n_samples)}")
    if method in _SCORED:
        observed, held_out = map(csr_matrix, evaluation.split_tokens(counts, random_state=_SEED))
        doc_topic = infer_proportions(hierarchy.base, observed, refinement, known=known)
        in_sequence = method == "document_completion_in_sequence"
        log_likelihood = completion_log_likelihood(
            fitted, hierarchy.base, (observed, held_out), doc_topic, in_sequence=in_sequence
        )
        return log_likelihood, held_out
    n = int(n_samples or METHODS[method])
    device = hierarchy.base.atoms.device
    random = generator(_SEED, device)
    parts = [torch.zeros(0, dtype=torch.float64)]
    start = 0
    with one_core_spared():
        for batch in batches(counts, device):
            rows, start = slice(start, start + len(batch)), start + len(batch)
            given = hierarchy
            if known is not None:
                given = hierarchy.given(known.part(rows, hierarchy.base.atoms))
            if method == "elbo":
                bound = evidence_bound(given, batch, n_samples=n, generator=random).elbo
            elif method == "iwae":
                bound = importance_bound(given, batch, n_samples=n, generator=random)
            else:
                bound = annealed_bound(given, batch, n_temperatures=n, generator=random)
            parts.append(bound.cpu())
    return torch.cat(parts).numpy(), counts


def perplexity_table(
    fitted: Fitted,
    hierarchy: Hierarchy,
    counts: csr_matrix,
    methods: Sequence[str],
    *,
    refinement: int = 0,
    n_unknown: float = np.nan,
    known: Known | None = None,
) -> "pd.DataFrame":
    """Return the perplexities of documents by several methods; see ``get_perplexities``."""
    import pandas as pd

    if isinstance(methods, str) or listed(methods) is None:
        raise InputError(f"methods must be a list of {', '.join(METHODS)}, got {shown(methods)}")
    rows = []
    for method in methods:
        log_likelihood, scored = score_documents(
            fitted, hierarchy, counts, method, refinement=refinement, known=known
        )
        n_tokens = np.asarray(scored.sum(1)).ravel()
        ours = evaluation.perplexity(log_likelihood, n_tokens)
        low, high = evaluation.perplexity_interval(log_likelihood, n_tokens, random_state=_SEED)
        everywhere = np.ones((counts.shape[0], 1))
        by_frequency = evaluation.log_likelihood(everywhere, fitted.word_frequency[None], scored)
        unigram = evaluation.perplexity(by_frequency, n_tokens)
        rows.append(
            {
                "method": method,
                "perplexity": ours.corpus,
                "standard_error": ours.standard_error,
                "low": low,
                "high": high,
                "unigram": unigram.corpus,
                "per_document": ours.per_document,
                "per_document_standard_error": ours.per_document_standard_error,
                "per_document_unigram": unigram.per_document,
                "scored": _SCORED.get(method, _ALL),
                "n_documents": np.count_nonzero(n_tokens),
                "n_tokens": int(n_tokens.sum()),
                "n_unknown": n_unknown,
            }
        )
    return pd.DataFrame(rows)
