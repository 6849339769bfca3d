"""What other libraries' readers make of damaged data: one error, in one line."""

from collections.abc import Iterator
from contextlib import contextmanager

from topicgen.errors import InputError


@contextmanager
def refused_if_damaged(expected: str, name: str, advice: str) -> Iterator[None]:
    """Turn whatever a library says of data that it cannot read into an ``InputError``.

    A damaged byte may be a length, a type or an offset: which exception comes of it, no library
    promises, and a mistake in it is the file's, too.

    Args:
        expected: what the source should be.
        name: the source, as messages name it.
        advice: what to do.

    Raises:
        InputError: where anything is raised within.

    Example:
        >>> with refused_if_damaged("a sparse matrix", "'a.npz'", "save it again"):
        ...     {}["data"]
        Traceback (most recent call last):
        topicgen.errors.InputError: expected a sparse matrix, got 'a.npz', which is ...
    """
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(
            f"expected {expected}, got {name}, which is damaged or of another kind "
            f"({shortened(reason)}); {advice}"
        ) from None


def shortened(text: str, most: int = 100) -> str:
    """Return a text of at most so many characters.

    >>> shortened("abc" * 100, 10)
    'abcabcabc…'
    """
    return text if len(text) <= most else text[: most - 1] + "…"
