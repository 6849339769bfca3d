"""Counts: the sparse matrix of documents by words that every model takes."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, vstack

from topicgen.arrays import wide
from topicgen.counts import check_counts


def as_csr(counts: Any, vocabulary: Sequence[str] = ()) -> csr_matrix:
    """Return counts as ``check_counts`` does, in scipy's class for matrices.

    Example:
        >>> as_csr([[1, 0], [2, -3]], vocabulary=["bank", "rate"])
        Traceback (most recent call last):
        topicgen.errors.InputError: expected finite, non-negative counts, got -3 at row 1, ...
    """
    checked = check_counts(counts, vocabulary=vocabulary)
    return checked if isinstance(checked, csr_matrix) else csr_matrix(checked)


def stack(blocks: Iterable[csr_matrix], n_terms: int) -> csr_matrix:
    """Return blocks of documents as one matrix, int64.

    Example:
        >>> stack([csr_matrix([[1, 0]]), csr_matrix([[0, 2]])], 2).toarray()
        array([[1, 0],
               [0, 2]])
    """
    return vstack([csr_matrix((0, n_terms), dtype=np.int64), *blocks], format="csr")


def take_columns(counts: csr_matrix, columns: np.ndarray, n_columns: int) -> csr_matrix:
    """Return counts with their columns renumbered, and without those that are dropped.

    Args:
        counts: CSR.
        columns: the new column of each, below 0 for none; where several have the same, their
            counts are added.
        n_columns: the width of the result.

    Example:
        >>> counts = csr_matrix([[1, 2, 3], [4, 0, 0]])
        >>> take_columns(counts, np.array([1, -1, 1]), 2).toarray()
        array([[0, 4],
               [0, 4]])
    """
    new = columns[counts.indices]
    is_kept = new >= 0
    before = np.concatenate([[0], np.cumsum(is_kept)])
    taken = csr_matrix(
        (counts.data[is_kept], new[is_kept].astype(np.int32), before[counts.indptr]),
        shape=(counts.shape[0], n_columns),
    )
    if np.bincount(columns[columns >= 0]).max(initial=0) > 1:
        taken.data = taken.data.astype(wide(taken.dtype), copy=False)
        taken.sum_duplicates()
    return taken


def take_rows(counts: csr_matrix, rows: range | np.ndarray) -> csr_matrix:
    """Return some rows of counts with sorted indices; of consecutive rows, nothing is copied.

    Args:
        counts: CSR in canonical format.
        rows: their numbers, in any order.

    Example:
        >>> take_rows(csr_matrix([[1, 2], [3, 0], [0, 4]]), range(1, 3)).toarray()
        array([[3, 0],
               [0, 4]])
    """
    if isinstance(rows, range) and rows.step == 1:
        indptr = counts.indptr[rows.start : max(rows.start, rows.stop) + 1]
        within = slice(int(indptr[0]), int(indptr[-1]))
        # The constructor would copy what is less than half of an array.
        taken = csr_matrix((len(indptr) - 1, counts.shape[1]), dtype=counts.dtype)
        taken.data, taken.indices = counts.data[within], counts.indices[within]
        taken.indptr = indptr - indptr[0]
    else:
        taken = counts[np.asarray(rows, dtype=np.int64)]
    taken.has_sorted_indices = taken.has_canonical_format = True
    return taken
