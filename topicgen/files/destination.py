"""Checks of a destination before the work begins."""

import os
from pathlib import Path
from typing import NamedTuple

from topicgen.errors import InputError
from topicgen.plain import quoted

# Folders that are written as a whole, by files that others are unlikely to have together; the first
# describes the folder.
WHOLE = {
    "model": ("config.json", "weights.safetensors"),
    "corpus": ("corpus.json", "vocabulary.json"),
}


class Terms(NamedTuple):
    """What may be written to a place.

    Args:
        path: the destination, as the user gave it.
        kind: what will be written, as messages call it: "model", "corpus", "file".
        mark: the file, or a pattern for it, that identifies a folder of this kind; None where a
            file will be written.
        overwrite: whether something of this kind may be replaced; None where the caller never
            replaces anything, so that messages do not suggest it.
    """

    path: str | os.PathLike[str]
    kind: str
    mark: str | None = None
    overwrite: bool | None = False

    def check(self, place: Path) -> None:
        """Check that something may be written to a place.

        Raises:
            InputError: where something exists that must not be replaced, or the folder that it
                would be in does not exist.
        """
        name = quoted(self.path)
        if exists(place, name):
            if self.overwrite is not None:
                _check_kind(place, name, self.kind, self.mark)
            if not self.overwrite:
                raise already_exists(name, can_overwrite=self.overwrite is not None)
        _check_parent(place.parent, name)
        _check_not_inside(place, name)


def place_of(path: str | os.PathLike[str], kind: str = "file", *, follow: bool = True) -> Path:
    """Return the absolute path of a destination, with all links on the way to it followed.

    Args:
        path: the destination.
        kind: what will be written, as messages call it.
        follow: whether a link at the path itself is followed, too.

    Raises:
        InputError: where the path is empty or cannot be one.
    """
    if not os.fspath(path):
        raise InputError(f"the path of the {kind} is empty; name a path to write to")
    if "\0" in os.fspath(path):
        raise InputError(f"{quoted(path)} is not a path, because it holds a zero byte; correct it")
    whole = Path(path).absolute()
    if not whole.name:
        raise InputError(f"{quoted(path)} is the root of all folders; name a path in it")
    if follow or whole.name == "..":
        return Path(os.path.realpath(whole))
    return Path(os.path.realpath(whole.parent), whole.name)


def exists(place: Path, name: str) -> bool:
    """Return whether there is anything at a place, be it a broken link.

    Raises:
        InputError: where the system cannot have anything there: the name is too long.
    """
    try:
        os.lstat(place)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise cannot_write(name, error) from None
    return True


def already_exists(name: str, *, can_overwrite: bool = True) -> InputError:
    """Return the error for a path that exists and must not be replaced."""
    remedy = ", or pass --overwrite (in Python, overwrite=True)" if can_overwrite else ""
    return InputError(f"{name} already exists; choose another path{remedy}")


def cannot_write(name: str, error: OSError) -> InputError:
    """Return the error for a destination that the system refuses to write to."""
    reason = error.strerror or " ".join(str(error).split())
    return InputError(
        f"cannot write {name}: {reason}; nothing was changed; check the free space and the "
        "permissions, or choose another path"
    )


def _check_kind(real: Path, name: str, kind: str, mark: str | None) -> None:
    if mark is None:
        if real.is_dir():
            raise InputError(f"{name} is a folder, not a file; name a file inside it")
        if not real.is_file():
            raise InputError(f"{name} is not a regular file; choose another path")
    elif not real.is_dir():
        raise InputError(f"{name} exists but is not a folder; choose another path for the {kind}")
    elif os.path.ismount(real):
        raise InputError(
            f"{name} is where a disk is mounted, so it cannot be replaced as a whole; name a "
            "folder inside it"
        )
    elif not any(file.is_file() for file in real.glob(mark)):
        raise InputError(
            f"{name} exists and holds no {kind} (there is no {mark} in it), so it is never "
            "overwritten; choose another path"
        )


def _check_not_inside(place: Path, name: str) -> None:
    for folder in place.parents:
        for kind, files in WHOLE.items():
            if all((folder / file).is_file() for file in files):
                raise InputError(
                    f"{name} is inside the {kind} folder {quoted(folder)}, which is replaced as a "
                    "whole when it is written again; choose a path outside it"
                )


def _check_parent(parent: Path, name: str) -> None:
    if not parent.is_dir():
        if os.path.lexists(parent):
            raise InputError(
                f"cannot write {name}: {quoted(parent)} is not a folder; choose another path"
            )
        raise InputError(
            f"cannot write {name}: the folder {quoted(parent)} does not exist; create it, or "
            "choose another path"
        )
