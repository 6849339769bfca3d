r"""Documents as sparse counts, and the two products a topic model needs of them.

With :math:`A` of shape (documents, topics) and :math:`B` of shape (topics, words), a model needs
:math:`AB` at the words present, and :math:`SB^\top` with a sparse :math:`S` at these words.
Both cost O(words present x topics), never O(documents x vocabulary).
"""

import warnings
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import torch
from scipy.sparse import csr_matrix
from torch import Generator, Tensor

from topicgen import kernels

if TYPE_CHECKING:
    from topicgen.kernels.documents import Words


@dataclass(frozen=True, eq=False)
class SparseCounts:
    """Counts in compressed rows, on one device.

    Args:
        starts: where each row starts in ``columns`` and ``values``, shape (n_rows + 1,).
        columns: the word of each entry, shape (n_entries,).
        values: the count of each entry, shape (n_entries,).
        n_columns: the size of the vocabulary.

    Example:
        >>> counts = SparseCounts.from_csr(csr_matrix([[0, 2, 1], [3, 0, 0]]))
        >>> counts.n_tokens
        tensor([3., 3.])
        >>> counts.select(torch.tensor([1])).values
        tensor([3.])
    """

    starts: Tensor
    columns: Tensor
    values: Tensor
    n_columns: int

    @classmethod
    def from_csr(
        cls,
        matrix: csr_matrix,
        dtype: torch.dtype = torch.float32,
        device: torch.device | str = "cpu",
    ) -> "SparseCounts":
        """Return the counts of a scipy matrix, on the device."""
        return cls(
            starts=torch.from_numpy(matrix.indptr.astype(np.int64)).to(device),
            columns=torch.from_numpy(matrix.indices.astype(np.int64)).to(device),
            values=torch.from_numpy(matrix.data.astype(np.float64)).to(device, dtype),
            n_columns=matrix.shape[1],
        )

    def __len__(self) -> int:
        return len(self.starts) - 1

    @cached_property
    def rows(self) -> Tensor:
        """The row of each entry, shape (n_entries,)."""
        index = torch.arange(len(self), device=self.starts.device)
        return index.repeat_interleave(self.starts.diff(), output_size=len(self.columns))

    @cached_property
    def n_tokens(self) -> Tensor:
        """The sum of each row, shape (n_rows,)."""
        return self.sum_rows(self.values)

    @cached_property
    def _by_column(self) -> tuple[Tensor, Tensor]:
        """The order of the entries by column, and where each column starts in it."""
        order = self.columns.argsort(stable=True)
        sizes = torch.bincount(self.columns, minlength=self.n_columns)
        return order, torch.cat([sizes.new_zeros(1), sizes.cumsum(0)])

    def sum_rows(self, entries: Tensor) -> Tensor:
        """Return the sum over each row's entries, shape (n_rows,); any further axes stay."""
        return entries.new_zeros(len(self), *entries.shape[1:]).index_add(0, self.rows, entries)

    @property
    def words(self) -> "Words":
        """The words as kernels take them."""
        from topicgen.kernels.documents import Words

        return Words(self.starts, self.columns, self.values, None)

    def of_present_words(self) -> "tuple[Tensor, SparseCounts]":
        """Return the words that occur, and the same counts of these alone.

        Example:
            >>> words, counts = SparseCounts.from_csr(csr_matrix([[0, 2, 0, 1]])).of_present_words()
            >>> words, counts.columns
            (tensor([1, 3]), tensor([0, 1]))
        """
        occurs = torch.zeros(self.n_columns, dtype=torch.bool, device=self.columns.device)
        occurs[self.columns] = True
        words = occurs.nonzero().squeeze(-1)
        place = occurs.cumsum(0) - 1
        return words, SparseCounts(self.starts, place[self.columns], self.values, len(words))

    def copied(self) -> "SparseCounts":
        """Return the counts themselves, which are no part of others."""
        return self

    def select(self, rows: Tensor) -> "SparseCounts":
        """Return these rows, in this order."""
        sizes = self.starts.diff()[rows]
        starts = torch.cat([sizes.new_zeros(1), sizes.cumsum(0)])
        shift = (self.starts[rows] - starts[:-1]).repeat_interleave(sizes)
        entries = torch.arange(len(shift), device=shift.device) + shift
        return SparseCounts(starts, self.columns[entries], self.values[entries], self.n_columns)

    def replace(self, values: Tensor) -> "SparseCounts":
        """Return other counts of the same words."""
        other = SparseCounts(self.starts, self.columns, values, self.n_columns)
        # Where the entries are does not depend on the counts: computed once for both.
        other.__dict__.update(rows=self.rows, _by_column=self._by_column)
        return other

    def split(
        self, share: float, *, generator: Generator | None = None
    ) -> "tuple[SparseCounts, SparseCounts]":
        """Return the counts without a random share of their tokens, and the tokens left out.

        With a share of 0 both are the counts themselves.

        Args:
            share: the probability of each token to be left out.
            generator: where the randomness comes from; None for torch's global stream.

        Example:
            >>> kept, hidden = SparseCounts.from_csr(csr_matrix([[0, 2, 1], [3, 0, 0]])).split(0.5)
            >>> kept.values + hidden.values
            tensor([2., 1., 3.])
        """
        if share == 0:
            return self, self
        kept = kept_tokens(self.values, share, generator=generator)
        return self.replace(kept), self.replace(self.values - kept)

    def log_likelihood(self, left: Tensor, right: Tensor) -> Tensor:
        r"""Return :math:`\sum_v x_v \log (ab)_v` of each row, shape (n_rows,), with gradients.

        Args:
            left: a, shape (n_rows, n_topics).
            right: b, shape (n_topics, n_columns).

        Example:
            >>> counts = SparseCounts.from_csr(csr_matrix([[2, 1], [0, 0]]))
            >>> counts.log_likelihood(torch.ones(2, 1), torch.tensor([[0.5, 0.5]]))
            tensor([-2.0794,  0.0000])
        """
        return _log_likelihood(self, left, right)

    def product_at_words(self, left: Tensor, right: Tensor) -> Tensor:
        """Return (left @ right) at the entries, shape (n_entries,), with gradients for both."""
        return _ProductAtWords.apply(self, left, right)

    def times_transposed(self, entries: Tensor, right: Tensor) -> Tensor:
        """Return S @ right.T, shape (n_rows, n_topics), where S has these entries."""
        return _TimesTransposed.apply(self, entries, right)

    def _sampled(self, left: Tensor, right: Tensor) -> Tensor:
        zeros = left.new_zeros(len(self.columns))
        where = _csr(self.starts, self.columns, zeros, (len(self), self.n_columns))
        return torch.sparse.sampled_addmm(where, left, right, beta=0.0).values()

    def _rows_times(self, entries: Tensor, right: Tensor) -> Tensor:
        matrix = _csr(self.starts, self.columns, entries, (len(self), self.n_columns))
        return matrix @ right.T.contiguous()

    def _columns_times(self, entries: Tensor, left: Tensor) -> Tensor:
        order, starts = self._by_column
        matrix = _csr(starts, self.rows[order], entries[order], (self.n_columns, len(self)))
        return (matrix @ left).T


