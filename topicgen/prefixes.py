"""Names that begin alike, as those of the arrays in a saved model do."""

from collections.abc import Mapping
from typing import TypeVar

Value = TypeVar("Value")


def entries_under(entries: Mapping[str, Value], prefix: str) -> dict[str, Value]:
    """Return the entries that a prefix names, without it.

    Example:
        >>> entries_under({"model.atoms": 1, "atoms": 2}, "model.")
        {'atoms': 1}
    """
    return {
        name.removeprefix(prefix): value
        for name, value in entries.items()
        if name.startswith(prefix)
    }
