"""The terms of a collection as they come: their numbers, and how often each occurs."""

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix

from topicgen.corpus.storage.strings import Strings, write_strings

# In place of a number or a column, all below 0: of a word that is dropped, and of a term that is
# outside the vocabulary.
DROPPED, OUTSIDE = -1, -2


class Numbering:
    """Gives each term its number, by a vocabulary that is fixed or grows.

    Args:
        ids: the number of each term.
        normalise: from a word as it stands to its term, or to None where it is dropped.
        grow: whether a new term takes the next number; otherwise it is left out.

    Example:
        >>> Numbering({"bank": 0}, str.lower, grow=True).of_words([b"Bank", b"rate"])
        array([0, 1])
    """

    def __init__(
        self, ids: dict[str, int], normalise: Callable[[str], str | None], *, grow: bool = False
    ) -> None:
        self.ids = ids
        self.grow = grow
        self._normalise = normalise

    def __len__(self) -> int:
        return len(self.ids)

    def of_words(self, words: Sequence[bytes]) -> np.ndarray:
        """Return the number of each word's term, or DROPPED or OUTSIDE."""
        normalise = self._normalise
        return self._numbers([normalise(word.decode("utf-8", "surrogatepass")) for word in words])

    def of_terms(self, terms: Sequence[str]) -> np.ndarray:
        """Return the number of each term."""
        return self._numbers(terms)

    def _numbers(self, terms: Sequence[str | None]) -> np.ndarray:
        # Written out for each case, since there may be half a million terms.
        ids = self.ids
        if self.grow:
            numbers = [DROPPED if one is None else ids.setdefault(one, len(ids)) for one in terms]
        else:
            numbers = [DROPPED if one is None else ids.get(one, OUTSIDE) for one in terms]
        return np.array(numbers, dtype=np.int64)


class Lexicon(Numbering):
    """Numbers the terms as they come, and counts the documents and the tokens of each.

    Args:
        normalise: see ``Numbering``.
    """

    def __init__(self, normalise: Callable[[str], str | None]) -> None:
        super().__init__({}, normalise, grow=True)
        self._documents = np.zeros(1024, dtype=np.int64)
        self._tokens = np.zeros(1024, dtype=np.int64)

    def add(self, counts: csr_matrix) -> None:
        """Add documents, whose columns are the numbers of the terms."""
        width = counts.shape[1]
        if width > len(self._documents):
            more = np.zeros(max(width, 2 * len(self._documents)) - len(self._documents), np.int64)
            self._documents = np.concatenate([self._documents, more])
            self._tokens = np.concatenate([self._tokens, more])
        self._documents[:width] += np.bincount(counts.indices, minlength=width)
        # Sums below 2^53 are exact in floating point.
        tokens = np.bincount(counts.indices, weights=counts.data, minlength=width)
        self._tokens[:width] += tokens.astype(np.int64)

    def sorted(self) -> "SortedTerms":
        """Return the terms in alphabetical order."""
        names = list(self.ids)  # in the order of their numbers
        order = sorted(range(len(names)), key=names.__getitem__)
        terms, numbers = [names[number] for number in order], np.array(order, dtype=np.int64)
        return SortedTerms(terms, numbers, self._documents[numbers], self._tokens[numbers])


class SortedTerms(NamedTuple):
    """Terms in alphabetical order.

    Args:
        terms: each once.
        numbers: the number that each was counted under, shape (n_terms,).
        documents: the documents that each is in, likewise.
        tokens: how often each occurs, likewise.
    """

    terms: Sequence[str]
    numbers: np.ndarray
    documents: np.ndarray
    tokens: np.ndarray

    def spill(self, path: Path) -> "SortedTerms":
        """Write the terms to disk, and return them as they lie there."""
        write_strings(path, self.terms)
        return self._replace(terms=Strings(path))


class Selection(NamedTuple):
    """The vocabulary that was chosen from all terms.

    Args:
        vocabulary: in alphabetical order.
        columns: for each of the lexicons, the column of each number, OUTSIDE where it has none.
        n_terms: how many terms there were.
        n_rare: how many were in too few documents.
        n_common: how many were in too many.
    """

    vocabulary: list[str]
    columns: list[np.ndarray]
    n_terms: int
    n_rare: int
    n_common: int


