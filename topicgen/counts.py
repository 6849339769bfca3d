"""Counts: matrices of documents by words that hold what can be counted."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from topicgen.arrays import as_canonical_csr, as_matrix
from topicgen.errors import InputError
from topicgen.plain import quoted

# The greatest whole number up to which floating point holds every one: all sums are exact.
MOST = 2**53


def check_counts(
    counts: Any,
    name: str = "counts",
    *,
    vocabulary: Sequence[str] = (),
    integers: bool = False,
    first_row: int = 0,
) -> Any:
    """Return ``counts`` as a CSR matrix without duplicates or stored zeros; never changes it.

    The result shares memory with ``counts`` where nothing has to change.

    Args:
        counts: (documents, vocabulary), sparse or dense.
        name: what they are, for the error.
        vocabulary: the words, to name one in the error.
        integers: whether counts have to be whole numbers.
        first_row: the number of the first row, for the error, where counts are a part of others.

    Raises:
        InputError: not a matrix of numbers, or an entry that is missing, infinite, negative,
            greater than MOST or, with ``integers``, not whole (it names the first such row and
            column), and counts that add up to more than MOST.

    Example:
        >>> check_counts([[1, 0], [2, -3]], vocabulary=["bank", "rate"])
        Traceback (most recent call last):
        topicgen.errors.InputError: expected finite, non-negative counts, got -3 at row 1, ...
    """
    matrix = as_canonical_csr(as_matrix(counts, name))
    good = (matrix.data >= 0) & (matrix.data <= MOST)  # neither holds for NaN
    if integers and matrix.data.dtype.kind == "f":
        good &= matrix.data == np.floor(matrix.data)
    if not good.all():
        first = int(np.argmin(good))
        row = int(np.searchsorted(matrix.indptr, first, side="right")) - 1
        column = int(matrix.indices[first])
        word = f" ({quoted(vocabulary[column])})" if column < len(vocabulary) else ""
        kind = "whole, non-negative" if integers else "finite, non-negative"
        expected, advice = f"{kind} {name}", "pass word counts, not weights such as tf-idf"
        if MOST < matrix.data[first] < np.inf:
            expected, advice = f"at most {MOST:,} for each of the {name}", "correct it"
        raise InputError(
            f"expected {expected}, got {matrix.data[first]} at row {row + first_row}, column "
            f"{column}{word}; {advice}"
        )
    total = matrix.data.sum(dtype=np.float64)
    if total > MOST:
        raise InputError(
            f"expected {name} that add up to at most {MOST:,}, got {total:.3g}; correct the "
            "greatest, or divide the counts"
        )
    return matrix
