"""The program around the commands: one line for each mistake, and the exit status."""

import io
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn, TextIO

import click

from topicgen.cli.messages import say
from topicgen.errors import InputError

FAULT = 1
MISTAKE = 2
# What a shell reports for a program that a signal ended: 128 and the signal's number.
INTERRUPTED = 130
BROKEN_PIPE = 141


class Program(click.Group):
    """A group of commands that exits with 0, or says in one line why not.

    The status is 2 for a mistake that the user can put right, 130 for Ctrl-C, and 1 for a fault of
    the program, whose traceback TOPICGEN_DEBUG=1 shows. Nothing is said to a reader that has seen
    enough (``| head``).
    """

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> NoReturn:
        """Run the command that the arguments name, and exit."""
        words = list(sys.argv[1:] if args is None else args)
        _accept_all_characters(sys.stdout)
        _accept_all_characters(sys.stderr)
        status = 0
        try:
            with _one_line_warnings(), self.make_context("topicgen", words, **extra) as context:
                self.invoke(context)
                if sys.stdout is not None:
                    sys.stdout.flush()
        except click.exceptions.Exit as leaving:
            status = leaving.exit_code
        except (Exception, KeyboardInterrupt) as error:
            status = _explain(error)
        _let_go(sys.stdout)
        sys.exit(status)


def _explain(error: BaseException) -> int:
    """Say what went wrong, and return the exit status that belongs to it."""
    if isinstance(error, BrokenPipeError):
        return BROKEN_PIPE
    if isinstance(error, (KeyboardInterrupt, click.Abort)):
        say("interrupted")
        return INTERRUPTED
    if isinstance(error, click.ClickException):
        say(f"error: {_usage(error)}")
        return MISTAKE
    if isinstance(error, InputError):
        say(f"error: {error}")
        return MISTAKE
    if isinstance(error, OSError) and error.strerror:
        where = f" at {os.fsdecode(error.filename)!r}" if error.filename is not None else ""
        say(
            f"error: expected room and permission to read and write, got {error.strerror!r}"
            f"{where}; check the path, its permissions and the room on its disk"
        )
        return MISTAKE
    if os.environ.get("TOPICGEN_DEBUG", "0") not in ("", "0"):
        raise error
    say(f"internal error: {type(error).__name__}: {error} (set TOPICGEN_DEBUG=1 for the traceback)")
    return FAULT


def _usage(error: click.ClickException) -> str:
    message = error.format_message().rstrip(".")
    context = getattr(error, "ctx", None)
    command = "topicgen" if context is None else context.command_path
    return f"{message[:1].lower()}{message[1:]}; see '{command} --help'"


@contextmanager
def _one_line_warnings() -> Iterator[None]:
    def show(message: Warning | str, *_: Any) -> None:
        say(f"warning: {message}")

    with warnings.catch_warnings():
        # What topicgen tells its users is shown, whatever else is being filtered.
        warnings.filterwarnings("default", category=UserWarning, module=r"topicgen\b")
        warnings.showwarning = show  # type: ignore[assignment]
        yield


def _accept_all_characters(stream: TextIO | None) -> None:
    """Let a stream escape the characters that its encoding lacks, rather than fail."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")


def _let_go(stream: TextIO | None) -> None:
    """Drop what a stream cannot pass on: Python would try again at exit, and complain."""
    if stream is None:
        return
    try:
        stream.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
