"""Dates as decimal years: the middle of 1999 is 1999.5."""

import re
from datetime import timezone
from typing import Any

import numpy as np
from numpy.typing import NDArray

_ISO = re.compile(r"\d{4}-\d\d(-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?Z?)?)?")


def is_iso_date(value: Any) -> bool:
    """Return whether a value is a string with an ISO 8601 date: 1999-12, 1999-12-31, with a time.

    >>> is_iso_date("1999-12-31"), is_iso_date("1999")
    (True, False)
    """
    return isinstance(value, str) and _ISO.fullmatch(value.strip()) is not None


def decimal_years(times: NDArray[np.datetime64]) -> NDArray[np.float64]:
    """Return dates as years with the elapsed part of the year.

    >>> decimal_years(np.array(["1999-01-01", "1999-07-02T12:00"], dtype="M8[us]"))
    array([1999. , 1999.5])
    """
    years = times.astype("M8[Y]")
    start, end = years.astype("M8[us]"), (years + 1).astype("M8[us]")
    part = (times.astype("M8[us]") - start) / (end - start)
    return np.asarray(years.astype(np.int64) + 1970 + part)


def from_decimal_years(years: NDArray[np.float64]) -> NDArray[np.datetime64]:
    """Return decimal years as dates, to the second.

    >>> from_decimal_years(np.array([1999.5]))
    array(['1999-07-02T12:00:00'], dtype='datetime64[s]')
    """
    whole = np.floor(years)
    first = (whole.astype(np.int64) - 1970).astype("M8[Y]")
    start, end = first.astype("M8[s]"), (first + 1).astype("M8[s]")
    seconds = np.round((years - whole) * (end - start).astype(np.int64))
    return np.asarray(start + seconds.astype(np.int64).astype("m8[s]"))


def as_times(values: Any) -> NDArray[np.datetime64]:
    """Return datetimes, dates, periods or ISO strings without missing values as numpy's times.

    Times with a time zone are converted to UTC, and a period stands for its start.

    Args:
        values: a column of pandas.

    Raises:
        ValueError: where a value is not a date of the calendar.
    """
    import pandas as pd

    dtype: Any = values.dtype
    if isinstance(dtype, pd.PeriodDtype):
        values = values.dt.start_time
    elif isinstance(dtype, pd.DatetimeTZDtype):
        values = values.dt.tz_convert("UTC").dt.tz_localize(None)
    if isinstance(values.dtype, np.dtype) and values.dtype.kind == "M":
        return np.asarray(values.to_numpy().astype("M8[us]"))
    return np.array([_time(value) for value in values.tolist()], dtype="M8[us]")


def _time(value: Any) -> np.datetime64:
    if isinstance(value, str):
        return np.datetime64(value.strip().removesuffix("Z"), "us")
    if getattr(value, "tzinfo", None) is not None:
        value = value.astimezone(timezone.utc).replace(tzinfo=None)
    value = getattr(value, "start_time", value)  # of a period
    return np.datetime64(getattr(value, "to_pydatetime", lambda: value)(), "us")
