r"""Words as runs of word characters, found in whole blocks of text at once.

A regular expression starts afresh at every word. Where a token is a maximal run of ``\w``, as in
the usual patterns, the bytes of a block can be classified by table, its runs found by comparing
neighbours, and equal words by their bytes, eight at a time: the same tokens, several times as fast.
"""

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from topicgen.corpus.counting.byte_words import PADDING, WordNumbers, Words
from topicgen.corpus.counting.character_kinds import FIRST, JOINER, MARK, WORD, CharacterKinds
from topicgen.corpus.words.whole_words import PLAIN_PATTERN, TOKEN_PATTERN

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

# Of a byte that begins a character in UTF-8: the character's bytes, and the bits that are its own.
_SIZE = np.ones(256, dtype=np.uint8)
_SIZE[0xC0:], _SIZE[0xE0:], _SIZE[0xF0:] = 2, 3, 4
_OWN_BITS = np.array([0, 0x7F, 0x1F, 0x0F, 0x07])

_BYTES_A_PART = 2**18

# Words, and parts of long ones, that are remembered, so that each word is reported only once.
_MOST_KNOWN = 2**19


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
        indptr: where the entries of each text begin and end, shape (n_texts + 1,), int32.
        indices: the numbers of the words of each text, each once, int32.
        data: how often each occurs, int32.
        n_tokens: how many tokens there were, those of words left out included.
    """

    first: int
    words: list[bytes]
    indptr: np.ndarray
    indices: np.ndarray
    data: np.ndarray
    n_tokens: int


class WordRuns:
    r"""Counts the tokens of a pattern that matches runs of word characters.

    It numbers the words as they come, and reports each once.

    Args:
        pattern: one that ``can_count`` knows.
        left_out: words that are not counted.
        known: words that have been reported, in the order of their numbers.

    Example:
        >>> runs = WordRuns(r"\w+", left_out=[b"the"])
        >>> found = runs.count(Texts.of([b"the caf\xc3\xa9 x2 x2", b""]))
        >>> [word.decode() for word in found.words], found.n_tokens
        (['café', 'x2'], 4)
        >>> found.indptr, found.indices, found.data
        (array([0, 2, 2], dtype=int32), array([0, 1], dtype=int32), array([1, 2], dtype=int32))
        >>> found = runs.count(Texts.of([b"bank x2"]))
        >>> found.first, found.words, found.indices
        (2, [b'bank'], array([1, 2], dtype=int32))
    """

    def __init__(
        self, pattern: str, left_out: Iterable[bytes] = (), known: Sequence[bytes] = ()
    ) -> None:
        first, self._least = _RUNS[pattern]
        self._kinds = CharacterKinds(first, is_whole=pattern == TOKEN_PATTERN)
        self._kinds_of_ascii = self._kinds.of(np.arange(128)).tobytes() + bytes(128)
        # No word is empty or has a zero byte.
        self._left_out = sorted({word for word in left_out if word and 0 not in word})
        self._forget()
        self._learn(Words.of(known))

    def _forget(self) -> None:
        self._ids = WordNumbers()
        # The number of each id, -1 of what is no word. Those to leave out come first.
        self._number = np.full(0, -1, dtype=np.int32)
        self._n_known = 0
        self._learn(Words.of(self._left_out))

    @staticmethod
    def can_count(pattern: str | None) -> bool:
        r"""Return whether a pattern is known to match runs of word characters.

        >>> WordRuns.can_count(r"\w+"), WordRuns.can_count(r"[a-z]+")
        (True, False)
        """
        return pattern in _RUNS

    def count(self, texts: Texts) -> WordCounts:
        """Return the counts of texts, which are gone through in parts that fit the cache."""
        if len(self._ids) > _MOST_KNOWN:
            self._forget()
        n_left_out = len(self._left_out)
        first, words, n_tokens = self._n_known - n_left_out, [], 0
        counted = [_count(np.zeros(0, dtype=np.int32), np.zeros(1, dtype=np.int64))]
        for part in _parts(texts):
            tokens = self._find(part.block)
            numbers, new = self._learn(tokens)
            words += new
            n_tokens += len(numbers)
            ends = np.searchsorted(tokens.starts, np.cumsum(np.append(1, part.sizes + 1)))
            counted.append(_count(numbers - n_left_out, ends))
        sizes, indices, data = map(np.concatenate, zip(*counted, strict=True))
        indptr = np.cumsum(np.append(0, sizes)).astype(np.int32)
        return WordCounts(first, words, indptr, indices, data, n_tokens)

    def _learn(self, words: Words) -> tuple[np.ndarray, list[bytes]]:
        """Return the number of each word, and those that are new, in the order of their numbers."""
        ids = self._ids.of(words)
        more = np.full(len(self._ids) - len(self._number), -1, dtype=np.int32)
        self._number = np.concatenate([self._number, more])
        unknown = np.flatnonzero(self._number[ids] < 0)
        _, firsts = np.unique(ids[unknown], return_index=True)
        new = unknown[np.sort(firsts)]
        self._number[ids[new]] = np.arange(self._n_known, self._n_known + len(new))
        self._n_known += len(new)
        return self._number[ids], words.take(new)

    def _find(self, block: bytes) -> Words:
        """Return the tokens of a block."""
        data = np.frombuffer(block + PADDING, dtype=np.uint8)
        kind = self._kinds_of_bytes(block, data)
        is_word = kind != 0
        edges = np.flatnonzero(is_word[1:] != is_word[:-1])
        edges += 1
        starts, ends = edges[::2], edges[1::2]
        if kind.max() >= MARK:
            starts, ends = _trimmed(kind, starts, ends)
        sizes = ends - starts
        fits = (kind[starts] & FIRST) != 0
        if self._least == 2:
            fits &= sizes > (1 if block.isascii() else _SIZE[data[starts]])
        return Words(data, starts[fits], sizes[fits])

    def _kinds_of_bytes(self, block: bytes, data: np.ndarray) -> np.ndarray:
        """Return the kind of the character that each byte is a part of."""
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
        of_leads = self._kinds.of(character)
        kind[leads] = of_leads
        for following in range(1, 4):
            longer = size > following
            kind[leads[longer] + following] = of_leads[longer]
        return kind


def _trimmed(
    kind: np.ndarray, starts: np.ndarray, ends: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the runs without marks and joiners at their start, and without joiners at their end.

    A mark at the start of a run belongs to the sign before it, such as an emoji. A run of nothing
    else gets an end that is not after its start.
    """
    is_early = (kind[starts] & MARK) != 0
    is_late = (kind[ends - 1] & JOINER) != 0
    if is_early.any():
        begins = np.flatnonzero((kind & (WORD | MARK)) == WORD)
        begins = np.append(begins, len(kind) - 1)
        starts = starts.copy()
        starts[is_early] = begins[np.searchsorted(begins[:-1], starts[is_early])]
    if is_late.any():
        stops = np.flatnonzero((kind & (WORD | JOINER)) == WORD) + 1
        stops = np.append(0, stops)
        ends = ends.copy()
        ends[is_late] = stops[np.searchsorted(stops[1:], ends[is_late], side="right")]
    return starts, ends


