"""Topics that could be merged, as a plain-text table."""

from typing import TYPE_CHECKING

from topicgen.rows import aligned
from topicgen.visualization.cells import fixed, interval

if TYPE_CHECKING:
    import pandas as pd


def suggestions_table(pairs: "pd.DataFrame", width: int | None = None) -> str:
    """Return one line per pair of topics, in the order of the table; a star marks suggestions.

    Without any, the last line says so.

    Args:
        pairs: the table of ``TopicModel.suggest_merges``.
        width: of the window that the table fits, in columns; None for no limit.

    Example:
        >>> import pandas as pd
        >>> pair = {"topic": 2, "other": 7, "label": "bank, rate", "other_label": "loan, rate"}
        >>> pair |= {"similarity": 0.81, "cost": 0.011, "low": 0.004, "high": 0.018}
        >>> print(suggestions_table(pd.DataFrame([pair | {"suggested": True}])))
        topics  similarity  nats per token      95% interval    labels
           2,7       0.810          +0.011  +0.004 to +0.018 *  bank, rate / loan, rate
        <BLANKLINE>
        * the two are probably one topic
        >>> print(suggestions_table(pd.DataFrame([pair | {"suggested": False}])).splitlines()[-1])
        no two topics are probably one
        >>> print(suggestions_table(pd.DataFrame()))
        no two topics can be merged
    """
    if pairs.empty:
        return "no two topics can be merged"
    rows = [["topics", "similarity", "nats per token", "95% interval  ", "labels"]]
    for pair in pairs.itertuples():
        rows.append(
            [
                f"{pair.topic},{pair.other}",
                fixed(pair.similarity, 3),
                fixed(pair.cost, 3, "+"),
                f"{interval(pair.low, pair.high, 3, '+')} {'*' if pair.suggested else ' '}",
                f"{pair.label} / {pair.other_label}",
            ]
        )
    starred = "* the two are probably one topic"
    meaning = starred if pairs["suggested"].any() else "no two topics are probably one"
    return f"{aligned(rows, has_text=True, width=width)}\n\n{meaning}"
