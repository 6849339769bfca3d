"""Which documents show a topic, and where in them."""

from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from topicgen.topic_model.fitted import Fitted
from topicgen.topic_model.passages import best_passage
from topicgen.topic_model.representatives import distinct, n_candidates
from topicgen.topic_model.responsibilities import responsibilities

# A word is marked if it comes from the topic with this probability, and this part of all its uses
# does: in a document that has no other topic, all words come from it, and only some of them show
# what it is about.
LEAST, LEAST_PART = 0.5, 1 / 3
_WORDS = 55
_MOST_LISTED = 25


class Marked(NamedTuple):
    """A word, or a piece of a text, and whether it is marked as one of the topic."""

    text: str
    is_marked: bool


def typical_places(low: NDArray[np.floating], counts: csr_matrix, n: int) -> list[int]:
    """Return the documents that show a topic best, without near-duplicates.

    Args:
        low: the lower end of the interval of the topic's proportion in each document.
        counts: of the documents, CSR of shape (n_documents, n_words).
        n: how many at most.
    """
    ranked = np.argsort(-low, kind="stable")[: 2 * n_candidates(n)]
    ranked = ranked[low[ranked] > 0]
    return [int(ranked[place]) for place in distinct(counts, ranked.tolist(), n)]


class PassageFinder:
    """Finds the passage of a document that shows a topic, with the topic's words marked.

    Args:
        fitted: the model.
    """

    def __init__(self, fitted: Fitted) -> None:
        self._fitted = fitted
        self._share = fitted.evidence.topic_share
        vectorizer = fitted.vectorizer
        self._spans: Any = None
        self._parts: Any = None
        if vectorizer is not None:
            self._spans = vectorizer.build_span_finder()
            self._parts = vectorizer.build_part_finder()

    def passage(
        self, text: str, counts: csr_matrix, topic: int, proportions: NDArray[np.floating]
    ) -> list[Marked]:
        """Return the pieces of the best passage of a text.

        Args:
            text: of the document.
            counts: its words, CSR of shape (1, n_words).
            topic: the number of the topic.
            proportions: what is expected of the document's topics, shape (n_topics,).
        """
        weights = self._weights(counts, topic, proportions)
        weight = dict(zip(counts.indices.tolist(), weights.tolist(), strict=True))
        spans = self._found(text)
        words = [(start, end, weight.get(column, 0.0)) for start, end, column in spans]
        usual = np.sqrt(self._fitted.components[topic])
        values = [weight.get(column, 0.0) * float(usual[column]) for _, _, column in spans]
        parts = None if self._parts is None else self._parts(text)
        passage = best_passage(text, words, _WORDS, values=values, parts=parts)
        pieces, at = [], 0
        for start, end, found in passage.spans:
            if found >= LEAST and start >= at:
                pieces += [Marked(passage.text[at:start], False)]
                pieces += [Marked(passage.text[start:end], True)]
                at = end
        return [*pieces, Marked(passage.text[at:], False)]

    def words(
        self, counts: csr_matrix, topic: int, proportions: NDArray[np.floating]
    ) -> list[tuple[str, float, bool]]:
        """Return the words of a document with their counts, those of the topic first.

        Args are those of ``passage``; the last of each word says whether it is marked.
        """
        weights = self._weights(counts, topic, proportions)
        order = np.argsort(-weights * counts.data, kind="stable")[:_MOST_LISTED]
        return [
            (self._fitted.word(counts.indices[at]), float(counts.data[at]), weights[at] >= LEAST)
            for at in order.tolist()
        ]

    @cached_property
    def _columns(self) -> dict[str, int]:
        """The column of each word of the vocabulary."""
        return {word: column for column, word in enumerate(self._fitted.vocabulary or [])}

    def _weights(
        self, counts: csr_matrix, topic: int, proportions: NDArray[np.floating]
    ) -> NDArray[np.float64]:
        """Return the probability that each word comes from the topic; 0 for usual words."""
        components = self._fitted.components[:, counts.indices]
        of_topic = responsibilities(proportions[None], components)[:, topic]
        parts = responsibilities(self._share[None], components)[:, topic]
        return np.where(parts >= LEAST_PART, of_topic, 0.0)

    def _found(self, text: str) -> list[tuple[int, int, int]]:
        """Return where the words of the vocabulary stand in a text."""
        if self._spans is not None:
            return list(self._spans(text))
        known, found, at = self._columns, [], 0
        for word in text.split():
            start = text.index(word, at)
            at = start + len(word)
            column = known.get(word, known.get(word.lower()))
            if column is not None:
                found.append((start, at, column))
        return found
