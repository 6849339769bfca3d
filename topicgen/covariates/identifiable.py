"""Whether the effects of the columns of a design can be distinguished."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from topicgen.covariates.labels import some
from topicgen.errors import InputError
from topicgen.plain import quoted

# Columns are collinear where one, standardised, is the sum of others up to this length.
_SMALLEST = 1e-7

# Larger numbers, squared and summed, are no longer finite.
_LARGEST = 1e100


def check_identifiable(matrix: NDArray[np.float64], columns: Sequence[str]) -> None:
    """Check that no column follows from the others and the intercept.

    Args:
        matrix: without the intercept, shape (n_documents, n_columns).
        columns: the names of the columns.

    Raises:
        InputError: for as many columns as documents or more, for extreme numbers, and for constant
            or collinear columns.

    Example:
        >>> check_identifiable(np.array([[0.0, 1.0], [1.0, 1.0], [2.0, 0.0]]), ["x", "y"])
    """
    n_documents, n_columns = matrix.shape
    if n_columns >= n_documents:
        raise InputError(
            f"expected more documents than columns of prevalence, got {n_documents:,} documents "
            f"and {n_columns:,} columns ({some(columns, 3)}); use fewer columns, or (1 | x) for a "
            "factor of many levels"
        )
    largest = np.abs(matrix).max(axis=0)
    extreme = (largest > _LARGEST) | ((largest > 0) & (largest < 1 / _LARGEST))
    if extreme.any():
        k = int(extreme.argmax())
        raise InputError(
            f"expected numbers of a usual size in {quoted(columns[k])} of prevalence, got up to "
            f"{largest[k]:g}; express it in another unit"
        )
    scaled = matrix / np.where(largest > 0, largest, 1.0)
    centred = scaled - scaled.mean(axis=0)
    size = np.sqrt((scaled**2).mean(axis=0))
    deviation = np.sqrt((centred**2).mean(axis=0))
    constant = deviation <= 1e-12 * size
    if constant.any():
        k = int(constant.argmax())
        raise InputError(
            "expected columns of prevalence that differ between documents, got "
            f"{quoted(columns[k])}, which is {matrix[0, k]:g} for all of them; leave it out (the "
            "intercept is always there)"
        )
    if involved := _collinear(centred / deviation):
        raise InputError(
            "expected columns of prevalence that are independent of each other, got "
            f"{some(columns[k] for k in involved)}, one of which follows from the others; leave "
            "one of them out"
        )


def _collinear(matrix: NDArray[np.float64]) -> list[int]:
    """Return the columns of one linear relation, or none."""
    from scipy.linalg import qr, solve_triangular

    triangle, order = qr(np.linalg.qr(matrix, mode="r"), mode="r", pivoting=True)
    lengths = np.abs(np.diag(triangle)) / np.sqrt(len(matrix))
    dependent = np.flatnonzero(lengths <= _SMALLEST)
    if not dependent.size:
        return []
    rank = int(dependent[0])
    weights = solve_triangular(triangle[:rank, :rank], triangle[:rank, rank])
    return sorted([int(order[rank]), *order[:rank][np.abs(weights) > 1e-4].tolist()])
