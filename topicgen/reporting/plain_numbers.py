"""Numbers as a page holds them: with few digits, and None where there is none."""

from typing import TYPE_CHECKING, Any

import numpy as np

from topicgen.plain import plain

if TYPE_CHECKING:
    import pandas as pd


def significant(value: float, digits: int = 3) -> Any:
    """Return a number with few digits; None where it is not finite.

    >>> significant(0.012345), significant(float("inf"))
    (0.0123, None)
    """
    if not np.isfinite(value):
        return None
    short = float(f"{value:.{digits}g}")
    return int(short) if short == int(short) and abs(short) < 1e9 else short


def whole(value: float) -> Any:
    """Return a number without a fraction if it has none."""
    return int(value) if value == int(value) else round(float(value), 2)


def count_text(count: float) -> str:
    """Return a count as text."""
    return f"{count:,.0f}" if count == int(count) else f"{count:.2g}"


def triples(
    table: "pd.DataFrame", n_topics: int, estimate: str = "estimate"
) -> list[list[list[int | None]]]:
    """Return estimates with their intervals, in hundred-thousandths, topic by topic."""
    found = []
    for topic in range(n_topics):
        rows = table[table["topic"] == topic]
        found.append(
            [_hundred_thousandths(rows[name].to_numpy(float)) for name in (estimate, "low", "high")]
        )
    return found


def axis_of(values: "pd.Series | pd.Index") -> list[float]:
    """Return values as numbers along an axis; dates as decimal years."""
    import pandas as pd

    if values.dtype.kind == "M":
        dates = pd.DatetimeIndex(values)
        length = np.where(dates.is_leap_year, 366, 365)
        return [round(float(x), 4) for x in dates.year + (dates.day_of_year - 1) / length]
    return [significant(x, 6) for x in values]


def labels_of(values: "pd.Series | pd.Index") -> list[str]:
    """Return what values are called."""
    import pandas as pd

    if values.dtype.kind == "M":
        return [str(x)[:10] for x in pd.DatetimeIndex(values).date]
    if values.dtype.kind == "f":
        return [f"{x:g}" if x % 1 or abs(x) >= 1e6 else f"{x:.0f}" for x in values]
    return [plain(str(x), 60) for x in values]


def _hundred_thousandths(values: np.ndarray) -> list[int | None]:
    return [round(1e5 * x) if np.isfinite(x) else None for x in values.tolist()]
