"""The scores of several numbers of topics, one panel per score."""

from typing import TYPE_CHECKING, Any

import numpy as np

from topicgen.errors import InputError, shown
from topicgen.visualization.figures import style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from topicgen.selection import Selection

# For each panel: the column, its title, and how to read it.
_PANELS = (
    ("perplexity", "Perplexity", "lower is better"),
    ("quality", "Quality", "coherence times diversity"),
    ("stability", "Stability", "agreement between seeds"),
    ("coherence", "Coherence", "NPMI"),
    ("diversity", "Diversity", "share of distinct words"),
    ("seconds", "Time", "seconds per model"),
)


def selection(selection: "Selection", *, width: float = 7.0) -> "Figure":
    """Return a figure of the scores over the number of topics; the recommended number is marked.

    Error bars are standard deviations over seeds; the band around the perplexity is its standard
    error over documents. A line and a larger square mark the recommended number.

    Args:
        selection: the result of ``select_k``.
        width: of the figure, in inches.

    Raises:
        InputError: where an argument cannot be used.

    Example:
        >>> from topicgen import select_k
        >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 30
        >>> figure = selection(select_k(docs, (2, 3), n_seeds=1))
        >>> [axis.texts[0].get_text() for axis in figure.axes[:3]]
        ['Perplexity', 'Quality', 'Stability']
    """
    width = style.check_width(width)
    table, recommended = getattr(selection, "table", None), getattr(selection, "n_components", None)
    if table is None or recommended is None:
        raise InputError(
            f"expected a Selection, got {shown(selection)}; pass what select_k returns"
        )
    figure, axes = style.panels(
        len(_PANELS), width, 1.75, narrowest=max(1.65, width / 3.4), sharex=True
    )
    for axis, (column, name, meaning) in zip(axes, _PANELS, strict=True):
        style.title(axis, name, meaning=meaning)
        _draw(axis, table, column, recommended)
    style.caption(figure, "topics")
    return style.finished(figure)


def _draw(axis: "Axes", table: "pd.DataFrame", column: str, recommended: int) -> None:
    sizes, values = table["n_components"].to_numpy(), table[column].to_numpy(float)
    axis.axvline(recommended, color=style.ACCENT, linewidth=0.8, linestyle="--", zorder=0)
    if column == "perplexity":
        error = table["perplexity_error"].to_numpy()
        band: dict[str, Any] = {"color": style.INK, "alpha": style.BAND, "linewidth": 0}
        axis.fill_between(sizes, values - error, values + error, **band)
    spread = table[f"{column}_sd"].to_numpy() if f"{column}_sd" in table else None
    look: dict[str, Any] = {"linewidth": 1.1, "marker": "o", "markersize": 3, "capsize": 2}
    axis.errorbar(sizes, values, spread, color=style.INK, elinewidth=0.8, **look)
    chosen = sizes == recommended
    axis.plot(sizes[chosen], values[chosen], "s", color=style.ACCENT, markersize=5, zorder=3)
    axis.set_xscale("log")
    axis.set_xticks(sizes, [str(size) for size in sizes])
    axis.minorticks_off()
    if np.isnan(values).all():
        style.unknown(axis, "not available")
    axis.margins(x=0.08, y=0.12)
    style.grid(axis)
