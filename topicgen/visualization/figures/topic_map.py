"""A map of topics: circles as large as the topics' shares, similar ones close to each other."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from topicgen.visualization.figures import style
from topicgen.visualization.figures.labels import GAPS, middle, overlaps_any, place
from topicgen.visualization.figures.text import folded, measure
from topicgen.visualization.figures.topics import Model, fitted_of, topics_of_model
from topicgen.visualization.layout import classical_scaling, explained_share, topic_distances

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_HEIGHT = 0.7  # of the map, relative to its width
_FOOT = 30.0  # points below the map, for its key
_EDGE = 3.0  # points between the map and the figure's edge
_MARGIN = 0.11  # of the map's width and height, around the centres of the circles
_COVERED = 0.14  # the part of the map that the circles would cover if none overlapped
_LARGEST = 0.13  # the largest radius, relative to the height of the map
_LABEL = 72.0  # points, the width of a label
_KEY = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)  # shares for circles of the key


def topic_map(model: Model, *, width: float = 7.0) -> "Figure":
    """Return a map of the topics, on which similar ones are close to each other.

    The area of a topic's circle is proportional to its share of all tokens. The distances are
    those of ``topicgen.visualization.topic_positions``, on a scale from 0 (the same words) to 1 (no
    common word); a plane can only show part of them, and the figure says how much. Labels never
    overlap: a topic has none where there is no room, with the largest topics labelled first.

    Args:
        model: a fitted model.
        width: of the figure, in inches.

    Raises:
        InputError: where an argument cannot be used.
        sklearn.exceptions.NotFittedError: before ``fit``.

    Source: Chuang, Manning and Heer (2012); Sievert and Shirley (2014).

    Example:
        >>> from topicgen import TopicModel
        >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
        >>> figure = topic_map(TopicModel(2, random_state=0).fit(docs))
        >>> len(figure.axes[0].patches)
        2
    """
    return style.finished(_draw(model, style.check_width(width)))


def _draw(model: Model, width: float) -> "Figure":
    fitted = fitted_of(model)
    chosen = topics_of_model(model, None, fitted.n_topics)
    shares = np.asarray(fitted.evidence.topic_share, dtype=float)[chosen.numbers]
    distances = topic_distances(fitted.components)
    positions = classical_scaling(distances)
    explained = explained_share(distances, positions)

    size = np.array([72 * width - 2 * _EDGE, 72 * width * _HEIGHT])
    figure = style.new_figure(width, (size[1] + _FOOT + _EDGE) / 72)
    figure.set_layout_engine("none")  # the labels' places depend on the size of the map
    whole = 72 * np.array(figure.get_size_inches())
    axis = figure.add_axes((*(np.array([_EDGE, _FOOT]) / whole), *(size / whole)))
    low, scale = _window(positions, size)
    axis.set(xlim=(low[0], low[0] + size[0] / scale), ylim=(low[1], low[1] + size[1] / scale))
    axis.set(xticks=[], yticks=[], facecolor="none")
    for spine in axis.spines.values():
        spine.set(color=style.FAINT, linewidth=0.6)

    centres = (positions[chosen.numbers] - low) * scale
    area_of_1 = min(_COVERED * size.prod(), np.pi * (_LARGEST * size[1]) ** 2 / shares.max())
    radii = np.sqrt(area_of_1 * shares / np.pi)
    _circles(axis, positions[chosen.numbers], radii / scale)
    _write(axis, chosen.numbers, chosen.headings, centres, radii, size)
    _key(figure, whole, area_of_1, scale, explained)
    return figure


def _window(
    positions: NDArray[np.float64], size: NDArray[np.float64]
) -> tuple[NDArray[np.float64], float]:
    """Return the lower left corner of the map in its own units, and the points per unit."""
    low, high = positions.min(0), positions.max(0)
    extent = high - low
    room = size * (1 - 2 * _MARGIN)
    scales = room[extent > 0] / extent[extent > 0]
    scale = float(scales.min()) if len(scales) else float(size.min())
    corner: NDArray[np.float64] = (low + high) / 2 - size / scale / 2
    return corner, scale


def _circles(axis: "Axes", centres: NDArray[np.float64], radii: NDArray[np.float64]) -> None:
    """Draw the largest first, so that the smaller ones stay visible."""
    from matplotlib.colors import to_rgba
    from matplotlib.patches import Circle

    for centre, radius in zip(centres, radii, strict=True):
        look = {"facecolor": to_rgba(style.INK, 0.22), "edgecolor": style.INK, "linewidth": 0.6}
        axis.add_patch(Circle(centre, radius, **look))


def _write(
    axis: "Axes",
    numbers: list[int],
    headings: list[str],
    centres: NDArray[np.float64],
    radii: NDArray[np.float64],
    size: NDArray[np.float64],
) -> None:
    """Write the number of each topic into its circle where it fits, and its label beside it."""
    inside = []
    for k, centre, radius in zip(numbers, centres, radii, strict=True):
        box = middle(centre, measure(str(k), style.TEXT))
        if (box[2] - box[0]) < 1.7 * radius and not overlaps_any(box, inside):
            inside.append(box)
            _text(axis, centre, str(k), size, fontsize=style.TEXT, fontweight="bold")
    labels = [folded(heading, _LABEL, style.SMALL) for heading in headings]
    sizes = np.array([measure(label, style.SMALL) for label in labels])
    area = np.array([2.0, 2.0, *(size - 2)])
    taken = np.array(inside).reshape(-1, 4)
    boxes = place(centres, radii, sizes, area, taken)
    for label, centre, radius, box in zip(labels, centres, radii, boxes, strict=True):
        if box is not None:
            _label(axis, label, centre, radius, box, size)


def _label(
    axis: "Axes",
    label: str,
    centre: NDArray[np.float64],
    radius: float,
    box: NDArray[np.float64],
    size: NDArray[np.float64],
) -> None:
    """Write a label into its rectangle, with a line to its circle if that is not next to it."""
    middle_ = (box[:2] + box[2:]) / 2
    if box[0] >= centre[0]:
        _text(axis, np.array([box[0], middle_[1]]), label, size, ha="left", fontsize=style.SMALL)
    elif box[2] <= centre[0]:
        _text(axis, np.array([box[2], middle_[1]]), label, size, ha="right", fontsize=style.SMALL)
    else:
        _text(axis, middle_, label, size, fontsize=style.SMALL)
    nearest = np.clip(centre, box[:2], box[2:])
    gap = nearest - centre
    distance = float(np.hypot(*gap))
    if distance - radius > GAPS[0] + 1:
        ends = np.array([centre + gap * radius / distance, nearest]) / size
        axis.plot(*ends.T, transform=axis.transAxes, color=style.GREY, linewidth=0.4)


def _text(
    axis: "Axes", at: NDArray[np.float64], text: str, size: NDArray[np.float64], **look: object
) -> None:
    usual = {"ha": "center", "va": "center", "transform": axis.transAxes}
    axis.text(*(at / size), text, color=style.BLACK, linespacing=1.1, **(usual | look))


def _key(
    figure: "Figure",
    whole: NDArray[np.float64],
    area_of_1: float,
    scale: float,
    explained: float,
) -> None:
    """Draw below the map what the areas and the distances mean."""
    axis = figure.add_axes((0, 0, 1, _FOOT / whole[1]))
    axis.set(xlim=(0, whole[0]), ylim=(0, _FOOT))
    axis.set_axis_off()
    look = {"fontsize": style.SMALL, "color": style.GREY, "va": "center"}
    from matplotlib.patches import Circle

    at, radii = _EDGE, np.sqrt(area_of_1 * np.array(_KEY) / np.pi)
    fitting = [pair for pair in zip(_KEY, radii, strict=True) if 2 * pair[1] < _FOOT - 4]
    for share, radius in fitting[-2:]:
        at += radius
        axis.add_patch(
            Circle((at, _FOOT / 2), radius, facecolor="none", edgecolor=style.GREY, linewidth=0.6)
        )
        at += radius + 2
        axis.text(at, _FOOT / 2, f"{100 * share:g}%", **look)
        at += measure(f"{100 * share:g}%", style.SMALL)[0] + 5
    axis.text(at, _FOOT / 2, "of the tokens", **look)
    length = next(
        length
        for length in (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.001, 0)
        if length * scale < 0.2 * whole[0]
    )
    right = whole[0] - _EDGE
    if length:
        axis.plot(
            [right - length * scale, right],
            [_FOOT - 7] * 2,
            color=style.GREY,
            linewidth=1,
            solid_capstyle="butt",
        )
        axis.text(right - length * scale - 3, _FOOT - 7, f"distance {length:g}", ha="right", **look)
    axis.text(
        right, 7, f"the map shows {explained:.0%} of the squared distances", ha="right", **look
    )
