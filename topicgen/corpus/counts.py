"""Counts: the sparse matrix of documents by words that every model takes."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, issparse, vstack

from topicgen.errors import InputError


def check_counts(counts: Any, vocabulary: Sequence[str] = ()) -> csr_matrix:
    """Return counts as a CSR matrix with sorted indices and no stored zeros.

    The input is left as it is; the result shares its memory where nothing has to change.

    Args:
        counts: shape (n_documents, n_words), sparse of any format or dense, of any number type.
        vocabulary: the words, to name one in an error.

    Raises:
        InputError: where the counts are not two-dimensional, not numbers, or one of them is NaN,
            infinite or negative: at the first of these, by rows.

    Example:
        >>> check_counts([[1, 0], [2, -3]], vocabulary=["bank", "rate"])
        Traceback (most recent call last):
        topicgen.errors.InputError: expected counts from 0, got -3 at row 1, column 1 ('rate'); ...
    """
    if not issparse(counts):
        counts = _dense(counts)
    if counts.ndim != 2:
        raise InputError(
            f"expected counts of shape (n_documents, n_words), got shape {counts.shape}; reshape "
            "them, with a row for each document"
        )
    if counts.dtype.kind not in "biuf":
        raise InputError(
            f"expected counts that are numbers, got {counts.dtype}; for raw texts use a Vectorizer"
        )
    csr = csr_matrix(_wide(counts), dtype=np.int64 if counts.dtype.kind == "b" else None)
    if not csr.has_canonical_format or not np.all(csr.data):
        csr = csr.copy()
        csr.sum_duplicates()
        csr.eliminate_zeros()
    _check_values(csr, vocabulary)
    return csr


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


def _wide(counts: Any) -> Any:
    """Return sparse counts in a type that has room for the sum of entries at one place.

    What is CSR in canonical form has no such entries, and may be mapped from disk: it is left.
    """
    is_canonical = getattr(counts, "format", "csr") == "csr" and (
        not issparse(counts) or counts.has_canonical_format
    )
    has_room = counts.dtype.kind == "f" or counts.dtype in (np.int64, np.uint64)
    return counts if is_canonical or has_room else counts.astype(np.int64)


def _dense(counts: Any) -> np.ndarray:
    try:
        return np.asarray(counts)
    except ValueError:
        raise InputError(
            "expected counts with the same number of columns in every row, got rows of several "
            "lengths; count all documents with one vocabulary"
        ) from None


def _check_values(csr: csr_matrix, vocabulary: Sequence[str]) -> None:
    bad = np.flatnonzero(~(np.isfinite(csr.data) & (csr.data >= 0)))
    if len(bad) == 0:
        return
    first = bad[0]
    row = np.searchsorted(csr.indptr, first, side="right") - 1
    column = csr.indices[first]
    value = csr.data[first]
    word = f" ({vocabulary[column]!r})" if column < len(vocabulary) else ""
    shown = {"nan": "NaN", "inf": "infinity", "-inf": "-infinity"}.get(str(value), str(value))
    raise InputError(
        f"expected counts from 0, got {shown} at row {row}, column {column}{word}; remove or "
        "correct it"
    )
