"""Counts, checked: the sparse matrix of documents by words that every model takes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix, issparse

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
    csr = csr_matrix(counts, dtype=np.int64 if counts.dtype.kind == "b" else None)
    if not csr.has_canonical_format or not np.all(csr.data):
        csr = csr.copy()
        csr.sum_duplicates()
        csr.eliminate_zeros()
    _check_values(csr, vocabulary)
    return csr


def _dense(counts: Any) -> np.ndarray:
    try:
        return np.asarray(counts)
    except ValueError:
        raise InputError(
            "expected counts with as many columns in every row, got rows of several lengths; "
            "count all documents with one vocabulary"
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
