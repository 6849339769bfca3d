"""What every score asks of its input, said once: counts, distributions, topics."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array, issparse

from topicgen.errors import InputError

ROW_SUM_TOLERANCE = 1e-3


def check_counts(counts: Any, name: str = "counts", *, integers: bool = False) -> Any:
    """Return ``counts`` as a CSR matrix without duplicates or stored zeros; never changes it.

    Raises:
        InputError: not a matrix of numbers, or an entry that is NaN, infinite, negative or, with
            ``integers``, not whole. It names the first such row and column.
    """
    matrix: Any = counts if issparse(counts) else np.asarray(counts)
    if matrix.ndim != 2 or matrix.dtype.kind not in "biuf":
        raise InputError(
            f"expected {name} as a matrix of numbers (documents x vocabulary), got shape "
            f"{matrix.shape} of dtype {matrix.dtype}; pass a scipy CSR matrix or a 2-D array"
        )
    matrix = matrix.tocsr() if issparse(matrix) else csr_array(matrix)
    if not matrix.has_canonical_format or not matrix.data.all():
        matrix = matrix.copy()
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
    good = np.isfinite(matrix.data) & (matrix.data >= 0)
    if integers:
        good &= matrix.data == np.floor(matrix.data)
    if not good.all():
        first = int(np.argmin(good))
        row = int(np.searchsorted(matrix.indptr, first, side="right")) - 1
        kind = "whole, non-negative" if integers else "finite, non-negative"
        raise InputError(
            f"expected {kind} {name}, got {matrix.data[first]} at row {row}, column "
            f"{matrix.indices[first]}; pass word counts, not weights such as tf-idf"
        )
    return matrix


def check_distributions(rows: ArrayLike, name: str) -> NDArray[np.float64]:
    """Return ``rows`` as float64, each row a probability distribution.

    Raises:
        InputError: not a 2-D array, or a row that holds NaN, infinity or a negative number or does
            not sum to 1 within 1e-3. It names the first such row.
    """
    array = np.asarray(rows)
    if array.ndim != 2 or array.dtype.kind not in "biuf":
        raise InputError(
            f"expected {name} as a 2-D array of probabilities, got shape {array.shape} of dtype "
            f"{array.dtype}; pass one distribution a row"
        )
    array = array.astype(np.float64, copy=False)
    good = np.isfinite(array) & (array >= 0)
    if not good.all():
        row, column = divmod(int(np.argmin(good)), array.shape[1])
        raise InputError(
            f"expected probabilities in {name}, got {array[row, column]} at row {row}, column "
            f"{column}; pass finite, non-negative numbers"
        )
    sums = array.sum(axis=1)
    close = np.abs(sums - 1) <= ROW_SUM_TOLERANCE
    if not close.all():
        row = int(np.argmin(close))
        raise InputError(
            f"expected rows of {name} that sum to 1, got a sum of {sums[row]:.6g} at row {row}; "
            "divide each row by its sum"
        )
    return array


def check_numbers(values: ArrayLike, name: str) -> NDArray[np.float64]:
    """Return ``values``, a number for each document, as float64.

    Raises:
        InputError: where they are no numbers.
    """
    array = np.asarray(values)
    if array.dtype.kind not in "biuf":
        raise InputError(f"expected numbers in {name}, got dtype {array.dtype}; pass floats")
    return array.astype(np.float64)


def check_each(values: NDArray[np.float64], good: NDArray[np.bool_], expected: str) -> None:
    """Make sure that the value of each document is good.

    Raises:
        InputError: it names the first that is not.
    """
    if not good.all():
        d = int(np.argmin(good))
        raise InputError(
            f"expected {expected}, got {values[d]} at index {d}; leave that document out or mend it"
        )


def check_lengths(n_tokens: NDArray[np.float64]) -> None:
    """Make sure that each document's length is finite and at least 0; see :func:`check_each`."""
    good = np.isfinite(n_tokens) & (n_tokens >= 0)
    check_each(n_tokens, good, "numbers of tokens in n_tokens")


def check_labels(labels: Any, name: str) -> NDArray[Any]:
    """Return ``labels`` as an array (documents,), a value for each document.

    Raises:
        InputError: not one-dimensional, or a value that is None or NaN; it names the first.
    """
    # An array of strings would take None and NaN for words.
    values = np.asarray(labels)
    plain = labels if isinstance(labels, np.ndarray) else np.asarray(labels, dtype=object)
    if values.ndim != 1:
        raise InputError(
            f"expected {name} of shape (documents,), got {values.shape}; pass one a document"
        )
    # Only NaN differs from itself.
    missing = next((i for i, value in enumerate(plain) if value is None or value != value), None)
    if missing is not None:
        raise InputError(
            f"expected a value for every document in {name}, got {plain[missing]} at index "
            f"{missing}; leave out documents without one"
        )
    return values


def check_lists(lists: Any, name: str) -> Iterator[Iterable[Any]]:
    """Yield the lists of ``lists`` one by one; a string is no list of words.

    Raises:
        InputError: ``lists`` or one of them is a string or cannot be iterated; it names the first.
    """
    if isinstance(lists, str) or not isinstance(lists, Iterable):
        raise InputError(
            f"expected {name} as lists of words, got {type(lists).__name__}; pass a list of lists"
        )
    for i, words in enumerate(lists):
        if isinstance(words, str) or not isinstance(words, Iterable):
            raise InputError(
                f"expected {name}[{i}] as a list of words, got {type(words).__name__} "
                f"{str(words)[:40]!r}; pass a list of lists, each text split into words"
            )
        yield words


def check_topics(
    topics: Iterable[Sequence[str]], top_n: int | None = None, *, min_words: int = 1
) -> list[list[str]]:
    """Return the first ``top_n`` words of each topic (``None``: all of them) as lists.

    Raises:
        InputError: no topic; a topic that is not a list of words, has fewer than ``top_n`` or
            ``min_words`` words, or repeats a word. It names the first such topic and word.
    """
    if top_n is not None and not (isinstance(top_n, (int, np.integer)) and top_n >= min_words):
        raise InputError(
            f"expected top_n of {min_words} or more, got {top_n!r}; give a whole number"
        )
    needed = max(min_words, top_n or 0)
    lists = []
    for k, topic in enumerate(check_lists(topics, "topics")):
        words = list(topic)[:top_n]
        strange = next((i for i, word in enumerate(words) if not isinstance(word, str)), None)
        if strange is not None:
            raise InputError(
                f"expected words in topics[{k}], got {type(words[strange]).__name__} at "
                f"topics[{k}][{strange}]; pass the words themselves, not their columns or weights"
            )
        if len(words) < needed:
            raise InputError(
                f"expected {needed} words or more in topics[{k}], got {len(words)}; "
                "give it more words, lower top_n, or leave it out"
            )
        repeated = next((i for i, word in enumerate(words) if word in words[:i]), None)
        if repeated is not None:
            raise InputError(
                f"expected distinct words in topics[{k}], got {words[repeated]!r} again at "
                f"topics[{k}][{repeated}]; keep each word once"
            )
        lists.append(words)
    if not lists:
        raise InputError("expected at least one topic in topics, got none; pass a list of lists")
    return lists
