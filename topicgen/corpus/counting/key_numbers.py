"""Numbers for 64-bit keys, by a hash table that looks up an array of them at once."""

import numpy as np

# 2^64 divided by the golden ratio: the top bits of a product with it depend on all bits of a key.
_FACTOR = np.uint64(0x9E3779B97F4A7C15)


class KeyNumbers:
    """Gives each key a number, from 0, when it first occurs.

    Most keys recur, and are found where they hash to: with pandas' ``factorize``, all would be
    hashed anew for each array.

    Example:
        >>> numbers = KeyNumbers()
        >>> numbers.of(np.array([7, 9, 7], dtype=np.uint64))
        array([0, 1, 0], dtype=int32)
        >>> numbers.of(np.array([5, 9], dtype=np.uint64)), len(numbers)
        (array([2, 1], dtype=int32), 3)
    """

    def __init__(self) -> None:
        self._n = 0
        self._set_up(bits=12)

    def __len__(self) -> int:
        return self._n

    def of(self, keys: np.ndarray) -> np.ndarray:
        """Return the number of each key.

        Args:
            keys: shape (n_keys,), uint64, none of them 0.
        """
        slots = self._homes(keys)
        elsewhere = np.flatnonzero(self._keys[slots] != keys)
        if len(elsewhere):
            found = self._find(keys[elsewhere])
            is_absent = self._keys[found] == 0
            if is_absent.any():
                self._add(np.unique(keys[elsewhere[is_absent]]))
                return self.of(keys)
            slots[elsewhere] = found
        return self._numbers[slots]

    def _set_up(self, bits: int) -> None:
        self._bits = bits
        # Of each slot: its key, where 0 stands for none, and the number of that key.
        self._keys = np.zeros(1 << bits, dtype=np.uint64)
        self._numbers = np.zeros(1 << bits, dtype=np.int32)

    def _homes(self, keys: np.ndarray) -> np.ndarray:
        """Return the slot that the search for each key begins at."""
        return (keys * _FACTOR >> np.uint64(64 - self._bits)).astype(np.int64)

    def _find(self, keys: np.ndarray) -> np.ndarray:
        """Return the slot of each key, or the empty one that the search for it ends at."""
        slots = self._homes(keys)
        going_on = self._taken_by_others(slots, keys)
        while len(going_on):
            slots[going_on] = (slots[going_on] + 1) & (len(self._keys) - 1)
            going_on = going_on[self._taken_by_others(slots[going_on], keys[going_on])]
        return slots

    def _taken_by_others(self, slots: np.ndarray, keys: np.ndarray) -> np.ndarray:
        held = self._keys[slots]
        return np.flatnonzero((held != keys) & (held != 0))

    def _add(self, keys: np.ndarray) -> None:
        """Add distinct keys that are not there yet."""
        numbers = np.arange(self._n, self._n + len(keys), dtype=np.int32)
        self._n += len(keys)
        if 2 * self._n > len(self._keys):  # searches grow long in a table that is nearly full
            of_slots = np.flatnonzero(self._keys)
            keys = np.concatenate([self._keys[of_slots], keys])
            numbers = np.concatenate([self._numbers[of_slots], numbers])
            self._set_up(bits=max(2 * self._n - 1, 1).bit_length() + 1)
        while len(keys):
            slots = self._find(keys)
            self._keys[slots] = keys  # where several end at one slot, one of them stays
            stays = self._keys[slots] == keys
            self._numbers[slots[stays]] = numbers[stays]
            keys, numbers = keys[~stays], numbers[~stays]
