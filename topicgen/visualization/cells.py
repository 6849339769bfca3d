"""Numbers as the cells of plain-text tables."""

import math


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
