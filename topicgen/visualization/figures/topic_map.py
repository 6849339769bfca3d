"""A map of topics: circles as large as the topics' shares, similar ones close to each other."""

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from topicgen.visualization.figures import style
from topicgen.visualization.figures.labels import GAPS, middle, overlaps_any, place
from topicgen.visualization.figures.text import folded, measure
from topicgen.visualization.figures.topics import Model, Shown, fitted_of, topics_of_model
from topicgen.visualization.layout import classical_scaling, explained_share, topic_distances

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Floats: TypeAlias = NDArray[np.float64]

# Lengths are in points, 72 to an inch.
_HEIGHT = 0.7  # of the map, relative to its width
_FOOT = 30.0  # below the map, for its key
_EDGE = 3.0  # between the map and the figure's edge
_MARGIN = 0.11  # of the map's width and height, around the centres of the circles
_COVERED = 0.14  # the part of the map that the circles would cover if none overlapped
_LARGEST = 0.13  # the largest radius, relative to the height of the map
_LABEL = 72.0  # the width of a label
_INSIDE = 1.7  # radii, the largest width of a number in a circle
_KEY = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)  # shares for circles of the key
_LENGTHS = (0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001)  # distances for its ruler


def topic_map(model: Model, *, width: float = 7.0) -> "Figure":
    """Return a map of the topics, with similar topics close to each other.

    The area of a topic's circle is proportional to its share of all tokens. The distances are
    those of ``topicgen.visualization.topic_positions``, on a scale from 0 (the same words) to 1 (no
    common word); a plane can only show part of them, and the figure says how much. Labels never
    overlap: if there is no room, a topic is shown by its number or by its circle alone. Large
    topics are labelled first.

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
    width, fitted = style.check_width(width), fitted_of(model)
    chosen = topics_of_model(fitted, None, fitted.n_topics)
    shares = np.asarray(fitted.evidence.topic_share, dtype=np.float64)[chosen.numbers]
    distances = topic_distances(fitted.components)
    positions = classical_scaling(distances)

    size = 72 * width * np.array([1.0, _HEIGHT]) - [2 * _EDGE, 0.0]
    figure = style.new_figure(width, (size[1] + _FOOT + _EDGE) / 72)
    figure.set_layout_engine("none")  # the labels' places depend on the size of the map
    corner, scale = _window(positions, size)
    area_of_all = min(_COVERED * size.prod(), np.pi * (_LARGEST * size[1]) ** 2 / shares.max())
    radii = np.sqrt(area_of_all * shares / np.pi)

    axis = _empty_map(figure, size, corner, scale)
    _draw_circles(axis, positions[chosen.numbers], radii / scale)
    centres = (positions[chosen.numbers] - corner) * scale
    inside = _write_numbers(axis, chosen.numbers, centres, radii, size)
    _write_labels(axis, chosen, centres, radii, inside, size)
    key = style.empty_strip(figure, _FOOT)
    _draw_areas(key, area_of_all)
    _draw_ruler(key, scale, explained_share(distances, positions), 72 * width)
    return style.finished(figure)


def _window(positions: Floats, size: Floats) -> tuple[Floats, float]:
    """Return the lower left corner of the map in its own units, and the points per unit."""
    low, high = positions.min(0), positions.max(0)
    extent = high - low
    scales = (size * (1 - 2 * _MARGIN))[extent > 0] / extent[extent > 0]
    scale = float(scales.min()) if len(scales) else float(size.min())
    corner: Floats = (low + high) / 2 - size / scale / 2
    return corner, scale


def _empty_map(figure: "Figure", size: Floats, corner: Floats, scale: float) -> "Axes":
    whole = 72 * np.array(figure.get_size_inches())
    left, bottom = np.array([_EDGE, _FOOT]) / whole
    axis = figure.add_axes((left, bottom, *(size / whole)))
    end = corner + size / scale
    axis.set(xlim=(corner[0], end[0]), ylim=(corner[1], end[1]), xticks=[], yticks=[])
    axis.grid(False)
    axis.set_facecolor("none")
    for spine in axis.spines.values():
        spine.set(color=style.FAINT, linewidth=0.6)
    return axis


def _draw_circles(axis: "Axes", centres: Floats, radii: Floats) -> None:
    from matplotlib.colors import to_rgba
    from matplotlib.patches import Circle

    face = to_rgba(style.INK, 0.22)  # those below stay visible
    for (x, y), radius in zip(centres, radii, strict=True):
        axis.add_patch(Circle((x, y), radius, facecolor=face, edgecolor=style.INK, linewidth=0.6))


def _write_numbers(
    axis: "Axes", numbers: list[int], centres: Floats, radii: Floats, size: Floats
) -> dict[int, Floats]:
    """Write the numbers of topics into their circles where they fit, and return their places."""
    inside: dict[int, Floats] = {}
    for k, centre, radius in zip(numbers, centres, radii, strict=True):
        extent = measure(str(k), style.TEXT)
        box = middle(centre, extent)
        if extent[0] < _INSIDE * radius and not overlaps_any(box, list(inside.values())):
            inside[k] = box
            _write(axis, str(k), centre, size, fontsize=style.TEXT, fontweight="bold")
    return inside


def _write_labels(
    axis: "Axes",
    chosen: Shown,
    centres: Floats,
    radii: Floats,
    inside: dict[int, Floats],
    size: Floats,
) -> None:
    """Write labels beside their circles, with a line to each circle that is not next to its own.

    Where there is no room for a label, there may be for the number, if it is not in the circle.
    """
    forms = [
        [folded(heading, _LABEL, style.SMALL), *([] if k in inside else [str(k)])]
        for k, heading in zip(chosen.numbers, chosen.headings, strict=True)
    ]
    sizes = [[measure(form, style.SMALL) for form in of_topic] for of_topic in forms]
    area = np.array([2.0, 2.0, *(size - 2)])
    places = place(centres, radii, sizes, area, list(inside.values()))
    for of_topic, centre, radius, found in zip(forms, centres, radii, places, strict=True):
        if found is None:
            continue
        box = found.box
        at = (box[:2] + box[2:]) / 2
        side = "left" if box[0] >= centre[0] else "right" if box[2] <= centre[0] else "center"
        at[0] = {"left": box[0], "right": box[2], "center": at[0]}[side]
        _write(axis, of_topic[found.form], at, size, ha=side, fontsize=style.SMALL)
        nearest = np.clip(centre, box[:2], box[2:])
        distance = float(np.hypot(*(nearest - centre)))
        if distance - radius > GAPS[0] + 1:
            edge = centre + (nearest - centre) * radius / distance
            x, y = (np.array([edge, nearest]) / size).T
            axis.plot(x, y, transform=axis.transAxes, color=style.GREY, linewidth=0.4)


def _write(axis: "Axes", text: str, at: Floats, size: Floats, **look: Any) -> None:
    """Write text at a place in points."""
    usual: dict[str, Any] = {"ha": "center", "va": "center", "linespacing": 1.1}
    x, y = at / size
    axis.text(x, y, text, transform=axis.transAxes, color=style.BLACK, **(usual | look))


def _draw_areas(key: "Axes", area_of_all: float) -> None:
    """Draw circles of two shares."""
    from matplotlib.patches import Circle

    look: dict[str, Any] = {"fontsize": style.SMALL, "color": style.GREY, "va": "center"}
    outline: dict[str, Any] = {"facecolor": "none", "edgecolor": style.GREY, "linewidth": 0.6}
    at = _EDGE
    for share in [x for x in _KEY if 2 * np.sqrt(area_of_all * x / np.pi) < _FOOT - 4][-2:]:
        radius, text = float(np.sqrt(area_of_all * share / np.pi)), f"{100 * share:g}%"
        key.add_patch(Circle((at + radius, _FOOT / 2), radius, **outline))
        at += 2 * radius + 2
        key.text(at, _FOOT / 2, text, **look)
        at += measure(text, style.SMALL)[0] + 5
    key.text(at, _FOOT / 2, "of the tokens", **look)


def _draw_ruler(key: "Axes", scale: float, explained: float, width: float) -> None:
    """Draw a ruler of the distances, and say which part of them the map shows."""
    look: dict[str, Any] = {"fontsize": style.SMALL, "color": style.GREY, "va": "center"}
    look |= {"ha": "right"}
    right, height = width - _EDGE, _FOOT - 7
    length = next((x for x in _LENGTHS if x * scale < 0.2 * width), 0.0)
    if length:
        ends = [right - length * scale, right]
        key.plot(ends, [height] * 2, color=style.GREY, linewidth=1, solid_capstyle="butt")
        key.text(ends[0] - 3, height, f"distance {length:g}", **look)
    key.text(right, 7, f"the map shows {explained:.0%} of the squared distances", **look)
