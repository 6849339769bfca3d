"""Numbers in whatever holds them, lists to pandas columns, as numpy arrays."""

import math
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, issparse

from topicgen.errors import InputError


def is_missing(value: Any) -> bool:
    """Return whether a value is None, NaN, NaT or pandas' NA.

    >>> [is_missing(value) for value in (None, float("nan"), 0.0, "nan")]
    [True, True, False, False]
    """
    try:
        return value is None or bool(value != value)  # only NaN and NaT differ from themselves
    except TypeError:  # pandas' NA has no truth value
        return True
    except ValueError:  # an array
        return False


def without_mask(values: Any) -> Any:
    """Return an array with None where numpy masks a value; anything else as it is.

    >>> without_mask(np.ma.array([1, 2], mask=[False, True]))
    array([1, None], dtype=object)
    """
    return np.array(values.tolist(), dtype=object) if np.ma.is_masked(values) else values


def significant(values: NDArray[Any], digits: int) -> NDArray[Any]:
    """Return numbers rounded to so many significant digits, in the shortest form when printed.

    Example:
        >>> significant(np.array([0.123456789, 1234.5678, 0.0, np.nan]), 3)
        array([1.23e-01, 1.23e+03, 0.00e+00,      nan])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        exponents = np.floor(np.log10(np.abs(values)))
    places = digits - 1 - np.where(np.isfinite(exponents), exponents, 0.0)
    # A power of ten up to 22 is exact, and so is the nearest number to a quotient of two such.
    up, down = 10.0 ** np.clip(places, 0, 300), 10.0 ** np.clip(-places, 0, 300)
    return np.rint(values * up / down) / up * down


def in_few_bytes(counts: NDArray[Any]) -> NDArray[Any]:
    """Return whole numbers from 0 in the smallest of three types that holds them all.

    >>> in_few_bytes(np.array([3.0, 70_000.0])).dtype, in_few_bytes(np.array([3])).dtype
    (dtype('uint32'), dtype('uint16'))
    """
    most = counts.max(initial=0)
    return counts.astype(np.uint16 if most < 2**16 else np.uint32 if most < 2**32 else np.uint64)


def as_array(values: Any, name: str, expected: str) -> NDArray[Any]:
    """Return an array of floats, integers or booleans that numpy and scipy compute with.

    Missing values of pandas' nullable types, and masked ones, become NaN; half precision becomes
    single, and foreign byte orders the machine's own. Nothing else is converted, or copied.

    Args:
        values: an array, list, tensor, column, data frame or sparse matrix.
        name: the argument's name, for the error.
        expected: what it should be, for the error: "expected {name} as {expected}".

    Raises:
        InputError: what is not an array of numbers.

    Example:
        >>> as_array([1, None], "n_tokens", "numbers")
        array([ 1., nan])
    """
    if issparse(values):
        values = values.toarray()
    array = as_numpy(without_mask(values), name, expected)
    if array.dtype.kind == "O":
        array = _of_objects(array)
    if array.dtype.kind not in "biuf":
        raise InputError(
            f"expected {name} as {expected}, got shape {array.shape} of dtype {array.dtype}; pass "
            "an array of floats or whole numbers"
        )
    return _computable(array)


def as_numpy(values: Any, name: str, expected: str, dtype: Any = None) -> NDArray[Any]:
    """Return values as numpy reads them.

    Raises:
        InputError: what numpy cannot read: rows of several lengths, or a tensor with a gradient.
    """
    try:
        return np.asarray(values, dtype=dtype)
    except (ValueError, TypeError, RuntimeError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(
            f"expected {name} as {expected}, got {type(values).__name__}, which numpy cannot read "
            f"({reason}); pass rows of one length, or an array"
        ) from None


def as_matrix(counts: Any, name: str) -> Any:
    """Return counts as a CSR matrix or a 2-D array of numbers; values are not checked.

    Raises:
        InputError: what is not a matrix of numbers.
    """
    expected = "a matrix of numbers (documents x vocabulary)"
    if not issparse(counts):
        matrix = as_array(counts, name, expected)
    elif counts.ndim != 2 or counts.dtype.kind in "biuf":
        matrix = _as_csr(counts) if counts.ndim == 2 else counts
    else:
        raise InputError(
            f"expected {name} as {expected}, got a sparse matrix of dtype {counts.dtype}; pass an "
            "array of floats or whole numbers"
        )
    if matrix.ndim != 2:
        raise InputError(
            f"expected {name} as {expected}, got shape {matrix.shape}; pass a scipy CSR matrix or "
            "a 2-D array"
        )
    return matrix


def as_canonical_csr(matrix: Any) -> Any:
    """Return what :func:`as_matrix` gives as CSR with sorted indices, no duplicates and no zeros.

    The argument is left as it is, and shares its memory with the result where nothing changes.
    """
    matrix = matrix if issparse(matrix) else csr_array(matrix)
    if not matrix.has_canonical_format or not matrix.data.all():
        matrix = matrix.copy()
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
    return matrix


def wide(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """Return the type that numbers of a type are added in, so that no usual sum overflows.

    >>> wide(np.dtype(np.uint8)), wide(np.dtype(np.float32))
    (dtype('int64'), dtype('float64'))
    """
    if dtype.kind == "f":
        return np.dtype(np.float64)
    # 64 bits without a sign, and more than a whole number's bits, only a float can hold.
    return np.dtype(np.float64) if dtype == np.uint64 else np.dtype(np.int64)


def _as_csr(counts: Any) -> Any:
    """Return CSR of a type that sums of duplicates do not overflow.

    What is in canonical form has no duplicates, and may be mapped from disk: it is left.
    """
    if not (counts.format in ("csr", "csc") and counts.has_canonical_format):
        counts = _without_overflow(counts)
    matrix = counts.tocsr()
    data = _computable(matrix.data)
    if data is not matrix.data:
        matrix = type(matrix)((data, matrix.indices, matrix.indptr), shape=matrix.shape)
    return matrix


def _without_overflow(counts: Any) -> Any:
    """Return a sparse matrix in a type that holds the sum of all its entries."""
    dtype = wide(counts.dtype)
    data = counts.data if isinstance(getattr(counts, "data", None), np.ndarray) else None
    if dtype == np.int64 and data is not None and data.dtype.kind in "iu" and data.size:
        greatest = max(abs(int(data.max())), abs(int(data.min())))
        if greatest * data.size >= 2**63:
            dtype = np.dtype(np.float64)
    return counts if counts.dtype == dtype else counts.astype(dtype)


def _of_objects(array: NDArray[Any]) -> NDArray[Any]:
    """Return floats, where an array of objects holds numbers and missing values only."""
    flat = [np.nan if is_missing(value) else value for value in array.ravel().tolist()]
    if not all(isinstance(value, (Real, Decimal)) for value in flat):
        return array
    return np.array([_as_float(value) for value in flat]).reshape(array.shape)


def _as_float(number: Any) -> float:
    try:
        return float(number)
    except OverflowError:  # an integer of more than 308 digits
        return math.inf if number > 0 else -math.inf


def _computable(array: NDArray[Any]) -> NDArray[Any]:
    """Return numbers in a type that scipy's sparse matrices have, the same array if it is."""
    dtype = array.dtype
    if dtype.kind == "b":
        dtype = np.dtype(np.int64)
    elif dtype == np.float16:
        dtype = np.dtype(np.float32)
    elif dtype.kind == "f" and dtype.itemsize > 8:
        dtype = np.dtype(np.float64)
    return array.astype(dtype.newbyteorder("="), copy=False)
