"""How far a training run is, and what it takes to continue from there."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch import Tensor

from topicgen.prefixes import entries_under
from topicgen.training.prevalence import PrevalenceUpdate
from topicgen.training.ranks import Ranks


@dataclass(frozen=True, eq=False)
class Snapshot:
    """All that a run needs to continue as if it had never stopped.

    Args:
        arrays: tensors on the CPU, by name.
        facts: the rest, ready for JSON.
    """

    arrays: Mapping[str, Tensor]
    facts: Mapping[str, Any]


def copied(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return copies on the CPU, which share no memory."""
    return {name: tensor.detach().to("cpu", copy=True) for name, tensor in tensors.items()}


@dataclass
class Progress:
    """How far a run is. With the weights and the optimizers, this is the state of the run.

    Args:
        epoch: how many epochs have ended.
        batch: how many batches of the present epoch are done.
        best_perplexity: of the held-out documents, over the epochs that have ended.
        epochs_since_best: how many epochs have ended since then.
    """

    epoch: int = 0
    batch: int = 0
    best_perplexity: float = math.inf
    epochs_since_best: int = 0

    def is_over(self, n_epochs: int, patience: int) -> bool:
        """Return whether all epochs have ended, or too many without a better prediction."""
        return self.epoch >= n_epochs or (self.epoch > 0 and patience <= self.epochs_since_best)

    def end_epoch(self, perplexity: float) -> bool:
        """Count an epoch that has ended; return whether it is the best so far."""
        self.epoch, self.batch = self.epoch + 1, 0
        is_best = perplexity < self.best_perplexity
        if is_best:
            self.best_perplexity = perplexity
        self.epochs_since_best = 0 if is_best else self.epochs_since_best + 1
        return is_best


@dataclass(eq=False)
class RunState:
    """The parts of a run that change from step to step, besides the weights and the optimizers.

    Args:
        total: the log-likelihood of the present epoch's hidden tokens, and their number, shape
            (2,).
        drawn_from: the states of the generator from which the present epoch's order and the split
            of its tokens were drawn.
        regression: of the counts of topics on covariates, where there are any.
        progress: how far the run is.
    """

    total: Tensor
    drawn_from: dict[str, Tensor]
    regression: PrevalenceUpdate | None = None
    progress: Progress = field(default_factory=Progress)

    def snapshot(self) -> Snapshot:
        """Return copies of all parts."""
        arrays = {f"drawn_from.{name}": state for name, state in self.drawn_from.items()}
        arrays["total"] = self.total
        if self.regression is not None:
            arrays["intercept"] = self.regression.intercept
        return Snapshot(copied(arrays), asdict(self.progress))

    @torch.no_grad()
    def load(self, snapshot: Snapshot) -> None:
        """Continue from a snapshot.

        Raises:
            KeyError, TypeError, RuntimeError: where an entry is missing or of another shape.
        """
        arrays = snapshot.arrays
        self.progress = Progress(**snapshot.facts)
        self.total.copy_(arrays["total"])
        self.drawn_from.clear()
        self.drawn_from |= entries_under(arrays, "drawn_from.")
        if self.regression is not None:
            self.regression.intercept = arrays["intercept"].to(self.total.device)


def shared_snapshot(snapshot: Snapshot | None, ranks: Ranks) -> Snapshot | None:
    """Return the snapshot of rank 0, which the other ranks need not be able to read."""
    if ranks.size == 1:
        return snapshot
    sizes: dict[str, tuple[str, list[int]]] = {}
    if snapshot is not None:
        sizes = {
            name: (str(array.dtype).removeprefix("torch."), list(array.shape))
            for name, array in snapshot.arrays.items()
        }
    sizes, facts = ranks.broadcast([sizes, None if snapshot is None else dict(snapshot.facts)])
    if facts is None:
        return None
    arrays = {
        name: torch.zeros(shape, dtype=getattr(torch, dtype))
        if snapshot is None
        else snapshot.arrays[name]
        for name, (dtype, shape) in sizes.items()
    }
    ranks.copy_first_(arrays.values())
    return Snapshot(arrays, facts)
