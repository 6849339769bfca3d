"""How well held-out words are predicted: the perplexity of document completion."""

import math

import torch

from topicgen.models import Known, LatentCountModel, SparseCounts
from topicgen.training.computing import generator
from topicgen.training.ranks import ALONE, Ranks


def completion_halves(held_out: SparseCounts) -> tuple[SparseCounts, SparseCounts]:
    """Split documents into halves: always the same, so that only the model makes a difference."""
    return held_out.split(0.5, generator=generator(0, held_out.values.device))


@torch.no_grad()
def completion_perplexity(
    model: LatentCountModel,
    halves: tuple[SparseCounts, SparseCounts],
    known: Known | None = None,
    ranks: Ranks = ALONE,
) -> float:
    """Return the perplexity of the second half of each document, each token given the first half.

    The likelihood's own conditional is used, given the lengths. With several ranks, each predicts a
    part of the documents.
    """
    if ranks.size > 1:
        own = ranks.share(halves[0].starts.diff())
        rows = torch.arange(own.start, own.stop, device=halves[0].starts.device)
        halves = halves[0].select(rows), halves[1].select(rows)
        known = None if known is None else known.select(rows.cpu())
    observed, hidden = halves
    topic_word = model.topic_word()
    doc_topic = model.given(known).doc_topic(observed, topic_word)
    expected = model.expected_length(observed.n_tokens + hidden.n_tokens)
    log_likelihood = model.likelihood.next_words(hidden, observed, doc_topic, topic_word, expected)
    total = ranks.sum_(torch.stack([log_likelihood.sum(), hidden.values.sum()]).double())
    return math.exp(-total[0].item() / max(total[1].item(), 1e-300))
