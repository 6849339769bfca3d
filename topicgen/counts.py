"""Counts: matrices of documents by words that hold what can be counted."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from topicgen.arrays import as_canonical_csr, as_matrix
from topicgen.errors import InputError


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
        InputError: not a matrix of numbers, or an entry that is missing, infinite, negative or,
            with ``integers``, not whole. It names the first such row and column.

    Example:
        >>> check_counts([[1, 0], [2, -3]], vocabulary=["bank", "rate"])
        Traceback (most recent call last):
        topicgen.errors.InputError: expected finite, non-negative counts, got -3 at row 1, ...
    """
    matrix = as_canonical_csr(as_matrix(counts, name))
    good = np.isfinite(matrix.data) & (matrix.data >= 0)
    if integers and matrix.data.dtype.kind == "f":
        good &= matrix.data == np.floor(matrix.data)
    if not good.all():
        first = int(np.argmin(good))
        row = int(np.searchsorted(matrix.indptr, first, side="right")) - 1
        column = int(matrix.indices[first])
        word = f" ({vocabulary[column]!r})" if column < len(vocabulary) else ""
        kind = "whole, non-negative" if integers else "finite, non-negative"
        raise InputError(
            f"expected {kind} {name}, got {matrix.data[first]} at row {row + first_row}, column "
            f"{column}{word}; pass word counts, not weights such as tf-idf"
        )
    return matrix
