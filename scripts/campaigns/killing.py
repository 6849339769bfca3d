"""Killing a program at one of its file events, or after some time, in a forked child.

A fork of a parent that has loaded everything takes milliseconds, where a start takes seconds.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from campaigns import child
from campaigns.outcome import called

EVENTS = ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "topicgen.rename")


class Ending(NamedTuple):
    """How a child ended.

    Args:
        was_killed: whether it was killed as planned.
        status: its exit status; minus the signal that ended it; None where its time was over.
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

    def counted() -> tuple[int, int]:
        n_events = watch_files(folder, event)
        status, (_, _, trace) = called(act, ())
        print(trace, end="", file=sys.stderr)
        return status, n_events()

    time = limit if seconds is None else seconds
    outcome = child.run(counted, seconds=time, megabytes=None)
    # Its time may also be over while it ends by itself.
    was_killed = outcome.status is None and (
        outcome.signal == signal.SIGKILL or (outcome.stopped == "time" and seconds is not None)
    )
    status, events = outcome.value or (outcome.status, 0)
    if outcome.signal is not None:
        status = -outcome.signal
    return Ending(
        was_killed=was_killed,
        status=status,
        output=outcome.stdout + outcome.stderr,
        events=events,
    )


def killed_at(event: int, folder: Path, act: Callable[[], object]) -> bool:
    """Return whether a child was killed at an event; else it had fewer, and must have succeeded."""
    ending = run(act, folder, event=event)
    assert ending.was_killed or ending.status == 0, ending.output
    return ending.was_killed


def killed_after(n: int, owner: type, method: str, act: Callable[[], object]) -> int | None:
    """Return the status of a child that ends at once, without cleaning up, after n method calls."""

    def counted() -> None:
        work, calls = getattr(owner, method), []

        def work_or_die(*args: Any, **options: Any) -> None:
            work(*args, **options)
            calls.append(1)
            if len(calls) == n:
                os.kill(os.getpid(), signal.SIGKILL)

        setattr(owner, method, work_or_die)
        act()

    outcome = child.run(counted, seconds=300, megabytes=None)
    return outcome.status if outcome.signal is None else -outcome.signal


def watch_files(folder: Path, event: int | None) -> Callable[[], int]:
    """Kill this process just before a file event in a folder; return what tells how many were."""
    seen, place = 0, str(folder)

    def watch(name: str, arguments: tuple[object, ...]) -> None:
        nonlocal seen
        if name in EVENTS and place in os.path.abspath(str(arguments[0])):
            if seen == event:
                os.kill(os.getpid(), signal.SIGKILL)
            seen += 1

    sys.addaudithook(watch)
    return lambda: seen