def select_terms(
    lexicons: list[SortedTerms],
    low: float,
    high: float,
    max_features: int | None,
    keep: frozenset[str] = frozenset(),
) -> Selection:
    """Choose the terms worth keeping.

    Args:
        lexicons: of parts of the collection; a term may be in several.
        low: the least number of documents that a term is in.
        high: the greatest number of documents that a term is in.
        max_features: how many terms to keep, the most frequent; in a tie, the first ones.
        keep: terms to keep in any case.

    Example:
        >>> lexicon = Lexicon(str)
        >>> lexicon.of_terms(["a", "b", "c"])
        array([0, 1, 2])
        >>> lexicon.add(csr_matrix([[1, 1, 0], [1, 0, 2]]))
        >>> chosen = select_terms([lexicon.sorted()], low=1, high=1, max_features=1)
        >>> chosen.vocabulary, chosen.columns
        (['c'], [array([-2, -2,  0])])
    """
    terms, places = _merge(lexicons)
    documents, tokens = _sums(lexicons, places, len(terms))
    is_kept = (documents >= low) & (documents <= high)
    kept = np.flatnonzero(is_kept)
    if max_features is not None and len(kept) > max_features:
        most_frequent = np.argsort(-tokens[kept], kind="stable")[:max_features]
        kept = np.sort(kept[most_frequent])
    if keep:
        protected = [i for i, term in enumerate(terms) if term in keep]
        kept = np.union1d(kept, protected).astype(np.int64)
    column = np.full(len(terms), OUTSIDE)
    column[kept] = np.arange(len(kept))
    columns = [
        _by_number(lexicon, column[place]) for lexicon, place in zip(lexicons, places, strict=True)
    ]
    return Selection(
        vocabulary=[terms[i] for i in kept.tolist()],
        columns=columns,
        n_terms=len(terms),
        n_rare=int((documents < low).sum()),
        n_common=int((documents > high).sum()),
    )


def merge_terms(lexicons: Sequence[SortedTerms]) -> SortedTerms:
    """Return the terms of several parts of a collection as those of one, numbered in their order.

    >>> one = SortedTerms(["a", "c"], np.array([1, 0]), np.array([1, 2]), np.array([1, 5]))
    >>> two = SortedTerms(["b", "c"], np.array([0, 1]), np.array([1, 1]), np.array([1, 1]))
    >>> merged = merge_terms([one, two])
    >>> merged.terms, merged.documents.tolist(), merged.tokens.tolist()
    (['a', 'b', 'c'], [1, 1, 3], [1, 1, 6])
    """
    ids: dict[str, int] = {}
    places = [
        np.array([ids.setdefault(term, len(ids)) for term in lexicon.terms], dtype=np.int64)
        for lexicon in lexicons
    ]
    documents, tokens = _sums(lexicons, places, len(ids))
    terms = sorted(ids)
    order = np.array([ids[term] for term in terms], dtype=np.int64)
    return SortedTerms(terms, np.arange(len(terms)), documents[order], tokens[order])


def columns_of(terms: SortedTerms, columns: Mapping[str, int]) -> np.ndarray:
    """Return the column of each number in a vocabulary, OUTSIDE where its term has none.

    >>> terms = SortedTerms(["a", "c"], np.array([1, 0]), np.array([1, 2]), np.array([1, 5]))
    >>> columns_of(terms, {"b": 0, "c": 1})
    array([ 1, -2])
    """
    return _by_number(terms, [columns.get(term, OUTSIDE) for term in terms.terms])


def _by_number(lexicon: SortedTerms, columns: Sequence[int] | np.ndarray) -> np.ndarray:
    """Return the columns of terms in the order of the numbers that they were counted under."""
    of_number = np.full(len(lexicon.terms), OUTSIDE)
    of_number[lexicon.numbers] = columns
    return of_number


def _sums(
    lexicons: Sequence[SortedTerms], places: list[np.ndarray], n_terms: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the documents and the tokens of all terms, each lexicon's at its places."""
    documents, tokens = (np.zeros(n_terms, dtype=np.int64) for _ in range(2))
    for lexicon, place in zip(lexicons, places, strict=True):
        documents[place] += lexicon.documents
        tokens[place] += lexicon.tokens
    return documents, tokens


def _merge(lexicons: list[SortedTerms]) -> tuple[Sequence[str], list[np.ndarray]]:
    """Return all terms in order, and the place of each lexicon's terms among them."""
    if len(lexicons) == 1:
        return lexicons[0].terms, [np.arange(len(lexicons[0].terms))]
    places = [np.empty(len(lexicon.terms), dtype=np.int64) for lexicon in lexicons]
    terms: list[str] = []
    rows = heapq.merge(*map(_rows, range(len(lexicons)), lexicons))
    for place, (term, same) in enumerate(groupby(rows, key=itemgetter(0))):
        terms.append(term)
        for _, lexicon, row in same:
            places[lexicon][row] = place
    return terms, places


def _rows(number: int, lexicon: SortedTerms) -> Iterator[tuple[str, int, int]]:
    return ((term, number, row) for row, term in enumerate(lexicon.terms))
