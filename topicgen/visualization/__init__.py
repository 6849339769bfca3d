"""Figures for papers, and tables of topics, comparisons and selections as plain text."""

from typing import TYPE_CHECKING

from topicgen.lazy import lazy_names
from topicgen.visualization.topic_table import topic_table

if TYPE_CHECKING:
    from topicgen.visualization.figures.document import document
    from topicgen.visualization.figures.effects import effects
    from topicgen.visualization.figures.over_time import over_time
    from topicgen.visualization.figures.per_class import per_class
    from topicgen.visualization.figures.presence_and_amount import presence_and_amount
    from topicgen.visualization.figures.selection import selection
    from topicgen.visualization.figures.topic_map import topic_map
    from topicgen.visualization.figures.topic_tree import topic_tree
    from topicgen.visualization.figures.topic_words import topic_words
    from topicgen.visualization.figures.training import training
    from topicgen.visualization.layout import topic_positions

__all__ = [
    "document",
    "effects",
    "over_time",
    "per_class",
    "presence_and_amount",
    "selection",
    "topic_map",
    "topic_positions",
    "topic_table",
    "topic_tree",
    "topic_words",
    "training",
]

_FIGURES = set(__all__) - {"topic_positions", "topic_table"}

# The command line prints its help without numpy.
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "topic_positions": "topicgen.visualization.layout",
        **{name: f"topicgen.visualization.figures.{name}" for name in _FIGURES},
    },
)
