"""The one exception for what a user can put right, and how its message shows a value."""

from typing import Any


class InputError(ValueError):
    """An input that topicgen cannot use.

    The message is one line that says what was expected, what came, where (file, line, row or
    column), and what to do. It is a ``ValueError``, so scikit-learn's tools treat it as one; the
    command line prints it as it is and exits with status 2.
    """


def shown(value: Any) -> str:
    """Return what a value looks like, on one line of at most 60 characters.

    >>> shown("ten"), shown([[1, 2]] * 30)
    ("'ten'", '[[1, 2], [1, 2], [1, 2], [1, 2], [1, 2], [1, 2], [1, 2],...')
    """
    line = " ".join(repr(value).split())
    return line if len(line) <= 60 else line[:57] + "..."
