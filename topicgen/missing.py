"""What stands for a missing value."""

from typing import Any

# What Python, numpy and pandas print of one, and so what stands in files that they wrote. Words
# such as "none" and "NA" may as well be classes.
WRITTEN = frozenset({"nan", "NaN", "None", "<NA>", "NaT"})


def is_missing(value: Any) -> bool:
    """Return whether a value is None, NaN, NaT or pandas' NA.

    >>> [is_missing(value) for value in (None, float("nan"), 0.0, "nan")]
    [True, True, False, False]
    """
    try:
        return value is None or bool(value != value)  # only NaN and NaT differ from themselves
    except TypeError:  # pandas' NA has no truth value
        return True
    except ValueError:  # an array
        return False


def as_label(value: Any) -> str:
    """Return a label as a string, "" for a missing one.

    >>> [as_label(value) for value in ("sport", 1, None, float("nan"))]
    ['sport', '1', '', '']
    """
    return "" if is_missing(value) else str(value)


def read_label(text: str) -> str:
    """Return the label that a file holds, "" for a missing one.

    >>> [read_label(text) for text in ("sport", "nan", "<NA>", "none")]
    ['sport', '', '', 'none']
    """
    return "" if text in WRITTEN else text
