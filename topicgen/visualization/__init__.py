"""Tables of topics, comparisons and selections as plain text, and figures."""

from topicgen.visualization.topic_table import topic_table

__all__ = ["topic_table"]
