"""Folders that are written whole or not at all."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from topicgen.errors import InputError

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]


def check_place(
    folder: str | os.PathLike[str], kind: str, mark: str, *, overwrite: bool = False
) -> Path:
    """Return the path where a folder may be written.

    Args:
        folder: the path.
        kind: what is to be written there, as messages say it.
        mark: the file that every folder of the kind holds.
        overwrite: whether one that is there may be replaced.

    Raises:
        InputError: where the folder exists and is not to be replaced, is none of the kind, or
            cannot be made.
    """
    path = Path(folder)
    if os.path.lexists(path):
        if not overwrite:
            raise InputError(
                f"expected a {kind} folder that does not exist yet, got {str(path)!r}, which does; "
                "choose another name, or ask to overwrite it"
            )
        if not (path / mark).is_file():
            raise InputError(
                f"expected a {kind} folder to overwrite, got {str(path)!r}, which is none (it "
                f"holds no {mark}); choose another name"
            )
    parent = path.absolute().parent
    if not parent.is_dir():
        raise InputError(
            f"expected a folder to write into, got {str(parent)!r}, which is none; make it first"
        )
    if not os.access(parent, os.W_OK):
        raise InputError(
            f"expected a folder to write into, got {str(parent)!r}, which cannot be written; "
            "choose another place"
        )
    return path


@contextmanager
def drafted(folder: str | os.PathLike[str]) -> Iterator[Path]:
    """Give an empty folder beside the path, and put it in the path's place at the end.

    What stood there is kept until then, and for good where an error or Ctrl-C comes first.

    Raises:
        InputError: where another program is writing the same folder.
        OSError: where the system refuses to write.
    """
    path = Path(folder).absolute()
    draft = path.with_name(f".{path.name}.partial")
    old = path.with_name(f".{path.name}.old")
    with _held(draft):
        try:
            yield draft
            try:
                if path.exists():
                    path.rename(old)
                draft.rename(path)
            except BaseException:  # a Ctrl-C between the two must not cost the old one
                if old.exists():
                    old.rename(path)
                raise
        finally:
            shutil.rmtree(draft, ignore_errors=True)
            shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _held(draft: Path) -> Iterator[None]:
    """Make the folder, empty, and hold it: the system lets go of it when the program ends."""
    draft.mkdir(exist_ok=fcntl is not None)
    if fcntl is None:
        yield
        return
    handle = os.open(draft, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            is_there = draft.exists() and os.path.samestat(os.fstat(handle), draft.stat())
        except BlockingIOError:
            is_there = False
        if not is_there:
            raise InputError(
                f"expected to be alone in writing {str(draft)!r}, got another program that "
                "writes it too; wait for it to end, or choose another folder"
            )
        for leftover in draft.iterdir():  # of a program that was killed
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
        yield
    finally:
        os.close(handle)
