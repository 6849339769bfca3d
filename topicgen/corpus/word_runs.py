r"""Words as runs of word characters, found in whole blocks of text at once.

A regular expression is matched anew at every word. Where a token is a maximal run of ``\w``, as in
the usual patterns, the bytes of a block can be classified by table, its runs found by comparing
neighbours, and equal words by their bytes, eight at a time: the same tokens, several times as fast.
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from pandas import factorize
from scipy.sparse import csr_matrix

# What a run of word characters has to be, by the pattern that matches just these: the class of its
# first character, and its least length.
_RUNS = {
    r"(?u)\b[^\W\d_]\w+\b": (r"[^\W\d_]", 2),
    r"(?u)\b\w\w+\b": (r"\w", 2),
    r"\b\w\w+\b": (r"\w", 2),
    r"(?u)\b\w+\b": (r"\w", 1),
    r"\b\w+\b": (r"\w", 1),
    r"\w+": (r"\w", 1),
}

_WORD, _FIRST = 1, 2  # bits of a byte's kind

# Of a byte that begins a character in UTF-8: the character's bytes, and the bits that are its own.
_SIZE = np.ones(256, dtype=np.uint8)
_SIZE[0xC0:], _SIZE[0xE0:], _SIZE[0xF0:] = 2, 3, 4
_OWN_BITS = np.array([0, 0x7F, 0x1F, 0x0F, 0x07])

_BYTES_A_PART = 2**20

_NONE = np.zeros(0, dtype=np.int64)

_EIGHT = 8
_FIRST_BYTES = np.array([(1 << 8 * n) - 1 for n in range(_EIGHT + 1)], dtype=np.uint64)


class Texts(NamedTuple):
    """Some texts in UTF-8, whose case has been settled, end to end.

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
        words: the distinct words, in UTF-8.
        counts: CSR of shape (n_texts, n_words), int32.
        n_tokens: how many tokens there were, those of words left out included.
    """

    words: list[bytes]
    counts: csr_matrix
    n_tokens: int


class WordRuns:
    r"""Counts the tokens of a pattern that matches runs of word characters.

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
    """

    def __init__(self, pattern: str, left_out: Sequence[bytes] = ()) -> None:
        first, self._least = _RUNS[pattern]
        self._kinds = _kinds_of_characters(first)
        self._kinds_of_ascii = self._kinds[:128].tobytes() + bytes(128)
        self._left_out = _Words.of(sorted(left_out))

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
        found = [self._find(part) for part in _parts(texts)]
        # Those to leave out come first, so that their numbers are known.
        words = _Words.concatenate([self._left_out, *[words for words, _, _ in found]])
        numbers, where = _number_words(words)
        starts = np.cumsum(
            [len(self._left_out.starts), *[len(words.starts) for words, _, _ in found]]
        )
        tokens = np.concatenate(
            [
                _NONE,
                *[numbers[start + ids] for start, (_, ids, _) in zip(starts, found, strict=False)],
            ]
        )
        ends = np.cumsum(np.concatenate([[0], *[n_tokens for _, _, n_tokens in found]]))
        is_counted = np.ones(len(where), dtype=bool)
        is_counted[numbers[: len(self._left_out.starts)]] = False
        new_number = np.cumsum(is_counted, dtype=np.int32) - 1
        kept = is_counted[tokens]
        before = np.concatenate([[0], np.cumsum(kept, dtype=np.int32)])
        indices = new_number[tokens[kept]]
        counts = csr_matrix(
            (np.ones(len(indices), dtype=np.int32), indices, before[ends]),
            shape=(len(texts.sizes), int(is_counted.sum())),
        )
        counts.sum_duplicates()
        return WordCounts(words.take(where[is_counted]).as_list(), counts, len(tokens))

    def _find(self, part: Texts) -> "tuple[_Words, np.ndarray, np.ndarray]":
        """Return the distinct words, the word of each token, and how many tokens a text has."""
        data = np.frombuffer(part.block + bytes(_EIGHT), dtype=np.uint8)
        kind = self._kinds_of(part.block, data)
        is_word = kind != 0
        edges = np.flatnonzero(is_word[1:] != is_word[:-1])
        edges += 1
        starts, sizes = edges[::2], edges[1::2] - edges[::2]
        fits = (kind[starts] & _FIRST) != 0
        if self._least == 2:
            fits &= sizes > (1 if part.block.isascii() else _SIZE[data[starts]])
        tokens = _Words(data, starts[fits], sizes[fits])
        ids, where = _number_words(tokens)
        ends = np.cumsum(np.append(1, part.sizes + 1))
        return tokens.take(where), ids, np.diff(np.searchsorted(tokens.starts, ends))

    def _kinds_of(self, block: bytes, data: np.ndarray) -> np.ndarray:
        """Return what each byte is: part of a word character, and of one that may come first."""
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
        of_leads = self._kinds[character]
        kind[leads] = of_leads
        for following in range(1, 4):
            longer = size > following
            kind[leads[longer] + following] = of_leads[longer] & _WORD
        return kind


class _Words(NamedTuple):
    """Words in UTF-8 as slices of one array, which has at least eight bytes after the last."""

    data: np.ndarray
    starts: np.ndarray
    sizes: np.ndarray

    @classmethod
    def of(cls, words: Sequence[bytes]) -> "_Words":
        sizes = np.array([*map(len, words)], dtype=np.int64)
        data = np.frombuffer(b"".join([*words, bytes(_EIGHT)]), dtype=np.uint8)
        return cls(data, np.cumsum(sizes) - sizes, sizes)

    @classmethod
    def concatenate(cls, parts: "Sequence[_Words]") -> "_Words":
        shifts = np.cumsum([0, *[len(part.data) for part in parts[:-1]]])
        starts = [part.starts + shift for part, shift in zip(parts, shifts, strict=True)]
        return cls(
            np.concatenate([part.data for part in parts]),
            np.concatenate(starts),
            np.concatenate([part.sizes for part in parts]),
        )

    def take(self, which: np.ndarray) -> "_Words":
        """Return these words, in an array that holds nothing else."""
        starts, sizes = self.starts[which], self.sizes[which]
        new_starts = np.cumsum(sizes) - sizes
        bytes_of = np.arange(int(sizes.sum())) + np.repeat(starts - new_starts, sizes)
        data = np.concatenate([self.data[bytes_of], np.zeros(_EIGHT, dtype=np.uint8)])
        return _Words(data, new_starts, sizes)

    def as_list(self) -> list[bytes]:
        data, ends = self.data.tobytes(), (self.starts + self.sizes).tolist()
        return [data[start:end] for start, end in zip(self.starts.tolist(), ends, strict=True)]


def _parts(texts: Texts) -> Iterator[Texts]:
    """Yield the texts, about a megabyte at a time."""
    block, sizes = texts
    starts = np.cumsum(sizes + 1) - sizes
    firsts = np.flatnonzero(np.diff(starts // _BYTES_A_PART, prepend=-1))
    for first, stop in itertools.pairwise([*firsts.tolist(), len(sizes)]):
        begin, end = int(starts[first]) - 1, int(starts[stop - 1] + sizes[stop - 1]) + 1
        yield Texts(block[begin:end], sizes[first:stop])


def _number_words(words: _Words) -> tuple[np.ndarray, np.ndarray]:
    """Return a number for each word, the same for the same one, and for each number a word."""
    data, starts, sizes = words
    eights = np.ndarray((len(data) - _EIGHT + 1,), "<u8", data, strides=(1,))
    ids = np.empty(len(starts), dtype=np.int64)
    is_long = sizes > _EIGHT
    short, long = np.flatnonzero(~is_long), np.flatnonzero(is_long)
    ids[short], found = factorize(eights[starts[short]] & _FIRST_BYTES[sizes[short]])
    n_words = len(found)
    if len(long):
        ids[long], _ = factorize(_number_long(eights, starts[long], sizes[long]))
        ids[long] += n_words
        n_words = int(ids.max()) + 1
    where = np.empty(n_words, dtype=np.int64)
    where[ids] = np.arange(len(ids))
    return ids, where


def _number_long(eights: np.ndarray, starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return a number for each word of more than eight bytes, the same for the same one.

    The first eight bytes have a number; it and the next eight have one; and so on.
    """
    ids, _ = factorize(eights[starts])
    n_numbers = len(starts)
    going_on = np.arange(len(starts))
    for read in range(_EIGHT, int(sizes.max()), _EIGHT):
        left = np.minimum(sizes[going_on] - read, _EIGHT)
        next_eight, _ = factorize(eights[starts[going_on] + read] & _FIRST_BYTES[left])
        # Above all numbers so far: a word must not share one with the beginning of another.
        ids[going_on] = factorize(ids[going_on] << 32 | next_eight)[0] + n_numbers
        n_numbers += len(going_on)
        going_on = going_on[sizes[going_on] > read + _EIGHT]
    return ids


@cache
def _kinds_of_characters(first: str) -> np.ndarray:
    """Return the kind of every character, as Python's regular expressions class it."""
    surrogates = range(0xD800, 0xE000)
    every = [*range(surrogates.start), *range(surrogates.stop, 0x110000)]
    text, codes = "".join(map(chr, every)), np.array(every)
    kinds = np.zeros(0x110000, dtype=np.uint8)
    for bit, of_class in ((_WORD, r"\w"), (_FIRST, first)):
        for run in re.finditer(f"{of_class}+", text):
            kinds[codes[run.start() : run.end()]] |= bit
    return kinds
