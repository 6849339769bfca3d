"""How well held-out words are predicted: the perplexity of document completion."""

import math

import torch

from topicgen.models import DocumentCovariates, LatentCountModel, SparseCounts
from topicgen.training.computing import generator


def completion_halves(held_out: SparseCounts) -> tuple[SparseCounts, SparseCounts]:
    """Split documents into halves: always the same, so that only the model makes a difference."""
    return held_out.split(0.5, generator=generator(0, held_out.values.device))


@torch.no_grad()
def completion_perplexity(
    model: LatentCountModel,
    halves: tuple[SparseCounts, SparseCounts],
    covariates: DocumentCovariates | None = None,
) -> float:
    """Return the perplexity of the second half of each document, given the first."""
    observed, hidden = halves
    topic_word = model.topic_word()
    doc_topic = model.given(covariates).doc_topic(observed, topic_word)
    log_likelihood = hidden.log_likelihood(doc_topic, topic_word).sum()
    return math.exp(-log_likelihood.item() / max(hidden.values.sum().item(), 1e-300))
