"""Many words as slices of one array of bytes, numbered by their bytes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from pandas import factorize

_EIGHT = 8
# Longer words are compared one by one: a step for every eight bytes takes its time for few words.
_MOST_BYTES = 256
_FIRST_BYTES = np.array([(1 << 8 * n) - 1 for n in range(_EIGHT + 1)], dtype=np.uint64)

# What has to follow the last word, so that eight bytes can be read from the start of any.
PADDING = bytes(_EIGHT)


@dataclass(frozen=True, eq=False)
class Words:
    """Words in UTF-8.

    Args:
        data: the bytes, with ``PADDING`` after the last word.
        starts: where each word starts, shape (n_words,).
        sizes: the bytes of each, shape (n_words,).
    """

    data: np.ndarray
    starts: np.ndarray
    sizes: np.ndarray

    def __len__(self) -> int:
        return len(self.starts)

    @classmethod
    def of(cls, words: Sequence[bytes]) -> "Words":
        """Return words as an array."""
        sizes = np.array([*map(len, words)], dtype=np.int64)
        data = np.frombuffer(b"".join([*words, PADDING]), dtype=np.uint8)
        return cls(data, np.cumsum(sizes) - sizes, sizes)

    @classmethod
    def concatenate(cls, parts: "Sequence[Words]") -> "Words":
        """Return the words of all parts, in their order."""
        shifts = np.cumsum([0, *[len(part.data) for part in parts[:-1]]])
        starts = [part.starts + shift for part, shift in zip(parts, shifts, strict=True)]
        return cls(
            np.concatenate([part.data for part in parts]),
            np.concatenate(starts),
            np.concatenate([part.sizes for part in parts]),
        )

    def take(self, which: np.ndarray) -> "Words":
        """Return these words, in an array that holds nothing else."""
        starts, sizes = self.starts[which], self.sizes[which]
        new_starts = np.cumsum(sizes) - sizes
        bytes_of = np.arange(int(sizes.sum())) + np.repeat(starts - new_starts, sizes)
        data = np.concatenate([self.data[bytes_of], np.zeros(_EIGHT, dtype=np.uint8)])
        return Words(data, new_starts, sizes)

    def as_list(self) -> list[bytes]:
        """Return the words one by one."""
        data, ends = self.data.tobytes(), (self.starts + self.sizes).tolist()
        return [data[start:end] for start, end in zip(self.starts.tolist(), ends, strict=True)]


def number_words(words: Words) -> tuple[np.ndarray, np.ndarray]:
    """Return a number for each word, equal for equal words, and a word for each number.

    Words of eight bytes are compared as one number, longer ones eight bytes after eight, and the
    very long, which are rare, whole.

    Example:
        >>> numbers, where = number_words(Words.of([b"the", b"bank", b"the"]))
        >>> numbers, where
        (array([0, 1, 0]), array([2, 1]))
    """
    data, starts, sizes = words.data, words.starts, words.sizes
    eights = np.ndarray((len(data) - _EIGHT + 1,), "<u8", data, strides=(1,))
    ids = np.empty(len(starts), dtype=np.int64)
    is_long = sizes > _EIGHT
    short, long = np.flatnonzero(~is_long), np.flatnonzero(is_long)
    is_huge = sizes[long] > _MOST_BYTES
    long, huge = long[~is_huge], long[is_huge]
    ids[short], found = factorize(eights[starts[short]] & _FIRST_BYTES[sizes[short]])
    n_words = len(found)
    if len(long):
        ids[long], _ = factorize(_number_long(eights, starts[long], sizes[long]))
        ids[long] += n_words
        n_words = int(ids[long].max()) + 1
    if len(huge):
        numbers: dict[bytes, int] = {}
        for one, word in zip(huge.tolist(), words.take(huge).as_list(), strict=True):
            ids[one] = numbers.setdefault(word, n_words + len(numbers))
        n_words += len(numbers)
    where = np.empty(n_words, dtype=np.int64)
    where[ids] = np.arange(len(ids))
    return ids, where


def _number_long(eights: np.ndarray, starts: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return a number for each word of more than eight bytes, equal for equal words.

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
