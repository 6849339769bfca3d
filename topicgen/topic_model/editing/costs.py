"""What an edit costs: how much worse the model predicts the words of documents."""

import numpy as np
import torch

from topicgen import evaluation
from topicgen.evaluation.significance import paired_test
from topicgen.models import DocumentCovariates
from topicgen.topic_model.edits import Cost
from topicgen.topic_model.fitted import Fitted
from topicgen.topic_model.kept import KeptDocuments
from topicgen.topic_model.scoring import score_documents


def known_covariates(fitted: Fitted, documents: KeptDocuments) -> DocumentCovariates | None:
    """Return the covariates of documents as the model takes them, or None without any."""
    if fitted.prevalence is None or documents.covariates is None:
        return None
    return fitted.prevalence.standardized(documents.covariates, torch.float64)


def completion(fitted: Fitted, documents: KeptDocuments) -> tuple[np.ndarray, np.ndarray]:
    """Return each document's log-likelihood by document completion, and its tokens scored."""
    log_likelihood, scored = score_documents(
        fitted,
        fitted.hierarchy,
        documents.counts.astype(np.float64),
        "document_completion",
        covariates=known_covariates(fitted, documents),
    )
    return log_likelihood, np.asarray(scored.sum(1)).ravel()


def cost_of(before: Fitted, after: Fitted, documents: KeptDocuments) -> Cost | None:
    """Return how much worse a model predicts documents after an edit.

    Args:
        before: the model before the edit.
        after: the model after it.
        documents: the documents to predict; None where fewer than two have tokens to predict.
    """
    ours, n_tokens = completion(after, documents)
    theirs, _ = completion(before, documents)
    scored = np.flatnonzero(n_tokens)
    if len(scored) < 2:
        return None
    test = paired_test(theirs, ours, n_tokens)
    low, high = np.expm1([test.low, test.high])
    return Cost(
        documents=documents.what,
        n_documents=len(scored),
        before=evaluation.perplexity(theirs, n_tokens).corpus,
        after=evaluation.perplexity(ours, n_tokens).corpus,
        low=float(low),
        high=float(high),
    )
