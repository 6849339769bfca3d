"""The scores of the finished models of a grid, kept in a folder in case the run is stopped."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from topicgen.topic_model.saving import Plan, check_owner
from topicgen.training.checkpoint import Checkpoint, opened
from topicgen.training.progress import Snapshot

_ARRAYS = ("log_prob", "n_tokens")


@dataclass(frozen=True, eq=False)
class Cell:
    """The scores of one model.

    Args:
        log_prob: of the hidden tokens of each held-out document, in nats, (held-out documents,).
        n_tokens: how many these are, likewise.
        coherence: NPMI in all documents.
        diversity: share of distinct words among the top words.
        seconds: to fit and score it.
        words: the top words of each topic.
    """

    log_prob: NDArray[np.float64]
    n_tokens: NDArray[np.float64]
    coherence: float
    diversity: float
    seconds: float
    words: list[list[str]]


class Cells:
    """The finished cells of a grid, by number of topics and seed.

    Args:
        checkpoint: where they are kept, with those that there are already; None to keep them only
            as long as the process runs.
    """

    def __init__(self, checkpoint: Checkpoint | None = None) -> None:
        self._checkpoint = checkpoint
        start = None if checkpoint is None else checkpoint.snapshot
        self._cells = {} if start is None else _cells(start)

    def get(self, size: int, seed: int) -> Cell | None:
        """Return a finished cell, or None."""
        return self._cells.get((size, seed))

    def add(self, size: int, seed: int, cell: Cell) -> None:
        """Keep a cell."""
        self._cells[size, seed] = cell
        if self._checkpoint is not None:
            self._checkpoint.write(_snapshot(self._cells))


@contextmanager
def kept_cells(plan: Plan | None, owner: Mapping[str, Any]) -> Iterator[Cells]:
    """Hold the folder of a grid's cells.

    Args:
        plan: None to keep none.
        owner: what all cells depend on, ready for JSON.

    Raises:
        InputError: where the folder cannot be used, or its cells are of another selection.
    """
    if plan is None:
        yield Cells()
        return
    with opened(plan.folder, owner) as checkpoint:
        check_owner(plan, checkpoint)
        yield Cells(checkpoint)


def _snapshot(cells: Mapping[tuple[int, int], Cell]) -> Snapshot:
    arrays: dict[str, torch.Tensor] = {}
    facts: dict[str, dict[str, Any]] = {}
    for (size, seed), cell in cells.items():
        name = f"{size}.{seed}"
        for field in fields(cell):
            value = getattr(cell, field.name)
            if field.name in _ARRAYS:
                arrays[f"{name}.{field.name}"] = torch.from_numpy(np.array(value))
            else:
                facts.setdefault(name, {})[field.name] = value
    return Snapshot(arrays, facts)


def _cells(snapshot: Snapshot) -> dict[tuple[int, int], Cell]:
    cells = {}
    for name, facts in snapshot.facts.items():
        size, seed = map(int, name.split("."))
        values = dict(facts)
        values |= {array: snapshot.arrays[f"{name}.{array}"].numpy() for array in _ARRAYS}
        cells[size, seed] = Cell(**values)
    return cells
