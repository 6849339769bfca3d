"""The look that all figures share: sizes for print, and colours for everybody."""

from numbers import Real
from typing import TYPE_CHECKING, Any

from topicgen.errors import InputError, shown
from topicgen.extras import needed
from topicgen.visualization.figures.text import folded, measure, shortened, with_plain_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

# Of the palette of Okabe and Ito (2008), which people with any colour vision can tell apart. No
# figure relies on colours alone.
INK, ACCENT = "#0072b2", "#d55e00"
BLACK, GREY, FAINT = "#222222", "#666666", "#cccccc"
BAND = 0.2  # the opacity of an interval around a curve

# Font sizes in points, for figures that are printed without scaling.
TITLE, TEXT, SMALL = 7.5, 7.0, 6.0
DPI = 300

# A column of a journal is about 3.4 inches wide, and two columns 7.
NARROWEST, WIDEST = 2.5, 40.0
ROW = 0.165  # inches per row of a list
MOST_PANELS, MOST_ROWS = 20, 50
VALUES = 22.0  # points for the numbers beside a vertical axis
_PANEL = 1.65  # inches, the narrowest panel


def new_figure(width: float, height: float) -> "Figure":
    """Return an empty figure of these inches."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    layout = ConstrainedLayoutEngine(w_pad=0.03, h_pad=0.03, wspace=0.03, hspace=0.03)
    return Figure(figsize=(width, height), dpi=DPI, layout=layout, facecolor="white")


def check_matplotlib() -> None:
    """Check that figures can be drawn, before anything is computed for them.

    Raises:
        InputError: where matplotlib is not installed.
    """
    with needed("matplotlib", "figures need"):
        import matplotlib  # noqa: F401


def check_width(width: Any) -> float:
    """Return the width of a figure in inches; every figure begins with this.

    Raises:
        InputError: where it is not a number from 2.5 to 40, or matplotlib is not installed.
    """
    check_matplotlib()
    is_number = isinstance(width, Real) and not isinstance(width, bool)
    if not (is_number and NARROWEST <= width <= WIDEST):
        raise InputError(
            f"width must be {NARROWEST:g} to {WIDEST:g} inches, got {shown(width)}; use 3.4 for "
            "one column of a paper, or 7 for two"
        )
    return float(width)


def columns_for(n: int, width: float, narrowest: float = _PANEL) -> int:
    """Return how many of n panels stand side by side, in rows as equal as possible.

    Example:
        >>> columns_for(6, 7.0), columns_for(20, 7.0), columns_for(6, 3.4)
        (3, 4, 2)
    """
    n_rows = -(-n // max(1, int(width / narrowest)))
    return -(-n // n_rows)


def panels(
    n: int, width: float, height: float, *, narrowest: float = _PANEL, **shared: Any
) -> tuple["Figure", list["Axes"]]:
    """Return a figure of n panels, in rows.

    Args:
        n: how many.
        width: of the figure, in inches.
        height: of each panel, in inches.
        narrowest: a panel's width in inches, at least.
        shared: ``sharex`` and ``sharey``, as in ``Figure.subplots``.
    """
    n_columns = columns_for(n, width, narrowest)
    n_rows = -(-n // n_columns)
    figure = new_figure(width, height * n_rows + 0.1)
    axes = list(figure.subplots(n_rows, n_columns, squeeze=False, **shared).ravel())
    for axis in axes[n:]:
        axis.remove()
    for axis in axes[:n]:
        tidy(axis)
    if shared.get("sharex"):  # where the panel below is missing, this one has the labels
        for axis in axes[max(0, n - n_columns) : n]:
            axis.tick_params(labelbottom=True)
    return figure, axes[:n]


def tidy(axis: "Axes") -> None:
    """Take away from a panel what says nothing."""
    axis.set_facecolor("none")
    axis.grid(False)
    axis.set_axisbelow(True)
    axis.spines[["top", "right"]].set_visible(False)
    axis.spines[["left", "bottom"]].set(color=GREY, linewidth=0.6)
    axis.tick_params(labelsize=SMALL, length=2, width=0.6, pad=2, color=GREY, labelcolor=BLACK)


def grid(axis: "Axes", along: Any = "y") -> None:
    """Draw faint lines at the ticks of an axis."""
    axis.grid(True, axis=along, color=FAINT, linewidth=0.4)


def title(
    axis: "Axes",
    text: str,
    width: float = 1000,
    *,
    indent: float = 0.0,
    meaning: str = "",
    most: int = 1,
) -> None:
    """Write the title of a panel above it.

    Args:
        axis: the panel.
        text: printable text.
        width: how many points it may be wide.
        indent: how many points left of the panel's own area it begins, above the labels.
        meaning: a line below the title, in grey.
        most: how many lines the title may take.
    """
    lines = [(text, TITLE, BLACK, 4 + 1.3 * SMALL * bool(meaning)), (meaning, SMALL, GREY, 4)]
    for line, size, color, height in lines:
        if line:
            # Unlike the text of set_title, this has its place reserved by the layout.
            axis.annotate(
                folded(line, width, size, most),
                (0, 1),
                (-indent, height),
                xycoords="axes fraction",
                textcoords="offset points",
                fontsize=size,
                color=color,
            )


def rows(axis: "Axes", labels: "Sequence[str]", width: float) -> float:
    """Give a panel a row for each label, from the top, at the heights 0, 1, 2, ...

    Args:
        axis: the panel.
        labels: printable text.
        width: how many points a label may be wide.

    Returns:
        The width of the widest label with the space beside it, in points.
    """
    short = [shortened(label, width, TEXT) for label in labels]
    axis.set_yticks(range(len(short)), short, fontsize=TEXT)
    axis.set_ylim(len(short) - 0.5, -0.5)
    axis.tick_params(axis="y", length=0)
    return max(measure(label, TEXT)[0] for label in short) + 3


def caption(figure: "Figure", text: str) -> None:
    """Write below all panels what their horizontal axes are."""
    figure.supxlabel(text, fontsize=SMALL, color=GREY)


def finished(figure: "Figure") -> "Figure":
    """Return a figure, in which no text of data is read as mathematics."""
    return with_plain_text(figure)


def note(figure: "Figure", text: str | None, *, most: int = 1) -> None:
    """Write above the panels, such as which topics are shown, on so many lines at most."""
    if text is not None:
        text = folded(text, 72 * figure.get_figwidth() - 8, SMALL, most)
        figure.suptitle(text, x=0.005, ha="left", fontsize=SMALL, color=GREY)


def ticks(axis: "Axis", *, in_percent: bool, most: int = 4) -> None:
    """Put few ticks on an axis, in per cent or not.

    Args:
        axis: the ``xaxis`` or ``yaxis`` of a panel.
        in_percent: whether its numbers are per cent.
        most: the intervals between ticks, at most.
    """
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    sign = "%" if in_percent else ""
    axis.set_major_locator(MaxNLocator(most, steps=[1, 2, 2.5, 5, 10], min_n_ticks=3))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{_number(value)}{sign}"))


def _number(value: float) -> str:
    """Return a number as text, with a minus sign.

    Example:
        >>> _number(-2.5), _number(0.1 + 0.2), _number(-0.0), _number(12000.0)
        ('−2.5', '0.3', '0', '12,000')
    """
    return (
        f"{value + 0.0:,.4g}".replace("-", "\N{MINUS SIGN}")
        if abs(value) < 1e4
        else f"{value:,.0f}"
    )


def from_0(axis: "Axes", values: Any, *, in_percent: bool = True) -> None:
    """Let the horizontal axis of a panel go from 0 to what holds these values, or to 1.

    Args:
        axis: the panel.
        values: NaN where they are not known.
        in_percent: whether they are per cent.
    """
    import numpy as np

    finite = np.asarray(values, dtype=float)
    top = 1.05 * max(finite[np.isfinite(finite)], default=0.0)
    top = (min(top, 102.0) if in_percent else top) or 1.0
    axis.set_xlim(-0.02 * top, top)  # so that no dot at 0 is cut
    ticks(axis.xaxis, in_percent=in_percent)


def time_axis(axis: "Axes") -> None:
    """Put few ticks on a horizontal axis of dates or years."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    if isinstance(axis.xaxis.get_major_locator(), AutoDateLocator):
        locator = AutoDateLocator(minticks=3, maxticks=5)
        axis.xaxis.set_major_locator(locator)
        axis.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))
    else:
        axis.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))
        axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.6g}"))


