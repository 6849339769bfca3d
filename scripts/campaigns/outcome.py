"""What became of a function: what it returned or raised, and what it printed."""

import io
import os
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO

RAISED = 70
_LONGEST_OUTPUT = 10_000_000


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


def called(
    function: Callable[..., Any], args: tuple[Any, ...]
) -> tuple[int, tuple[Any, str | None, str]]:
    """Return the exit status of a call; and its value, its error and the traceback of that."""
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
        return RAISED, (None, text, traceback.format_exc())


def redirect(*files: BinaryIO) -> None:
    """Let files be the standard input, output and error of this process."""
    for number, file in enumerate(files):
        os.dup2(file.fileno(), number)
    sys.stdin = io.TextIOWrapper(os.fdopen(0, "rb", closefd=False), encoding="utf-8")
    sys.stdout, sys.stderr = (
        io.TextIOWrapper(os.fdopen(number, "wb", closefd=False), encoding="utf-8")
        for number in (1, 2)
    )


def lacks_memory(error: str | None) -> bool:
    """Return whether an error says that there is not enough memory."""
    return error is not None and ("MemoryError" in error or "can't allocate" in error)


def text_of(stream: BinaryIO) -> str:
    """Return what was printed to a file, as far as it is not endless."""
    stream.seek(0)
    return stream.read(_LONGEST_OUTPUT).decode("utf-8", "backslashreplace")
