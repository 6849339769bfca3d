"""Which rows of a corpus an index means."""

import operator
from typing import Any, TypeAlias

import numpy as np

from topicgen.errors import InputError

Rows: TypeAlias = range | np.ndarray


def row_numbers(index: Any, n_rows: int) -> Rows:
    """Return the numbers of the rows that an index means, as numpy understands it.

    Args:
        index: a slice, a number, an array of numbers, or a mask; a column of pandas is taken by
            position, and what a mask misses is not chosen, as in pandas and polars.
        n_rows: how many rows there are.

    Raises:
        InputError: where the index is of another kind, a row does not exist, or a mask has another
            length.

    Example:
        >>> row_numbers(slice(-2, None), 5), row_numbers([True, False, True], 3), row_numbers(-1, 3)
        (range(3, 5), array([0, 2]), range(2, 3))
    """
    if isinstance(index, tuple) and len(index) == 2 and index[1] is Ellipsis:
        index = index[0]  # as scikit-learn takes the rows of an array
    if isinstance(index, slice):
        return range(n_rows)[index]
    try:
        if isinstance(index, bool):
            raise TypeError("neither a number nor a mask")
        number = operator.index(index)
    except TypeError:
        return _from_array(index, n_rows)
    _check_within(np.array([number]), n_rows)
    return range(number % n_rows, number % n_rows + 1)


def rows_of_rows(rows: Rows, chosen: Rows) -> Rows:
    """Return the numbers of rows chosen among others.

    >>> rows_of_rows(range(10, 20), range(2, 4)), rows_of_rows(range(10, 20), np.array([1, 1]))
    (range(12, 14), array([11, 11]))
    """
    if isinstance(rows, range) and isinstance(chosen, range) and chosen.step > 0:
        return rows[chosen.start : chosen.stop : chosen.step]
    return np.asarray(rows, dtype=np.int64)[np.asarray(chosen, dtype=np.int64)]


def _from_array(index: Any, n_rows: int) -> np.ndarray:
    if str(getattr(index, "dtype", "")) in ("boolean", "bool[pyarrow]"):
        index = index.to_numpy(dtype=bool, na_value=False)
    numbers = np.asarray(index)
    if numbers.dtype == object and set(map(type, numbers.flat)) <= {bool, np.bool_, type(None)}:
        numbers = numbers.astype(bool)  # what is missing, is false
    if numbers.size == 0 and numbers.ndim == 1 and numbers.dtype != bool:
        return np.zeros(0, dtype=np.int64)
    if numbers.ndim != 1 or numbers.dtype.kind not in "biu":
        raise InputError(
            "expected a slice, row numbers or a mask to choose the documents of a corpus, got "
            f"{type(index).__name__} ({numbers.dtype}, {numbers.ndim} dimensions); pass one of "
            "these"
        )
    if numbers.dtype.kind == "b":
        if len(numbers) != n_rows:
            raise InputError(
                f"expected a mask of {n_rows:,} values, one for each document, got "
                f"{len(numbers):,}; make it for this corpus"
            )
        return np.flatnonzero(numbers)
    _check_within(numbers, n_rows)
    return np.where(numbers < 0, numbers + n_rows, numbers).astype(np.int64)


def _check_within(numbers: np.ndarray, n_rows: int) -> None:
    for outside in numbers[(numbers < -n_rows) | (numbers >= n_rows)][:1]:
        raise InputError(
            f"expected rows of a corpus of {n_rows:,} documents, got row {outside:,}; number them "
            "from 0"
        )