def dot_and_interval(axis: "Axes", at: Any, values: Any, low: Any, high: Any, **dot: Any) -> None:
    """Draw estimates with their intervals, in rows; those that are not known are left out."""
    style: dict[str, Any] = {"marker": "o", "s": 11, "color": INK, "zorder": 3, "linewidths": 0}
    axis.hlines(at, low, high, color=INK, linewidth=1.0, zorder=2)
    axis.scatter(values, at, **(style | dot))


def empty_strip(figure: "Figure", height: float) -> "Axes":
    """Return a strip along the lower edge of a figure to draw on in points."""
    width, whole = (72 * inches for inches in figure.get_size_inches())
    axis = figure.add_axes((0, 0, 1, height / whole))
    axis.set(xlim=(0, width), ylim=(0, height))
    axis.set_axis_off()
    return axis


def stripes(axis: "Axes", n: int) -> None:
    """Shade every second of n rows, so that the eye keeps to a row."""
    for at in range(1, n, 2):
        axis.axhspan(at - 0.5, at + 0.5, color="#f3f4f6", linewidth=0, zorder=0)


def unknown(axis: "Axes", reason: str) -> None:
    """Say in an empty panel why it is empty."""
    middle: dict[str, Any] = {"ha": "center", "va": "center", "transform": axis.transAxes}
    axis.text(0.5, 0.5, reason, fontsize=SMALL, color=GREY, **middle)
    axis.set_yticks([])
