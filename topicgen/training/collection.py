"""The documents that a model is trained on, which may lie on disk."""

from collections.abc import Iterator

import numpy as np
import torch
from scipy.sparse import csr_matrix
from torch import Tensor

from topicgen.mapped import give_back
from topicgen.models import SparseCounts

_CHUNK = 20_000

# Each row read at random takes up to 128 KB of a mapped file into memory: a gigabyte in all.
_ROWS_IN_MEMORY = 8_192


class Collection:
    """Rows of a matrix of counts, which become tensors batch by batch.

    The matrix may be mapped from disk: only the batch in use is held in memory, and a bounded part
    of the file.

    Args:
        matrix: CSR of shape (n_documents, n_words).
        rows: which documents, in ascending order; all documents without it.
        dtype: of the batches' values.
        device: where the batches go.

    Example:
        >>> collection = Collection(csr_matrix([[1, 0], [0, 2], [3, 0]]), np.array([0, 2]))
        >>> len(collection), collection.select(torch.tensor([1])).values
        (2, tensor([3.]))
    """

    def __init__(
        self,
        matrix: csr_matrix,
        rows: np.ndarray | None = None,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ) -> None:
        self.matrix = matrix
        self.rows = np.arange(matrix.shape[0]) if rows is None else rows
        self.dtype = dtype
        self.device = torch.device(device)
        self._n_read = 0  # rows since memory was last given back

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def n_words(self) -> int:
        """The size of the vocabulary."""
        return int(self.matrix.shape[1])

    @property
    def n_entries(self) -> int:
        """The number of document–word pairs: the nonzero entries of the matrix."""
        return int(self.row_sizes().sum())

    def row_sizes(self) -> np.ndarray:
        """Return how many words each document has, shape (len(self),)."""
        sizes: np.ndarray = np.diff(self.matrix.indptr)[self.rows]
        return sizes

    def to(self, dtype: torch.dtype) -> "Collection":
        """Return the same documents with values of another type."""
        return Collection(self.matrix, self.rows, dtype, self.device)

    def select(self, positions: Tensor) -> SparseCounts:
        """Return the documents at these positions, in this order."""
        counts = self.select_csr(positions.cpu().numpy())
        return SparseCounts.from_csr(counts, self.dtype, self.device)

    def select_csr(self, positions: np.ndarray) -> csr_matrix:
        """Return the documents at these positions, in this order, as a CSR matrix."""
        return self._read(self.rows[positions])

    def all(self) -> csr_matrix:
        """Return all documents as a CSR matrix."""
        return self._read(self.rows)

    def at_most(self, n_documents: int) -> csr_matrix:
        """Return at most so many documents, evenly spread."""
        return self._read(self.rows_at_most(n_documents))

    def rows_at_most(self, n_documents: int) -> np.ndarray:
        """Return the rows of the matrix that ``at_most`` takes."""
        return self.rows[self.positions_at_most(n_documents).numpy()]

    def positions_at_most(self, n_documents: int) -> Tensor:
        """Return the positions of the documents that ``at_most`` takes."""
        step = max(1, -(-len(self) // n_documents))
        return torch.arange(0, len(self), step)

    def sample(self, n_documents: int, random: np.random.Generator) -> csr_matrix:
        """Return so many random documents in their order, or all if there are fewer."""
        return self._read(self.sample_rows(n_documents, random))

    def sample_rows(self, n_documents: int, random: np.random.Generator) -> np.ndarray:
        """Return the rows of the matrix that ``sample`` would take."""
        rows = self.rows
        if len(rows) > n_documents:
            rows = np.sort(random.choice(rows, n_documents, replace=False))
        return rows

    def chunks(self) -> Iterator[csr_matrix]:
        """Yield all documents, some thousands at a time."""
        for start in range(0, len(self), _CHUNK):
            yield self._read(self.rows[start : start + _CHUNK])

    def word_totals(self) -> np.ndarray:
        """Return how often each word occurs, shape (n_words,)."""
        totals = np.zeros(self.n_words)
        for chunk in self.chunks():
            totals += np.bincount(chunk.indices, weights=chunk.data, minlength=self.n_words)
        return totals

    def sum_of_powers(self, exponent: float) -> float:
        """Return the sum of all counts, each raised to the exponent."""
        return sum(float(np.power(chunk.data, exponent).sum()) for chunk in self.chunks())

    def _read(self, rows: np.ndarray) -> csr_matrix:
        taken = self.matrix[rows]
        self._n_read += len(rows)
        if self._n_read >= _ROWS_IN_MEMORY:
            self._n_read = 0
            give_back(self.matrix.data, self.matrix.indices)
        return taken


def whole_tokens(counts: csr_matrix) -> csr_matrix:
    """Return a copy of counts in which weights, such as tf-idf, are rounded up to whole tokens."""
    whole = counts.astype(np.float64)
    np.ceil(whole.data, out=whole.data)
    return whole
