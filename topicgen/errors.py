"""The one exception for what a user can put right, and how its message shows a value."""

from collections.abc import Iterable
from typing import Any

from topicgen.plain import quoted


class InputError(ValueError):
    """An input that topicgen cannot use.

    The message is one line that says what was expected, what came, where (file, line, row or
    column), and what to do. It is a ``ValueError``, so scikit-learn's tools treat it as one; the
    command line prints it as it is and exits with status 2.
    """


def shown(value: Any) -> str:
    """Return what a value looks like, on one line of at most 60 characters.

    >>> shown("ten"), shown([[1, 2]] * 30)
    ("'ten'", '[[1, 2], [1, 2], [1, 2], [1, 2…, 2], [1, 2], [1, 2], [1, 2]]')
    """
    return quoted(value, 60)


def listed(values: Any) -> list[Any] | None:
    """Return the values of a collection; None for a single value, such as a number or a text.

    >>> listed((2, 7)), listed("27"), listed(7)
    ([2, 7], None, None)
    """
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        return None
    try:
        return list(values)
    except TypeError:  # an array without dimensions
        return None
