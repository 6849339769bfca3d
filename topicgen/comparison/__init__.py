"""Fitted models compared on the same documents."""

from topicgen.comparison.comparison import Comparison, compare

__all__ = ["Comparison", "compare"]
