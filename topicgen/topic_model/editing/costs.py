"""What an edit costs: how much worse the model predicts the words of documents."""

import copy
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from topicgen import evaluation
from topicgen.evaluation.significance import paired_test
from topicgen.models import Known
from topicgen.topic_model.completion import completion_log_likelihood
from topicgen.topic_model.edits import Cost
from topicgen.topic_model.fitted import Fitted
from topicgen.topic_model.inference import infer_proportions
from topicgen.topic_model.kept import KeptDocuments
from topicgen.training import whole_tokens


def known_of(fitted: Fitted, documents: KeptDocuments) -> Known | None:
    """Return what is known of documents besides their words, as the model takes it, or None."""
    known = embedded(documents)
    if fitted.prevalence is None or documents.covariates is None:
        return known
    covariates = fitted.prevalence.standardized(documents.covariates, torch.float64)
    return replace(Known() if known is None else known, covariates=covariates)


def embedded(documents: KeptDocuments) -> Known | None:
    """Return the embeddings of documents, or None where they have none."""
    if documents.embeddings is None:
        return None
    return Known(embeddings=torch.from_numpy(documents.embeddings).double())


class Completion:
    """Documents in two halves: one to infer topics from, the other one to predict.

    Args:
        documents: the documents; weights, such as tf-idf, are rounded up to whole tokens.
    """

    def __init__(self, documents: KeptDocuments) -> None:
        self.documents = documents
        counts = whole_tokens(documents.counts)
        halves = evaluation.split_tokens(counts, random_state=0)
        self.observed, self.held_out = map(csr_matrix, halves)
        self.n_tokens = np.asarray(self.held_out.sum(1)).ravel()

    def select(self, rows: NDArray[np.int64]) -> "Completion":
        """Return some of the documents, in the same halves."""
        some = copy.copy(self)
        some.documents = self.documents.select(rows)
        some.observed, some.held_out = self.observed[rows], self.held_out[rows]
        some.n_tokens = self.n_tokens[rows]
        return some

    def proportions(self, fitted: Fitted) -> np.ndarray:
        """Return the topic proportions that a model infers from the observed halves."""
        known = known_of(fitted, self.documents)
        return infer_proportions(fitted.model, self.observed, 0, known=known)

    def log_likelihood(self, fitted: Fitted, proportions: np.ndarray | None = None) -> np.ndarray:
        """Return the log-likelihood of each document's other half, in nats.

        Args:
            fitted: the model.
            proportions: those of ``proportions``, if they are known.
        """
        if proportions is None:
            proportions = self.proportions(fitted)
        halves = self.observed, self.held_out
        return completion_log_likelihood(fitted, fitted.model, halves, proportions)


def cost_of(before: Fitted, after: Fitted, documents: KeptDocuments) -> Cost | None:
    """Return how much worse a model predicts documents after an edit.

    Args:
        before: the model before the edit.
        after: the model after it.
        documents: the documents to predict; None where fewer than two have tokens to predict.
    """
    completion = Completion(documents)
    n_tokens = completion.n_tokens
    scored = np.flatnonzero(n_tokens)
    if len(scored) < 2:
        return None
    ours, theirs = (completion.log_likelihood(fitted) for fitted in (after, before))
    test = paired_test(theirs, ours, n_tokens)
    with np.errstate(over="ignore"):  # a word may have become all but impossible
        low, high = np.expm1([test.low, test.high])
    return Cost(
        documents=documents.what,
        n_documents=len(scored),
        before=evaluation.perplexity(theirs, n_tokens).corpus,
        after=evaluation.perplexity(ours, n_tokens).corpus,
        low=float(low),
        high=float(high),
    )
