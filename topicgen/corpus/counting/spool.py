"""Blocks of counts that wait, on disk or in memory, for a second pass."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from scipy.sparse import csr_matrix


class Spool:
    """Blocks of counts in their order, each with the number of the lexicon that it is counted by.

    Args:
        folder: where to keep them; None keeps them in memory.

    Example:
        >>> spool = Spool()
        >>> spool.append(0, csr_matrix([[0, 2]], dtype=np.int32))
        >>> [(lexicon, counts.toarray()) for lexicon, counts in spool]
        [(0, array([[0, 2]], dtype=int32))]
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._path = None if folder is None else folder / "blocks"
        self._blocks: list[tuple[int, csr_matrix]] = []
        if self._path is not None:
            self._path.touch()

    def append(self, lexicon: int, counts: csr_matrix) -> None:
        """Add a block."""
        if self._path is None:
            self._blocks.append((lexicon, counts))
            return
        # Most counts are small: a byte or two holds them.
        least = np.min_scalar_type(counts.data.max(initial=0))
        parts = (np.array([lexicon, counts.shape[1]]), counts.indptr, counts.indices)
        with self._path.open("ab") as file:
            for part in (*parts, counts.data.astype(least)):
                np.save(file, part, allow_pickle=False)

    def __iter__(self) -> Iterator[tuple[int, csr_matrix]]:
        if self._path is None:
            yield from self._blocks
            return
        end = self._path.stat().st_size
        with self._path.open("rb") as file:
            while file.tell() < end:
                head, indptr, indices, data = (np.load(file, allow_pickle=False) for _ in range(4))
                shape = (len(indptr) - 1, int(head[1]))
                yield int(head[0]), csr_matrix((data, indices, indptr), shape=shape)
