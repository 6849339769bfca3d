r"""Words as runs of word characters, found in whole blocks of text at once.

A regular expression starts afresh at every word. Where a token is a maximal run of ``\w``, as in
the usual patterns, the bytes of a block can be classified by table, its runs found by comparing
neighbours, and equal words by their bytes, eight at a time: the same tokens, several times as fast.
"""

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix, vstack

from topicgen.corpus.counting.byte_words import PADDING, Words, number_words
from topicgen.corpus.words.whole_words import JOINERS, PLAIN_PATTERN, TOKEN_PATTERN, mark_ranges

# What a run of word characters has to be, by the pattern that matches just these: the class of its
# first character, and its least length.
_RUNS = {
    TOKEN_PATTERN: (r"[^\W\d_]", 2),
    PLAIN_PATTERN: (r"[^\W\d_]", 2),
    r"(?u)\b\w\w+\b": (r"\w", 2),
    r"\b\w\w+\b": (r"\w", 2),
    r"(?u)\b\w+\b": (r"\w", 1),
    r"\b\w+\b": (r"\w", 1),
    r"\w+": (r"\w", 1),
}

# Bits of a byte's kind: of what character it is a part. Marks and joiners are word characters too,
# but a run does not begin with a mark or a joiner, nor end with a joiner.
_WORD, _FIRST, _MARK, _JOINER = 1, 2, 4, 8

# Of a byte that begins a character in UTF-8: the character's bytes, and the bits that are its own.
_SIZE = np.ones(256, dtype=np.uint8)
_SIZE[0xC0:], _SIZE[0xE0:], _SIZE[0xF0:] = 2, 3, 4
_OWN_BITS = np.array([0, 0x7F, 0x1F, 0x0F, 0x07])

_BYTES_A_PART = 2**20

# Words that are remembered, to report each only once: some 30 bytes each, and a little time per
# block.
_MOST_KNOWN = 2**18


class Texts(NamedTuple):
    """Some texts in UTF-8, end to end, their case already normalised.

    Args:
        block: the texts, a line break before each and after the last.
        sizes: the bytes of each, shape (n_texts,).
    """

    block: bytes
    sizes: np.ndarray

    @classmethod
    def of(cls, texts: Sequence[bytes]) -> "Texts":
        """Return texts end to end."""
        return cls(b"\n".join([b"", *texts, b""]), np.array([*map(len, texts)], dtype=np.int64))


class WordCounts(NamedTuple):
    """How often each word occurs in each of some texts.

    Args:
        first: the number of the first of these words.
        words: those not reported before, in UTF-8; a number means the last word reported for it.
        counts: CSR of shape (n_texts, first + len(words)), int32, a column for each number.
        n_tokens: how many tokens there were, those of words left out included.
    """

    first: int
    words: list[bytes]
    counts: csr_matrix
    n_tokens: int


class WordRuns:
    r"""Counts the tokens of a pattern that matches runs of word characters.

    It numbers the words as they come, and reports each once.

    Args:
        pattern: one that ``can_count`` knows.
        left_out: words that are not counted.

    Example:
        >>> runs = WordRuns(r"\w+", left_out=[b"the"])
        >>> found = runs.count(Texts.of([b"the caf\xc3\xa9 x2 x2", b""]))
        >>> [word.decode() for word in found.words], found.n_tokens
        (['café', 'x2'], 4)
        >>> found.counts.toarray()
        array([[1, 2],
               [0, 0]], dtype=int32)
        >>> found = runs.count(Texts.of([b"bank x2"]))
        >>> found.first, found.words, found.counts.toarray()
        (2, [b'bank'], array([[0, 1, 1]], dtype=int32))
    """

    def __init__(self, pattern: str, left_out: Iterable[bytes] = ()) -> None:
        self._first, self._least = _RUNS[pattern]
        self._is_whole = pattern == TOKEN_PATTERN
        self._kinds_of_ascii = _kinds_of(range(128), self._first).tobytes() + bytes(128)
        # Those to leave out come first, so that their numbers are known.
        self._left_out = self._known = Words.of(sorted(set(left_out)))

    @staticmethod
    def can_count(pattern: str | None) -> bool:
        r"""Return whether a pattern is known to match runs of word characters.

        >>> WordRuns.can_count(r"\w+"), WordRuns.can_count(r"[a-z]+")
        (True, False)
        """
        return pattern in _RUNS

    def count(self, texts: Texts) -> WordCounts:
        """Return the counts of texts.

        They are gone through in parts that fit the cache; the words of the parts are then numbered
        together.
        """
        if len(self._known) > _MOST_KNOWN:
            self._known = self._left_out
        parts = [self._find(part) for part in _parts(texts)]
        known, n_left_out = len(self._known), len(self._left_out)
        words = Words.concatenate([self._known, *[part.words for part in parts]])
        same, where = number_words(words)
        number = np.full(len(where), -1)
        number[same[:known]] = np.arange(known)
        is_new = number < 0
        number[is_new] = np.arange(known, len(where))
        new = words.take(where[is_new])
        self._known = Words.concatenate([self._known, new])
        numbers = (number[same[known:]] - n_left_out).astype(np.int32)
        n_columns = len(where) - n_left_out
        counted = [csr_matrix((0, n_columns), dtype=np.int32)]
        for part in parts:
            of_part, numbers = numbers[: len(part.words)], numbers[len(part.words) :]
            counted.append(_count(of_part[part.tokens], part.ends, n_columns))
        return WordCounts(
            first=known - n_left_out,
            words=new.as_list(),
            counts=vstack(counted, format="csr"),
            n_tokens=sum(len(part.tokens) for part in parts),
        )

    def _find(self, part: Texts) -> "_Part":
        data = np.frombuffer(part.block + PADDING, dtype=np.uint8)
        kind = self._kinds(part.block, data)
        is_word = kind != 0
        edges = np.flatnonzero(is_word[1:] != is_word[:-1])
        edges += 1
        starts, ends = edges[::2], edges[1::2]
        if kind.max() >= _MARK:
            starts, ends = _trimmed(kind, starts, ends)
        sizes = ends - starts
        fits = (kind[starts] & _FIRST) != 0
        if self._least == 2:
            fits &= sizes > (1 if part.block.isascii() else _SIZE[data[starts]])
        tokens = Words(data, starts[fits], sizes[fits])
        ids, where = number_words(tokens)
        bounds = np.searchsorted(tokens.starts, np.cumsum(np.append(1, part.sizes + 1)))
        return _Part(tokens.take(where), ids.astype(np.int32), bounds.astype(np.int32))

    def _kinds(self, block: bytes, data: np.ndarray) -> np.ndarray:
        """Return what each byte is, in the bits above."""
        kind = np.frombuffer(block.translate(self._kinds_of_ascii), dtype=np.uint8)
        if block.isascii():
            return kind
        kind = kind.copy()
        leads = np.flatnonzero(data >= 0xC0)
        size = _SIZE[data[leads]]
        character = data[leads] & _OWN_BITS[size]
        for following in range(1, 4):
            longer = size > following
            own = data[leads[longer] + following] & 0x3F
            character[longer] = character[longer] << 6 | own
        of_leads = _kinds_of_all(self._first, self._is_whole)[character]
        kind[leads] = of_leads
        for following in range(1, 4):
            longer = size > following
            kind[leads[longer] + following] = of_leads[longer]
        return kind


