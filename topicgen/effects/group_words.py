"""The words that a topic has in a group of documents."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

# The weight of the topic's own words, in tokens.
PRIOR_TOKENS = 100.0

# Entries x topics at once.
_PRODUCTS = 2**22


def words_of_groups(
    counts: csr_matrix,
    proportions: NDArray[np.floating],
    topics: NDArray[np.float64],
    groups: NDArray[np.int64],
    n_groups: int,
) -> Iterator[NDArray[np.float64]]:
    r"""Yield the word distributions of the topics in each group: (n_topics, n_words) each.

    .. math::
        \beta^g_{kv} = \frac{n_{gkv} + s \beta_{kv}}{n_{gk} + s}, \qquad
        n_{gkv} = \sum_{d \in g} x_{dv}
            \frac{\theta_{dk} \beta_{kv}}{\sum_j \theta_{dj} \beta_{jv}}

    The topic itself counts for s = 100 tokens, so a group with hardly any tokens of a topic has the
    topic's own words.

    Args:
        counts: :math:`x`, CSR of shape (n_documents, n_words).
        proportions: :math:`\theta`, of the topics in each document, (n_documents, n_topics).
        topics: :math:`\beta`, shape (n_topics, n_words).
        groups: the number of each document's group, shape (n_documents,).
        n_groups: how many groups there are.

    Example:
        >>> counts = csr_matrix([[300, 0, 0], [0, 300, 0]])
        >>> topics = np.array([[0.5, 0.4, 0.1]])
        >>> of_groups = words_of_groups(counts, np.ones((2, 1)), topics, np.array([0, 1]), 2)
        >>> [words.round(3).tolist() for words in of_groups]
        [[[0.875, 0.1, 0.025]], [[0.125, 0.85, 0.025]]]
    """
    order = np.argsort(groups, kind="stable")
    ends = np.searchsorted(groups[order], np.arange(n_groups + 1))
    for start, stop in pairwise(ends):
        rows = order[start:stop]
        tokens = responsible(counts[rows], proportions[rows], topics)
        yield (tokens + PRIOR_TOKENS * topics) / (tokens.sum(1, keepdims=True) + PRIOR_TOKENS)


def responsible(
    counts: csr_matrix, proportions: NDArray[np.floating], topics: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the expected tokens of each word from each topic, shape (n_topics, n_words)."""
    odds = inverse_odds(counts, proportions, topics)
    tokens: NDArray[np.float64] = (odds.T @ proportions.astype(np.float64)).T * topics
    return tokens


def inverse_odds(
    counts: csr_matrix, proportions: NDArray[np.floating], topics: NDArray[np.float64]
) -> csr_matrix:
    r"""Return :math:`x_{dv} / \sum_k \theta_{dk} \beta_{kv}`, CSR of (n_documents, n_words).

    Times :math:`\theta_{dk} \beta_{kv}`, they are the expected tokens of the word from topic k.
    """
    words = counts.indices
    rows = np.repeat(np.arange(counts.shape[0]), np.diff(counts.indptr))
    word_topic = topics.T
    mixture = np.empty(len(words))
    step = max(1, _PRODUCTS // len(topics))
    for start in range(0, len(words), step):
        part = slice(start, start + step)
        mixture[part] = np.einsum("ek,ek->e", proportions[rows[part]], word_topic[words[part]])
    # A word may have a probability that is too small for a number.
    weights = counts.data / np.maximum(mixture, np.finfo(float).tiny)
    return csr_matrix((weights, words, counts.indptr), counts.shape)


def most_probable(words: NDArray[np.float64], n: int) -> NDArray[np.int64]:
    """Return the columns of the n most probable words of each row, most probable first.

    Example:
        >>> most_probable(np.array([[0.2, 0.5, 0.3]]), 2)
        array([[1, 2]])
    """
    n = min(n, words.shape[1])
    found = np.argpartition(-words, n - 1, axis=1)[:, :n]
    order = np.argsort(-np.take_along_axis(words, found, 1), axis=1, kind="stable")
    columns: NDArray[np.int64] = np.take_along_axis(found, order, 1)
    return columns
