"""How many topics: numbers of topics scored by prediction, quality and stability, and a choice.

:func:`select_k` does it all; :func:`score_grid` yields the scores of one number after another, and
:class:`Selection` is the choice among them.
"""

from topicgen.selection.choice import Selection, select_k
from topicgen.selection.grid import GridPoint, score_grid

__all__ = ["GridPoint", "Selection", "score_grid", "select_k"]
