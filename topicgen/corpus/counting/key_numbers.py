"""Numbers for keys of 64 bits or more, by a hash table that looks up an array of them at once."""

from collections.abc import Sequence

import numpy as np

# 2^64 divided by the golden ratio: the top bits of a product with it depend on all bits of a key.
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_BITS_AT_FIRST = 12


class KeyNumbers:
    """Gives each key a number, from 0, when it first occurs.

    Most keys recur, and are found where they hash to: with pandas' ``factorize``, all would be
    hashed anew for each array.

    Args:
        n_parts: how many integers of 64 bits a key consists of.

    Example:
        >>> numbers = KeyNumbers(n_parts=1)
        >>> numbers.of(np.array([7, 9, 7], dtype=np.uint64))
        array([0, 1, 0], dtype=int32)
        >>> numbers.of(np.array([5, 9], dtype=np.uint64)), len(numbers)
        (array([2, 1], dtype=int32), 3)
    """

    def __init__(self, n_parts: int) -> None:
        self._n = 0
        self._n_parts = n_parts
        self._set_up(_BITS_AT_FIRST)

    def __len__(self) -> int:
        return self._n

    def of(self, *parts: np.ndarray) -> np.ndarray:
        """Return the number of each key.

        Args:
            *parts: of the keys, each of shape (n_keys,), uint64; the first of a key is not 0.
        """
        slots = self._homes(parts)
        numbers = self._numbers[slots]
        elsewhere = np.flatnonzero(self._differ(slots, parts))
        if len(elsewhere):
            few = [part[elsewhere] for part in parts]
            slots = self._find(few)
            is_absent = self._keys[0][slots] == 0
            if is_absent.any():
                self._add([part[is_absent] for part in few])
                slots = self._find(few)
            numbers[elsewhere] = self._numbers[slots]
        return numbers

    def _set_up(self, bits: int) -> None:
        self._bits = bits
        # Of each slot: its key, where 0 stands for none, and the number of that key.
        self._keys = np.zeros((self._n_parts, 1 << bits), dtype=np.uint64)
        self._numbers = np.zeros(1 << bits, dtype=np.int32)

    def _homes(self, parts: Sequence[np.ndarray]) -> np.ndarray:
        """Return the slot that the search for each key begins at."""
        product = parts[0] * _FACTOR
        for part in parts[1:]:
            product = (product ^ part) * _FACTOR
        return (product >> np.uint64(64 - self._bits)).astype(np.int64)

    def _differ(self, slots: np.ndarray, parts: Sequence[np.ndarray]) -> np.ndarray:
        """Return whether each slot holds another key, or none."""
        differ = self._keys[0][slots] != parts[0]
        for held, part in zip(self._keys[1:], parts[1:], strict=True):
            differ |= held[slots] != part
        return differ

    def _find(self, parts: Sequence[np.ndarray]) -> np.ndarray:
        """Return the slot of each key, or the empty one that the search for it ends at."""
        slots = self._homes(parts)
        going_on = np.flatnonzero(self._are_taken(slots, parts))
        step = 0
        while len(going_on):
            step += 1  # further each time: keys that begin at neighbouring slots soon part
            slots[going_on] = (slots[going_on] + step) % len(self._numbers)
            left = [part[going_on] for part in parts]
            going_on = going_on[self._are_taken(slots[going_on], left)]
        return slots

    def _are_taken(self, slots: np.ndarray, parts: Sequence[np.ndarray]) -> np.ndarray:
        """Return whether each slot holds another key."""
        return self._differ(slots, parts) & (self._keys[0][slots] != 0)

    def _add(self, parts: Sequence[np.ndarray]) -> None:
        """Add keys, of which some may be equal."""
        while len(parts[0]):
            room = len(self._numbers) // 2 - self._n
            if room <= 0:  # searches grow long in a table that is nearly full
                self._grow()
                continue
            slots = self._find(parts)
            which = self._one_for_each(slots)[:room]
            self._put(
                slots[which], [part[which] for part in parts], self._n + np.arange(len(which))
            )
            self._n += len(which)
            is_left = self._differ(slots, parts)
            parts = [part[is_left] for part in parts]

    def _grow(self) -> None:
        of_slots = np.flatnonzero(self._keys[0])
        parts, numbers = [*self._keys[:, of_slots]], self._numbers[of_slots]
        self._set_up(self._bits + 2)
        while len(numbers):
            slots = self._find(parts)
            which = self._one_for_each(slots)
            self._put(slots[which], [part[which] for part in parts], numbers[which])
            is_left = self._differ(slots, parts)
            parts, numbers = [part[is_left] for part in parts], numbers[is_left]

    def _one_for_each(self, slots: np.ndarray) -> np.ndarray:
        """Return the places of the empty slots, one for each: where it comes first, as a rule."""
        places = np.arange(len(slots))
        self._numbers[slots[::-1]] = places[::-1]
        return np.flatnonzero(self._numbers[slots] == places)

    def _put(self, slots: np.ndarray, parts: Sequence[np.ndarray], numbers: np.ndarray) -> None:
        self._keys[:, slots] = parts
        self._numbers[slots] = numbers
