"""A function in a forked child with limits on time and memory, and all that became of it.

The parent imports what is slow (torch) once; a fork costs milliseconds. For Linux.

    outcome = run(main, ["topics", "model"], seconds=5, megabytes=200)
    outcome.status, outcome.stderr
"""

import contextlib
import faulthandler
import os
import pickle
import resource
import select
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any, BinaryIO, NoReturn

from campaigns.memory import memory
from campaigns.outcome import RAISED, Outcome, called, lacks_memory, redirect, text_of

_SOONEST_LOOK, _LATEST_LOOK = 0.000_5, 0.01
# Libraries reserve memory that they never use.
_RESERVES = 4_000_000_000


def run(
    function: Callable[..., Any],
    *args: Any,
    seconds: float = 5.0,
    megabytes: float | None = 200.0,
    stdin: bytes = b"",
    folder: str | os.PathLike[str] | None = None,
) -> Outcome:
    """Call a function in a forked child, and return what became of it.

    Args:
        function: is called with ``args``. It may exit, crash, hang or print as it likes.
        args: what it is called with.
        seconds: the time after which the child, and all that it started, is killed.
        megabytes: how much more memory than its parent it may use: beyond that it is killed. What
            it only reserves counts from 4 GB more: the system refuses it. None for no limit.
        stdin: its standard input.
        folder: its working directory.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    with (
        tempfile.TemporaryFile() as source,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
        tempfile.TemporaryFile() as report,
    ):
        source.write(stdin)
        source.seek(0)
        before, start = _anonymous("self"), time.monotonic()
        pid = os.fork()
        if pid == 0:
            _be_child(function, args, (source, out, err), report, megabytes, folder)
        most_allowed = None if megabytes is None else before + int(megabytes * 1e6)
        code, passed, most = _watch(pid, start + seconds, most_allowed)
        took = time.monotonic() - start
        value, error, trace = _read_report(report)
        used = max(most - before, 0) / 1e6
        return Outcome(
            value=value,
            error=error,
            traceback=trace,
            status=None if code < 0 else code,
            signal=-code if code < 0 and passed is None else None,
            stopped="memory" if lacks_memory(error) else passed,
            stdout=text_of(out),
            stderr=text_of(err),
            seconds=took,
            megabytes=used,
        )


def _be_child(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    streams: tuple[BinaryIO, ...],
    report: BinaryIO,
    megabytes: float | None,
    folder: str | os.PathLike[str] | None,
) -> NoReturn:
    status = RAISED
    try:
        faulthandler.disable()  # pytest's would write to its own standard error
        os.setsid()  # so that what it starts can be killed with it
        redirect(*streams)
        if folder is not None:
            os.chdir(folder)
        if megabytes is not None:
            _limit_reserves(int(megabytes * 1e6) + _RESERVES)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        status, told = called(function, args)
        report.write(_pickled(told))
        report.flush()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):  # closed, or full
                stream.flush()
    finally:
        os._exit(status)


def _pickled(told: tuple[Any, str | None, str]) -> bytes:
    try:
        return pickle.dumps(told)
    except Exception:
        return pickle.dumps((repr(told[0]), *told[1:]))


def _limit_reserves(more: int) -> None:
    """Let this process reserve so many bytes more than it has."""
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (memory("VmData") + more, hard))


def _watch(pid: int, deadline: float, most_allowed: int | None) -> tuple[int, str | None, int]:
    """Wait for a child; return its exit code, the limit that it passed, and its most memory."""
    most, pause, passed = 0, _SOONEST_LOOK, None
    handle = os.pidfd_open(pid)
    try:
        while passed is None and not _ends_within(handle, min(pause, deadline - time.monotonic())):
            most = max(most, _anonymous(pid))
            if time.monotonic() >= deadline:
                passed = "time"
            elif most_allowed is not None and most > most_allowed:
                passed = "memory"
            pause = min(2 * pause, _LATEST_LOOK)
    finally:
        os.close(handle)
        _kill_group(pid)  # and what it has left running
        _, code = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(code), passed, most


def _ends_within(handle: int, seconds: float) -> bool:
    return bool(select.select([handle], [], [], max(seconds, 0.0))[0])


def _kill_group(pid: int) -> None:
    for kill in (os.killpg, os.kill):  # it may not have its own group yet
        with contextlib.suppress(ProcessLookupError):
            kill(pid, signal.SIGKILL)
            return


def _anonymous(pid: int | str) -> int:
    """Return how many bytes of memory a process has that are not those of a file."""
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as numbers:
            _, resident, of_files, *_ = map(int, numbers.read().split())
    except (OSError, ValueError):  # it has just ended
        return 0
    return (resident - of_files) * resource.getpagesize()


def _read_report(report: BinaryIO) -> tuple[Any, str | None, str]:
    report.seek(0)
    written = report.read()
    return pickle.loads(written) if written else (None, None, "")
