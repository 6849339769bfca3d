"""Values of covariates, and the columns of a design, in words."""

import re
from collections.abc import Mapping
from typing import Any

from topicgen.plain import plain

_LEVEL = re.compile(r"(.*)\[T\.(.*)\]")
_COLON = re.compile(r":(?![^\[]*\])")  # between two factors, and not within a level such as 10:30
_TIMES = "\N{MULTIPLICATION SIGN}"


def values_text(values: Mapping[str, Any]) -> str:
    """Return at which values covariates are, on one line.

    >>> values_text({"district": "Northfield", "age": 41.25, "year": 2001})
    'district = Northfield, age = 41.25, year = 2001'
    """
    return ", ".join(f"{plain(name, 40)} = {_text(value)}" for name, value in values.items())


def typical_text(values: Mapping[str, Any]) -> str:
    """Return the values of ``Design.typical`` that covariates are held at, and what they are.

    >>> typical_text({"district": "Northfield", "channel": "post"})
    'at district = Northfield, channel = post (the most frequent)'
    >>> typical_text({"district": "Northfield", "age": 41.25})
    'at district = Northfield, age = 41.25 (the most frequent; numbers and dates at their means)'
    >>> typical_text({"age": 41.25})
    'at age = 41.25 (the mean)'
    """
    # A mean is a float, or a date; a level is one only where a formula has C(x) of fractions.
    are_means = [
        isinstance(value, float) or hasattr(value, "strftime") for value in values.values()
    ]
    if not any(are_means):
        meaning = "the most frequent"
    elif not all(are_means):
        meaning = "the most frequent; numbers and dates at their means"
    else:
        meaning = "the mean" if len(are_means) == 1 else "the means"
    return f"at {values_text(values)} ({meaning})"


def term_text(term: str, references: Mapping[str, Any] | None = None) -> str:
    """Return what a column of a design is, with the level that a level is compared with.

    Args:
        term: the name of the column.
        references: the reference level of each factor, as in ``Design.references``.

    Example:
        >>> term_text("party[T.Lab]", {"party": "Con"}), term_text("year")
        ('party: Lab vs Con', 'year')
        >>> term_text("party[T.Lab]:year", {"party": "Con"}), term_text("party[T.Lab]")
        ('party: Lab vs Con × year', 'party: Lab')
        >>> term_text("year:hour[T.10:30]", {"hour": "9:00"})
        'year × hour: 10:30 vs 9:00'
    """
    parts = (_level_text(part, references or {}) for part in _COLON.split(term))
    return plain(f" {_TIMES} ".join(parts))


def _level_text(part: str, references: Mapping[str, Any]) -> str:
    """Return one factor of a column of a design, in words."""
    if (found := _LEVEL.fullmatch(part)) is None:
        return part
    name, level = found.groups()
    against = f" vs {references[name]}" if name in references else ""
    return f"{name}: {level}{against}"


def _text(value: Any) -> str:
    if hasattr(value, "strftime"):
        return f"{value:%Y-%m-%d}"
    return f"{value:.4g}" if isinstance(value, float) else plain(str(value), 40)
