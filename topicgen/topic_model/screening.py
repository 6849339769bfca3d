"""A fast pass over all documents: which may be typical of a topic, and how many are mostly it."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from topicgen.models import Known, LatentCountModel
from topicgen.topic_model.fitted import Fitted
from topicgen.topic_model.inference import proportion_blocks
from topicgen.topic_model.representatives import (
    LEVEL,
    Describer,
    Ranking,
    at_rows,
    distinct,
    n_candidates,
)

# The passages of ``get_topic_info``, and the most words of each.
_N_PASSAGES, _SHORT = 3, 20


@dataclass(frozen=True, eq=False)
class Screening:
    """The documents that may be typical of each topic, and what is needed to look closer at them.

    Args:
        ranked: for each topic the best documents, as places in ``rows``, the best first.
        rows: the numbers of these documents in ascending order, shape (n_kept,).
        counts: theirs, CSR of shape (n_kept, n_words).
        known: what else is known of them, or None.
        n_documents: of how many documents each topic is the largest, shape (n_topics,).
    """

    ranked: list[list[int]]
    rows: NDArray[np.int64]
    counts: csr_matrix
    known: Known | None
    n_documents: NDArray[np.int64]

    def candidates(self, topic: int, n: int) -> list[int]:
        """Return the places of the best n documents of a topic that are no near-duplicates."""
        ranked = self.ranked[topic]
        return [ranked[at] for at in distinct(self.counts, ranked, n)]

    def part(self, places: NDArray[np.int64]) -> tuple[csr_matrix, Known | None]:
        """Return the counts of the documents at some places, and what else is known of them."""
        known = None if self.known is None else self.known.select(torch.from_numpy(places))
        return self.counts[places], known


def n_screened(n: int = _N_PASSAGES) -> int:
    """Return how many documents of each topic to keep, to have candidates that are not alike.

    The number is the same for every small n, so that another call does not look at all again.
    """
    return 3 * n_candidates(n)


def screen(
    model: LatentCountModel,
    counts: csr_matrix,
    refinement: int,
    known: Known | None,
    most: int,
) -> Screening:
    r"""Return the documents that may be typical, by an approximation that needs no draws.

    They are ranked by the lower end of a proportion of :math:`N_d + 1` independent tokens,

    .. math:: \theta_{dk} - z \sqrt{\theta_{dk} (1 - \theta_{dk}) / (N_d + 1)} .

    Args:
        model: the topics.
        counts: of the documents, CSR of shape (n_documents, n_words).
        refinement: coordinate ascent steps after the encoder.
        known: what else is known of the documents, or None.
        most: how many documents of each topic to keep.
    """
    n_topics = len(model.topic_logits)
    n_tokens = np.asarray(counts.sum(1), dtype=np.float64).ravel()
    ranking, n_documents = Ranking(n_topics, most), np.zeros(n_topics, dtype=np.int64)
    z = NormalDist().inv_cdf((1 + LEVEL) / 2)
    for block, found in proportion_blocks(model, counts, refinement, known):
        here = np.arange(block.start, block.stop)[n_tokens[block] > 0]
        found = found[n_tokens[block] > 0]
        n_documents += np.bincount(found.argmax(1), minlength=n_topics)
        error = np.sqrt(found * (1 - found).clip(0) / (n_tokens[here, None] + 1))
        ranking.add(here, found - z * error)
    rows, places = np.unique(ranking.rows, return_inverse=True)
    kept = None if known is None else known.select(torch.from_numpy(rows))
    ranked = [row.tolist() for row in places.reshape(ranking.rows.shape)]
    return Screening(ranked, rows, counts[rows], kept, n_documents)


def short_passages(
    fitted: Fitted,
    screening: Screening,
    proportions: Callable[[NDArray[np.int64]], NDArray[np.float64]],
    text: Callable[[int], Any] | None,
) -> list[list[str]]:
    """Return short passages of typical documents of each topic, or their words without texts.

    Args:
        fitted: the model.
        screening: of the documents.
        proportions: from places in it to what is expected of the topics of the documents there.
        text: the text of a row, or None.
    """
    at = None if text is None else at_rows(text, screening.rows)
    describe = Describer(fitted, screening.counts, at, _SHORT)
    found = []
    for topic in range(fitted.n_topics):
        places = screening.candidates(topic, _N_PASSAGES)
        expected = proportions(np.array(places, dtype=np.int64))
        described = [
            describe(place, topic, of_place)
            for place, of_place in zip(places, expected, strict=True)
        ]
        found.append(
            [
                " ".join(word for word, _ in words) if passage is None else passage.text
                for words, passage in described
            ]
        )
    return found
