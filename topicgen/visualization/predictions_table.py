"""What is expected of each topic at several values of a covariate, as a plain-text table."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from topicgen.plain import plain, wrap
from topicgen.rows import aligned
from topicgen.visualization.cells import words_cell

if TYPE_CHECKING:
    import pandas as pd

# Values next to each other; more go into tables below.
_ACROSS = 5


def predictions_table(
    predictions: "pd.DataFrame",
    variable: str,
    words: Sequence[Sequence[str]],
    *,
    in_percent: bool = True,
    width: int | None = None,
) -> str:
    """Return one line per topic, the largest first, with a column per value and its interval.

    Args:
        predictions: a row per topic and value: ``topic``, the variable, ``estimate``, ``low``,
            ``high``; its ``attrs["held"]``, what the others are held at, is written below.
        variable: the column that varies.
        words: the top words of each topic, by its number.
        in_percent: whether the estimates are parts of 1, rather than tokens.
        width: of the window that the table fits, in columns; None for five values beside each
            other.

    Example:
        >>> import pandas as pd
        >>> predictions = pd.DataFrame(
        ...     {"topic": [0, 0, 1, 1], "party": ["Con", "Lab"] * 2,
        ...      "estimate": [0.2, 0.3, 0.8, 0.7], "low": [0.1, 0.2, 0.7, 0.6],
        ...      "high": [0.3, 0.4, 0.9, 0.8]}
        ... )
        >>> print(predictions_table(predictions, "party", [["cat", "purrs"], ["stocks"]]))
        topic                   Con                   Lab  words
            1  80.0% (70.0 to 90.0)  70.0% (60.0 to 80.0)  stocks
            0  20.0% (10.0 to 30.0)  30.0% (20.0 to 40.0)  cat, purrs
    """
    of_topics = {
        topic: rows.to_dict("records") for topic, rows in predictions.groupby("topic", sort=True)
    }
    order = sorted(of_topics, key=lambda topic: -sum(row["estimate"] for row in of_topics[topic]))
    values = [_value(row[variable]) for row in of_topics[order[0]]]
    digits = _digits(predictions, in_percent)
    cells = {topic: [_cell(row, digits, in_percent) for row in of_topics[topic]] for topic in order}
    across = _ACROSS if width is None else len(values)
    tables = []
    for start in range(0, len(values), across):
        shown = slice(start, start + across)
        rows = [["topic", *values[shown], "words"]]
        rows += [[str(topic), *cells[topic][shown], words_cell(words[topic])] for topic in order]
        tables.append(aligned(rows, has_text=True, width=width))
    if held := predictions.attrs.get("held"):
        tables.append(plain(held) if width is None else "\n".join(wrap(plain(held), width)))
    return "\n\n".join(tables)


def _cell(row: dict[str, Any], digits: int, in_percent: bool) -> str:
    """Return an estimate and its interval, in brackets."""
    scale, sign = (100, "%") if in_percent else (1, "")
    estimate, low, high = (
        f"{scale * row[name]:.{digits}f}" for name in ("estimate", "low", "high")
    )
    return f"{estimate}{sign} ({low} to {high})"


def _value(value: Any) -> str:
    """Return a value of the variable: a day of a date, and four digits of a number."""
    if hasattr(value, "strftime"):
        return f"{value:%Y-%m-%d}"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _digits(predictions: "pd.DataFrame", in_percent: bool) -> int:
    """Return the digits after the point that the typical interval needs."""
    width = float((predictions["high"] - predictions["low"]).median()) * (100 if in_percent else 1)
    needed = -math.floor(math.log10(width / 4)) if 0 < width < math.inf else 1
    return min(max(needed, 1 if in_percent else 0), 6)
