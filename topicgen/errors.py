"""The one exception for what a user can put right, and how its message shows a value."""

import difflib
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


def did_you_mean(name: str, names: Iterable[str], otherwise: str) -> str:
    """Return what a message suggests in place of an unknown name: similar names, or other advice.

    >>> did_you_mean("distric", ["id", "district"], "name another column")
    "did you mean 'district'?"
    >>> did_you_mean("author", ["id", "district"], "name another column")
    'name another column'
    """
    names = list(names)
    same = [other for other in names if other.casefold() == name.casefold()]
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.6)
    if found := list(dict.fromkeys(same + close)):
        return f"did you mean {' or '.join(map(shown, found))}?"
    return otherwise


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


def check_kind(name: str, value: Any, kind: type | tuple[type, ...], expected: str) -> None:
    """Check that an argument is of a kind.

    Args:
        name: of the argument.
        value: of the argument.
        kind: what it has to be an instance of.
        expected: the same in words, with an article.

    Raises:
        InputError: where it is not.

    Example:
        >>> check_kind("imputed", [1], dict, "a mapping")
        Traceback (most recent call last):
        topicgen.errors.InputError: imputed must be a mapping, got [1] (list)
    """
    if not isinstance(value, kind):
        raise InputError(f"{name} must be {expected}, got {shown(value)} ({type(value).__name__})")


def check_flag(name: str, value: Any) -> None:
    """Check that an argument is True or False, Python's or numpy's.

    Raises:
        InputError: where it is not.
    """
    if type(value).__name__ not in ("bool", "bool_"):
        raise InputError(
            f"{name} must be True or False, got {shown(value)} ({type(value).__name__})"
        )
