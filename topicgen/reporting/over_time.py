"""Dates among the metadata, and the topics' shares along them."""

import re
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from topicgen.effects.timestamps import read_timestamps
from topicgen.errors import InputError
from topicgen.plain import quoted

if TYPE_CHECKING:
    import pandas as pd

_YEARS = (1000, 2200)
_DATE = re.compile(r"\d{4}-\d\d(-\d\d.*)?$")


def find_dates(metadata: "pd.DataFrame | None") -> str | None:
    """Return the only column of dates or years, or None where there is none, or several.

    A column of numbers is one of years if it is called so.

    Example:
        >>> import pandas as pd
        >>> find_dates(pd.DataFrame({"day": ["1999-05-17", "2001-01-01"], "votes": [7, 8]}))
        'day'
    """
    if metadata is None:
        return None
    found = [str(name) for name in metadata.columns if _has_dates(str(name), metadata[name])]
    return found[0] if len(found) == 1 else None


def dated(metadata: "pd.DataFrame | None", column: str) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Return the timestamps of a column, and which documents have one.

    Raises:
        InputError: where there is no such column, or it does not hold dates.
    """
    if metadata is None or column not in metadata.columns:
        names = [] if metadata is None else list(map(repr, metadata.columns))
        raise InputError(
            f"the documents have no column {quoted(column)} of dates; choose one of "
            f"{', '.join(names)}"
            if names
            else f"the documents have no metadata, so no column {quoted(column)}; pass some"
        )
    values = metadata[column]
    is_there = values.notna().to_numpy() & (values.astype(str) != "").to_numpy()
    if not is_there.any():
        raise InputError(f"column {quoted(column)} holds no date; choose another column")
    try:
        times = read_timestamps(values[is_there])
    except InputError as error:
        raise InputError(f"column {quoted(column)}: {error}") from None
    return times, is_there


def _has_dates(name: str, values: "pd.Series") -> bool:
    known = values.dropna()
    if known.astype(str).nunique() < 2:
        return False
    if known.dtype.kind == "M" or str(known.dtype).startswith(("datetime", "period")):
        return True
    if known.dtype.kind in "iuf" or str(known.dtype) in ("Int64", "Float64"):
        in_range = known.between(*_YEARS).all()
        return bool("year" in name.lower() and in_range)
    texts = known.astype(str)
    return bool(texts.map(lambda text: _DATE.match(text) is not None or not text).all())
