"""Where results go: checked before the work begins, and written whole or not at all."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from topicgen.corpus.streams import is_compressed
from topicgen.errors import InputError


def default_model_name(sources: Sequence[str]) -> str:
    """Return the name of the model folder, in the current folder, for the inputs.

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


def check_model_folder(folder: str, *, overwrite: bool) -> None:
    """Make sure that a model can be written as this folder.

    Raises:
        InputError: where the folder exists and is not to be replaced, is not a model, or the
            folder above it cannot be written.
    """
    path = Path(folder)
    if os.path.lexists(path):
        if overwrite and not (path / "config.json").is_file():
            raise InputError(
                f"expected --overwrite to replace a model folder, got {folder!r}, which is none "
                "(it holds no config.json); name another folder with -o, or remove this one"
            )
        _check_absent(folder, overwrite, "a new model folder")
    _check_writable(path)


def check_output_file(file: str, *, overwrite: bool, option: str = "-o") -> None:
    """Make sure that a file can be written at this path, which an option names.

    Raises:
        InputError: where the file exists and is not to be replaced, or its folder cannot be
            written.
    """
    path = Path(file)
    if path.is_dir():
        raise InputError(f"expected a file to write, got {file!r}, a folder; name a file in it")
    _check_absent(file, overwrite, "a new file to write", option)
    _check_writable(path, option)


@contextmanager
def written_whole(file: str) -> Iterator[str]:
    """Yield a path to write to, beside a file that it becomes when the block ends without error.

    Raises:
        InputError: where the system refuses to write.
    """
    path = Path(file)
    # Not tempfile: its files can be read by nobody else, and keep that when they are renamed.
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        try:
            yield str(partial)
            os.replace(partial, path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise _unwritable(f"{file!r}", error) from None


def _check_absent(path: str, overwrite: bool, what: str, option: str = "-o") -> None:
    if os.path.lexists(path) and not overwrite:
        raise InputError(
            f"expected {what}, got {path!r}, which exists; pass --overwrite to replace it, or "
            f"name another with {option}"
        )


def _check_writable(path: Path, option: str = "-o") -> None:
    parent = path.absolute().parent
    if not parent.exists():
        raise InputError(
            f"expected a folder to write {str(path)!r} in, got {str(parent)!r}, which does not "
            f"exist; create it, or name another place with {option}"
        )
    # Only a trial tells: permissions say nothing of a read-only disk, or to the administrator.
    try:
        os.rmdir(tempfile.mkdtemp(prefix=f".{path.name}.", dir=parent))
    except OSError as error:
        raise _unwritable(f"{str(path)!r} in the folder {str(parent)!r}", error, option) from None


def _unwritable(where: str, error: OSError, option: str = "-o") -> InputError:
    return InputError(
        f"expected to write {where}, got {error.strerror or str(error)!r} from the system; make "
        f"room or permission for it, or name another place with {option}"
    )
