"""Files and folders put in their place whole, or not at all."""

import os
import secrets
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from topicgen.corpus import streams
from topicgen.corpus.formats.beside import IDS, LABELS, VOCABULARY, beside
from topicgen.errors import InputError


def check_place(path: Path, *, overwrite: bool) -> None:
    """Make sure that something can be written at a path.

    Raises:
        InputError: where it exists and is not to be replaced, or the folder above is none or
            cannot be written.
    """
    if os.path.lexists(path) and not overwrite:
        raise _exists(path)
    parent = path.absolute().parent
    for trouble, found in (
        (not parent.is_dir(), "is none; make it first"),
        (not os.access(parent, os.W_OK), "cannot be written; choose another place"),
    ):
        if trouble:
            raise InputError(
                f"expected a folder to write {streams.display_name(path)} into, got "
                f"{streams.display_name(parent)}, which {found}"
            )


def write_whole(path: Path, write: Callable[[Path], None], *, overwrite: bool) -> None:
    """Write a file, with those beside it, or a folder: elsewhere first, and then put in place.

    Args:
        path: where it is to be.
        write: writes it, and files beside it if need be, at the path that it is given.
        overwrite: whether what exists is replaced, a folder as a whole.

    Raises:
        InputError: where something exists and is not to be replaced, a folder stands in the place
            of a file or a file in that of a folder, or the system refuses to write.
    """
    place = path.absolute()
    draft = place.with_name(f".{place.name}.{secrets.token_hex(4)}")
    new, old = draft / "new", draft / "old"
    try:
        try:
            new.mkdir(parents=True)
            old.mkdir()
            write(new / place.name)
            _check_places(place.parent, new, overwrite)
            _swap(place.parent, new, old)
        except BaseException:
            shutil.rmtree(new, ignore_errors=True)
            # What could not be put back stays: it is the only copy.
            with suppress(OSError):
                old.rmdir()
                draft.rmdir()
            raise
        shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        reason = error.strerror or " ".join(str(error).split())
        raise InputError(
            f"expected to write the corpus to {streams.display_name(path)}, got {reason!r} from "
            "the system; nothing was kept, so make room or choose another place"
        ) from error


def _check_places(folder: Path, new: Path, overwrite: bool) -> None:
    for written in sorted(new.iterdir()):
        place = folder / written.name
        if place.exists() and place.is_dir() != written.is_dir():
            kinds = ("a folder", "a file")
            expected, found = kinds if written.is_dir() else kinds[::-1]
            raise InputError(
                f"expected {expected} to replace, got {streams.display_name(place)}, {found}; "
                "choose another name"
            )
    for name in sorted(_taken(folder, new)):
        if not overwrite:
            raise _exists(folder / name)


def _taken(folder: Path, new: Path) -> set[str]:
    """Return the names of what is to make room, also of what a reader would take for the new."""
    names = set()
    for written in new.iterdir():
        names.add(written.name)
        if written.is_file():
            names.update(beside(written, suffix).name for suffix in (VOCABULARY, IDS, LABELS))
    return {name for name in names if os.path.lexists(folder / name)}


def _swap(folder: Path, new: Path, old: Path) -> None:
    """Move the new files into a folder, and those in their way out of it."""
    taken, written = _taken(folder, new), list(new.iterdir())
    try:
        for name in taken:
            os.rename(folder / name, old / name)
        for file in written:
            os.rename(file, folder / file.name)
    except BaseException:  # a Ctrl-C between the two must not cost the old files
        for file in written:
            if not file.exists():
                os.rename(folder / file.name, file)
        for file in list(old.iterdir()):
            os.rename(file, folder / file.name)
        raise


def _exists(path: Path) -> InputError:
    return InputError(
        f"expected a place where nothing is yet, got {streams.display_name(path)}, which exists; "
        "choose another name, or ask to overwrite it"
    )
