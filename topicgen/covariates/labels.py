"""Values that are one of a few levels, such as parties."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicgen.errors import shown

Level = str | int | float | bool


@dataclass(frozen=True)
class Labels:
    """The level of each document.

    Attributes:
        codes: the number of each document's level, shape (n_documents,).
        levels: the names of the levels.
        reference: the number of the level that the others are compared with.

    Example:
        >>> Labels(np.array([0, 1, 1]), ("Con", "Lab")).indicators()
        array([[1., 0.],
               [0., 1.],
               [0., 1.]])
    """

    codes: NDArray[np.int64]
    levels: tuple[Level, ...]
    reference: int = 0

    def indicators(self) -> NDArray[np.float64]:
        """Return 1 for each document's level and 0 for the others, (n_documents, n_levels)."""
        return (self.codes[:, None] == np.arange(len(self.levels))).astype(np.float64)


def checked_levels(values: Any) -> tuple[Level, ...]:
    """Return levels that come from a file.

    Raises:
        TypeError: where they are not a list of text, numbers and booleans.
    """
    if not isinstance(values, list | tuple) or not all(isinstance(v, Level) for v in values):
        raise TypeError(f"expected a list of levels, got {shown(values)}")
    return tuple(values)


def coded(values: NDArray[np.object_], levels: tuple[Level, ...]) -> NDArray[np.int64]:
    """Return the number of each value's level, -1 for a value that is not among them.

    >>> coded(np.array(["b", "z", "a"], dtype=object), ("a", "b"))
    array([ 1, -1,  0])
    """
    numbers = {level: number for number, level in enumerate(levels)}
    return np.array([numbers.get(value, -1) for value in values.tolist()], dtype=np.int64)


def these(n_documents: int) -> str:
    """Return how to refer to some documents.

    >>> these(1), these(2000)
    ('this document', 'these 2,000 documents')
    """
    return "this document" if n_documents == 1 else f"these {n_documents:,} documents"


def some(values: Iterable[Any], most: int = 8) -> str:
    """Return the first few values, in words.

    >>> some(["a", "b"]), some(range(10), 2)
    ("'a', 'b'", '0, 1 and 8 more')
    """
    values = list(values)
    words = ", ".join(shown(value) for value in values[:most])
    return words if len(values) <= most else f"{words} and {len(values) - most:,} more"
