"""How many tokens of each document come from which topics, with intervals, in one pass."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from topicgen.topic_model.draws import Draws
from topicgen.topic_model.intervals import interval_of_whole_numbers

LEVEL = 0.9
# Topics that get less than this are not listed for a document, nor are more topics than this.
_FEWEST_TOKENS, _LEAST_SHARE, _MOST_TOPICS = 0.5, 0.01, 12


class DocumentTopics(NamedTuple):
    """The topics of one document that matter, the largest first.

    Args:
        topics: their numbers.
        tokens: the expected tokens of each.
        low: the lower end of their interval.
        high: the upper end.
    """

    topics: NDArray[np.int64]
    tokens: NDArray[np.float64]
    low: NDArray[np.int64]
    high: NDArray[np.int64]


def watch_documents(
    blocks: Iterable[Draws],
    n_tokens: NDArray[np.float64],
    n_independent: float,
    found: list[DocumentTopics],
) -> Iterator[tuple[slice, Draws]]:
    """Yield the rows of each block with its draws, and note the documents' topics on the way.

    Args:
        blocks: posterior draws of the documents, in their order.
        n_tokens: of each document, shape (n_documents,).
        n_independent: how many independent draws the draws are worth.
        found: takes the topics of each document, in their order.
    """
    start = 0
    for draws in blocks:
        rows = slice(start, start + draws.tokens.shape[1])
        start = rows.stop
        means = draws.tokens.mean(0)
        low, high = interval_of_whole_numbers(draws.tokens, LEVEL, n_independent)
        high = np.minimum(high, n_tokens[rows, None]).astype(np.int64)
        ordered = np.argsort(-means, axis=1, kind="stable")[:, :_MOST_TOPICS]
        for place, (order, length) in enumerate(zip(ordered, n_tokens[rows], strict=True)):
            mean = means[place]
            kept = order[mean[order] >= max(_FEWEST_TOKENS, _LEAST_SHARE * length)]
            if not len(kept) and length:
                kept = order[:1]
            found.append(DocumentTopics(kept, mean[kept], low[place, kept], high[place, kept]))
        yield rows, draws
