"""The effects of covariates on topics: estimates with their intervals, one panel per term."""

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from topicgen.covariates.wording import term_text
from topicgen.errors import InputError, listed, shown
from topicgen.plain import quoted
from topicgen.visualization.figures import style
from topicgen.visualization.figures.tables import check_table, labels
from topicgen.visualization.figures.text import printable
from topicgen.visualization.figures.topics import Model, Shown, Topics, choose

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_SOURCE = "TopicModel.effects"
_MOST_TERMS, _MOST_TOPICS = 6, 30
_TERM_WIDTH = 2.0  # inches, at least, with the labels' part
_WIDE = 6.0  # times the median width: an interval beyond that does not decide the scale
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_TIMES = "\N{MULTIPLICATION SIGN}"
# What an effect is, and whether it is in percentage points; otherwise it is a log ratio.
_KINDS = {
    "log_rate": ("ratio of tokens", False),
    "log_amount": ("ratio of tokens where present", False),
    "share": ("difference of the share, percentage points", True),
    "presence": ("difference of the presence, percentage points", True),
}
# Ratios to put at ticks, from coarse to fine.
_RATIOS = (
    *([10.0**n for n in range(-300, 301, step)] for step in (100, 50, 20, 10, 5, 2, 1)),
    [1 / 256, 1 / 64, 1 / 16, 1 / 4, 1, 4, 16, 64, 256],
    [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8, 16],
    [1 / 2, 2 / 3, 1, 1.5, 2],
    [0.8, 0.9, 1, 1.1, 1.25],
    [0.96, 0.98, 1, 1.02, 1.04],
    [0.99, 0.995, 1, 1.005, 1.01],
)


def effects(
    table: "pd.DataFrame",
    model: Model | None = None,
    *,
    topics: Topics = None,
    terms: Iterable[str] | Mapping[str, str] | None = None,
    kind: str = "log_rate",
    width: float = 7.0,
) -> "Figure":
    """Return a forest plot: one panel per term, with its effect on each topic.

    Args:
        table: from ``TopicModel.effects``; its ``attrs["references"]`` name the level that the
            levels of a factor are compared with.
        model: the fitted model, for the labels of its topics.
        topics: numbers of topics, or a dictionary of numbers and labels; by default the 30 with the
            largest effects relative to their standard errors, in the order of their effects in
            the first panel.
        terms: names of terms, or a dictionary of names and titles; by default the first 6
            without the columns of curves such as ``s(date)``, which mean nothing on their own.
        kind: that of the table, as in ``TopicModel.effects``. Log ratios are drawn on a logarithmic
            axis that shows ratios; differences are in percentage points.
        width: of the figure, in inches.

    Raises:
        InputError: where an argument cannot be used.

    Example:
        >>> import pandas as pd
        >>> table = pd.DataFrame({"topic": [0, 1], "term": "year", "estimate": [0.1, -0.2]})
        >>> table = table.assign(std_error=0.1, low=table["estimate"] - 0.2,
        ...                      high=table["estimate"] + 0.2)
        >>> figure = effects(table, topics={0: "cats", 1: "dogs"}, kind="share")
        >>> [label.get_text() for label in figure.axes[0].get_yticklabels()]
        ['0 cats', '1 dogs']
    """
    width = style.check_width(width)
    if not (isinstance(kind, str) and kind in _KINDS):
        raise InputError(f"kind must be one of {', '.join(map(repr, _KINDS))}, got {shown(kind)}")
    table = check_table(table, ("topic", "term", "estimate", "std_error", "low", "high"), _SOURCE)
    titles, cut = _terms(table, terms, table.attrs.get("references", {}))
    table = table[table["term"].isin(titles)]
    n_columns = style.columns_for(len(titles), width, _TERM_WIDTH)
    most = _MOST_TOPICS // -(-len(titles) // n_columns)
    chosen = _topics(table, next(iter(titles)), model, topics, most)
    table = table[table["topic"].isin(chosen.numbers)]
    meaning, in_points = _KINDS[kind]
    scale = 100 if in_points else 1
    height = 0.6 + style.ROW * len(chosen.numbers)
    shared = {"sharex": True, "sharey": True}
    figure, axes = style.panels(len(titles), width, height, narrowest=_TERM_WIDTH, **shared)
    ends = [scale * table[name].to_numpy() for name in ("low", "high", "estimate")]
    low, high, is_cut = _limits(ends[0], ends[1], ends[2] if in_points else ends[2][:0])
    for axis, (term, title) in zip(axes, titles.items(), strict=True):
        rows = table[table["term"] == term].set_index("topic").reindex(chosen.numbers)
        beside = style.rows(axis, chosen.headings, 72 * width * 0.3)
        style.stripes(axis, len(chosen.numbers))
        axis.axvline(0, color=style.BLACK, linewidth=0.7, zorder=1)
        axis.set_xlim(low, high)
        _dots(axis, *(scale * rows[name].to_numpy() for name in ("estimate", "low", "high")))
        style.title(axis, title, (72 * width - beside) / n_columns - 8, most=2)
    if in_points:
        style.ticks(axes[0].xaxis, in_percent=False, most=4)
    else:
        _ratio_ticks(axes[0])
    nothing = "0" if in_points else f"{_TIMES}1"
    style.caption(figure, f"{meaning} (filled: the interval excludes {nothing})")
    arrows = "intervals with an arrow go on" if is_cut else None
    style.note(figure, "; ".join(filter(None, [cut, chosen.note, arrows])) or None)
    return style.finished(figure)


