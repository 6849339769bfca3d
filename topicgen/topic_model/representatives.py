r"""The most typical documents of each topic.

A document is typical of a topic if a large part of it certainly comes from the topic: documents are
ranked by the lower end of the posterior interval of the topic's proportion. Three tokens may all
come from a topic, but its proportion is still uncertain; with two hundred tokens it is not.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from topicgen.topic_model.fitted import Fitted
from topicgen.topic_model.intervals import interval
from topicgen.topic_model.passages import USUAL_LENGTH, Passage, best_passage
from topicgen.topic_model.posterior import Posterior
from topicgen.topic_model.responsibilities import responsibilities

if TYPE_CHECKING:
    import pandas as pd

LEVEL = 0.9

# Documents that share more than this of their tokens are near-duplicates.
MOST_SHARED = 0.5

# Documents of each topic to look at more closely, at least. With the same ones for every n up to
# ten, the first documents are the same however many are asked for.
_FEWEST_CANDIDATES = 25

_MOST_WORDS = 10
# Expected tokens below which a word is not the topic's.
_FEWEST_TOKENS = 0.1


class Representative(NamedTuple):
    """A document that is typical of a topic.

    Args:
        topic: its number.
        document: the row of the document.
        share: the expected proportion of the topic in it.
        share_low: the lower end of the interval of the proportion.
        tokens: its expected tokens of the topic.
        words: the words of the document that most of these come from, with their expected tokens.
        passage: the part of the text with the most of them; None where there are no texts.
    """

    topic: int
    document: int
    share: float
    share_low: float
    tokens: float
    words: list[tuple[str, float]]
    passage: Passage | None


class Ranking:
    """The best documents of each topic, among all that have been added block by block.

    Args:
        n_topics: the number of topics.
        most: how many documents of each to keep.

    Example:
        >>> ranking = Ranking(2, most=1)
        >>> ranking.add(np.array([4, 5]), np.array([[0.1, 0.8], [0.3, 0.2]]))
        >>> ranking.rows.tolist()
        [[5], [4]]
    """

    def __init__(self, n_topics: int, most: int) -> None:
        self.most = most
        self.scores: NDArray[np.float64] = np.zeros((n_topics, 0))
        self.rows: NDArray[np.int64] = np.zeros((n_topics, 0), dtype=np.int64)
        self._values: dict[str, NDArray[Any]] = {}

    def add(
        self,
        rows: NDArray[np.int64],
        scores: NDArray[np.float64],
        **values: NDArray[Any],
    ) -> None:
        """Add documents.

        Args:
            rows: their numbers, shape (n_documents,).
            scores: how good each is for each topic, shape (n_documents, n_topics).
            values: what to keep of each document and topic, likewise.
        """
        n_topics = len(self.scores)
        scores = np.concatenate([self.scores, scores.T], axis=1)
        order = np.argsort(-scores, axis=1, kind="stable")[:, : self.most]
        self.scores = np.take_along_axis(scores, order, axis=1)
        new_rows = np.broadcast_to(rows, (n_topics, len(rows)))
        self.rows = np.take_along_axis(np.concatenate([self.rows, new_rows], axis=1), order, axis=1)
        for name, new in values.items():
            before = self._values.get(name, new.T[:, :0])
            joined = np.concatenate([before, new.T], axis=1)
            self._values[name] = np.take_along_axis(joined, order, axis=1)

    def value(self, name: str) -> NDArray[Any]:
        """Return what was kept of the best documents, shape (n_topics, n_kept)."""
        return self._values[name]


def representative(
    fitted: Fitted,
    posterior: Posterior,
    counts: csr_matrix,
    texts: Callable[[int], Any] | None = None,
    *,
    n: int = 5,
    topics: Iterable[int] | None = None,
    rows: Sequence[int] | NDArray[np.int64] | None = None,
    level: float = LEVEL,
    length: int = USUAL_LENGTH,
) -> list[Representative]:
    """Return the most typical documents of each topic, in one pass over the posterior.

    Near-duplicates are left out: of documents that share most of their tokens, only the first
    counts. The memory grows with the topics, not with the documents.

    Args:
        fitted: the model.
        posterior: of the documents.
        counts: of the documents, CSR of shape (n_documents, n_words).
        texts: the text (or the list of tokens) of a row; None where there are no texts.
        n: documents per topic; fewer where others are near-duplicates.
        topics: of which to look for documents; by default of all.
        rows: the number of each document; by default they are counted from 0.
        level: of the interval of the proportion.
        length: the most words of a passage.

    Returns:
        Those of the first topic first, the most typical first.
    """
    chosen = list(range(fitted.n_topics) if topics is None else topics)
    ranking = Ranking(len(chosen), most=n_candidates(n))
    proportions: dict[int, NDArray[np.float64]] = {}  # of the documents in the ranking
    for block, draws in posterior.blocks():
        of_topics = draws.proportions[:, :, chosen]
        low = interval(of_topics, level, posterior.n_independent)[0]
        mean = draws.proportions.mean(0, dtype=np.float64)
        share = mean[:, chosen]
        # Where nothing is sure, by what is expected; never a document without words.
        scores = np.where(posterior.n_tokens[block, None] > 0, low + 1e-6 * share, -1.0)
        tokens = draws.tokens[:, :, chosen].mean(0)
        here = np.arange(block.start, block.stop)
        ranking.add(here, scores, share=share, low=low, tokens=tokens)
        proportions |= dict(zip(here.tolist(), mean, strict=True))
        proportions = {row: proportions[row] for row in set(ranking.rows.ravel().tolist())}
    describe = Describer(fitted, counts, texts, length)
    found = []
    for place, topic in enumerate(chosen):
        ranked = ranking.rows[place][ranking.scores[place] >= 0].tolist()
        for at in distinct(counts, ranked, n):
            row = ranked[at]
            words, passage = describe(row, topic, proportions[row])
            found.append(
                Representative(
                    topic,
                    document=row if rows is None else int(rows[row]),
                    share=float(ranking.value("share")[place, at]),
                    share_low=float(ranking.value("low")[place, at]),
                    tokens=float(ranking.value("tokens")[place, at]),
                    words=words,
                    passage=passage,
                )
            )
    return found


def representative_table(
    fitted: Fitted, found: Sequence[Representative], ids: Any = None
) -> "pd.DataFrame":
    """Return the table of ``TopicModel.representative_documents``.

    Args:
        fitted: the model.
        found: the documents.
        ids: the id of each row of X; None for the numbers of the rows.
    """
    import pandas as pd

    columns = {
        "topic": [one.topic for one in found],
        "label": [fitted.label(one.topic) for one in found],
        "document": [one.document for one in found],
        "id": [one.document if ids is None else ids[one.document] for one in found],
        "share": [one.share for one in found],
        "share_low": [one.share_low for one in found],
        "tokens": [one.tokens for one in found],
        "passage": [None if one.passage is None else one.passage.text for one in found],
        "words": [[word for word, _ in one.words] for one in found],
        "spans": [[] if one.passage is None else one.passage.spans for one in found],
    }
    # Strings of arrow, which pandas would make of passages, may not have lone surrogates.
    return pd.DataFrame(columns | {"passage": pd.Series(columns["passage"], dtype=object)})


class Describer:
    """Says which words of a document belong to a topic, and where they stand.

    Args:
        fitted: the model.
        counts: of the documents, CSR of shape (n_documents, n_words).
        texts: the text (or the list of tokens) of a row; None where there are no texts.
        length: the most words of a passage.
    """

    def __init__(
        self,
        fitted: Fitted,
        counts: csr_matrix,
        texts: Callable[[int], Any] | None,
        length: int,
    ) -> None:
        self._fitted, self._counts, self._texts, self._length = fitted, counts, texts, length
        vectorizer = None if texts is None else fitted.vectorizer
        self._find = None if vectorizer is None else vectorizer.build_span_finder()
        self._parts = None if vectorizer is None else vectorizer.build_part_finder()

    def __call__(
        self, row: int, topic: int, proportions: NDArray[np.float64]
    ) -> tuple[list[tuple[str, float]], Passage | None]:
        """Return the words of a document that are a topic's, with their tokens, and its passage.

        Args:
            row: of the document.
            topic: the number of the topic.
            proportions: what is expected of the document's topics, shape (n_topics,).
        """
        counts = self._counts[[row]]
        columns = counts.indices
        of_topic = responsibilities(proportions[None], self._fitted.components[:, columns])[
            :, topic
        ]
        tokens = counts.data * of_topic
        order = np.argsort(-tokens, kind="stable")[:_MOST_WORDS]
        words = [
            (self._fitted.word(columns[at]), float(tokens[at]))
            for at in order
            if tokens[at] >= _FEWEST_TOKENS
        ]
        if self._find is None or self._parts is None or self._texts is None:
            return words, None
        document = self._texts(row)
        text = document if isinstance(document, str) else " ".join(document)
        spans = self._find(document)
        weight = dict(zip(columns.tolist(), of_topic.tolist(), strict=True))
        words_ = [(start, end, weight.get(column, 0.0)) for start, end, column in spans]
        # Words that many documents of the topic have show it better than names that few have.
        usual = np.sqrt(self._fitted.components[topic])
        values = [weight.get(column, 0.0) * usual[column] for _, _, column in spans]
        parts = self._parts(text) if isinstance(document, str) else None
        return words, best_passage(text, words_, self._length, values=values, parts=parts)


def at_rows(text: Callable[[int], Any], rows: NDArray[np.int64]) -> Callable[[int], Any]:
    """Return the function from a place among some rows to the text of the row there."""
    return lambda place: text(int(rows[place]))


def n_candidates(n: int) -> int:
    """Return how many documents to look at more closely, to have n that are not alike.

    >>> n_candidates(2), n_candidates(10), n_candidates(20)
    (25, 25, 45)
    """
    return max(2 * n + 5, _FEWEST_CANDIDATES)


def distinct(
    counts: csr_matrix, rows: Iterable[int], n: int, most_shared: float = MOST_SHARED
) -> list[int]:
    r"""Return the places of the first n rows that are no near-duplicates of those before them.

    Documents x and y are near-duplicates where they share more than half of their tokens:

    .. math:: \sum_v \min(x_v, y_v) / \sum_v \max(x_v, y_v) > 1/2

    Args:
        counts: of the documents, CSR of shape (n_documents, n_words).
        rows: the documents to choose from, the best first.
        n: how many to choose.
        most_shared: the share of the tokens above which documents are near-duplicates.

    Example:
        >>> distinct(csr_matrix([[3, 1, 0], [3, 2, 0], [0, 1, 4]]), [0, 1, 2], n=2)
        [0, 2]
    """
    kept: list[csr_matrix] = []
    places: list[int] = []
    for place, row in enumerate(rows):
        if len(places) == n:
            break
        one = counts[[row]]
        if all(_shared(one, other) <= most_shared for other in kept):
            kept.append(one)
            places.append(place)
    return places


def _shared(one: csr_matrix, other: csr_matrix) -> float:
    common = float(one.minimum(other).sum())
    total = float(one.sum() + other.sum()) - common
    return common / total if total else 1.0
