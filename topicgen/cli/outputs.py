"""Where results are written: held before the work begins, and never lost at its end."""

import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

import click

from topicgen.corpus.reading.streams import is_compressed
from topicgen.errors import InputError
from topicgen.files import KeptError, hold


def default_model_name(sources: Sequence[str]) -> str:
    """Return the default name of the model folder for these inputs, in the current folder.

    >>> default_model_name(["news/corpus.csv.gz"]), default_model_name(["-"])
    ('corpus-model', 'topicgen-model')
    """
    source = sources[0]
    if source == "-" or len(sources) > 1 or set("*?[") & set(source):
        return "topicgen-model"
    if os.path.isdir(source):
        return f"{Path(source).resolve().name or 'topicgen'}-model"
    path = Path(source)
    if is_compressed(path):
        path = path.with_suffix("")
    return f"{path.stem}-model"


def hold_output(held: AbstractContextManager[object]) -> None:
    """Hold a destination, see ``topicgen.files.hold``, until the command ends.

    Raises:
        InputError: where it cannot be held.
    """
    click.get_current_context().with_resource(held)


def hold_file(file: str, *, overwrite: bool) -> None:
    """Hold a file that the command will write.

    Raises:
        InputError: where it exists and must not be replaced, or cannot be written.
    """
    check_is_name(file)
    hold_output(hold(file, "file", overwrite=overwrite))


def hold_model_folder(folder: str, *, overwrite: bool) -> None:
    """Hold a model folder that the command will write, without loading the code that saves it.

    Raises:
        InputError: where the folder exists and must not be replaced, or is not a model folder, or
            its parent folder cannot be written to.
    """
    check_is_name(folder)
    hold_output(hold(folder, "model", mark="config.json", overwrite=overwrite))


def check_is_name(output: str) -> None:
    """Check that an output is not "-", which elsewhere stands for standard output.

    Raises:
        InputError: where it is.
    """
    if output == "-":
        raise InputError(
            "this output cannot be '-' (standard output); name a file or folder (./- if it is "
            "really called '-')"
        )


def save_or_rescue(save: Callable[[str], object], folder: str) -> None:
    """Save what took long to compute; if that fails, save it among the temporary files.

    Args:
        save: saves it as a folder.
        folder: where it belongs.

    Raises:
        InputError: where it cannot be saved there; the message says where it is.
    """
    try:
        save(folder)
    except KeptError:
        raise
    except InputError as error:
        elsewhere = os.path.join(tempfile.mkdtemp(prefix="topicgen-"), os.path.basename(folder))
        try:
            save(elsewhere)
        except InputError:
            raise error from None
        raise KeptError(error, elsewhere) from None