def _terms(
    table: "pd.DataFrame", terms: Any, references: Mapping[str, str]
) -> tuple[dict[str, str], str | None]:
    """Return the terms to show with their titles, and what to say of a choice among them."""
    known = [str(name) for name in dict.fromkeys(table["term"])]
    if terms is None:
        useful = [name for name in known if not re.search(r"\)\[\d+\]$", name)]
        if not useful:
            raise InputError(
                "the table has only columns of curves, which mean nothing on their own; draw "
                "over_time(model.predict_prevalence(...)), or name them in terms=..."
            )
        cut = None
        if len(useful) > _MOST_TERMS:
            cut = f"the first {_MOST_TERMS} of {len(useful)} terms"
        return {name: _title(name, references) for name in useful[:_MOST_TERMS]}, cut
    given = listed(terms)
    if given is None:
        raise InputError(
            f"terms must be names, or a dictionary of names and titles, got {shown(terms)}; use "
            f"for example [{quoted(known[0])}]"
        )
    chosen = dict(terms) if isinstance(terms, Mapping) else dict.fromkeys(map(str, given))
    for name in chosen:
        if name not in known:
            raise InputError(
                f"the table has no term {shown(name)}; its terms are {shown(', '.join(known))}"
            )
    if not chosen:
        raise InputError("terms is empty; pass at least one name, or leave it out")
    return {
        name: _title(name, references) if title is None else printable(title)
        for name, title in chosen.items()
    }, None


def _title(term: str, references: Mapping[str, str]) -> str:
    """Return the title of a term."""
    return printable(term_text(term, references))


def _topics(
    table: "pd.DataFrame", first: str, model: Model | None, topics: Topics, most: int
) -> Shown:
    """Return the topics to show."""
    with np.errstate(divide="ignore", invalid="ignore"):
        size = (table["estimate"] / table["std_error"]).abs().groupby(table["topic"]).max()
    ranked = [int(k) for k in size.sort_values(ascending=False, kind="stable").index]
    chosen = choose(topics, ranked, most, labels(model, ranked), "most affected")
    if topics is not None:
        return chosen
    estimates = table[table["term"] == first].set_index("topic")["estimate"].reindex(ranked)
    order = sorted(range(len(chosen.numbers)), key=lambda i: -estimates[chosen.numbers[i]])
    numbers = [chosen.numbers[i] for i in order]
    return Shown(numbers, [chosen.headings[i] for i in order], chosen.note)


def _limits(low: np.ndarray, high: np.ndarray, included: np.ndarray) -> tuple[float, float, bool]:
    """Return the limits of the axis, and whether some intervals go beyond them.

    Where a covariate says next to nothing of a topic, its interval may be a thousand times as wide
    as the others, which then decide, together with those that exclude 0 and
    with what has to be included.
    """
    with np.errstate(invalid="ignore"):
        widths = high - low
    known = np.isfinite(widths)
    typical = float(np.median(widths[known])) if known.any() else 0.0
    decide = known & ((widths <= _WIDE * typical) | (low > 0) | (high < 0))
    ends = np.concatenate([low[decide], high[decide], included, [0.0]])
    room = 0.06 * float(np.ptp(ends)) or 1.0
    bounds = float(ends.min()) - room, float(ends.max()) + room
    return *bounds, bool((low < bounds[0]).any() or (high > bounds[1]).any())


def _dots(axis: "Axes", values: np.ndarray, low: np.ndarray, high: np.ndarray) -> None:
    """Draw filled dots where the interval excludes 0, and open ones where it does not."""
    clear = (low > 0) | (high < 0)
    at = np.arange(len(values))
    for which, face in ((clear, style.INK), (~clear, "white")):
        look = {"color": face, "edgecolors": style.INK, "linewidths": 0.9}
        style.dot_and_interval(axis, at[which], values[which], low[which], high[which], **look)
    for end, beyond, marker in zip(
        axis.get_xlim(), (low < axis.get_xlim()[0], high > axis.get_xlim()[1]), "<>", strict=True
    ):
        arrow: dict[str, Any] = {"color": style.INK, "linewidths": 0, "s": 12, "clip_on": False}
        axis.scatter(np.full(beyond.sum(), end), at[beyond], marker=marker, **arrow)


def _ratio_ticks(axis: "Axes") -> None:
    """Show ratios at the ticks of an axis of their logarithms."""
    low, high = axis.get_xlim()
    inside = [[x for x in some if low <= np.log(x) <= high] for some in _RATIOS]
    ticks = next((some for some in inside if 3 <= len(some) <= 5), [1.0])
    axis.set_xticks(np.log(ticks), [f"{_TIMES}{_short(tick)}" for tick in ticks])


def _short(ratio: float) -> str:
    """Return a ratio, as a fraction or a power of ten where that is shorter.

    Example:
        >>> _short(0.25), _short(0.9), _short(1000), _short(1e-10)
        ('1/4', '0.9', '1000', '10⁻¹⁰')
    """
    exponent = round(np.log10(ratio))
    if abs(exponent) > 3:
        return "10" + str(exponent).translate(_SUPERSCRIPTS)
    inverse = 1 / ratio
    if ratio < 1 and abs(inverse - round(inverse)) < 1e-9:
        return f"1/{inverse:.0f}"
    return f"{ratio:.4g}"
