"""Whether models of the same documents find the same topics."""

from collections.abc import Iterable
from itertools import combinations
from typing import Any

import numpy as np

from topicgen.errors import InputError, shown
from topicgen.evaluation.checks import is_iterable
from topicgen.evaluation.matching import match_topics


def stability(models: Iterable[Any], top_n: int | None = None) -> float:
    r"""Mean similarity of matched topics, over every two models.

    With the pairs P_ij of :func:`match_topics`, and its similarity s, of m models

    .. math::
        \text{stability} = \frac{2}{m (m - 1)} \sum_{i < j}
            \underset{(k, l) \in P_{ij}}{\text{mean}} s(k, l)

    Args:
        models: two or more, fitted with other seeds or on other samples; each its topics: lists of
            words, the most probable first, or an array (topics, words), rows sum to 1.
        top_n: words used of each list; by default all that are given.

    Returns:
        From 0 (no word in common) to 1 (the same topics each time).

    Raises:
        InputError: fewer than two models; and as :func:`match_topics`.

    Source: Greene, O'Callaghan and Cunningham (2014), who compare models of samples with a model of
    all documents, instead of every two models.

    Example:
        >>> stability([[["cat"], ["bank"]], [["bank"], ["cat"]], [["cat"], ["rate"]]])
        0.6666666666666666
    """
    if not is_iterable(models):
        raise InputError(
            f"expected models as a list of the topics of each, got {shown(models)}; pass two or "
            "more"
        )
    topics = list(models)
    if len(topics) < 2:
        raise InputError(f"expected two or more models, got {len(topics)}; pass more")
    pairs = combinations(topics, 2)
    return float(np.mean([match_topics(*pair, top_n).similarity.mean() for pair in pairs]))
