"""Which documents a report shows: all of a small collection, and a sample of a large one."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# The most typical documents of each topic are shown, as long as they take at most this part.
_TYPICAL, _MOST_TYPICAL = 20, 0.25


class Choice(NamedTuple):
    """The documents that a report shows.

    Args:
        rows: their numbers, ascending.
        is_random: whether each of them is part of the random sample, shape (n_shown,); others are
            there as typical documents of a topic.
    """

    rows: NDArray[np.int64]
    is_random: NDArray[np.bool_]


def choose_documents(
    typicality: NDArray[np.floating], most: int, random: np.random.Generator
) -> Choice:
    """Return at most so many documents: the most typical of each topic, and others at random.

    Args:
        typicality: how typical each document is of each topic, shape (n_documents, n_topics).
        most: the number of documents to show at most.
        random: the source of the sample.

    Example:
        >>> typicality = np.array([[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.5, 0.5]])
        >>> choose_documents(typicality, 4, np.random.default_rng(0)).rows
        array([0, 1, 2, 3])
        >>> choose_documents(typicality, 3, np.random.default_rng(0)).rows.size
        3
    """
    n_documents, n_topics = typicality.shape
    if n_documents <= most:
        return Choice(np.arange(n_documents), np.ones(n_documents, dtype=bool))
    n_each = min(_TYPICAL, int(_MOST_TYPICAL * most) // n_topics)
    typical = np.zeros(0, dtype=np.int64)
    if n_each:
        typical = np.unique(np.argpartition(-typicality, n_each - 1, axis=0)[:n_each])
    # As many of a random order as there is room for, typical ones among them or not.
    order = random.permutation(n_documents)
    is_new = ~np.isin(order, typical)
    n_new = most - len(typical)
    sample = order[: np.searchsorted(np.cumsum(is_new), n_new) + 1] if n_new else order[:0]
    rows = np.union1d(typical, sample)
    return Choice(rows, np.isin(rows, sample))
