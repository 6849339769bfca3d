"""Tables of topics, comparisons and selections as plain text, and figures."""

from typing import TYPE_CHECKING

from topicgen.lazy import lazy_names
from topicgen.visualization.topic_table import topic_table

if TYPE_CHECKING:
    from topicgen.visualization.curves import curve_figure

__all__ = ["curve_figure", "topic_table"]

# The command line prints its help without numpy.
__getattr__, __dir__ = lazy_names(__name__, {"curve_figure": "topicgen.visualization.curves"})
