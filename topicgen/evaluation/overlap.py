"""How many words two rankings have in common, depth by depth."""

from collections.abc import Iterator, Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray


def common_words(
    first: Sequence[Sequence[str]], second: Sequence[Sequence[str]]
) -> Iterator[NDArray[np.int64]]:
    """Yield, for each topic of the first, the words it has in common with each of the second.

    At depth d these are the words among the first d of both topics, or among all words of a topic
    with fewer. A word is in common from the depth of its lower rank on, so that one pass over a
    topic's words is enough for all depths.

    Args:
        first: topics as lists of distinct words, the most probable first.
        second: topics of the same form.

    Yields:
        (topics of the second, depths), for depths from 1 to the length of the longest topic.

    Example:
        >>> next(common_words([["cat", "dog"]], [["cat", "eel"], ["dog", "cat"]])).tolist()
        [[1, 1], [0, 2]]
    """
    column = {word: i for i, word in enumerate(dict.fromkeys(chain(*second)))}
    depth = max(map(len, chain(first, second)), default=0)
    # One column more, of a rank beyond all depths, for words that the second does not have.
    rank = np.full((len(second), len(column) + 1), depth)
    for k, topic in enumerate(second):
        rank[k, [column[word] for word in topic]] = range(len(topic))
    rows = np.arange(len(second))[:, None] * (depth + 1)
    for topic in first:
        columns = [column.get(word, len(column)) for word in topic]
        common_from = np.maximum(rank[:, columns], np.arange(len(topic)))
        new = np.bincount((rows + common_from).ravel(), minlength=len(second) * (depth + 1))
        yield np.cumsum(new.reshape(len(second), depth + 1)[:, :depth], axis=1)
