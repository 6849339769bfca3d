"""Which word is which column: a vocabulary in any common form, as a list of words."""

from collections.abc import Mapping, MappingView, Sequence, Set
from numbers import Integral
from typing import Any, TypeAlias

from topicgen.errors import InputError, shown
from topicgen.plain import quoted

# Bytes of a file of words in JSON, which is large where there are millions of words.
MOST_BYTES_OF_WORDS = 2**31

Words: TypeAlias = Sequence[str] | Mapping[Any, Any]
"""What :func:`as_words` takes, and arrays, pandas columns and iterators of strings."""


def as_words(vocabulary: Any) -> list[str]:
    """Return the word of each column, in the order of the columns.

    Args:
        vocabulary: words in the order of the columns (a list, tuple, array, iterator, pandas Series
            or Index); or a mapping that holds each of the columns 0 to n - 1, in any order: word ->
            column, such as a vectorizer's ``vocabulary_``, or column -> word, such as gensim's
            ``Dictionary`` or ``id2word``.

    Returns:
        Distinct words, n plain strings.

    Raises:
        InputError: a set or a view of a mapping, whose order is not that of the columns; a single
            string; an array that is not one-dimensional; a mapping that does not hold each of the
            columns 0 to n - 1 exactly once; an entry that is not a string, such as None or NaN; or
            a repeated word. The message names the first such entry.

    Example:
        >>> as_words({"rain": 1, "bank": 0})
        ['bank', 'rain']
        >>> as_words({1: "rain", 0: "bank"})
        ['bank', 'rain']
        >>> as_words(["rain", "bank"])
        ['rain', 'bank']
    """
    if isinstance(vocabulary, Mapping):
        words = _by_column(vocabulary)
    else:
        _check_ordered(vocabulary)
        words = list(vocabulary)
    first: dict[str, int] = {}
    for column, word in enumerate(words):
        if not isinstance(word, str):
            raise InputError(
                f"expected words in vocabulary, got {shown(word)} ({type(word).__name__}) at index "
                f"{column}; pass a string for every column"
            )
        if first.setdefault(word, column) != column:
            raise InputError(
                f"expected distinct words in vocabulary, got {quoted(word)} for the columns "
                f"{first[word]} and {column}; merge the columns or rename one of them"
            )
    return list(map(str, words))


def _check_ordered(vocabulary: Any) -> None:
    kind = type(vocabulary).__name__
    if isinstance(vocabulary, MappingView):
        raise InputError(
            f"expected vocabulary in the order of the columns, got {kind}, which is in the "
            "order of insertion; pass the mapping itself, or a list"
        )
    if isinstance(vocabulary, Set):
        raise InputError(
            f"expected vocabulary in the order of the columns, got a {kind}; a set has no order; "
            "pass a list"
        )
    if isinstance(vocabulary, (str, bytes)) or not _is_iterable(vocabulary):
        raise InputError(
            f"expected vocabulary as a list of words, got {kind} {shown(vocabulary)}; pass "
            "the word of each column, in the order of the columns"
        )
    shape = getattr(vocabulary, "shape", None)
    if isinstance(shape, tuple) and len(shape) != 1:
        raise InputError(
            f"expected vocabulary as a list of words, got an array of shape {shape}; pass a "
            "one-dimensional one"
        )


def _by_column(vocabulary: Mapping[Any, Any]) -> list[Any]:
    """Return the words of a mapping, word -> column or column -> word, by column."""
    pairs = [(column, vocabulary[column]) for column in vocabulary]
    if not all(_is_column(column) for column, _ in pairs):
        pairs = [(column, word) for word, column in pairs]
    strange = next(((column, word) for column, word in pairs if not _is_column(column)), None)
    if strange is not None:
        raise InputError(
            f"expected vocabulary as a mapping of words to columns, got {shown(strange[0])} "
            f"({type(strange[0]).__name__}) for {shown(strange[1])}; pass whole numbers from 0, "
            "or a list of words in the order of the columns"
        )
    words: dict[int, Any] = {}
    for column, word in pairs:
        if not 0 <= column < len(pairs) or column in words:
            other = f", as for {shown(words[column])}" if column in words else ""
            raise InputError(
                f"expected each column from 0 to {len(pairs) - 1} once in a vocabulary of "
                f"{len(pairs)} words, got {column} for {shown(word)}{other}; renumber the words, "
                "or pass a list in the order of the columns"
            )
        words[column] = word
    return [words[column] for column in range(len(pairs))]


def _is_iterable(value: Any) -> bool:
    try:
        iter(value)  # takes what only has __getitem__ too, such as tomotopy's used_vocabs
    except TypeError:
        return False
    return True


def _is_column(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)