def _count(numbers: np.ndarray, ends: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return how many words each text has, which, and how often each occurs.

    Args:
        numbers: of all tokens; those below 0 are not counted.
        ends: where the tokens of each text end, after a 0, shape (n_texts + 1,).
    """
    both = np.repeat(np.arange(len(ends) - 1) << 32, np.diff(ends)) | numbers
    both = np.sort(both[numbers >= 0])
    begins = np.flatnonzero(np.diff(both, prepend=-1))
    data = np.diff(np.append(begins, len(both))).astype(np.int32)
    both = both[begins]
    sizes = np.bincount(both >> 32, minlength=len(ends) - 1)
    return sizes, (both & 0xFFFFFFFF).astype(np.int32), data


def _parts(texts: Texts) -> Iterator[Texts]:
    """Yield the texts, about a megabyte at a time."""
    block, sizes = texts
    starts = np.cumsum(sizes + 1) - sizes
    firsts = np.flatnonzero(np.diff(starts // _BYTES_A_PART, prepend=-1))
    for first, stop in itertools.pairwise([*firsts.tolist(), len(sizes)]):
        begin, end = int(starts[first]) - 1, int(starts[stop - 1] + sizes[stop - 1]) + 1
        yield Texts(block[begin:end], sizes[first:stop])
