"""Counting terms into a sparse matrix, and choosing the terms worth keeping."""

from array import array
from collections.abc import Callable, Iterable

import numpy as np
from scipy.sparse import csr_matrix


def count_terms(
    documents: Iterable[str],
    analyze: Callable[[str], list[str]],
    vocabulary: dict[str, int],
    *,
    grow: bool = False,
) -> csr_matrix:
    """Count the terms of each document; documents are read one at a time.

    Args:
        documents: the texts.
        analyze: text to terms.
        vocabulary: the column of each term.
        grow: whether a new term takes a new column; otherwise it is not counted. ``vocabulary``
            then gives a column to a key it lacks, as a ``defaultdict`` can.

    Returns:
        Counts, CSR of shape (n_documents, n_terms), int64, indices sorted.

    Example:
        >>> count_terms(["a b a", "c"], str.split, {"a": 0, "b": 1}).toarray()
        array([[2, 1],
               [0, 0]])
    """
    # A column for every single token, in C arrays; scipy sums the repeated ones. This is several
    # times as fast, and as small, as a Python dictionary for each document.
    indices, indptr = array("i"), array("q", [0])
    for text in documents:
        terms: Iterable[str] = analyze(text)
        if not grow:
            terms = filter(vocabulary.__contains__, terms)
        indices.extend(map(vocabulary.__getitem__, terms))
        indptr.append(len(indices))
    counts = csr_matrix(
        (np.ones(len(indices), dtype=np.int64), np.array(indices), np.array(indptr)),
        shape=(len(indptr) - 1, len(vocabulary)),
    )
    counts.sum_duplicates()
    return counts


def keep_terms(counts: csr_matrix, low: float, high: float, max_features: int | None) -> np.ndarray:
    """Return the columns of the terms worth keeping, ascending.

    Args:
        counts: shape (n_documents, n_terms), the terms in alphabetical order.
        low: the least number of documents that a term is in.
        high: the greatest number of documents that a term is in.
        max_features: how many terms to keep, the most frequent; in a tie, the first ones.

    Example:
        >>> keep_terms(csr_matrix([[1, 1, 0], [1, 0, 2]]), low=1, high=1, max_features=1)
        array([2])
    """
    document_frequency = counts.getnnz(axis=0)
    kept = np.flatnonzero((document_frequency >= low) & (document_frequency <= high))
    if max_features is not None and len(kept) > max_features:
        term_frequency = np.asarray(counts.sum(axis=0)).ravel()
        most_frequent = np.argsort(-term_frequency[kept], kind="stable")[:max_features]
        kept = np.sort(kept[most_frequent])
    return kept
