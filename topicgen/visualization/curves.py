"""A figure of how much of each topic is expected along a covariate, one panel per topic."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from topicgen.errors import InputError, shown

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_LINE = "#34495e"
_COLUMNS, _WIDTH, _HEIGHT = 3, 2.4, 1.9


def curve_figure(predictions: "pd.DataFrame", over: str, topics: Mapping[str, int]) -> "Figure":
    """Return a figure of the curves of some topics, with their bands.

    Args:
        predictions: the table of ``TopicModel.predict_prevalence(over)``, or of
            ``topics_over_time``.
        over: the column to go along, such as a date.
        topics: the numbers of the topics to show, by the titles of their panels.

    Returns:
        A figure for ``savefig``, three panels in a row; matplotlib's global state is left
        unchanged.

    Raises:
        InputError: where there is no such column, or no such topic.
    """
    from matplotlib.figure import Figure

    estimate = "estimate" if "estimate" in predictions else "share"
    missing = [name for name in (over, estimate, "low", "high") if name not in predictions]
    if missing:
        raise InputError(
            f"expected predictions with a column {missing[0]!r}, got "
            f"{', '.join(map(repr, predictions.columns))}; pass the table of predict_prevalence"
        )
    n_rows = -(-len(topics) // _COLUMNS)
    size = (_WIDTH * min(len(topics), _COLUMNS), _HEIGHT * n_rows)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(n_rows, min(len(topics), _COLUMNS), squeeze=False).ravel()
    for axis, (title, topic) in zip(axes, topics.items(), strict=False):
        rows = predictions[predictions["topic"] == topic]
        if not len(rows):
            raise InputError(f"the predictions have no topic {shown(topic)}; name one of theirs")
        at = rows[over].to_numpy()
        low, middle, high = (100 * rows[x].to_numpy() for x in ("low", estimate, "high"))
        axis.fill_between(at, low, high, color=_LINE, alpha=0.2, lw=0)
        axis.plot(at, middle, color=_LINE, lw=1.4)
        axis.set_title(title, loc="left", fontsize=9, fontweight="bold")
        axis.set_ylim(0, 1.08 * np.nanmax(high))
        axis.yaxis.set_major_formatter("{x:g}%")
        axis.tick_params(labelsize=7)
        axis.grid(axis="y", alpha=0.25, lw=0.6)
        axis.spines[["top", "right"]].set_visible(False)
    for axis in axes[len(topics) :]:
        axis.set_axis_off()
    return figure
