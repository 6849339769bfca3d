"""Periods of time, into which the timestamps of documents are sorted."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from topicgen.effects.timestamps import read_timestamps
from topicgen.errors import InputError
from topicgen.plain import quoted

if TYPE_CHECKING:
    import pandas as pd

FREQUENCIES = ("day", "week", "month", "quarter", "year", "decade")

# By default, periods are as short as leaves at most so many of them, and so many documents in each.
_MOST_BY_DEFAULT, _FEWEST_DOCUMENTS = 60, 10
_BINS = 20

_MOST_PERIODS = 10_000
_DAYS_TO_MONDAY = 3  # the first of January 1970 was a Thursday


@dataclass(frozen=True, eq=False)
class Periods:
    """The periods that documents fall into, from the first to the last, empty ones included.

    Args:
        starts: when each period starts: dates, or years as numbers.
        of_documents: the number of each document's period, shape (n_documents,).
    """

    starts: "pd.Index"
    of_documents: NDArray[np.int64]


def periods(timestamps: Any, *, freq: str | None = None, n_bins: int | None = None) -> Periods:
    """Return the periods of timestamps.

    Args:
        timestamps: a date, a datetime, a pandas Period, an ISO 8601 string or a year (a number) for
            each document.
        freq: "day", "week" (from Monday), "month", "quarter", "year" or "decade"; for years as
            numbers, one of the last two. By default the shortest that gives at most 60 periods and
            at least 10 documents per period on average, or else 20 periods of equal length.
        n_bins: the number of periods of equal length, instead of ``freq``.

    Raises:
        InputError: where timestamps are missing or cannot be read, or the periods are too many.

    Example:
        >>> found = periods(["1999-05-17", "2001-01-01", "1999-12-31"], freq="year")
        >>> found.starts.year.tolist(), found.of_documents.tolist()
        ([1999, 2000, 2001], [0, 2, 0])
    """
    _check(freq, n_bins)
    times = read_timestamps(timestamps)
    names = ("year", "decade") if times.dtype.kind == "f" else FREQUENCIES
    if freq is not None and freq not in names:
        raise InputError(
            f"years as numbers have no {freq}s; pass dates, or freq='year' or 'decade'"
        )
    if n_bins is not None:
        return _of_equal_length(times, n_bins)
    freq = _default(times, names) if freq is None else freq
    if freq is None:
        return _of_equal_length(times, _BINS)
    numbers = _numbered(times, freq)
    first, n_periods = numbers.min(), int(np.ptp(numbers)) + 1
    if n_periods > _MOST_PERIODS:
        raise InputError(
            f"freq={quoted(freq)} gives {n_periods:,} periods from {times.min()} to {times.max()}, "
            f"and {_MOST_PERIODS:,} are allowed; choose longer ones, or n_bins={_BINS}"
        )
    every = first + np.arange(n_periods)
    return Periods(_starts(every, freq, times.dtype), (numbers - first).astype(np.int64))


def _check(freq: Any, n_bins: Any) -> None:
    if freq is not None and freq not in FREQUENCIES:
        raise InputError(
            f"freq must be one of {', '.join(map(repr, FREQUENCIES))}, got {quoted(freq)}"
        )
    if n_bins is None:
        return
    if freq is not None:
        raise InputError(
            f"got both freq={quoted(freq)} and n_bins={quoted(n_bins)}; pass one of them"
        )
    whole = isinstance(n_bins, int | np.integer) and not isinstance(n_bins, bool)
    if not whole or not 1 <= n_bins <= _MOST_PERIODS:
        raise InputError(
            f"n_bins must be a whole number from 1 to {_MOST_PERIODS:,}, got {quoted(n_bins)}"
        )


def _default(times: NDArray[Any], names: tuple[str, ...]) -> str | None:
    most = min(_MOST_BY_DEFAULT, max(len(times) // _FEWEST_DOCUMENTS, 1))
    for name in names:
        if np.ptp(_numbered(np.array([times.min(), times.max()]), name)) < most:
            return name
    return None


def _numbered(times: NDArray[Any], freq: str) -> NDArray[np.int64]:
    """Return the number of each timestamp's period."""
    if times.dtype.kind == "f":
        return np.floor(times / (10 if freq == "decade" else 1)).astype(np.int64)
    if freq in ("day", "week"):
        days = times.astype("M8[D]").astype(np.int64)
        return days if freq == "day" else (days + _DAYS_TO_MONDAY) // 7
    if freq in ("month", "quarter"):
        return times.astype("M8[M]").astype(np.int64) // (1 if freq == "month" else 3)
    years = times.astype("M8[Y]").astype(np.int64) + 1970
    return years // (1 if freq == "year" else 10)


def _starts(numbers: NDArray[np.int64], freq: str, dtype: np.dtype[Any]) -> "pd.Index":
    import pandas as pd

    if dtype.kind == "f":
        return pd.Index(numbers * (10 if freq == "decade" else 1))
    if freq in ("day", "week"):
        days = numbers if freq == "day" else numbers * 7 - _DAYS_TO_MONDAY
        starts = days.astype("M8[D]")
    elif freq in ("month", "quarter"):
        starts = (numbers * (1 if freq == "month" else 3)).astype("M8[M]")
    else:
        starts = (numbers * (1 if freq == "year" else 10) - 1970).astype("M8[Y]")
    return pd.DatetimeIndex(starts.astype("M8[s]"))


def _of_equal_length(times: NDArray[Any], n_bins: int) -> Periods:
    import pandas as pd

    numbers = times.astype(np.float64) if times.dtype.kind == "f" else times.astype(np.int64)
    first, last = float(numbers.min()), float(numbers.max())
    if first == last:
        n_bins = 1
    edges = np.linspace(first, last, n_bins + 1)
    of_documents = np.searchsorted(edges[1:-1], numbers, side="right")
    starts = edges[:-1] if times.dtype.kind == "f" else edges[:-1].astype("M8[us]").astype("M8[s]")
    index = pd.Index(starts) if times.dtype.kind == "f" else pd.DatetimeIndex(starts)
    return Periods(index, of_documents.astype(np.int64))
