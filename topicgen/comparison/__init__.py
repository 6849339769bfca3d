"""Fitted models beside each other, on the same documents."""

from topicgen.comparison.comparison import Comparison, compare

__all__ = ["Comparison", "compare"]
