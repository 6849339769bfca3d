"""The tree of a model with layers above its topics, as plain text."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from topicgen.rows import aligned
from topicgen.visualization.cells import name_cell, words_cell


def tree_table(nodes: Sequence[Mapping[str, Any]], width: int | None = None) -> str:
    """Return one line per node: each below its parent and indented, the largest first.

    Args:
        nodes: for each, ``layer`` (0 for topics), ``topic`` (its number there), ``parent`` (the
            number of its parent, None at the top), ``share``, ``words`` and, for topics that have
            one, ``name``.
        width: of the window that the table fits, in columns; None for no limit.

    Example:
        >>> top = {"layer": 1, "topic": 0, "parent": None, "share": 1.0, "words": ["pets"]}
        >>> cats = {"layer": 0, "topic": 0, "parent": 0, "share": 0.4, "words": ["cat", "purrs"]}
        >>> dogs = {"layer": 0, "topic": 1, "parent": 0, "share": 0.6, "words": ["dog"]}
        >>> print(tree_table([cats, dogs | {"name": "dogs"}, top]))
        node               share  words
        layer 1, node 0   100.0%  pets
          topic 1 (dogs)   60.0%  dog
          topic 0          40.0%  cat, purrs
    """
    top = max(node["layer"] for node in nodes)
    rows = [["node", "share", "words"]]
    for node in _downwards(nodes, top, None):
        indent = "  " * (top - node["layer"])
        rows.append([f"{indent}{_named(node)}", f"{node['share']:.1%}", words_cell(node["words"])])
    return aligned(rows, left=[0], has_text=True, width=width)


def _downwards(
    nodes: Sequence[Mapping[str, Any]], layer: int, parent: int | None
) -> Iterator[Mapping[str, Any]]:
    """Yield the nodes of a layer that have this parent, each with those below it behind it."""
    children = (node for node in nodes if (node["layer"], node["parent"]) == (layer, parent))
    for node in sorted(children, key=lambda node: -node["share"]):
        yield node
        yield from _downwards(nodes, layer - 1, node["topic"])


def _named(node: Mapping[str, Any]) -> str:
    if node["layer"]:
        return f"layer {node['layer']}, node {node['topic']}"
    name = node.get("name")
    return f"topic {node['topic']}" + (f" ({name_cell(name, 30)})" if name else "")
