"""Which columns of a table are kept as metadata."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from topicgen.errors import InputError
from topicgen.plain import quoted

ALL = "all"

Keep: TypeAlias = str | tuple[str, ...] | None


def check_keep(keep: str | Sequence[str] | None) -> Keep:
    """Return the names of the columns to keep as a tuple, or "all", or None.

    "all" among other names means all columns, and of those that it leaves out the ones named.

    Raises:
        InputError: where it is something else, or a name comes twice.

    Example:
        >>> check_keep(["date", "party"]), check_keep("date"), check_keep("all")
        (('date', 'party'), ('date',), 'all')
    """
    if keep is None or keep == ALL:
        return keep
    names = (keep,) if isinstance(keep, str) else tuple(keep)
    if not names or not all(isinstance(name, str) and name for name in names):
        raise InputError(
            f"expected the names of columns to keep, or {ALL!r}, got {quoted(keep)}; name columns "
            "of the table"
        )
    if twice := [name for name in names if names.count(name) > 1]:
        raise InputError(f"the column {quoted(twice[0])} is listed twice in keep; list it once")
    return names


def kept_columns(keep: Keep, columns: Iterable[str], left_out: Iterable[str | None]) -> list[str]:
    """Return the names of the columns to keep.

    Args:
        keep: of ``check_keep``.
        columns: those of the table.
        left_out: those that "all" does not mean: the texts and the ids.

    Example:
        >>> kept_columns("all", ["", "id", "text", "date"], ["text", "id"])
        ['date']
        >>> kept_columns(("all", "id"), ["", "id", "text", "date"], ["text", "id"])
        ['id', 'date']
    """
    if _has_all(keep):
        named = () if keep == ALL else keep or ()
        without = {"", *left_out}.difference(named)
        return [name for name in columns if name not in without]
    return list(keep or ())


class KeptFields:
    """Takes the fields to keep out of the rows of one table.

    Args:
        keep: of ``check_keep``.
        as_read: what the strings are: ``Field`` in CSV, ``JsonString`` in JSON, ``str`` where the
            values have their types.
    """

    def __init__(self, keep: Keep, as_read: Callable[[str], str]) -> None:
        self._keep = keep
        self._has_all = _has_all(keep)
        self._as_read = as_read
        self.named = kept_columns(keep, [], [])
        # Rows of a table mostly have the same columns as the one before.
        self._columns: list[str] | None = None
        self._kept = self.named
        # How the table writes the names, where otherwise: accents may be composed or not.
        self._spellings: dict[str, str] = {}

    def spell(self, spellings: Mapping[str, str]) -> None:
        """Take note of how the table writes the names of the columns."""
        self._spellings = {name: other for name, other in spellings.items() if other != name}

    def spelled(self) -> list[str]:
        """Return the names of the columns as the table writes them."""
        return [self._spellings.get(name, name) for name in self.named]

    def of(
        self, fields: Mapping[str, Any], left_out: Iterable[str | None]
    ) -> dict[str, Any] | None:
        """Return the fields to keep of a row; None where none are ever kept.

        A field that the row lacks is missing.
        """
        if self._keep is None:
            return None
        if self._has_all and (columns := list(fields)) != self._columns:
            self._columns, self._kept = columns, kept_columns(self._keep, columns, left_out)
        as_read, spellings = self._as_read, self._spellings
        return {
            name: as_read(value)
            if isinstance(value := fields.get(spellings.get(name, name)), str)
            else value
            for name in self._kept
        }


def _has_all(keep: Keep) -> bool:
    return keep == ALL or (isinstance(keep, tuple) and ALL in keep)


NOTHING = KeptFields(None, str)
