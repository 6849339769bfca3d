"""One column of metadata: its kind, and its values as numbers or levels."""

from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from topicgen.covariates.dates import as_times, decimal_years, is_iso_date
from topicgen.covariates.labels import Level, some
from topicgen.errors import InputError, did_you_mean, shown
from topicgen.plain import quoted

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["number", "date", "boolean", "factor"]


def column_of(metadata: "pd.DataFrame", name: str) -> "pd.Series":
    """Return a column of metadata.

    Raises:
        InputError: where there is no such column.
    """
    names = [str(column) for column in metadata.columns]
    if name not in names:
        raise InputError(
            f"expected metadata with the column {quoted(name)} that prevalence uses, got "
            f"{some(names) or 'no columns'}; "
            + did_you_mean(name, names, "name one of these, or add the column")
        )
    return metadata.iloc[:, names.index(name)]


def kind_of(name: str, column: "pd.Series") -> Kind:
    """Return whether a column has numbers, dates, booleans or levels.

    A column of text has dates if every value is an ISO 8601 date.

    Raises:
        InputError: where it has values of another kind, or of several.
    """
    import pandas as pd

    dtype: Any = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return "factor"
    if pd.api.types.is_bool_dtype(dtype):
        return "boolean"
    if isinstance(dtype, (pd.PeriodDtype, pd.DatetimeTZDtype)) or dtype.kind == "M":
        return "date"
    if dtype.kind in "iuf":
        return "number"
    present = column.dropna()
    found = pd.api.types.infer_dtype(present, skipna=True)
    if found == "string":
        return "date" if all(is_iso_date(value) for value in present) else "factor"
    if found in ("datetime", "date", "datetime64", "period"):
        return "date"
    if found == "boolean":
        return "boolean"
    if all(isinstance(value, (Real, Decimal)) for value in present) and len(present):
        return "number"
    if found == "empty":
        refuse_missing(name, column)
    kinds = sorted({type(value).__name__ for value in present})
    raise InputError(
        f"expected numbers, dates, booleans or text in the metadata column {quoted(name)}, got a "
        f"column of {' and '.join(kinds)} (dtype {dtype}); convert it, for instance with "
        "astype(str)"
    )


def refuse_missing(name: str, column: "pd.Series") -> None:
    """Check that there is a value for every document.

    Raises:
        InputError: where one is missing, or there are no documents.
    """
    missing = np.flatnonzero(column.isna().to_numpy(dtype=bool))
    if missing.size:
        raise InputError(
            f"expected a value of {quoted(name)} for every document, got {missing.size:,} missing "
            f"of {len(column):,} (the first in row {missing[0]}); fill them in, or leave these "
            "documents out"
        )
    if not len(column):
        raise InputError(f"expected documents with values of {quoted(name)}, got no documents")


def numbers_of(name: str, column: "pd.Series", kind: Kind) -> NDArray[np.float64]:
    """Return numbers, or dates as decimal years.

    Raises:
        InputError: where there are other values, or infinite ones.
    """
    if kind == "date":
        if (found := kind_of(name, column)) != "date":
            raise _of_another_kind(name, "dates", column, found)
        try:
            return decimal_years(as_times(column))
        except (ValueError, OverflowError) as error:
            raise InputError(
                f"expected dates in {quoted(name)}, got one that cannot be read ({error}); write "
                "dates as 1999-12-31"
            ) from None
    if (found := kind_of(name, column)) not in ("number", "boolean"):
        raise _of_another_kind(name, "numbers", column, found)
    numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
    bad = np.flatnonzero(~np.isfinite(numbers))
    if bad.size:
        raise InputError(
            f"expected finite numbers in {quoted(name)}, got {numbers[bad[0]]} in row {bad[0]}; "
            f"correct {'it' if bad.size == 1 else f'these {bad.size:,} values'}, or leave the "
            "documents out"
        )
    return numbers


def truths_of(name: str, column: "pd.Series") -> NDArray[np.bool_]:
    """Return booleans, or 0 and 1 as booleans.

    Raises:
        InputError: where there are other values.
    """
    if (found := kind_of(name, column)) not in ("number", "boolean"):
        raise _of_another_kind(name, "booleans", column, found)
    numbers = numbers_of(name, column, "number")
    if (other := np.flatnonzero(~np.isin(numbers, (0, 1)))).size:
        raise InputError(
            f"expected True and False in {quoted(name)} as in the fit, got {numbers[other[0]]:g} "
            f"in row {other[0]}; convert the column"
        )
    return numbers.astype(bool)


def _of_another_kind(name: str, expected: str, column: "pd.Series", found: str) -> InputError:
    return InputError(
        f"expected {expected} in {quoted(name)} as in the fit, got {found}s such as "
        f"{shown(column.iloc[0])} in row 0; convert the column"
    )


def levels_of(column: "pd.Series") -> tuple[Level, ...]:
    """Return the levels that occur: in the order of a categorical, otherwise sorted."""
    import pandas as pd

    present = set(scalars_of(column.dropna()).tolist())
    if isinstance(column.dtype, pd.CategoricalDtype):
        return tuple(v for v in map(scalar, column.cat.categories.tolist()) if v in present)
    try:
        return tuple(sorted(present))
    except TypeError:
        return tuple(sorted(present, key=lambda value: (type(value).__name__, str(value))))


def scalars_of(column: "pd.Series") -> NDArray[np.object_]:
    """Return the values as Python's own, one by one."""
    values = np.empty(len(column), dtype=object)
    values[:] = [scalar(value) for value in column.tolist()]
    return values


def scalar(value: Any) -> Any:
    """Return a value as Python's own: a whole number as an integer, of another type as text."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    return str(value)
