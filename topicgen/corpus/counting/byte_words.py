"""Many words as slices of one array of bytes, numbered by their bytes."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from topicgen.corpus.counting.key_numbers import KeyNumbers

_EIGHT = 8
# Longer words are compared one by one: a step for every eight bytes takes its time for few words.
_MOST_BYTES = 64
_FIRST_BYTES = np.array([(1 << 8 * n) - 1 for n in range(_EIGHT + 1)], dtype=np.uint64)

# The last byte of what stands for eight bytes of a very long word: no such byte occurs in UTF-8.
_HUGE = np.uint64(0xFF << 56)

# What has to follow the last word, so that eight bytes can be read from the start of any.
PADDING = bytes(_EIGHT)


class Words(NamedTuple):
    """Words in UTF-8, without zero bytes.

    Args:
        data: the bytes, with ``PADDING`` after the last word.
        starts: where each word starts, shape (n_words,).
        sizes: the bytes of each, at least one, shape (n_words,).
    """

    data: np.ndarray
    starts: np.ndarray
    sizes: np.ndarray

    @classmethod
    def of(cls, words: Sequence[bytes]) -> "Words":
        """Return words as an array."""
        sizes = np.array([*map(len, words)], dtype=np.int64)
        data = np.frombuffer(b"".join([*words, PADDING]), dtype=np.uint8)
        return cls(data, np.cumsum(sizes) - sizes, sizes)

    def take(self, which: np.ndarray) -> list[bytes]:
        """Return these words one by one."""
        data, starts = self.data.tobytes(), self.starts[which]
        ends = (starts + self.sizes[which]).tolist()
        return [data[start:end] for start, end in zip(starts.tolist(), ends, strict=True)]


class WordNumbers:
    """Gives each word a number when it first occurs.

    A word of up to eight bytes is a key. Of a longer one, the first eight bytes have a number; it
    and the next eight bytes are a key, which has a number, and so on. The very long, which are
    rare, are looked up whole.

    Example:
        >>> numbers = WordNumbers()
        >>> numbers.of(Words.of([b"the", b"bank", b"the"])), numbers.of(Words.of([b"bank"]))
        (array([0, 2, 0], dtype=int32), array([2], dtype=int32))
    """

    def __init__(self) -> None:
        # Even numbers are of the first eight bytes, odd ones of more.
        self._even, self._odd = KeyNumbers(n_parts=1), KeyNumbers(n_parts=2)
        self._huge: dict[bytes, int] = {}

    def __len__(self) -> int:
        """Return a bound of the numbers; some stand for beginnings of words, or for nothing."""
        return 2 * max(len(self._even), len(self._odd))

    def of(self, words: Words) -> np.ndarray:
        """Return the number of each word."""
        data, starts, sizes = words
        eights = np.ndarray((len(data) - _EIGHT + 1,), "<u8", data, strides=(1,))
        numbers = 2 * self._even.of(eights[starts] & _FIRST_BYTES[np.minimum(sizes, _EIGHT)])
        going_on = np.flatnonzero(sizes > _EIGHT)
        huge = going_on[sizes[going_on] > _MOST_BYTES]
        going_on = going_on[sizes[going_on] <= _MOST_BYTES]
        read = _EIGHT
        while len(going_on):
            left = np.minimum(sizes[going_on] - read, _EIGHT)
            next_eight = eights[starts[going_on] + read] & _FIRST_BYTES[left]
            before = numbers[going_on].astype(np.uint64)
            numbers[going_on] = 2 * self._odd.of(next_eight, before) + 1
            read += _EIGHT
            going_on = going_on[sizes[going_on] > read]
        if len(huge):
            places = [self._huge.setdefault(word, len(self._huge)) for word in words.take(huge)]
            key = _HUGE | np.array(places, dtype=np.uint64)
            numbers[huge] = 2 * self._odd.of(key, np.zeros_like(key)) + 1
        return numbers
