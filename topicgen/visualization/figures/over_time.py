"""How much of each topic there is over time, or along any other number, one panel per topic."""

from typing import TYPE_CHECKING, Any

import numpy as np

from topicgen.errors import InputError, shown
from topicgen.plain import quoted
from topicgen.visualization.figures import style
from topicgen.visualization.figures.tables import (
    check_table,
    estimate_column,
    kind_of,
    meaning_at,
    topics_of_table,
    varying,
)
from topicgen.visualization.figures.text import printable
from topicgen.visualization.figures.topics import Model, Topics

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SOURCE = "topics_over_time or predict_prevalence"


def over_time(
    table: "pd.DataFrame",
    model: Model | None = None,
    *,
    topics: Topics = None,
    over: str | None = None,
    kind: str = "share",
    width: float = 7.0,
) -> "Figure":
    """Return a figure of the curves of topics, with their intervals as bands.

    Each panel has its own scale from 0. Where a period has no documents, the curve has a gap.

    Args:
        table: from ``TopicModel.topics_over_time``, or from ``predict_prevalence``, of
            which the figure says what the other covariates are held at.
        model: the fitted model, for the labels of its topics.
        topics: numbers of topics, or a dictionary of numbers and labels; by default the 20 with the
            largest mean, the largest first.
        over: the column for the horizontal axis; by default "time", or the covariate that varies.
        kind: what the table is of, as in ``predict_prevalence``: "share" and "presence" are in per
            cent, "log_rate" and "log_amount" in expected tokens.
        width: of the figure, in inches.

    Raises:
        InputError: where an argument cannot be used.

    Example:
        >>> from topicgen import TopicModel
        >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
        >>> model = TopicModel(n_components=2, random_state=0).fit(docs)
        >>> table = model.topics_over_time(docs, [1999, 2000] * 20)
        >>> figure = over_time(table, topics={0: "cats", 1: "dogs"})
        >>> [axis.texts[0].get_text() for axis in figure.axes]
        ['0 cats', '1 dogs']
    """
    width = style.check_width(width)
    table = check_table(table, ("topic", "low", "high"), _SOURCE)
    check_table(table, (estimate_column(table),), _SOURCE)
    meaning, in_percent = kind_of(kind, table)
    over = varying(table, over, "time", _SOURCE)
    chosen = topics_of_table(table, model, topics, style.MOST_PANELS)
    n = len(chosen.numbers)
    figure, axes = style.panels(n, width, 1.15, sharex=True)
    panel = 72 * width / style.columns_for(n, width)
    for axis, k, heading in zip(axes, chosen.numbers, chosen.headings, strict=True):
        rows = table[table["topic"] == k]
        at = positions(rows[over], over)
        ends = [rows[name].to_numpy(float) for name in ("low", estimate_column(table), "high")]
        low, middle, high = (100 * end if in_percent else end for end in ends)
        _draw(axis, at, low, middle, high)
        style.title(axis, heading, panel - 8, indent=style.VALUES)
        top = max(high[np.isfinite(high)], default=0.0)
        axis.set_ylim(0, 1.05 * top or 1.0)
        style.ticks(axis.yaxis, in_percent=in_percent, most=3)
        style.grid(axis)
    style.time_axis(axes[0])
    style.caption(figure, printable(over))
    style.note(
        figure,
        "; ".join(filter(None, [meaning_at(meaning, table), chosen.note])),
        most=3,
    )
    return style.finished(figure)


def positions(values: "pd.Series", over: str) -> np.ndarray:
    """Return numbers or dates to draw along.

    Raises:
        InputError: where they are neither.
    """
    import pandas as pd

    if isinstance(values.dtype, pd.PeriodDtype):
        values = values.dt.start_time
    if pd.api.types.is_datetime64_any_dtype(values) or pd.api.types.is_numeric_dtype(values):
        return values.to_numpy()
    raise InputError(
        f"a curve needs numbers or dates along it, but {quoted(over)} has {shown(values.iloc[0])}; "
        "use per_class, or name another column in over=..."
    )


def _draw(axis: "Axes", at: Any, low: Any, middle: Any, high: Any) -> None:
    axis.fill_between(at, low, high, color=style.INK, alpha=style.BAND, linewidth=0)
    axis.plot(at, middle, color=style.INK, linewidth=1.1)
    # A period between two without documents is on no line.
    known = np.isfinite(middle)
    alone = known & ~np.roll(known, 1) & ~np.roll(known, -1) if len(known) > 1 else known
    if len(known) > 1:
        alone[0] = known[0] and not known[1]
        alone[-1] = known[-1] and not known[-2]
    axis.vlines(at[alone], low[alone], high[alone], color=style.INK, linewidth=1.0)
    axis.plot(at[alone], middle[alone], "o", color=style.INK, markersize=2.5)
