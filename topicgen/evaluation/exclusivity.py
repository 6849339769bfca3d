"""Exclusivity: whether a topic's words are frequent in it and not in the others."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

from topicgen.errors import InputError
from topicgen.evaluation.checks import check_distributions, check_fraction, check_whole


def frex(topic_word: ArrayLike, weight: float = 0.7) -> NDArray[np.float64]:
    r"""Harmonic mean of a word's ranks by exclusivity to a topic and by frequency in it.

    With b the topics' distributions, F the share of a topic's words at or below a value, and
    :math:`e_{kv} = b_{kv} / \sum_j b_{jv}`,

    .. math::
        \text{FREX}_{kv} = \Bigl(\frac{w}{F_k(e_{kv})} + \frac{1 - w}{F_k(b_{kv})}\Bigr)^{-1}

    Args:
        topic_word: (topics, words), rows sum to 1.
        weight: w, in [0, 1]: how much exclusivity counts against frequency.

    Returns:
        (topics, words), from above 0 to 1; the words with the highest values name a topic well.

    Raises:
        InputError: rows that are not distributions (it names the first), or a weight out of range.

    Source: Bischof and Airoldi (2012); ranks and weight as in the R package stm (Roberts, Stewart
    and Tingley, 2019).

    Example:
        >>> frex([[0.6, 0.4, 0.0], [0.1, 0.4, 0.5]]).round(2).tolist()
        [[1.0, 0.67, 0.33], [0.33, 0.67, 1.0]]
    """
    topics = check_distributions(topic_word, "topic_word")
    if not len(topics):
        raise InputError("expected at least one topic in topic_word, got none; pass more rows")
    check_fraction(weight, "weight", usual=0.7, ends=True)
    # A word that no topic contains is not exclusive to any.
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
        InputError: as :func:`frex`; ``top_n`` below 1 or above the number of words.

    Source: the R package stm (Roberts, Stewart and Tingley, 2019), which has the sum over the words
    in place of their mean.

    Example:
        >>> round(exclusivity([[0.6, 0.4, 0.0], [0.1, 0.4, 0.5]], top_n=1), 3)
        1.0
    """
    scores = frex(topic_word, weight)
    topics = check_distributions(topic_word, "topic_word")
    check_whole(top_n, "top_n", most=topics.shape[1])
    top = np.argsort(-topics, axis=1, kind="stable")[:, :top_n]
    return float(np.take_along_axis(scores, top, axis=1).mean())
