"""How topics are shown: for now as text, for a terminal."""

from topicgen.visualization.topic_table import topic_table

__all__ = ["topic_table"]
