"""``--checkpoint`` and ``--resume``: a run that was killed continues where it stopped."""

import os
from pathlib import Path
from typing import Any

import click

from topicgen.cli.messages import say
from topicgen.cli.options import grouped
from topicgen.errors import InputError
from topicgen.plain import quoted

checkpoint_options = grouped(
    "saving",
    checkpoint=click.option(
        "--checkpoint",
        metavar="DIR",
        help="Write checkpoints of the training to this folder, so that a run that was stopped can "
        "be resumed. The folder is removed when the model is saved.",
    ),
    every=click.option(
        "--every",
        metavar="N",
        help="How often to write a checkpoint: a number of epochs, such as 5, or of minutes, such "
        "as 10min. [default: 5min]",
    ),
    resume=click.option(
        "--resume",
        is_flag=True,
        default=None,
        help="Continue from the checkpoint in the --checkpoint folder, with the same input and "
        "options. The model is the same as without the interruption. If there is no checkpoint, "
        "start from the beginning.",
    ),
)

grid_checkpoint_options = grouped(
    "saving",
    checkpoint=click.option(
        "--checkpoint",
        metavar="DIR",
        help="Keep the scores of finished models in this folder, so that a run that was stopped "
        "can be resumed. The folder is removed when the selection is complete.",
    ),
    resume=click.option(
        "--resume",
        is_flag=True,
        default=None,
        help="Keep the finished models in the --checkpoint folder and fit the rest, with the same "
        "input and options. The result is the same as without the interruption. If no model is "
        "finished, start from the beginning.",
    ),
)


def check_saving(saving: dict[str, Any], *, output: str | None = None, quiet: bool) -> None:
    """Check the options before the input is read, and say where there is nothing to resume.

    Args:
        saving: the options.
        output: the folder that the model will be written to, if there is one.
        quiet: whether to say nothing.

    Raises:
        InputError: where they cannot be used.
    """
    if "checkpoint" not in saving:
        for name in ("every", "resume"):
            if name in saving:
                raise InputError(f"--{name} needs a folder for checkpoints; pass --checkpoint DIR")
        return
    from topicgen.topic_model.saving import Plan
    from topicgen.training.checkpoint import check_checkpoint_folder, checkpoint_files

    folder = saving["checkpoint"]
    check_checkpoint_folder(folder)
    if output is not None and Path(folder).resolve().is_relative_to(Path(output).resolve()):
        raise InputError(
            f"the folder of the checkpoints, {quoted(folder)}, must not be the model folder or "
            "inside it; choose another folder for --checkpoint"
        )
    plan = Plan.of(folder, saving.get("every"), saving.get("resume", False))
    if plan is not None and plan.resume and not quiet and not checkpoint_files(folder):
        say(f"no checkpoint in {quoted(folder)}: starting from the beginning")


def check_unfinished(saving: dict[str, Any], output: str, *, overwrite: bool) -> None:
    """Check that the model of a run to resume is not there yet: it may have been stopped later.

    Raises:
        InputError: where it is, and is not to be replaced; the message says what is left to do.
    """
    exists = os.path.exists(os.path.join(output, "config.json"))
    if overwrite or not exists or not {"checkpoint", "resume"} <= saving.keys():
        return
    from topicgen.training.checkpoint import checkpoint_files

    folder = saving["checkpoint"]
    if checkpoint_files(folder):
        raise InputError(
            f"{quoted(output)} already exists, and {quoted(folder)} still holds checkpoints. If "
            "the run was stopped just after it had saved this model, you only need to remove that "
            "folder; to save the model again from the checkpoints, pass --overwrite"
        )
    raise InputError(
        f"{quoted(output)} already exists, and {quoted(folder)} holds no checkpoint, as after a "
        "run that was completed. To start from the beginning, choose another path, or pass "
        "--overwrite"
    )


def say_how_to_resume(saving: dict[str, Any]) -> None:
    """Say how to continue a run that was interrupted."""
    from topicgen.training.checkpoint import checkpoint_files

    folder = saving["checkpoint"]
    if checkpoint_files(folder):
        say(
            f"interrupted: the work done so far is in {quoted(folder)}; to continue, run the same "
            "command with --resume"
        )
    else:
        say("interrupted before the first checkpoint")


def remove_saved(saving: dict[str, Any]) -> None:
    """Remove the checkpoints of a fit, after its model is saved."""
    if "checkpoint" in saving:
        from topicgen.training.checkpoint import remove_checkpoints

        remove_checkpoints(saving["checkpoint"])
