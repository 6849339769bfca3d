"""A function in this process, and what became of it: for a process that runs many cases."""

import io
import os
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any, BinaryIO

from campaigns.child import Outcome, _call, _read


def run_here(function: Callable[[], Any]) -> Outcome:
    """Call a function, its streams caught in files; the standard input is empty.

    A hang, a crash and memory are not watched: see ``campaigns.batches``.
    """
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        _redirect(out, err)
        start = time.monotonic()
        status, (value, error, trace) = _call(function, ())
        for stream in (sys.stdout, sys.stderr):
            if stream is not None and not stream.closed:
                stream.flush()
        return Outcome(
            value=value,
            error=error,
            traceback=trace,
            status=status,
            signal=None,
            stopped="memory" if error and error.startswith("MemoryError") else None,
            stdout=_read(out),
            stderr=_read(err),
            seconds=time.monotonic() - start,
            megabytes=0.0,
        )


def _redirect(out: BinaryIO, err: BinaryIO) -> None:
    null = os.open(os.devnull, os.O_RDONLY)
    for number, source in enumerate((null, out.fileno(), err.fileno())):
        os.dup2(source, number)
    os.close(null)
    sys.stdin = io.TextIOWrapper(os.fdopen(0, "rb", closefd=False), encoding="utf-8")
    sys.stdout, sys.stderr = (
        io.TextIOWrapper(os.fdopen(number, "wb", closefd=False), encoding="utf-8")
        for number in (1, 2)
    )
