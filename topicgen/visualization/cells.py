"""Numbers, words and names as the cells of plain-text tables."""

import math
from collections.abc import Sequence

from topicgen.plain import plain

# Columns of a terminal that a word or a name may take.
_LONGEST = 40


def words_cell(words: Sequence[str]) -> str:
    """Return words with commas between them; very long ones are cut.

    Example:
        >>> words_cell(["bank", "x" * 1000])
        'bank, xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…'
    """
    return ", ".join(plain(word, _LONGEST) for word in words)


def name_cell(name: str, most: int | None = None) -> str:
    """Return a name, cut to a display width.

    Example:
        >>> name_cell("economy and finance", 10)
        'economy a…'
    """
    return plain(name, _LONGEST if most is None else min(most, _LONGEST))


def fixed(value: float, digits: int, sign: str = "") -> str:
    """Return a number with this many digits after the point, or "-" for NaN.

    Example:
        >>> fixed(0.25, 1), fixed(0.25, 3, sign="+"), fixed(math.nan, 3)
        ('0.2', '+0.250', '-')
    """
    return "-" if math.isnan(value) else f"{value:{sign}.{digits}f}"


def interval(low: float, high: float, digits: int, sign: str = "") -> str:
    """Return an interval with this many digits after the point, or "-" where it is unknown.

    Example:
        >>> interval(0.25, 1, 2), interval(math.nan, math.nan, 2)
        ('0.25 to 1.00', '-')
    """
    return "-" if math.isnan(low) else f"{low:{sign}.{digits}f} to {high:{sign}.{digits}f}"


def margin(value: float, high: float, digits: int, sign: str = "") -> str:
    """Return a number with the margin of an interval that is symmetric around it.

    Example:
        >>> margin(0.25, 0.3, 2), margin(0.25, math.nan, 2)
        ('0.25 ± 0.05', '0.25')
    """
    known = "" if math.isnan(high) else f" ± {high - value:.{digits}f}"
    return fixed(value, digits, sign) + known


def perplexity_digits(low: float) -> int:
    """Return how many digits after the point a perplexity's interval needs, from its lower end.

    Example:
        >>> perplexity_digits(1490.6), perplexity_digits(19.4)
        (0, 1)
    """
    return 1 if low < 100 else 0
