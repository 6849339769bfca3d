"""The steps of an epoch: which documents, and which of their tokens are hidden."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from topicgen.models import Documents
from topicgen.training.collection import Collection


@dataclass(frozen=True)
class Batch:
    """The documents of a step.

    Args:
        observed: the tokens that the encoder sees.
        hidden: the tokens to predict, with the same entries, each count raised to ``count_power``.
        n_documents: how many documents there are; any further rows are empty.
        rows: their positions in the collection, or None where nobody asks for them.
    """

    observed: Documents
    hidden: Documents
    n_documents: int | Tensor
    rows: Tensor | None = None


class Batches:
    """Reads the documents batch by batch, and splits their tokens.

    Args:
        collection: the documents.
        batch_size: documents per step.
        token_dropout: the share of each document's tokens to hide; with 0 all tokens are both
            observed and hidden.
        count_power: the power to which each hidden count is raised.
        generator: where the randomness comes from; None for torch's global stream.
    """

    def __init__(
        self,
        collection: Collection,
        *,
        batch_size: int,
        token_dropout: float,
        count_power: float,
        generator: Generator | None,
    ) -> None:
        self.collection = collection
        self.batch_size = batch_size
        self.token_dropout = token_dropout
        self.count_power = count_power
        self.generator = generator

    def epoch(self) -> Iterator[Batch]:
        """Yield all documents once, in random order."""
        for rows in self._order().split(self.batch_size):
            whole = self.collection.select(rows)
            observed, hidden = whole.split(self.token_dropout, generator=self.generator)
            hidden = hidden.replace(hidden.values.pow(self.count_power))
            yield Batch(observed, hidden, len(rows), rows)

    def _order(self) -> Tensor:
        # A generator can draw only on its own device; Collection reads the order on the CPU.
        device = None if self.generator is None else self.generator.device
        n = len(self.collection)
        return torch.randperm(n, generator=self.generator, device=device).cpu()
