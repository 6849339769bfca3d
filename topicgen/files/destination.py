"""Checks of a destination before the work begins."""

import os
import tempfile
from pathlib import Path

from topicgen.errors import InputError


def check_destination(
    path: str | os.PathLike[str],
    kind: str,
    *,
    mark: str | None = None,
    overwrite: bool | None = False,
) -> Path:
    """Return the path if something can be written there; nothing is created yet.

    A symbolic link stands for its target, even where that does not exist yet.

    Args:
        path: the destination.
        kind: what will be written, as messages call it: "model", "corpus", "file".
        mark: the file, or a pattern for it, that identifies a folder of this kind; None where a
            file will be written.
        overwrite: whether something of this kind may be replaced; None where the caller never
            replaces anything, so that messages do not suggest it.

    Raises:
        InputError: where something exists that must not be replaced, or the parent folder does
            not exist or cannot be written to.

    Example:
        >>> check_destination("news.csv", "file").name
        'news.csv'
        >>> check_destination(".", "model", mark="config.json", overwrite=True)
        Traceback (most recent call last):
        topicgen.errors.InputError: '.' exists and holds no model (there is no config.json \
in it), so it is never overwritten; choose another path
    """
    name = quoted(path)
    if not os.fspath(path):
        raise InputError(f"the path of the {kind} is empty; name a path to write to")
    real = Path(os.path.realpath(path))
    if os.path.lexists(real):
        if overwrite is not None:
            _check_kind(real, name, kind, mark)
        if not overwrite:
            raise already_exists(name, can_overwrite=overwrite is not None)
    _check_parent(real.parent, name)
    return Path(path)


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


def quoted(path: str | os.PathLike[str]) -> str:
    r"""Return a path as messages show it: escaped, so that it never breaks the line.

    >>> quoted("my\nmodel")
    "'my\\nmodel'"
    """
    return repr(os.fspath(path))


def _check_kind(real: Path, name: str, kind: str, mark: str | None) -> None:
    if mark is None:
        if real.is_dir():
            raise InputError(f"{name} is a folder, not a file; name a file inside it")
        if not real.is_file():
            raise InputError(f"{name} is not a regular file; choose another path")
    elif not real.is_dir():
        raise InputError(f"{name} exists but is not a folder; choose another path for the {kind}")
    elif not any(file.is_file() for file in real.glob(mark)):
        raise InputError(
            f"{name} exists and holds no {kind} (there is no {mark} in it), so it is never "
            "overwritten; choose another path"
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
    # Only trying tells: permission bits do not show a read-only disk, nor bind the root user.
    try:
        os.rmdir(tempfile.mkdtemp(prefix=".topicgen.", dir=parent))
    except OSError as error:
        raise cannot_write(f"{name} in the folder {quoted(parent)}", error) from None
