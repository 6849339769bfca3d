"""Training documents that stay on a GPU, all at once or in one part after another.

Batches refer to rows of these documents, and are never copied. Their tensors are the same at every
step, so that a step can be recorded once and replayed.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch
from scipy.sparse import csr_matrix
from torch import Generator, Tensor

from topicgen.models import Rows, SparseCounts, kept_tokens
from topicgen.training.batches import Batch, Batches
from topicgen.training.collection import Collection

# For its word, its count, the observed and hidden counts, and the draws that split them.
_BYTES_PER_ENTRY = 8 + 4 + 4 + 4 + 12
# The share of the free memory that documents may take.
_MOST_OF_MEMORY = 0.5
# Entries per part, if the documents would take more than that.
_PART = 2**24


class Resident(Batches):
    """Batches of documents that stay on a GPU.

    If the documents take at most half of its free memory, they are copied to it once. Otherwise
    they are copied in parts of 16 million entries, in random order; the next part is read while the
    GPU trains on one.

    Args:
        most_entries: how many entries may be on the GPU at a time; by default, as many as
            half of its free memory can hold.

    The other arguments are those of ``Batches``.
    """

    def __init__(
        self,
        collection: Collection,
        *,
        most_entries: int | None = None,
        **options: Any,
    ) -> None:
        super().__init__(collection, **options)
        self.device = collection.device
        if most_entries is None:
            most_entries = _most_entries(self.device)
        n_entries = collection.n_entries
        self.is_whole = n_entries <= most_entries
        rows, entries = _capacity(collection, None if self.is_whole else min(_PART, most_entries))
        self._part = _Part(rows, entries, collection, self.batch_size)
        if self.is_whole:
            self._part.load(_pinned(collection.all(), self.device))

    def epoch(self, done: int = 0) -> Iterator[Batch]:
        """Yield all documents once, in random order; each batch overwrites the last.

        Args:
            done: how many of the batches to leave out; see ``Batches.epoch``.
        """
        if self.is_whole:
            n = len(self.collection)
            with self._drawing("order", again=done > 0):
                order = torch.randperm(n, generator=self.generator, device=self.device)
            yield from self._pass(order, done)
            return
        with self._drawing("order", again=done > 0):
            parts = self._cut(self._order().numpy())
        while parts and done >= self._n_batches(parts[0]):
            done -= self._n_batches(parts.pop(0))
        if parts:
            yield from self._pass_over(parts, done)

    def _pass_over(self, parts: list[np.ndarray], done: int) -> Iterator[Batch]:
        """Yield the documents part by part, but for the batches of the first part that are done."""
        with ThreadPoolExecutor(1) as reader:
            coming = reader.submit(self._read, parts[0])
            for following in [*parts[1:], None]:
                self._part.load(coming.result())
                if following is not None:
                    coming = reader.submit(self._read, following)
                n = self._part.n_rows
                yield from self._pass(torch.arange(n, device=self.device), done)
                done = 0

    def _pass(self, order: Tensor, done: int) -> Iterator[Batch]:
        with self._drawing("split", again=done > 0):
            self._part.split(
                self.token_dropout, self.count_power, self.generator, whole=self.predicts_all
            )
        for rows in self._longest_first(order).split(self.batch_size)[done:]:
            yield self._part.batch(rows)

    def _n_batches(self, rows: np.ndarray) -> int:
        return -(-len(rows) // self.batch_size)

    def _longest_first(self, order: Tensor) -> Tensor:
        """Return the rows with the longest documents of each batch first, as these take longest."""
        lengths = self._part.starts.diff()[order]
        batch = torch.arange(len(order), device=order.device) // self.batch_size
        return order[(batch * (lengths.max() + 1) - lengths).argsort()]

    def _cut(self, order: np.ndarray) -> list[np.ndarray]:
        """Return the rows of each part, so that the entries of a part fit into the buffers."""
        ends = np.cumsum(self.collection.row_sizes()[order])
        parts, start, before = [], 0, 0
        while start < len(order):
            stop = int(np.searchsorted(ends, before + self._part.n_entries, side="right"))
            stop = min(max(stop, start + 1), start + self._part.most_rows)
            parts.append(order[start:stop])
            start, before = stop, ends[stop - 1]
        return parts

    def _read(self, positions: np.ndarray) -> SparseCounts:
        return _pinned(self.collection.select_csr(positions), self.device)


class _Part:
    """Documents in buffers of fixed sizes on a device."""

    def __init__(self, rows: int, entries: int, collection: Collection, batch_size: int) -> None:
        device, dtype = collection.device, collection.dtype
        self.most_rows, self.n_entries, self.n_rows = rows, entries, 0
        # The last row is empty, and pads incomplete batches.
        self.starts = torch.zeros(rows + 2, dtype=torch.int64, device=device)
        self.columns = torch.zeros(entries, dtype=torch.int64, device=device)
        self.values = torch.zeros(entries, dtype=dtype, device=device)
        self.index = torch.zeros(batch_size, dtype=torch.int64, device=device)
        self.n_documents = torch.zeros((), dtype=dtype, device=device)
        self.observed, self.predicted = (self._like(collection.n_words) for _ in range(2))
        counts = SparseCounts(self.starts, self.columns, self.values, collection.n_words)
        self.whole = Rows(counts, self.values.new_zeros(rows + 1), self.index)

    def _like(self, n_words: int) -> Rows:
        """Return buffers for other counts of the same words."""
        values = torch.zeros_like(self.values)
        counts = SparseCounts(self.starts, self.columns, values, n_words)
        return Rows(counts, values.new_zeros(len(counts)), self.index)

    def load(self, counts: SparseCounts) -> None:
        """Replace the documents by these."""
        n, n_entries = len(counts), len(counts.columns)
        self.n_rows = n
        self.starts[: n + 1].copy_(counts.starts, non_blocking=True)
        self.starts[n + 1 :].fill_(n_entries)
        self.columns[:n_entries].copy_(counts.columns, non_blocking=True)
        self.values[:n_entries].copy_(counts.values, non_blocking=True)
        self.values[n_entries:].zero_()
        self.whole.totals.copy_(_row_sums(self.whole.counts))

    def split(
        self, share: float, power: float, generator: Generator | None, *, whole: bool
    ) -> None:
        """Hide a share of the tokens, as ``SparseCounts.split`` does.

        Args:
            share: of the tokens.
            power: the power to which each count to predict is raised.
            generator: where the randomness comes from; None for torch's global stream.
            whole: whether to predict all tokens, not only the hidden ones.
        """
        seen = rest = self.values
        if share:
            seen = kept_tokens(self.values, share, generator=generator)
            rest = self.values if whole else self.values - seen
        for rows, values in ((self.observed, seen), (self.predicted, rest.pow(power))):
            rows.counts.values.copy_(values)
            rows.totals.copy_(_row_sums(rows.counts))

    def batch(self, rows: Tensor) -> Batch:
        """Return these rows, padded with empty ones."""
        self.index[: len(rows)].copy_(rows)
        self.index[len(rows) :].fill_(self.most_rows)
        self.n_documents.fill_(len(rows))
        return Batch(self.observed, self.predicted, self.n_documents, whole=self.whole)


def _row_sums(counts: SparseCounts) -> Tensor:
    # Not with index_add, which needs an index of every entry and adds in no fixed order.
    return torch.segment_reduce(counts.values, "sum", offsets=counts.starts, axis=0, initial=0.0)


def _most_entries(device: torch.device) -> int:
    if device.type != "cuda":
        return 2**62
    free, _ = torch.cuda.mem_get_info(device)
    return int(free * _MOST_OF_MEMORY / _BYTES_PER_ENTRY)


def _capacity(collection: Collection, most_entries: int | None) -> tuple[int, int]:
    """Return how many rows and entries the buffers have to hold."""
    if most_entries is None:
        return len(collection), collection.n_entries
    most_entries = max(most_entries, int(collection.row_sizes().max(initial=0)))
    mean = max(1, collection.n_entries // max(len(collection), 1))
    return min(len(collection), 1 + 2 * most_entries // mean), most_entries


def _pinned(matrix: csr_matrix, device: torch.device) -> SparseCounts:
    """Return the counts in pinned memory, which a GPU can read directly."""
    counts = SparseCounts.from_csr(matrix)
    if device.type != "cuda":
        return counts
    return SparseCounts(
        counts.starts.pin_memory(),
        counts.columns.pin_memory(),
        counts.values.pin_memory(),
        counts.n_columns,
    )
