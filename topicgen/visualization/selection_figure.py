"""A figure of the scores of several numbers of topics, one panel per score."""

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# For each panel: the column, its title, and how to read it.
_PANELS = (
    ("perplexity", "Perplexity", "lower is better"),
    ("quality", "Quality", "coherence x diversity"),
    ("stability", "Stability", "agreement between seeds"),
    ("coherence", "Coherence", "NPMI"),
    ("diversity", "Diversity", "share of distinct words"),
    ("seconds", "Time", "seconds per model"),
)
_LINE, _CHOSEN, _FAINT = "#34495e", "#c0392b", "#7f8c8d"


def selection_figure(table: "pd.DataFrame", n_components: int) -> "Figure":
    """Return a figure of the scores over the number of topics; the recommended number is marked.

    Error bars are standard deviations over seeds; the band around the perplexity is its standard
    error over documents.

    Args:
        table: the table of a :class:`topicgen.Selection`.
        n_components: the recommended number.

    Returns:
        A figure of 7.2 x 4.4 inches, for ``savefig``; matplotlib's global state is left unchanged.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 4.4), layout="constrained")
    axes = figure.subplots(2, 3, sharex=True)
    for axis, (column, name, meaning) in zip(axes.flat, _PANELS, strict=True):
        _draw(axis, table, column, n_components)
        axis.set_title(name, loc="left", fontsize=9, fontweight="bold")
        axis.set_title(meaning, loc="right", fontsize=7, color=_FAINT)
    for axis in axes[1]:
        axis.set_xlabel("topics", fontsize=8)
    return figure


def _draw(axis: "Axes", table: "pd.DataFrame", column: str, n_components: int) -> None:
    sizes, values = table["n_components"].to_numpy(), table[column].to_numpy()
    axis.axvline(n_components, color=_CHOSEN, lw=0.8, alpha=0.6, zorder=0)
    if column == "perplexity":
        error = table["perplexity_error"].to_numpy()
        axis.fill_between(sizes, values - error, values + error, color=_LINE, alpha=0.15, lw=0)
    spread = table[f"{column}_sd"].to_numpy() if f"{column}_sd" in table else None
    style: dict[str, Any] = {"color": _LINE, "lw": 1.2, "marker": "o", "ms": 3.5, "capsize": 2}
    axis.errorbar(sizes, values, spread, elinewidth=0.8, **style)
    chosen = sizes == n_components
    axis.plot(sizes[chosen], values[chosen], "o", color=_CHOSEN, ms=6, zorder=3)
    axis.set_xscale("log")
    axis.set_xticks(sizes, [str(size) for size in sizes])
    axis.minorticks_off()
    axis.tick_params(labelsize=7)
    if np.isnan(values).all():
        axis.text(0.5, 0.5, "not available", ha="center", transform=axis.transAxes, fontsize=8)
        axis.set_yticks([])
    axis.margins(x=0.08, y=0.12)
    axis.grid(axis="y", alpha=0.25, lw=0.6)
    axis.spines[["top", "right"]].set_visible(False)
