"""The shares of topics in groups of documents as a table."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from topicgen.effects.group_tokens import GroupTokens

if TYPE_CHECKING:
    import pandas as pd


def share_table(
    found: GroupTokens, names: "pd.Index", column: str, level: float, words: Sequence[Any]
) -> "pd.DataFrame":
    """Return a row for each topic and group, in this order.

    Args:
        found: the tokens of the groups.
        names: of the groups.
        column: the name of the column of the groups, such as "time".
        level: the probability of the intervals.
        words: for each group, the words of each topic.
    """
    import pandas as pd

    n_groups, n_topics = found.tokens.shape
    low, high = found.interval(level)
    return pd.DataFrame(
        {
            "topic": np.repeat(np.arange(n_topics), n_groups),
            column: names[np.tile(np.arange(n_groups), n_topics)],
            "share": found.share.T.ravel(),
            "low": low.T.ravel(),
            "high": high.T.ravel(),
            "tokens": found.tokens.T.ravel(),
            "documents": np.tile(found.documents, n_topics),
            "words": [of_group[topic] for topic in range(n_topics) for of_group in words],
        }
    )
