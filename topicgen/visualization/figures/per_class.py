"""How much of each topic there is in each class of documents, one panel per topic."""

from typing import TYPE_CHECKING

from topicgen.errors import InputError
from topicgen.plain import quoted
from topicgen.visualization.figures import style
from topicgen.visualization.figures.tables import (
    check_table,
    estimate_column,
    held_of,
    kind_of,
    topics_of_table,
    varying,
)
from topicgen.visualization.figures.text import printable
from topicgen.visualization.figures.topics import Model, Topics

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

_SOURCE = "topics_per_class or predict_prevalence"


def per_class(
    table: "pd.DataFrame",
    model: Model | None = None,
    *,
    topics: Topics = None,
    over: str | None = None,
    kind: str = "share",
    width: float = 7.0,
) -> "Figure":
    """Return a figure of the share of each topic in each class, with intervals.

    All panels have the same scale from 0, and the classes are in the order of the table.

    Args:
        table: from ``TopicModel.topics_per_class``, or from ``predict_prevalence`` over the levels
            of a covariate.
        model: the fitted model, for the labels of its topics.
        topics: numbers of topics, or a dictionary of numbers and labels; by default the 20 with the
            largest mean, the largest first.
        over: the column of the classes; by default "class", or the covariate that varies.
        kind: as in ``over_time``.
        width: of the figure, in inches.

    Raises:
        InputError: where an argument cannot be used.

    Example:
        >>> from topicgen import TopicModel
        >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
        >>> model = TopicModel(n_components=2, random_state=0).fit(docs)
        >>> figure = per_class(model.topics_per_class(docs, ["feline", "canine"] * 20), model)
        >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
        ['canine', 'feline']
    """
    width = style.check_width(width)
    table = check_table(table, ("topic", "low", "high"), _SOURCE)
    check_table(table, (estimate_column(table),), _SOURCE)
    meaning, in_percent = kind_of(kind, table)
    over = varying(table, over, "class", _SOURCE)
    names = list(dict.fromkeys(table[over]))
    if len(names) > style.MOST_ROWS:
        raise InputError(
            f"the table has {len(names)} classes in {quoted(over)}, but a figure can show at most "
            f"{style.MOST_ROWS}; leave out some rows of the table"
        )
    chosen = topics_of_table(table, model, topics, style.MOST_PANELS)
    n = len(chosen.numbers)
    height = 0.4 + style.ROW * 0.85 * len(names)
    figure, axes = style.panels(n, width, height, sharex=True, sharey=True)
    panel = 72 * width / (style.columns_for(n, width) + 0.5)
    scale, labels = 100 if in_percent else 1, [printable(name) for name in names]
    shown = table[table["topic"].isin(chosen.numbers)]
    for axis, k, heading in zip(axes, chosen.numbers, chosen.headings, strict=True):
        rows = shown[shown["topic"] == k]
        heights = [names.index(name) for name in rows[over]]
        values, low, high = (
            scale * rows[x].to_numpy() for x in (estimate_column(table), "low", "high")
        )
        style.rows(axis, labels, panel * 0.6)
        style.stripes(axis, len(names))
        style.dot_and_interval(axis, heights, values, low, high)
        style.title(axis, heading, panel - 8)
    style.from_0(axes[0], scale * shown["high"].to_numpy(), in_percent=in_percent)
    style.caption(figure, meaning)
    style.note(figure, "; ".join(filter(None, [held_of(table), chosen.note])) or None, most=3)
    return style.finished(figure)
