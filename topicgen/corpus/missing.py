"""Which values stand for missing labels and ids."""

from numbers import Real
from typing import Any

# What pandas, R, databases and spreadsheets write where there is no value.
# fmt: off
MISSING = frozenset(
    ["", "nan", "NaN", "NAN", "-nan", "None", "null", "NULL", "<NA>", "NA", "N/A", "n/a", "#N/A",
     "NaT", r"\N"]
)
# fmt: on


def is_missing(value: Any) -> bool:
    """Return whether a label or an id is missing.

    None, NaN, pandas' NA and NaT, and the strings that programs write for them are missing.

    >>> [is_missing(value) for value in (None, float("nan"), " NaN ", "", "business", 0)]
    [True, True, True, True, False, False]
    """
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    if isinstance(value, str):
        return value.strip() in MISSING
    return isinstance(value, Real) and value != value


def as_label(value: Any) -> str | None:
    """Return a label as a string, or None where it is missing.

    >>> as_label("business"), as_label(2004), as_label(float("nan"))
    ('business', '2004', None)
    """
    return None if is_missing(value) else str(value)