class _Part(NamedTuple):
    """The distinct words of some texts, the word of each token, and where a text's tokens end."""

    words: Words
    tokens: np.ndarray
    ends: np.ndarray


def _trimmed(
    kind: np.ndarray, starts: np.ndarray, ends: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the runs without marks and joiners at their start, and without joiners at their end.

    A mark at the start of a run belongs to the sign before it, such as an emoji. A run of nothing
    else gets an end that is not after its start.
    """
    is_early = (kind[starts] & _MARK) != 0
    is_late = (kind[ends - 1] & _JOINER) != 0
    if is_early.any():
        begins = np.flatnonzero((kind & (_WORD | _MARK)) == _WORD)
        begins = np.append(begins, len(kind) - 1)
        starts = starts.copy()
        starts[is_early] = begins[np.searchsorted(begins[:-1], starts[is_early])]
    if is_late.any():
        stops = np.flatnonzero((kind & (_WORD | _JOINER)) == _WORD) + 1
        stops = np.append(0, stops)
        ends = ends.copy()
        ends[is_late] = stops[np.searchsorted(stops[1:], ends[is_late], side="right")]
    return starts, ends


def _count(tokens: np.ndarray, ends: np.ndarray, n_columns: int) -> csr_matrix:
    """Return the counts of tokens by their numbers, those below 0 left out."""
    is_counted = tokens >= 0
    before = np.concatenate([[0], np.cumsum(is_counted)]).astype(np.int32)
    numbers = tokens[is_counted]
    ones, shape = np.ones(len(numbers), dtype=np.int32), (len(ends) - 1, n_columns)
    counts = csr_matrix((ones, numbers, before[ends]), shape=shape)
    counts.sum_duplicates()
    return counts


def _parts(texts: Texts) -> Iterator[Texts]:
    """Yield the texts, about a megabyte at a time."""
    block, sizes = texts
    starts = np.cumsum(sizes + 1) - sizes
    firsts = np.flatnonzero(np.diff(starts // _BYTES_A_PART, prepend=-1))
    for first, stop in itertools.pairwise([*firsts.tolist(), len(sizes)]):
        begin, end = int(starts[first]) - 1, int(starts[stop - 1] + sizes[stop - 1]) + 1
        yield Texts(block[begin:end], sizes[first:stop])


@cache
def _kinds_of_all(first: str, is_whole: bool) -> np.ndarray:
    kinds = _kinds_of(range(0x110000), first)
    if is_whole:
        for begin, last in mark_ranges():
            kinds[begin : last + 1] = _WORD | _MARK
        kinds[[*map(ord, JOINERS)]] = _WORD | _MARK | _JOINER
    return kinds


def _kinds_of(codes: range, first: str) -> np.ndarray:
    """Return the kinds of characters, as Python's regular expressions class them."""
    # A surrogate is no character; with an exclamation mark in its place each has one position.
    text = "".join("!" if 0xD800 <= code < 0xE000 else chr(code) for code in codes)
    kinds = np.zeros(len(text), dtype=np.uint8)
    for bit, of_class in ((_WORD, r"\w"), (_FIRST, first)):
        for run in re.finditer(f"{of_class}+", text):
            kinds[run.start() : run.end()] |= bit
    return kinds
