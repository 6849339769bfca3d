"""The rows of tables as records of named fields."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, NamedTuple

from topicgen.errors import InputError
from topicgen.plain import quoted


class Record(NamedTuple):
    """A row of a table: its fields by name, its number and the line where it begins."""

    fields: dict[str, Any]
    number: int
    line: int


def check_distinct(
    wanted: Iterable[str], names: list[str], where: str, advice: str = "rename all but one"
) -> None:
    """Make sure that no column that is asked for has the name of another.

    Raises:
        InputError: where one has.
    """
    n_times = Counter(names)
    for name in wanted:
        if n_times[name] > 1:
            raise InputError(
                f"expected distinct column names, got {quoted(name)} more than once in {where}; "
                f"{advice}"
            )
