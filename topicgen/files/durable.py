"""What is written reaches the disk before it is given its name."""

import errno
import os
import stat
from pathlib import Path

# More files than this are cheaper to write with all else that waits to be written.
_MOST_FILES = 64
# What a file system answers that cannot do it: then it must do without.
_UNKNOWN = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EBADF)


def write_through(folder: Path) -> None:
    """Wait until the disk has the files of a folder; a file that is complete is always whole then.

    Raises:
        OSError: where the disk is full or broken.
    """
    files = [path for path in folder.rglob("*") if stat.S_ISREG(path.lstat().st_mode)]
    if len(files) > _MOST_FILES and hasattr(os, "sync"):
        os.sync()
        return
    for path in files:
        write_file_through(path)
    write_names_through(*{path.parent for path in files})


def write_names_through(*folders: Path) -> None:
    """Wait until the disk has the names in some folders, where the system can.

    Raises:
        OSError: where the disk is broken.
    """
    if os.name == "posix":
        for folder in folders:
            write_file_through(folder)


def write_file_through(path: Path) -> None:
    """Wait until the disk has a file, where the file system can.

    Raises:
        OSError: where the disk is full or broken.
    """
    try:
        handle = os.open(path, os.O_RDONLY)
    except PermissionError:  # one that may be written to but not read
        return
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _UNKNOWN:
            raise
    finally:
        os.close(handle)
