"""A function in this process, and what became of it: for a process that runs many cases."""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

from campaigns.outcome import Outcome, called, lacks_memory, redirect, text_of


def run_here(function: Callable[[], Any]) -> Outcome:
    """Call a function, its streams caught in files; the standard input is empty.

    A hang, a crash and memory are not watched: see ``campaigns.batches``.
    """
    with (
        open(os.devnull, "rb") as null,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
    ):
        redirect(null, out, err)
        start = time.monotonic()
        status, (value, error, trace) = called(function, ())
        for stream in (sys.stdout, sys.stderr):
            if stream is not None and not stream.closed:
                stream.flush()
        return Outcome(
            value=value,
            error=error,
            traceback=trace,
            status=status,
            signal=None,
            stopped="memory" if lacks_memory(error) else None,
            stdout=text_of(out),
            stderr=text_of(err),
            seconds=time.monotonic() - start,
            megabytes=0.0,
        )
