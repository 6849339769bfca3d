"""Opening files that others may have put there: regular files only, and without waiting."""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

from topicgen.errors import InputError
from topicgen.plain import quoted

_KINDS = (
    (stat.S_ISLNK, "a symbolic link"),
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def kind_of(mode: int) -> str:
    """Return what a file is, in words, from the mode that ``os.lstat`` gives.

    >>> kind_of(os.lstat("/dev/null").st_mode)
    'a device'
    """
    return next((name for is_kind, name in _KINDS if is_kind(mode)), "a file")


def open_regular(path: str | os.PathLike[str]) -> BinaryIO:
    """Open a regular file for reading bytes; nothing else is opened, so nothing can hang.

    Raises:
        InputError: where it is a link, a pipe, a socket, a device or a folder.
        OSError: where it cannot be opened, such as a file that does not exist.

    Example:
        >>> open_regular("/dev/null")
        Traceback (most recent call last):
        topicgen.errors.InputError: expected a file, got '/dev/null', which is a device; ...
    """
    # A pipe would block until somebody writes; the last part of the path must not be a link.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
    flags |= getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.EMLINK, errno.ENXIO, errno.EISDIR):
            raise _refusal(path, kind_of(os.lstat(path).st_mode)) from None
        raise
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise _refusal(path, kind_of(mode))
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def is_real_folder(path: str | os.PathLike[str]) -> bool:
    """Return whether there is a folder at a path, and not a link to one.

    >>> is_real_folder("/"), is_real_folder("/dev/null")
    (True, False)
    """
    try:
        return stat.S_ISDIR(os.lstat(Path(path)).st_mode)
    except (OSError, ValueError):
        return False


def _refusal(path: str | os.PathLike[str], kind: str) -> InputError:
    return InputError(
        f"expected a file, got {quoted(os.fspath(path))}, which is {kind}; put the file "
        "itself there"
    )
