"""Killing a program at one of its file events, or after some time, in a forked child.

A fork of a parent that has loaded everything takes milliseconds, where a start takes seconds.
"""

import os
import select
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

EVENTS = ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "topicgen.rename")


class Ending(NamedTuple):
    """How a child ended.

    Args:
        was_killed: whether it was killed as planned.
        status: its exit status; minus the signal that ended it; None where it hung.
        output: what it wrote to standard output and standard error.
        events: how many file events it had, where it ended by itself.
    """

    was_killed: bool
    status: int | None
    output: str
    events: int = 0


def run(
    act: Callable[[], object],
    folder: Path,
    *,
    event: int | None = None,
    seconds: float | None = None,
    limit: float = 60.0,
) -> Ending:
    """Run a function in a child, which may be killed on the way.

    Args:
        act: what to run; it may raise SystemExit.
        folder: whose file events count.
        event: the number of the file event just before which the child is killed.
        seconds: the time after which it is killed.
        limit: the time after which it counts as hanging, and is killed, too.
    """
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as counter:
        child = os.fork()
        if child == 0:
            _act(act, str(folder), event, output.fileno(), counter.fileno())
        in_time = _ends_within(child, limit if seconds is None else seconds)
        if not in_time:
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        for file in (output, counter):
            file.seek(0)
        code = os.waitstatus_to_exitcode(status)
        return Ending(
            was_killed=code == -signal.SIGKILL and (in_time or seconds is not None),
            status=None if not in_time and seconds is None else code,
            output=output.read().decode(errors="replace"),
            events=int(counter.read() or 0),
        )


def killed_at(event: int, folder: Path, act: Callable[[], object]) -> bool:
    """Return whether a child was killed at an event; else it had fewer, and must have succeeded."""
    ending = run(act, folder, event=event)
    assert ending.was_killed or ending.status == 0, ending.output
    return ending.was_killed


def _act(
    act: Callable[[], object], folder: str, event: int | None, output: int, counter: int
) -> None:
    status, seen = 1, 0

    def watch(name: str, arguments: tuple[object, ...]) -> None:
        nonlocal seen
        if name in EVENTS and folder in os.path.abspath(str(arguments[0])):
            if seen == event:
                os.kill(os.getpid(), signal.SIGKILL)
            seen += 1

    try:
        os.dup2(output, 1)
        os.dup2(output, 2)
        # A test runner may have others.
        sys.stdout, sys.stderr = os.fdopen(1, "w", closefd=False), os.fdopen(2, "w", closefd=False)
        sys.addaudithook(watch)
        act()
        status = 0
    except SystemExit as done:
        status = done.code if isinstance(done.code, int) else int(done.code is not None)
    except BaseException:
        traceback.print_exc()
    finally:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        os.write(counter, str(seen).encode())
        os._exit(status)


def _ends_within(child: int, seconds: float) -> bool:
    handle = os.pidfd_open(child)
    try:
        return bool(select.select([handle], [], [], seconds)[0])
    finally:
        os.close(handle)
