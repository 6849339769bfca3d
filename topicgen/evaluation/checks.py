"""What every score asks of its input, said once: counts, distributions, labels, topics, options."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import issparse

from topicgen.arrays import (
    as_array,
    as_numpy,
    is_missing,
    without_mask,
)
from topicgen.errors import InputError, shown
from topicgen.plain import quoted

ROW_SUM_TOLERANCE = 1e-3


def check_distributions(rows: ArrayLike, name: str) -> NDArray[np.float64]:
    """Return ``rows`` as float64, each row a probability distribution.

    Raises:
        InputError: not a 2-D array, or a row that holds a missing, infinite or negative number or
            does not sum to 1 within 1e-3. It names the first such row.
    """
    expected = "a 2-D array of probabilities"
    array = as_array(rows, name, expected)
    if array.ndim != 2:
        raise InputError(
            f"expected {name} as {expected}, got shape {array.shape}; pass one distribution per row"
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


def sums(counts: Any, axis: int) -> NDArray[Any]:
    """Return the sums of a sparse matrix of counts as an array, floats in double precision."""
    dtype = np.float64 if counts.dtype.kind == "f" else None
    return np.asarray(counts.sum(axis=axis, dtype=dtype)).ravel()


def check_column_order(table: Any, words: Sequence[str] | None, name: str) -> None:
    """Make sure that a data frame with one column per word has them in the order of ``words``.

    Tables without column names, and words that are not known (None), are let through.

    Raises:
        InputError: the same words in another order. It names the first that differs.
    """
    names = column_names(table)
    if names is not None and words is not None:
        check_order(names, words, f"the columns of {name}", "the vocabulary")


def check_order(given: Sequence[str], words: Sequence[str], what: str, whose: str) -> None:
    """Make sure that words, where they are the same as others, are in the same order.

    Raises:
        InputError: another order. It names the first word that differs.
    """
    if list(given) == list(words) or sorted(given) != sorted(words):
        return
    column = next(i for i, word in enumerate(words) if given[i] != word)
    raise InputError(
        f"expected {what} in the order of {whose}, got {quoted(given[column])} in place of "
        f"{quoted(words[column])} at column {column}; reorder them by name"
    )


def column_names(table: Any) -> list[str] | None:
    """Return the names of a data frame's columns where they are strings, else None."""
    columns = getattr(table, "columns", None)
    if columns is None or not hasattr(table, "shape") or issparse(table):
        return None
    names = list(columns)
    return names if names and all(isinstance(name, str) for name in names) else None


def check_numbers(values: ArrayLike, name: str) -> NDArray[np.float64]:
    """Return ``values``, a number for each document, as float64; missing ones become NaN.

    Raises:
        InputError: what is not an array of numbers.
    """
    return as_array(values, name, "numbers").astype(np.float64)


def check_each(values: NDArray[np.float64], good: NDArray[np.bool_], expected: str) -> None:
    """Make sure that the value of each document is good.

    Raises:
        InputError: it names the first that is not.
    """
    if not good.all():
        d = int(np.argmin(good))
        raise InputError(
            f"expected {expected}, got {values[d]} at index {d}; correct it or leave that document "
            "out"
        )


def check_lengths(n_tokens: NDArray[np.float64]) -> None:
    """Make sure that each document's length is finite and at least 0; see :func:`check_each`."""
    good = np.isfinite(n_tokens) & (n_tokens >= 0)
    check_each(n_tokens, good, "numbers of tokens in n_tokens")


