"""Tables of topics, comparisons and selections as plain text, and figures."""

from topicgen.visualization.curve_figure import curve_figure
from topicgen.visualization.topic_table import topic_table

__all__ = ["curve_figure", "topic_table"]