def kept_tokens(counts: Tensor, share: float, *, generator: Generator | None = None) -> Tensor:
    """Return what is left of each count where a random share of the tokens is left out.

    Args:
        counts: of any shape.
        share: the probability of each token to be left out.
        generator: where the randomness comes from; None for torch's global stream.

    Example:
        >>> kept_tokens(torch.tensor([3.0, 0.0]), 1.0)
        tensor([0., 0.])
    """
    whole = counts.floor()
    # A fraction of a token (a weight, as of tf-idf) is kept or hidden as one.
    uniform = torch.empty_like(whole).uniform_(generator=generator)
    rest = (counts - whole) * (uniform >= share)
    return torch.binomial(whole, torch.full_like(whole, 1 - share), generator) + rest


@dataclass(frozen=True, eq=False)
class Rows:
    """Some rows of counts, which the kernels read where they are.

    Args:
        counts: all rows.
        totals: the sum of each of all rows, shape (n_rows,).
        index: which rows, in any order.

    Example:
        >>> counts = SparseCounts.from_csr(csr_matrix([[0, 2], [3, 0]]))
        >>> rows = Rows(counts, counts.n_tokens, torch.tensor([1]))
        >>> rows.n_tokens, rows.copied().values
        (tensor([3.]), tensor([3.]))
    """

    counts: SparseCounts
    totals: Tensor
    index: Tensor

    def __len__(self) -> int:
        return len(self.index)

    @property
    def n_tokens(self) -> Tensor:
        """The sum of each row, shape (len(self),)."""
        return self.totals[self.index]

    @property
    def words(self) -> "Words":
        """The words as kernels take them."""
        return replace(self.counts.words, index=self.index)

    def copied(self) -> SparseCounts:
        """Return the rows as counts of their own; on a GPU, the program waits for their number."""
        return self.counts.select(self.index)

    def log_likelihood(self, left: Tensor, right: Tensor) -> Tensor:
        """Return what ``SparseCounts.log_likelihood`` does."""
        return _log_likelihood(self, left, right)


