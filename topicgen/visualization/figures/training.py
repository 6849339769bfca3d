"""How the training went, epoch by epoch."""

from typing import TYPE_CHECKING, Any

import numpy as np

from topicgen.errors import InputError
from topicgen.visualization.figures import style
from topicgen.visualization.figures.topics import Model, fitted_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# For each panel: the column of the history, its title, and how to read it.
_PANELS = (
    ("perplexity", "Documents held out", "perplexity, lower is better"),
    ("log_likelihood", "Training documents", "nats per hidden token, higher is better"),
    ("temperature", "Temperature", "of the relaxation of counts"),
)


def training(model: Model, *, width: float = 7.0) -> "Figure":
    """Return a figure of how well the model predicted words after each epoch of its training.

    Args:
        model: a fitted model.
        width: of the figure, in inches.

    Returns:
        Three panels over the epochs: the perplexity of document completion on the held-out
        documents, with a circle at the best epoch (the fitted model is from that epoch or a later
        one); the mean log-likelihood of hidden tokens in the training documents, in nats
        per token; and the temperature of the relaxation.

    Raises:
        InputError: where an argument cannot be used.
        sklearn.exceptions.NotFittedError: before ``fit``.

    Example:
        >>> from topicgen import TopicModel
        >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 30
        >>> figure = training(TopicModel(2, max_epochs=3, random_state=0).fit(docs))
        >>> figure.axes[0].lines[0].get_xdata().tolist()
        [1, 2, 3]
    """
    width, history = style.check_width(width), fitted_of(model).history
    if not history:
        raise InputError("the model has no history of its training; fit it again")
    figure, axes = style.panels(len(_PANELS), width, 1.7, narrowest=2.0)
    epochs = np.arange(1, len(history) + 1)
    for axis, (name, title, meaning) in zip(axes, _PANELS, strict=True):
        values = np.array([epoch.get(name, np.nan) for epoch in history], dtype=float)
        style.title(axis, title, meaning=meaning)
        axis.set_xlabel("epoch", fontsize=style.SMALL, color=style.GREY)
        _curve(axis, epochs, values)
        if name == "perplexity" and not np.isnan(values).all():
            _mark(axis, epochs, values, int(np.nanargmin(values)))
        if name == "temperature":
            axis.set_ylim(0, 1.1 * values.max())
    return style.finished(figure)


def _curve(axis: "Axes", epochs: "np.ndarray", values: "np.ndarray") -> None:
    from matplotlib.ticker import MaxNLocator

    axis.xaxis.set_major_locator(MaxNLocator(5, integer=True, min_n_ticks=1))
    axis.set_xlim(0.5, len(epochs) + 0.5)
    if np.isnan(values).all():
        style.unknown(axis, "no documents were held out")
        return
    axis.plot(epochs, values, color=style.INK, linewidth=1.2, marker="o", markersize=2)
    axis.yaxis.set_major_locator(MaxNLocator(5))
    axis.ticklabel_format(axis="y", style="plain", useOffset=False)
    style.grid(axis)


def _mark(axis: "Axes", epochs: "np.ndarray", values: "np.ndarray", best: int) -> None:
    ring: dict[str, Any] = {
        "marker": "o",
        "markersize": 6,
        "markerfacecolor": "none",
        "linestyle": "none",
    }
    axis.plot(epochs[[best]], values[[best]], color=style.ACCENT, **ring)
