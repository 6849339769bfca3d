"""A function in a forked child with limits on time and memory, and all that became of it.

The parent imports what is slow (torch) once; a fork costs milliseconds. For Linux.

    outcome = run(main, ["topics", "model"], seconds=5, megabytes=200)
    outcome.status, outcome.stderr
"""

import contextlib
import faulthandler
import io
import os
import pickle
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO, NoReturn

_LONGEST_OUTPUT = 10_000_000
_SOONEST_LOOK, _LATEST_LOOK = 0.000_5, 0.01
_RAISED = 70
# Libraries reserve memory that they never use.
_RESERVES = 4_000_000_000


@dataclass(frozen=True)
class Outcome:
    """What became of a function in a child.

    Attributes:
        value: what it returned, where that can be pickled; its ``repr`` where it cannot.
        error: the type and message of the exception that left it ("KeyError: 'a'"), or None.
        traceback: that of the exception, or "".
        status: the exit status, from ``sys.exit`` or ``os._exit``; 0 where it returned, 70 where an
            exception left it, None where a signal ended it.
        signal: the number of the signal that ended it, or None.
        stopped: "time" or "memory" where a limit was passed, else None.
        stdout: its standard output.
        stderr: its standard error.
        seconds: how long it took.
        megabytes: the most memory that it was seen to use beyond what its parent had.
    """

    value: Any
    error: str | None
    traceback: str
    status: int | None
    signal: int | None
    stopped: str | None
    stdout: str
    stderr: str
    seconds: float
    megabytes: float


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
        full = error is not None and ("MemoryError" in error or "can't allocate" in error)
        return Outcome(
            value=value,
            error=error,
            traceback=trace,
            status=None if code < 0 else code,
            signal=-code if code < 0 and passed is None else None,
            stopped="memory" if full else passed,
            stdout=_read(out),
            stderr=_read(err),
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
    status = _RAISED
    try:
        faulthandler.disable()  # pytest's would write to its own standard error
        os.setsid()  # so that what it starts can be killed with it
        for number, stream in enumerate(streams):
            os.dup2(stream.fileno(), number)
        sys.stdin = io.TextIOWrapper(os.fdopen(0, "rb", closefd=False), encoding="utf-8")
        sys.stdout, sys.stderr = (
            io.TextIOWrapper(os.fdopen(number, "wb", closefd=False), encoding="utf-8")
            for number in (1, 2)
        )
        if folder is not None:
            os.chdir(folder)
        if megabytes is not None:
            _limit_reserves(int(megabytes * 1e6) + _RESERVES)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        status, told = _call(function, args)
        report.write(_pickled(told))
        report.flush()
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):  # closed, or full
                stream.flush()
    finally:
        os._exit(status)


def _call(
    function: Callable[..., Any], args: tuple[Any, ...]
) -> tuple[int, tuple[Any, str | None, str]]:
    try:
        return 0, (function(*args), None, "")
    except SystemExit as end:
        code = end.code
        if code is not None and not isinstance(code, int):
            print(code, file=sys.stderr)
            code = 1
        return (code or 0) & 0xFF, (None, None, "")
    except BaseException as error:
        text = f"{type(error).__name__}: {error}".removesuffix(": ")
        return _RAISED, (None, text, traceback.format_exc())


def _pickled(told: tuple[Any, str | None, str]) -> bytes:
    try:
        return pickle.dumps(told)
    except Exception:
        return pickle.dumps((repr(told[0]), *told[1:]))


def _limit_reserves(more: int) -> None:
    """Let this process reserve so many bytes more than it has."""
    with open("/proc/self/status", encoding="ascii") as lines:
        data = next(int(line.split()[1]) for line in lines if line.startswith("VmData"))
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (data * 1024 + more, hard))


def _watch(pid: int, deadline: float, most_allowed: int | None) -> tuple[int, str | None, int]:
    """Wait for a child; return its exit code, the limit that it passed, and its most memory."""
    most, pause, passed = 0, _SOONEST_LOOK, None
    while True:
        ended, code = os.waitpid(pid, os.WNOHANG)
        if ended:
            break
        most = max(most, _anonymous(pid))
        if time.monotonic() > deadline:
            passed = "time"
        elif most_allowed is not None and most > most_allowed:
            passed = "memory"
        if passed is not None:
            _kill_group(pid)
            _, code = os.waitpid(pid, 0)
            break
        time.sleep(pause)
        pause = min(2 * pause, _LATEST_LOOK)
    _kill_group(pid)  # what it has left running
    return os.waitstatus_to_exitcode(code), passed, most


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


def _read(stream: BinaryIO) -> str:
    stream.seek(0)
    return stream.read(_LONGEST_OUTPUT).decode("utf-8", "backslashreplace")


def _read_report(report: BinaryIO) -> tuple[Any, str | None, str]:
    report.seek(0)
    written = report.read()
    return pickle.loads(written) if written else (None, None, "")
