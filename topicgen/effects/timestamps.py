"""Timestamps of documents: dates, or years as numbers."""

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicgen.errors import InputError, shown

_LAST_YEAR = 9999
_ISO = re.compile(r"\d{4}(-|$)")


def read_timestamps(timestamps: Any) -> NDArray[Any]:
    """Return timestamps as numpy dates in microseconds or, for years as numbers, as floats.

    Dates with a time zone keep the time on the clock, strings with an offset are in UTC.

    Raises:
        InputError: where some are missing, or cannot be read.
    """
    import pandas as pd

    if isinstance(timestamps, str) or not hasattr(timestamps, "__iter__"):
        raise InputError(
            f"expected a timestamp for each document, got {shown(timestamps)}; pass a list of "
            "dates, or the name of a metadata column"
        )
    column = timestamps if isinstance(timestamps, pd.Index) else pd.Series(list(timestamps))
    _check_present(column)
    if isinstance(column.dtype, pd.PeriodDtype):
        return pd.PeriodIndex(column).to_timestamp().to_numpy().astype("M8[us]")
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        return pd.DatetimeIndex(column).tz_localize(None).to_numpy().astype("M8[us]")
    values = column.to_numpy()
    if values.dtype.kind in "iuf":
        return _years(values.astype(np.float64))
    if values.dtype.kind == "M":
        return values.astype("M8[us]")
    return np.array([_date(value, row) for row, value in enumerate(values)], dtype="M8[us]")


def _check_present(column: Any) -> None:
    is_empty = [isinstance(value, str) and not value for value in column]
    is_missing = np.asarray(column.isna()) | np.array(is_empty, bool)
    if not len(column):
        raise InputError("expected a timestamp for each document, got an empty list")
    if is_missing.any():
        raise InputError(
            f"expected a timestamp for each document, got {is_missing.sum():,} missing (the first "
            f"in row {is_missing.argmax()}); leave these documents out"
        )


def _years(numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    is_wrong = ~(np.abs(numbers) <= _LAST_YEAR)
    if is_wrong.any():
        wrong = numbers[is_wrong.argmax()]
        raise InputError(
            f"expected timestamps that are dates, or years up to {_LAST_YEAR}, got the number "
            f"{wrong:.15g} in row {is_wrong.argmax()}; convert numbers with pandas.to_datetime"
        )
    return numbers


def _date(value: Any, row: int) -> np.datetime64:
    """Return one date; with an offset from UTC, the time in UTC."""
    import pandas as pd

    try:
        if isinstance(value, pd.Period):
            value = value.to_timestamp()
        if isinstance(value, str):
            if value.endswith("Z") or "+" in value or (value.count("-") > 2 and "T" in value):
                value = pd.to_datetime(value, format="ISO8601", utc=True)
            else:
                if not _ISO.match(value):  # numpy takes 20010203 for a year
                    raise ValueError
                return np.datetime64(value, "us")
        if getattr(value, "tzinfo", None) is not None:
            value = value.replace(tzinfo=None)
        if isinstance(value, int | float):
            raise ValueError
        return np.datetime64(value, "us")
    except (ValueError, TypeError, OverflowError):
        raise InputError(
            f"expected a date such as '1999-12-31', got {shown(value)} in row {row}; convert them "
            "with pandas.to_datetime(timestamps, format=...)"
        ) from None