Documents: TypeAlias = SparseCounts | Rows


def _log_likelihood(documents: Documents, left: Tensor, right: Tensor) -> Tensor:
    if kernels.usable(right):
        from topicgen.kernels.documents import LogLikelihood

        return LogLikelihood.apply(documents.words, left, right)
    counts = documents.copied()
    mixture = counts.product_at_words(left, right)
    return counts.sum_rows(counts.values * log_mixture(mixture))


def spread(numbers: Tensor, like: Tensor) -> Tensor:
    """Return numbers with the further axes of another tensor, each of length 1.

    Example:
        >>> spread(torch.ones(3), torch.ones(3, 2)).shape
        torch.Size([3, 1])
    """
    return numbers.reshape(*numbers.shape, *(1,) * (like.dim() - numbers.dim()))


def log_mixture(mixture: Tensor) -> Tensor:
    """Return the logarithm of probabilities, finite where one is 0.

    Example:
        >>> log_mixture(torch.tensor([1.0, 0.0]))
        tensor([  0.0000, -87.3365])
    """
    return mixture.clamp_min(torch.finfo(mixture.dtype).tiny).log()


# The gradients of the three products are products of the same kinds, so they have gradients too.


class _ProductAtWords(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, counts: SparseCounts, left: Tensor, right: Tensor) -> Tensor:
        ctx.counts = counts
        ctx.save_for_backward(left, right)
        return counts._sampled(left, right)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[None, Tensor | None, Tensor | None]:
        left, right = ctx.saved_tensors
        _, needs_left, needs_right = ctx.needs_input_grad
        return (
            None,
            _TimesTransposed.apply(ctx.counts, gradient, right) if needs_left else None,
            _TransposedTimes.apply(ctx.counts, gradient, left) if needs_right else None,
        )


class _TimesTransposed(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, counts: SparseCounts, entries: Tensor, right: Tensor) -> Tensor:
        ctx.counts = counts
        ctx.save_for_backward(entries, right)
        return counts._rows_times(entries, right)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[None, Tensor | None, Tensor | None]:
        entries, right = ctx.saved_tensors
        _, needs_entries, needs_right = ctx.needs_input_grad
        return (
            None,
            _ProductAtWords.apply(ctx.counts, gradient, right) if needs_entries else None,
            _TransposedTimes.apply(ctx.counts, entries, gradient) if needs_right else None,
        )


class _TransposedTimes(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, counts: SparseCounts, entries: Tensor, left: Tensor) -> Tensor:
        ctx.counts = counts
        ctx.save_for_backward(entries, left)
        return counts._columns_times(entries, left)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[None, Tensor | None, Tensor | None]:
        entries, left = ctx.saved_tensors
        _, needs_entries, needs_left = ctx.needs_input_grad
        return (
            None,
            _ProductAtWords.apply(ctx.counts, left, gradient) if needs_entries else None,
            _TimesTransposed.apply(ctx.counts, entries, gradient) if needs_left else None,
        )


def _csr(starts: Tensor, columns: Tensor, values: Tensor, shape: tuple[int, int]) -> Tensor:
    return torch.sparse_csr_tensor(starts, columns, values, shape, check_invariants=False)


# Torch says once in a process that CSR is in beta. It is heard here: an import happens once, where
# threads that each silence a warning at its first use would leave one another's filters behind.
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    _csr(torch.tensor([0, 0]), torch.tensor([], dtype=torch.int64), torch.tensor([]), (1, 1))