def check_labels(labels: Any, name: str) -> tuple[NDArray[np.int64], list[Any]]:
    """Return each document's label as a number (documents,), and the label of each number.

    Labels may be numbers, strings or whatever can be a key of a dictionary, in a list, an array, or
    a column of any type. Numbers are given in the order of first occurrence.

    Raises:
        InputError: not one-dimensional, or a label that is missing (None, NaN, pandas' NA) or
            cannot be a key of a dictionary; it names the first.
    """
    labels = without_mask(labels)
    # As objects: an array of strings would take None and NaN for words.
    own = None if isinstance(labels, np.ndarray) else object
    values = as_numpy(labels, name, "one value per document", own)
    if values.ndim != 1:
        raise InputError(
            f"expected {name} of shape (documents,), got {values.shape}; pass one per document"
        )
    number: dict[Any, int] = {}
    codes = np.empty(values.size, dtype=np.int64)
    dates = values.dtype.kind in "mM"  # tolist makes a number of NaT
    for i, value in enumerate(values if dates else values.tolist()):
        if is_missing(value):
            raise InputError(
                f"expected a value for every document in {name}, got {value} at index {i}; leave "
                "out documents without one"
            )
        try:
            codes[i] = number.setdefault(value, len(number))
        except TypeError:
            raise InputError(
                f"expected numbers or strings in {name}, got {type(value).__name__} at index {i}; "
                "pass a single value per document"
            ) from None
    return codes, list(number)


def check_lists(lists: Any, name: str) -> Iterator[Iterable[Any]]:
    """Yield the lists of ``lists`` one by one; a string is not a list of words.

    Raises:
        InputError: ``lists`` or one of them is a string or mapping or cannot be iterated; it names
            the first.
    """
    if isinstance(lists, (str, bytes, Mapping)) or not is_iterable(lists):
        raise InputError(
            f"expected {name} as lists of words, got {type(lists).__name__}; pass a list of lists"
        )
    for i, words in enumerate(lists):
        if isinstance(words, (str, bytes, Mapping)) or not is_iterable(words):
            raise InputError(
                f"expected {name}[{i}] as a list of words, got {type(words).__name__} "
                f"{shown(words)}; pass a list of lists, each text split into words"
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
    if top_n is not None:
        check_whole(top_n, "top_n", least=min_words)
    needed = max(min_words, top_n or 0)
    lists = []
    for k, topic in enumerate(check_lists(topics, "topics")):
        if isinstance(topic, Set):
            raise InputError(
                f"expected topics[{k}] as words in order, the most probable first, got a "
                f"{type(topic).__name__}; a set has no order; pass a list"
            )
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
        if len(set(words)) < len(words):
            repeated = next(i for i, word in enumerate(words) if word in words[:i])
            raise InputError(
                f"expected distinct words in topics[{k}], got {quoted(words[repeated])} again at "
                f"topics[{k}][{repeated}]; keep each word once"
            )
        lists.append(words)
    if not lists:
        raise InputError("expected at least one topic in topics, got none; pass a list of lists")
    return lists


def is_iterable(value: Any) -> bool:
    """Return whether a value can be iterated over, which a 0-d array cannot though it looks so."""
    try:
        iter(value)
    except TypeError:
        return False
    return True


def check_choice(value: Any, name: str, choices: Iterable[str], usual: str) -> None:
    """Make sure that an option is one of some names.

    Raises:
        InputError: any other value; it recommends the usual one.
    """
    choices = list(choices)
    if not isinstance(value, str) or value not in choices:
        raise InputError(
            f"expected {name} to be one of {', '.join(choices)}, got {shown(value)}; {usual} is "
            "usual"
        )


def check_whole(value: Any, name: str, *, least: int = 1, most: int | None = None) -> int:
    """Return an option that is a whole number from ``least`` (to ``most``).

    Raises:
        InputError: any other value; True and False are not numbers here.
    """
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    if not whole or value < least or (most is not None and value > most):
        allowed = f"from {least}" if most is None else f"from {least} to {most}"
        raise InputError(
            f"expected {name} to be a whole number {allowed}, got {shown(value)}; pass one in that "
            "range"
        )
    return int(value)


def check_fraction(value: Any, name: str, usual: float, *, ends: bool = False) -> float:
    """Return an option that is between 0 and 1, both excluded, or with ``ends`` both included.

    Raises:
        InputError: any other value; it recommends the usual one.
    """
    is_number = isinstance(value, Real)
    if not (is_number and (0 <= value <= 1 if ends else 0 < value < 1)):
        bounds = "from 0 to 1" if ends else "between 0 and 1, both excluded"
        raise InputError(f"expected {name} {bounds}, got {shown(value)}; {usual} is usual")
    return float(value)
