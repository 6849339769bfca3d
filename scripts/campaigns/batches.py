"""Numbered cases in forked processes, watched from outside: time, memory, death.

A fork takes milliseconds and a case often less: a child runs one case after the other, and a new
child goes on after it only where a case takes it down.
"""

import json
import os
import resource
import select
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from campaigns.memory import memory

# Beyond this Python is refused memory: enough to be found out, not enough to harm the machine.
_ADDRESS_SPACE = 3 * 2**30
_TICKS = os.sysconf("SC_CLK_TCK")


class Verdict(NamedTuple):
    """What became of a case.

    Args:
        number: of the case.
        outcome: "read", "refused" or the like, as the case says it; "" where it did not end.
        fault: what is wrong; "" where nothing is.
        seconds: how long it took.
        megabytes: how much memory it took at most.
    """

    number: int
    outcome: str
    fault: str
    seconds: float
    megabytes: float


def run_cases(
    case: Callable[[int], tuple[str, str]],
    numbers: range,
    *,
    seconds: float = 5.0,
    megabytes: float = 200.0,
) -> Iterator[Verdict]:
    """Yield what becomes of cases, in their order.

    Args:
        case: from the number of a case to its outcome, and what is wrong, "" for nothing.
        numbers: of the cases.
        seconds: how much of the processor's time a case may take.
        megabytes: how much memory a case may take.
    """
    numbers = range(numbers.start, numbers.stop)
    while numbers:
        pid, stream = _start(case, numbers)
        begun = _used(pid)
        try:
            with os.fdopen(stream, "rb", buffering=0) as reports:
                for line in _lines(reports, pid, begun, seconds):
                    number, outcome, fault, took, used = json.loads(line)
                    if not fault and used > megabytes:
                        fault = f"took {used:.0f} MB"
                    numbers = range(number + 1, numbers.stop)
                    yield Verdict(number, outcome, fault, took, used)
                    if not numbers:
                        return
        except TimeoutError:
            yield Verdict(numbers.start, "", f"hung for {seconds:g} seconds", seconds, 0.0)
            numbers = numbers[1:]
            continue
        finally:
            os.kill(pid, signal.SIGKILL)
            status = os.waitpid(pid, 0)[1]
        if numbers:
            ended = os.waitstatus_to_exitcode(status)
            yield Verdict(numbers.start, "", f"ended the process with status {ended}", 0.0, 0.0)
            numbers = numbers[1:]


def _start(case: Callable[[int], tuple[str, str]], numbers: range) -> tuple[int, int]:
    read, write = os.pipe()
    pid = os.fork()
    if pid:
        os.close(write)
        return pid, read
    os.close(read)
    most = memory("VmSize") + _ADDRESS_SPACE
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    try:
        for number in numbers:
            Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
            before, begun = memory("VmRSS"), time.perf_counter()
            outcome, fault = case(number)
            took, used = time.perf_counter() - begun, (memory("VmHWM") - before) / 2**20
            report: list[Any] = [number, outcome, fault, took, used]
            os.write(write, json.dumps(report).encode() + b"\n")
    finally:
        os._exit(0)


def _lines(reports: Any, pid: int, used: float, seconds: float) -> Iterator[bytes]:
    """Yield lines as they come, until the end.

    Raises:
        TimeoutError: where the next takes too long: of the processor's time, as others may have it,
            or four times that of the clock's, where it waits for something.
    """
    rest = b""
    waiting = time.monotonic()
    while True:
        if select.select([reports], [], [], seconds / 10)[0]:
            data = reports.read(2**16)
            if not data:
                return
            *lines, rest = (rest + data).split(b"\n")
            yield from lines
            used, waiting = _used(pid), time.monotonic()
        elif _used(pid) - used > seconds or time.monotonic() - waiting > 4 * seconds:
            raise TimeoutError


def _used(pid: int) -> float:
    """Return how many seconds of the processor's time a process has had."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
