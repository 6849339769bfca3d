"""Which topic of one model is which of another."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from topicgen.arrays import as_array
from topicgen.errors import InputError, shown
from topicgen.evaluation.checks import (
    check_column_order,
    check_distributions,
    check_topics,
    column_names,
)
from topicgen.evaluation.overlap import common_words


class Matching(NamedTuple):
    """Topics of two models in pairs; the model with more topics has some without a pair."""

    pairs: NDArray[np.int64]
    """(pairs, 2): a topic of the first model, in ascending order, and its match in the second."""
    similarity: NDArray[np.float64]
    """(pairs,), from 0 to 1."""
    all_similarities: NDArray[np.float64]
    """(topics of the first, topics of the second), of every topic with every topic."""


def match_topics(first: Any, second: Any, top_n: int | None = None) -> Matching:
    r"""Pair the topics of two models, each at most once, to maximise the sum of similarities.

    For lists of words, similarity is the average Jaccard index over the depths d of both, in which
    words of high rank weigh most: with R_d the first d words of a topic (all of them, where it has
    fewer) and t the length of the longer,

    .. math::
        \text{AJ}(R, S) = \frac1t \sum_{d=1}^{t} \frac{|R_d \cap S_d|}{|R_d \cup S_d|}

    For distributions p and q over words it is 1 - JSD(p, q), the Jensen-Shannon divergence in bits
    (logarithms to base 2): with m = (p + q) / 2 and the entropy H, JSD = H(m) - (H(p) + H(q)) / 2.

    Args:
        first: topics: lists of words, the most probable first; or an array (topics, words), rows
            sum to 1.
        second: those of the other model, in the same form; arrays are over the same words.
        top_n: words used of each list; by default all that are given.

    Returns:
        As many pairs as the model with fewer topics has, and all similarities: from 0 (no word in
        common) to 1 (the same).

    Raises:
        InputError: no topics, an empty one, a repeated word, or rows that are not distributions (it
            names the first); an array with lists, arrays over different words, or with ``top_n``.

    Source: Greene, O'Callaghan and Cunningham (2014), equations 1 to 3; Lin (1991) (divergence);
    Kuhn (1955) (assignment).

    Example:
        >>> matching = match_topics([["cat", "dog"], ["bank", "rate"]], [["bank", "loan"]])
        >>> matching.pairs.tolist(), matching.similarity.round(3).tolist()  # (1 + 1/3) / 2
        ([[1, 0]], [0.667])
    """
    similarity = _similarities(first, second, top_n)
    pairs = np.column_stack(linear_sum_assignment(similarity, maximize=True))
    return Matching(pairs, similarity[pairs[:, 0], pairs[:, 1]], similarity)


def _similarities(first: Any, second: Any, top_n: int | None) -> NDArray[np.float64]:
    numbers = [_is_array(first), _is_array(second)]
    if not any(numbers):
        return _average_jaccard(check_topics(first, top_n), check_topics(second, top_n))
    if not all(numbers):
        raise InputError(
            "expected first and second in the same form, got an array and lists of words; pass "
            "lists of words for both"
        )
    if top_n is not None:
        raise InputError(
            f"expected top_n with lists of words, got {shown(top_n)} with arrays; leave it out"
        )
    p, q = check_distributions(first, "first"), check_distributions(second, "second")
    check_column_order(second, column_names(first), "second")
    if p.shape[1] != q.shape[1]:
        raise InputError(
            f"expected second over the {p.shape[1]} words of first, got {q.shape[1]}; pass lists "
            "of words where vocabularies differ"
        )
    root = cdist(p, q, "jensenshannon")  # of distributions scaled to sum to 1
    # Rounding can make the divergence of equal distributions negative, and its root NaN.
    return 1 - np.minimum(np.nan_to_num(root) ** 2 / np.log(2), 1)


def _is_array(topics: Any) -> bool:
    """Return whether topics are rows of numbers rather than lists of words."""
    if not hasattr(topics, "shape"):
        topics = topics[0] if isinstance(topics, Sequence) and len(topics) else ()
    try:
        return as_array(topics, "topics", "numbers").size > 0
    except InputError:
        return False


def _average_jaccard(first: list[list[str]], second: list[list[str]]) -> NDArray[np.float64]:
    lengths = np.array(list(map(len, second)))
    depths = np.arange(1, max(map(len, first + second)) + 1)
    sizes = np.minimum(depths, lengths[:, None])
    similarity = []
    for topic, common in zip(first, common_words(first, second), strict=True):
        jaccard = common / (np.minimum(depths, len(topic)) + sizes - common)
        longer = np.maximum(lengths, len(topic))
        similarity.append(np.where(depths <= longer[:, None], jaccard, 0).sum(axis=1) / longer)
    return np.stack(similarity)
