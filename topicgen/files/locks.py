"""Who works on a draft: a file that its owner keeps locked, and that says which process that is.

The system releases the lock when the process ends, however it ends. On a file system without locks,
the number of the process and the time at which it started tell whether it still runs.
"""

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

try:
    import fcntl
except ImportError:  # not on Windows
    fcntl = None  # type: ignore[assignment]

_PROGRAM = "topicgen"
_MOST_BYTES = 2**16
_PATIENCE_SECONDS = 5.0


class Owner(NamedTuple):
    """What an owner file says.

    Args:
        place: the name of what is written.
        process: the number of the process that writes it.
        started: when that process started, in the system's own units; "" where it does not say.
        machine: the machine, since it was last started.
        is_locked: whether the file system has locks.
    """

    place: str
    process: int
    started: str
    machine: str
    is_locked: bool


def own(path: Path, place: str) -> int:
    """Create an owner file for this process, and return the descriptor that keeps it locked.

    The lock is one of the process (POSIX): a worker that it forks, and that outlives it, does not
    hold it. It is lost, too, when this process opens and closes the file once more.

    Raises:
        OSError: where the file exists or cannot be written.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
    try:
        # Without waiting for long: others only look.
        is_locked = fcntl is not None and _lock(handle, fcntl.LOCK_EX)
        process = os.getpid()
        owner = Owner(place, process, _started(process), _machine(), is_locked)
        # Escapes hold any name, even one that is not UTF-8.
        os.write(handle, json.dumps({"program": _PROGRAM, **owner._asdict()}).encode("ascii"))
    except BaseException:
        os.close(handle)
        raise
    return handle


def read_owner(path: Path) -> Owner | None:
    """Return what an owner file says; None where it is no such file.

    Raises:
        OSError: where it cannot be read.
    """
    handle = _open(path)
    try:
        found = json.loads(os.read(handle, _MOST_BYTES))
        if found.pop("program") != _PROGRAM:
            return None
        owner = Owner(**found)
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return None
    finally:
        os.close(handle)
    return owner if isinstance(owner.process, int) else None


def is_alive(path: Path, owner: Owner) -> bool:
    """Return whether the process of an owner file still runs, which is not this one.

    A process on another machine counts as running where the file system has no locks.
    """
    if owner.is_locked and fcntl is not None:
        try:
            handle = _open(path)
        except FileNotFoundError:  # it has just finished
            return False
        try:
            return not _lock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        finally:
            os.close(handle)
    if owner.machine != _machine() or os.name != "posix":
        return True
    try:
        os.kill(owner.process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return not owner.started or owner.started == _started(owner.process)


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep other processes from this same block for the same folder, for a short time.

    Where a folder cannot be locked, or somebody else keeps it locked, the block runs all the same.
    """
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:  # one that may be written to but not listed
        yield
        return
    try:
        end = time.monotonic() + _PATIENCE_SECONDS
        while fcntl is not None and time.monotonic() < end:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(0.005)
            except OSError:
                break
        yield
    finally:
        os.close(handle)


def _open(path: Path) -> int:
    # Neither through a link, nor waiting for the other end of a pipe.
    return os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))


def _lock(handle: int, how: int) -> bool:
    try:
        fcntl.lockf(handle, how)
    except OSError:
        return False
    return True


def _started(process: int) -> str:
    try:
        # The name of the program, in parentheses, may hold anything.
        return (
            Path(f"/proc/{process}/stat").read_text("utf-8", "replace").rsplit(")")[-1].split()[19]
        )
    except (OSError, IndexError):
        return ""


def _machine() -> str:
    parts = [socket.gethostname()]
    try:
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip())
        parts.append(os.readlink("/proc/self/ns/pid"))
    except OSError:  # not Linux
        pass
    return " ".join(parts)
