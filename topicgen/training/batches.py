"""The steps of an epoch: which documents, and which of their tokens are hidden."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from topicgen.distributions.row_generator import RowGenerator, Wanted
from topicgen.models import Documents, SparseCounts, kept_tokens
from topicgen.training.collection import Collection
from topicgen.training.ranks import ALONE, Ranks


@dataclass(frozen=True)
class Batch:
    """The documents of a step.

    Args:
        observed: the tokens that the encoder sees.
        predicted: the tokens to predict, with the same entries, each count raised to
            ``count_power``: the hidden ones, or all.
        n_documents: how many documents there are, in the batches of all ranks; any further rows
            are empty.
        rows: their positions in the collection, or None if they are not needed.
        whole: all tokens of the documents.
    """

    observed: Documents
    predicted: Documents
    n_documents: int | Tensor
    rows: Tensor | None = None
    whole: Documents | None = None


class Batches:
    """Reads the documents batch by batch, and splits their tokens.

    Args:
        collection: the documents.
        batch_size: documents per step.
        token_dropout: the share of each document's tokens to hide; with 0 all tokens are both
            observed and hidden.
        count_power: the power to which each count to predict is raised.
        share_unread: the share of documents with all tokens hidden.
        predicts_all: whether to predict all tokens, including the observed ones.
        generator: where the randomness comes from; None for torch's global stream.
        ranks: the processes that share each batch; with several, ``generator`` has to be one of
            ``topicgen.training.generator``.

    Raises:
        TypeError: where several processes have no such generator.

    Attributes:
        drawn_from: the states of the generator before it drew what holds for many batches, such as
            their order, by name. With these an epoch can be resumed in the middle.
    """

    def __init__(
        self,
        collection: Collection,
        *,
        batch_size: int,
        token_dropout: float,
        count_power: float,
        share_unread: float = 0.0,
        predicts_all: bool = False,
        generator: Generator | None,
        ranks: Ranks = ALONE,
    ) -> None:
        if ranks.size > 1 and not isinstance(generator, RowGenerator):
            raise TypeError(
                f"{ranks.size} processes need a generator of topicgen.training.generator(seed, "
                f"device), got {generator}; pass it as generator"
            )
        self.ranks = ranks
        self.collection = collection
        self.batch_size = batch_size
        self.token_dropout = token_dropout
        self.count_power = count_power
        self.share_unread = share_unread
        self.predicts_all = predicts_all
        self.generator = generator
        self.drawn_from: dict[str, Tensor] = {}

    def epoch(self, done: int = 0) -> Iterator[Batch]:
        """Yield all documents once, in random order.

        Args:
            done: how many of the batches to leave out, because an earlier run did them. Their order
                is then drawn again from ``drawn_from``, and all else from the present state of the
                generator, which has to be the one after those batches.
        """
        with self._drawing("order", again=done > 0):
            order = self._order()
        for rows in order.split(self.batch_size)[done:]:
            whole = self.collection.select(rows)
            if self.ranks.size > 1:
                yield from self._shared(whole, rows)
                continue
            observed = whole.replace(self._observed(whole))
            powers = whole.replace(self._predicted(whole, observed))
            yield Batch(observed, powers, len(rows), rows, whole)

    def _observed(self, whole: SparseCounts) -> Tensor:
        """Return what the encoder sees of each count."""
        kept = whole.values
        if self.token_dropout:
            kept = kept_tokens(kept, self.token_dropout, generator=self.generator)
        if self.share_unread:
            uniform = kept.new_empty(len(whole)).uniform_(generator=self.generator)
            kept = kept * (uniform >= self.share_unread)[whole.rows]
        return kept

    def _predicted(self, whole: SparseCounts, observed: SparseCounts) -> Tensor:
        """Return the part of each count to predict, raised to the power."""
        sees_all = self.predicts_all or not (self.token_dropout or self.share_unread)
        predicted = whole.values if sees_all else whole.values - observed.values
        return predicted.pow(self.count_power)

    def _shared(self, whole: SparseCounts, rows: Tensor) -> Iterator[Batch]:
        """Yield this rank's documents of a batch, split as one process would split them."""
        kept = self._observed(whole)
        own = self.ranks.share(whole.starts.diff())
        first, last = int(whole.starts[own.start]), int(whole.starts[own.stop])
        entries = slice(first, last)
        starts = whole.starts[own.start : own.stop + 1] - first
        every = SparseCounts(starts, whole.columns[entries], whole.values[entries], whole.n_columns)
        observed = every.replace(kept[entries])
        powers = every.replace(self._predicted(every, observed))
        wanted = Wanted(own.start, own.stop, len(rows), self.ranks.greatest)
        assert isinstance(self.generator, RowGenerator)
        with self.generator.wanting(wanted):
            yield Batch(observed, powers, len(rows), rows[own], every)

    @contextmanager
    def _drawing(self, what: str, *, again: bool) -> Iterator[None]:
        """Note the state from which something is drawn, or draw it again from that state."""
        if self.generator is None:
            yield
        elif again:
            now = self.generator.get_state()
            self.generator.set_state(self.drawn_from[what])
            yield
            self.generator.set_state(now)
        else:
            self.drawn_from[what] = self.generator.get_state()
            yield

    def _order(self) -> Tensor:
        # A generator can draw only on its own device; Collection reads the order on the CPU.
        device = None if self.generator is None else self.generator.device
        n = len(self.collection)
        return torch.randperm(n, generator=self.generator, device=device).cpu()
