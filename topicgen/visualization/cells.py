"""Numbers as the cells of plain-text tables."""

import math


def fixed(value: float, digits: int, sign: str = "") -> str:
    """Return a number with this many digits after the point, or "-" for NaN.

    Example:
        >>> fixed(0.25, 1), fixed(0.25, 3, sign="+"), fixed(math.nan, 3)
        ('0.2', '+0.250', '-')
    """
    return "-" if math.isnan(value) else f"{value:{sign}.{digits}f}"
