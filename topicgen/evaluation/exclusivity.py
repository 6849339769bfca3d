"""Exclusivity: whether a topic's words are frequent in it and not in the others."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from topicgen.errors import InputError
from topicgen.evaluation._checks import check_distributions


def frex(topic_word: ArrayLike, weight: float = 0.7) -> NDArray[np.float64]:
    """Harmonic mean of a word's ranks by exclusivity to a topic and by frequency in it.

    With b the topics' distributions, F the share of a topic's words at or below a value, and
    e_kv = b_kv / sum_j b_jv,

        FREX_kv = 1 / (w / F_k(e_kv) + (1 - w) / F_k(b_kv))

    Args:
        topic_word: (topics, words), rows sum to 1.
        weight: w, in [0, 1]: how much exclusivity counts against frequency.

    Returns:
        (topics, words), from above 0 to 1; a topic's words with the greatest name it well.

    Raises:
        InputError: rows that are no distributions (it names the first), or a weight out of range.

    Source: Bischof and Airoldi (2012); ranks and weight as in the R package stm (Roberts, Stewart
    and Tingley, 2019).

    Example:
        >>> frex([[0.6, 0.4, 0.0], [0.1, 0.4, 0.5]]).round(2).tolist()
        [[1.0, 0.67, 0.33], [0.33, 0.67, 1.0]]
    """
    topics = check_distributions(topic_word, "topic_word")
    if not len(topics):
        raise InputError("expected at least one topic in topic_word, got none; pass more rows")
    if not 0 <= weight <= 1:
        raise InputError(f"expected weight from 0 to 1, got {weight}; 0.7 is usual")
    # A word that no topic has is exclusive to none.
    total = np.maximum(topics.sum(axis=0), np.finfo(float).tiny)
    n_words = topics.shape[1]
    exclusive = rankdata(topics / total, axis=1) / n_words
    frequent = rankdata(topics, axis=1) / n_words
    return 1 / (weight / exclusive + (1 - weight) / frequent)


def exclusivity(topic_word: ArrayLike, top_n: int = 10, weight: float = 0.7) -> float:
    """Mean FREX of the topics' most probable words.

    Args:
        topic_word: (topics, words), rows sum to 1.
        top_n: words used of each topic.
        weight: see :func:`frex`.

    Returns:
        From above 0 to 1.

    Raises:
        InputError: as :func:`frex`; or fewer words than ``top_n``.

    Source: the R package stm (Roberts, Stewart and Tingley, 2019), which has the sum over the words
    in place of their mean.

    Example:
        >>> round(exclusivity([[0.6, 0.4, 0.0], [0.1, 0.4, 0.5]], top_n=1), 3)
        1.0
    """
    scores = frex(topic_word, weight)
    if not 1 <= top_n <= scores.shape[1]:
        raise InputError(
            f"expected top_n from 1 to {scores.shape[1]}, the number of words, got {top_n}; "
            "lower it"
        )
    top = np.argsort(-np.asarray(topic_word), axis=1, kind="stable")[:, :top_n]
    return float(np.take_along_axis(scores, top, axis=1).mean())
