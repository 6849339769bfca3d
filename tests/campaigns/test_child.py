import mmap
import os
import signal
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from campaigns.child import run


def test_what_is_returned_and_printed(tmp_path):
    def act(a, b):
        print("größer", a)
        print("note", file=sys.stderr)
        os.write(1, sys.stdin.buffer.read())
        return {"sum": a + b, "folder": os.getcwd()}

    outcome = run(act, 1, 2, stdin=b"given", folder=tmp_path)
    assert outcome.value == {"sum": 3, "folder": str(tmp_path)}
    assert (outcome.status, outcome.signal, outcome.error, outcome.stopped) == (0, None, None, None)
    assert outcome.stdout == "givengrößer 1\n"  # what is printed waits in a buffer
    assert outcome.stderr == "note\n"
    assert os.getcwd() != str(tmp_path)


@pytest.mark.parametrize(("code", "status"), [(None, 0), (0, 0), (2, 2), (True, 1), ("why", 1)])
def test_exits(code, status):
    outcome = run(sys.exit, code)
    assert (outcome.status, outcome.error) == (status, None)
    assert outcome.stderr == ("why\n" if code == "why" else "")


def test_an_exit_past_all_handlers():
    assert run(os._exit, 3).status == 3


@pytest.mark.parametrize("error", [KeyError("a"), KeyboardInterrupt(), GeneratorExit("x")])
def test_exceptions(error):
    def act():
        raise error

    outcome = run(act)
    assert outcome.error == f"{type(error).__name__}: {error}".removesuffix(": ")
    assert outcome.status == 70
    assert "raise error" in outcome.traceback


def test_what_cannot_be_pickled_is_shown():
    assert run(lambda: threading.Lock()).value.startswith("<unlocked _thread.lock")


def test_a_crash():
    outcome = run(lambda: os.kill(os.getpid(), signal.SIGSEGV))
    assert (outcome.status, outcome.signal, outcome.stopped) == (None, signal.SIGSEGV, None)


def test_a_hang_is_killed_with_what_it_started(tmp_path):
    def act():
        process = subprocess.Popen(["sleep", "60"])
        (tmp_path / "pid").write_text(str(process.pid))
        signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 32))
        time.sleep(60)

    outcome = run(act, seconds=1)
    assert (outcome.stopped, outcome.status, outcome.signal) == ("time", None, None)
    assert 1 <= outcome.seconds < 30
    assert _has_ended(int((tmp_path / "pid").read_text()))


def test_what_is_left_running_is_killed(tmp_path):
    outcome = run(lambda: subprocess.Popen(["sleep", "60"]).pid)
    assert outcome.status == 0
    assert _has_ended(int(outcome.value))


def _has_ended(pid):
    for _ in range(1_000):
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii") as file:
                if file.read().split()[2] == "Z":
                    return True
        except (FileNotFoundError, ProcessLookupError):
            return True
        time.sleep(0.01)
    return False


@pytest.mark.parametrize(
    "function",
    [lambda n: bytearray(b"x") * n, lambda n: np.ones(n // 8), lambda n: [None] * (n // 8)],
)
def test_memory_has_a_limit(function):
    for much in (800_000_000, 10**12):
        outcome = run(function, much, megabytes=200, seconds=30)
        assert (outcome.stopped, outcome.signal) == ("memory", None)
    within = run(lambda: len(function(100_000_000)), megabytes=200)
    assert within.stopped is None
    assert within.error is None


def test_memory_is_measured():
    def act():
        # Not from the heap, which may hold as much that was freed before the fork.
        kept = mmap.mmap(-1, 100_000_000, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        kept[:: mmap.PAGESIZE] = b"x" * len(range(0, len(kept), mmap.PAGESIZE))
        time.sleep(0.1)
        return len(kept)

    assert 90 < run(act, megabytes=None).megabytes < 130
    assert run(time.sleep, 0.05).megabytes < 10
