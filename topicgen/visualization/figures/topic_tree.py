"""The tree of a deep model: its topics, and the layers above that group them."""

from math import pi
from typing import TYPE_CHECKING, Any, NamedTuple

from topicgen.errors import InputError
from topicgen.topic_model.inspection import topic_tree as tree_of
from topicgen.visualization.figures import style
from topicgen.visualization.figures.text import folded, measure, printable, shortened
from topicgen.visualization.figures.topics import Model, choose, fitted_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_MOST_LEAVES = 60
_LEAF = 0.165  # inches per topic
_WORDS = 3  # per node of the upper layers
_LARGEST = 300.0  # the area of a node that has all tokens, in square points


class _Node(NamedTuple):
    """A node of the tree in its place.

    Args:
        layer: 0 for topics.
        number: of the node in its layer.
        height: where it is, in topics from the top.
        share: of the tokens.
        text: what it is called.
        parent: the number of its parent in the layer above, or None.
        weight: which part of it comes from the parent.
    """

    layer: int
    number: int
    height: float
    share: float
    text: str
    parent: int | None
    weight: float


def topic_tree(model: Model, *, width: float = 7.0) -> "Figure":
    """Return a figure of the tree of a model with layers above its topics.

    The topics are on the right, and the layers above to the left of them. Each node is joined to
    the node above that most of it comes from; the larger this part, the thicker the line. The
    area of a node is proportional to its share of the tokens. A node of an upper layer has
    the words that distinguish it from the whole collection. Of more than 60 topics, the largest are
    drawn.

    Args:
        model: a fitted model with ``upper_components``.
        width: of the figure, in inches.

    Raises:
        InputError: where the model has no layers above its topics, or an argument cannot be used.
        sklearn.exceptions.NotFittedError: before ``fit``.

    Example:
        >>> from topicgen import TopicModel
        >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
        >>> model = TopicModel(3, upper_components=(2,), max_epochs=2, random_state=0)
        >>> figure = topic_tree(model.fit(docs))
        >>> len(figure.axes[0].collections[-1].get_offsets())  # nodes
        5
    """
    width, fitted = style.check_width(width), fitted_of(model)
    if not fitted.structure.n_layers:
        raise InputError(
            "the model has no layers above its topics, so it has no tree; fit it with for example "
            "upper_components=(5,), or draw topic_map, which shows similar topics close together"
        )
    table = tree_of(fitted, _WORDS)
    leaves = table[table["layer"] == 0].sort_values("share", ascending=False, kind="stable")
    chosen = choose(None, leaves["topic"].tolist(), _MOST_LEAVES, fitted.label, "largest")
    headings = dict(zip(chosen.numbers, chosen.headings, strict=True))
    nodes = list(_placed(table, headings))
    figure, (axis,) = style.panels(1, width, 0.25 + _LEAF * len(headings))
    _draw(axis, nodes, fitted.structure.n_layers, 72 * width)
    style.note(figure, chosen.note)
    return style.finished(figure)


def _placed(table: "pd.DataFrame", headings: dict[int, str]) -> "Iterator[_Node]":
    """Yield the nodes in their places, from the topics up; those without topics are left out.

    Nodes are at the mean height of their children, which stand together, the largest first.
    """
    of_layers = [rows.set_index("topic") for _, rows in table.groupby("layer", sort=True)]
    shown: dict[tuple[int, int], float] = {
        (0, k): float(of_layers[0].loc[k, "share"]) for k in headings
    }
    for layer, rows in enumerate(of_layers[:-1]):
        for (of, k), share in list(shown.items()):
            if of == layer:
                above = (layer + 1, int(rows.loc[k, "parent"]))
                shown[above] = shown.get(above, 0.0) + share
    children: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for layer, k in sorted(shown, key=lambda node: -shown[node]):
        if layer + 1 < len(of_layers):
            above = (layer + 1, int(of_layers[layer].loc[k, "parent"]))
            children.setdefault(above, []).append((layer, k))
    heights: dict[tuple[int, int], float] = {}
    top = len(of_layers) - 1
    roots = sorted((node for node in shown if node[0] == top), key=lambda node: -shown[node])
    for root in roots:
        _set_heights(root, children, heights)
    for layer, k in sorted(heights):
        row = of_layers[layer].loc[k]
        words = ", ".join(printable(word) for word in row["words"])
        parent = None if layer == top else int(row["parent"])
        text = headings[k] if layer == 0 else words
        yield _Node(
            layer, k, heights[layer, k], float(row["share"]), text, parent, float(row["weight"])
        )


def _set_heights(
    node: tuple[int, int],
    children: dict[tuple[int, int], list[tuple[int, int]]],
    heights: dict[tuple[int, int], float],
) -> None:
    below = children.get(node, [])
    for child in below:
        _set_heights(child, children, heights)
    if below:
        heights[node] = (heights[below[0]] + heights[below[-1]]) / 2
    else:
        heights[node] = float(sum(layer == 0 for layer, _ in heights))


def _draw(axis: "Axes", nodes: list[_Node], n_layers: int, width: float) -> None:
    axis.set_axis_off()
    texts = [node.text for node in nodes if node.layer == 0]
    beside = min(max(measure(text, style.TEXT)[0] for text in texts) + 10, 0.42 * width)
    step = (width - beside - 40) / n_layers
    known = {(node.layer, node.number): node for node in nodes}
    for node in nodes:
        if node.parent is not None:
            parent = known[node.layer + 1, node.parent]
            _branch(axis, n_layers - parent.layer, parent.height, node)
    areas = [max(4.0, _LARGEST * node.share) for node in nodes]
    for node, area in zip(nodes, areas, strict=True):
        place = (n_layers - node.layer, node.height)
        if node.layer == 0:
            text = shortened(node.text, beside - 10, style.TEXT)
            _write(axis, text, place, (6, 0), ha="left", va="center", fontsize=style.TEXT)
        else:
            text = folded(node.text, step - 12, style.SMALL)
            above = (-5, (area / pi) ** 0.5 + 2)
            _write(axis, text, place, above, ha="left", va="bottom", fontsize=style.SMALL)
    x = [n_layers - node.layer for node in nodes]
    look: dict[str, Any] = {
        "color": style.INK,
        "edgecolors": "white",
        "linewidths": 0.5,
        "zorder": 3,
    }
    axis.scatter(x, [node.height for node in nodes], s=areas, **look)
    axis.set_xlim(-12 / step, n_layers + beside / step)
    axis.set_ylim(sum(node.layer == 0 for node in nodes) - 0.3, -0.9)


def _branch(axis: "Axes", x: float, height: float, node: _Node) -> None:
    """Draw a smooth line from a node to its parent on the left."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    points = [(x, height), (x + 0.5, height), (x + 0.5, node.height), (x + 1, node.height)]
    path = Path(points, [Path.MOVETO, Path.CURVE4, Path.CURVE4, Path.CURVE4])
    look: dict[str, Any] = {"facecolor": "none", "edgecolor": style.GREY, "alpha": 0.6}
    axis.add_patch(PathPatch(path, linewidth=0.3 + 1.2 * node.weight, **look))


def _write(
    axis: "Axes", text: str, at: tuple[float, float], offset: tuple[float, float], **look: Any
) -> None:
    behind = {"facecolor": "white", "linewidth": 0, "pad": 0.3, "alpha": 0.8}
    usual: dict[str, Any] = {
        "textcoords": "offset points",
        "color": style.BLACK,
        "bbox": behind,
        "zorder": 2,
    }
    axis.annotate(text, at, offset, **(usual | look))
