"""What a fit writes to its checkpoints, when, and where it resumes."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from topicgen.errors import InputError
from topicgen.plain import quoted
from topicgen.prefixes import entries_under
from topicgen.topic_model.identity import differences
from topicgen.training import Trainer, current_ranks
from topicgen.training.checkpoint import (
    Checkpoint,
    check_checkpoint_folder,
    checkpoint_files,
    opened,
)
from topicgen.training.interval import USUAL, Interval
from topicgen.training.progress import Snapshot, copied, shared_snapshot
from topicgen.training.signals import noted

_LAYERS, _GENERATOR = "above.", "above_generator"


class Phase(str, Enum):
    """How far a fit was; everything after that is done again, with the same results."""

    TRAINING = "training"
    TRAINED = "trained"
    SETTLED = "settled"
    LAYERS = "layers"


class Plan(NamedTuple):
    """Where checkpoints go, and how often.

    Args:
        folder: of the checkpoints.
        interval: between two.
        resume: whether to continue from the checkpoint in the folder, if there is one.
    """

    folder: str | os.PathLike[str]
    interval: Interval
    resume: bool

    @classmethod
    def of(cls, checkpoint: Any, every: int | str | None, resume: bool) -> "Plan | None":
        """Return the plan of the arguments of ``TopicModel.fit``; None for no checkpoints.

        Raises:
            InputError: where they cannot be used, or the folder holds the checkpoint of an earlier
                run, and ``resume`` is false.
        """
        if not isinstance(resume, bool):
            raise InputError(f"resume must be True or False, got {quoted(resume)}")
        if checkpoint is None:
            if every is not None or resume:
                given = "every" if every is not None else "resume"
                raise InputError(f"{given} needs a folder for checkpoints; pass checkpoint=FOLDER")
            return None
        if not isinstance(checkpoint, str | os.PathLike):
            raise InputError(
                "checkpoint must be the path of a folder, got an object of type "
                f"{type(checkpoint).__name__}"
            )
        interval = Interval.of(every)
        check_checkpoint_folder(checkpoint)
        if not resume and checkpoint_files(checkpoint):
            raise _unasked(checkpoint)
        return cls(checkpoint, interval, bool(resume))


class Layers(NamedTuple):
    """The layers above the topics that were finished.

    Args:
        n_layers: how many.
        weights: theirs, and those of the topics.
        random: the state of numpy's generator after them.
        generator: the state of torch's generator after them.
    """

    n_layers: int
    weights: dict[str, Tensor]
    random: dict[str, Any]
    generator: Tensor


class Saver:
    """Writes the state of a fit at intervals and after each phase, and knows where it starts.

    Args:
        seed: of the fit; a checkpoint has its own.
        checkpoint: where to write; None to write nothing, and start from the beginning.
        interval: how often.
        start: where to start; by default at the checkpoint.
    """

    def __init__(
        self,
        seed: int,
        checkpoint: Checkpoint | None = None,
        interval: Interval = USUAL,
        start: Snapshot | None = None,
    ) -> None:
        self._checkpoint, self._interval = checkpoint, interval
        self._start = start if checkpoint is None else checkpoint.snapshot
        self._topics = self._start
        self._last = time.monotonic()
        self.seed = seed if self._start is None else int(self._start.facts["seed"])

    @property
    def in_training(self) -> Snapshot | None:
        """Where the training of the topics continues, or None."""
        return self._start if self._is_at(Phase.TRAINING) else None

    @property
    def after_training(self) -> Snapshot | None:
        """The state after the training of the topics; None where it was not reached."""
        return self._start if self._start is not None and self.in_training is None else None

    @property
    def is_settled(self) -> bool:
        """Whether the topics have been settled."""
        return self._is_at(Phase.SETTLED, Phase.LAYERS)

    @property
    def layers(self) -> Layers | None:
        """The finished layers; None where there are none."""
        if self._start is None or not self._is_at(Phase.LAYERS):
            return None
        arrays, facts = self._start.arrays, self._start.facts
        weights = entries_under(arrays, _LAYERS)
        return Layers(facts["n_layers"], weights, facts["random"], arrays[_GENERATOR])

    @contextmanager
    def watching(self, trainer: Trainer) -> Iterator[Callable[[], None]]:
        """Yield what a run of the trainer calls after each step.

        Meanwhile, Ctrl-C and the signals to end are obeyed after a step, with a checkpoint; a
        second one is obeyed at once.
        """
        if not current_ranks().is_first:
            with noted():  # the first obeys; when it has ended, so will this one
                yield lambda: None
            return
        if self._checkpoint is None:
            yield lambda: None
            return
        with noted() as signals:

            def after_step() -> None:
                done, seconds = trainer.progress, time.monotonic() - self._last
                is_due = self._interval.is_over(done.epoch, done.batch, seconds)
                if is_due or signals.has_come:
                    self.write(Phase.TRAINING, trainer)
                signals.obey()

            yield after_step

    def write(self, phase: Phase, trainer: Trainer) -> None:
        """Write the state of the topics and their training."""
        if self._checkpoint is not None:
            self._topics = trainer.snapshot()
            self._write(phase, {})

    def write_layers(
        self,
        weights: Mapping[str, Tensor],
        n_layers: int,
        random: np.random.Generator,
        generator: torch.Generator,
    ) -> None:
        """Write the layers above the topics, with what the later ones will be drawn from."""
        if self._checkpoint is not None:
            above = {f"{_LAYERS}{name}": value for name, value in copied(weights).items()}
            above[_GENERATOR] = generator.get_state()
            self._write(
                Phase.LAYERS, above, n_layers=n_layers, random=dict(random.bit_generator.state)
            )

    def _write(self, phase: Phase, more: Mapping[str, Tensor], **facts: Any) -> None:
        if self._checkpoint is None or self._topics is None:
            return
        whole = {**self._topics.facts, "phase": phase.value, "seed": self.seed, **facts}
        self._checkpoint.write(Snapshot({**self._topics.arrays, **more}, whole))
        self._last = time.monotonic()

    def _is_at(self, *phases: Phase) -> bool:
        return self._start is not None and self._start.facts["phase"] in phases


@contextmanager
def saving(plan: Plan | None, owner: Callable[[], Mapping[str, Any]], seed: int) -> Iterator[Saver]:
    """Hold the folder of the checkpoints during a fit; of several ranks, the first does.

    Args:
        plan: None for no checkpoints.
        owner: returns which fit it is.
        seed: of the fit, if it starts from the beginning.

    Raises:
        InputError: where the folder cannot be used, its checkpoints are damaged, or the latest is
            of another run.
    """
    ranks = current_ranks()
    if plan is None:
        yield Saver(ranks.broadcast(seed))
        return
    if not ranks.is_first:
        start = shared_snapshot(None, ranks)
        yield Saver(ranks.broadcast(seed), start=start)
        return
    with opened(plan.folder, owner()) as checkpoint:
        check_owner(plan, checkpoint)
        shared_snapshot(checkpoint.snapshot, ranks)
        yield Saver(ranks.broadcast(seed), checkpoint, plan.interval)


def check_owner(plan: Plan, checkpoint: Checkpoint) -> None:
    """Check that a run may continue from the checkpoint in the folder, if there is one.

    Raises:
        InputError: where it is not to be resumed, or is of another run.
    """
    if checkpoint.snapshot is None:
        return
    if not plan.resume:
        raise _unasked(plan.folder)
    if found := differences(checkpoint.owner_before, checkpoint.owner):
        raise InputError(
            f"the checkpoint in {quoted(os.fspath(plan.folder))} belongs to another run, with "
            f"{', '.join(found)}; resume with the same documents and parameters, or choose another "
            "folder"
        )


def _unasked(folder: str | os.PathLike[str]) -> InputError:
    return InputError(
        f"{quoted(os.fspath(folder))} holds the checkpoint of an earlier run; continue it with "
        "--resume (in Python, resume=True), or remove the folder"
    )
