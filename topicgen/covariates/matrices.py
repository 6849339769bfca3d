"""A matrix in place of a formula, as a data frame."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from topicgen.arrays import as_array
from topicgen.covariates.columns import column_of
from topicgen.errors import InputError, shown
from topicgen.plain import quoted

if TYPE_CHECKING:
    import pandas as pd


def matrix_frame(values: Any, names: Sequence[str] | None, n_documents: int) -> "pd.DataFrame":
    """Return numbers in any container as a data frame.

    Args:
        values: a matrix, a vector for one column, a mapping of names to columns, or a data frame or
            named column.
        names: the columns of the fit; None to name the columns of a matrix x0, x1, ...
        n_documents: how many rows are expected.

    Raises:
        InputError: where the values are not numbers, or have another shape.

    Example:
        >>> matrix_frame([[1, 2], [3, 5]], None, 2).to_dict("list")
        {'x0': [1.0, 3.0], 'x1': [2.0, 5.0]}
    """
    import pandas as pd

    if isinstance(values, Mapping):
        columns = {name: np.atleast_1d(np.asarray(column)) for name, column in values.items()}
        if shapes := {column.shape for column in columns.values()} - {(n_documents,)}:
            raise InputError(
                f"expected prevalence with columns of {n_documents:,} numbers, got one of shape "
                f"{min(shapes)}; pass a number per document"
            )
        values = pd.DataFrame(columns)
    values = values.to_pandas() if hasattr(values, "to_pandas") else values
    values = values.to_frame() if isinstance(values, pd.Series) else values
    if isinstance(values, pd.DataFrame):
        frame = values.set_axis([_column_name(name) for name in values.columns], axis=1)
        if frame.columns.has_duplicates:
            twice = frame.columns[frame.columns.duplicated()][0]
            raise InputError(
                f"expected prevalence with distinct column names, got {quoted(twice)} more than "
                "once; rename all but one"
            )
    else:
        array = as_array(values, "prevalence", "a formula, or numbers (documents x columns)")
        array = array[:, None] if array.ndim == 1 else array
        if array.ndim != 2 or (names is not None and array.shape[1] != len(names)):
            width = "columns" if names is None else f"{len(names)} columns, as in the fit"
            raise InputError(
                f"expected prevalence as numbers (documents x {width}), got shape {array.shape}; "
                "pass a row per document"
            )
        names = names or [f"x{k}" for k in range(array.shape[1])]
        frame = pd.DataFrame(array.astype(np.float64), columns=list(names))
    if len(frame) != n_documents or not len(frame.columns):
        raise InputError(
            f"expected prevalence with a row for each of {n_documents:,} documents and one or more "
            f"columns, got shape {frame.shape}; pass a row per document, or leave prevalence out"
        )
    kept = {name: _as_numbers(column_of(frame, name)) for name in names or frame.columns}
    return pd.DataFrame(kept)


def is_matrix(values: Any) -> bool:
    """Return whether values are a matrix without column names.

    >>> is_matrix([[1.0, 2.0]]), is_matrix({"x": [1.0]}), is_matrix(None)
    (True, False, False)
    """
    return not (
        values is None
        or isinstance(values, str | Mapping)
        or hasattr(values, "columns")
        or hasattr(values, "to_pandas")
        or hasattr(values, "to_frame")
    )


def _column_name(name: Any) -> str:
    return f"x{name}" if isinstance(name, (int, np.integer)) else str(name).replace("`", "'")


def _as_numbers(column: "pd.Series") -> "pd.Series":
    """Return a column of numbers, with 0 and 1 for booleans."""
    import pandas as pd

    if pd.api.types.is_bool_dtype(column.dtype) and not column.isna().any():
        column = column.astype(np.float64)
    if not pd.api.types.is_numeric_dtype(column.dtype):
        raise InputError(
            f"expected numbers in the column {quoted(str(column.name))} of prevalence, got "
            f"{shown(column.iloc[0])} in row 0; pass a formula such as '~ {column.name}' as "
            "prevalence and the data frame as metadata"
        )
    return column.reset_index(drop=True)
