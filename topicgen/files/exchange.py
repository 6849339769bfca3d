"""Moves that the system makes at one stroke: two names exchanged, or a name taken only if free."""

import errno
import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path

# Of renameat2 (Linux) and renamex_np (macOS); see their manual pages.
_AT_FDCWD = -100
_LINUX_NOREPLACE, _LINUX_EXCHANGE = 1, 2
_MACOS_SWAP, _MACOS_EXCLUSIVE = 2, 4
# What a file system answers that does not know the flag, or a kernel the call.
_UNKNOWN = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP)


def exchange(one: Path, other: Path) -> bool:
    """Exchange two files or folders, and return True; return False where the system cannot.

    At every moment there is something under both names.

    Raises:
        OSError: where one of them is missing, or the system refuses.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as home:
        ...     a, b = Path(home, "a"), Path(home, "b")
        ...     _ = a.write_text("old"), b.write_text("new")
        ...     not exchange(a, b) or a.read_text()
        'new'
    """
    return _rename(one, other, _LINUX_EXCHANGE, _MACOS_SWAP)


def move_new(source: Path, target: Path) -> None:
    """Give a file or folder a name that is free; nothing is ever replaced.

    Raises:
        FileExistsError: where the name is taken.
        OSError: where the system refuses.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as home:
        ...     _ = Path(home, "a").write_text("mine")
        ...     move_new(Path(home, "a"), Path(home, "b"))
        ...     os.listdir(home)
        ['b']
    """
    if _rename(source, target, _LINUX_NOREPLACE, _MACOS_EXCLUSIVE):
        return
    if not source.is_dir() or source.is_symlink():
        try:
            os.link(source, target, follow_symlinks=False)
        except FileExistsError:
            raise
        except (OSError, NotImplementedError):  # a file system without links
            pass
        else:
            os.unlink(source)
            return
    # What comes just now is replaced by a file, but of folders only an empty one is.
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    os.rename(source, target)


def _rename(source: Path, target: Path, linux: int, macos: int) -> bool:
    call = _system_call()
    if call is None:
        return False
    # The system call itself is invisible to Python's audit hooks.
    sys.audit("topicgen.rename", str(source), str(target))
    code = call(os.fsencode(source), os.fsencode(target), linux, macos)
    if code in _UNKNOWN:
        return False
    if code:
        raise OSError(code, os.strerror(code), str(source), None, str(target))
    return True


@cache
def _system_call() -> Callable[[bytes, bytes, int, int], int] | None:
    """Return what renames with a flag of Linux or macOS and returns errno, or None without one."""
    import ctypes

    if sys.platform not in ("linux", "darwin"):
        return None
    library = ctypes.CDLL(None, use_errno=True)
    rename = getattr(library, "renameat2" if sys.platform == "linux" else "renamex_np", None)
    if rename is None:
        return None

    def call(source: bytes, target: bytes, linux: int, macos: int) -> int:
        if sys.platform == "linux":
            failed = rename(_AT_FDCWD, source, _AT_FDCWD, target, ctypes.c_uint(linux))
        else:
            failed = rename(source, target, ctypes.c_uint(macos))
        return ctypes.get_errno() if failed else 0

    return call
