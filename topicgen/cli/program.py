"""The program around the commands: one line per error, and the exit status."""

import io
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, NoReturn, TextIO

import click

from topicgen.cli import ranks
from topicgen.cli.messages import say, tell
from topicgen.cli.signals import Interruption, ending_as_interrupts
from topicgen.errors import InputError
from topicgen.plain import quoted

FAULT = 1
MISTAKE = 2
# What a shell reports for a program that a signal ended: 128 and the signal's number.
INTERRUPTED = 130
BROKEN_PIPE = 141

# What a context's ``meta`` has the words of the command line under.
WORDS = "topicgen.words"


class Program(click.Group):
    """A group of commands that exits with status 0, or explains in one line why it did not.

    The status is 2 for a mistake that the user can correct, 130 for Ctrl-C (143 and 129
    for SIGTERM and SIGHUP, which are obeyed like it), and 1 for a bug, whose traceback
    TOPICGEN_DEBUG=1 shows. A closed pipe (``| head``) ends the program silently, with
    status 141.
    """

    def main(  # type: ignore[override]
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> NoReturn:
        """Run the command named by the arguments, and exit."""
        words = list(sys.argv[1:] if args is None else args)
        _open_closed_streams()
        _accept_all_characters(sys.stdout)
        _accept_all_characters(sys.stderr)
        status = 0
        processes = ExitStack()
        interruption = Interruption()
        try:
            if ranks.n_processes() == 1:  # torchrun ends the others where one of several ends
                interruption = processes.enter_context(ending_as_interrupts())
            processes.enter_context(ranks.together())
            ranks.check_command(words)
            with _one_line_warnings(), self.make_context("topicgen", words, **extra) as context:
                context.meta[WORDS] = words
                self.invoke(context)
                if sys.stdout is not None:
                    sys.stdout.flush()
        except click.exceptions.Exit as done:
            status = done.exit_code
        except (Exception, KeyboardInterrupt) as error:
            status = _explain(error)
        processes.close()
        _discard_unwritable(sys.stdout)
        _discard_unwritable(sys.stderr)
        sys.exit(interruption.status if status == INTERRUPTED else status)


def _explain(error: BaseException) -> int:
    """Print what went wrong, and return the exit status for it."""
    if isinstance(error, BrokenPipeError):
        return BROKEN_PIPE
    if isinstance(error, (KeyboardInterrupt, click.Abort)):
        _tell_once("interrupted")
        return INTERRUPTED
    if isinstance(error, click.ClickException):
        _tell_once(f"error: {_usage(error)}")
        return MISTAKE
    if isinstance(error, InputError):
        _tell_once(f"error: {error}")
        return MISTAKE
    if isinstance(error, OSError) and error.strerror:
        where = f" {quoted(os.fsdecode(error.filename))}" if error.filename is not None else ""
        _tell_once(
            f"error: cannot read or write{where}: {error.strerror}; check the path, its "
            "permissions and the free disk space"
        )
        return MISTAKE
    if ranks.has_lost_another(error):
        _tell_once(f"error: {error}")
        return FAULT
    if os.environ.get("TOPICGEN_DEBUG", "0") not in ("", "0"):
        raise error
    _tell_once(
        f"internal error: {type(error).__name__}: {error} (set TOPICGEN_DEBUG=1 for the traceback)"
    )
    return FAULT


def _tell_once(message: str) -> None:
    if ranks.is_to_explain():
        tell(message)


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
        # Warnings of topicgen itself are always shown, whatever other filters are set.
        warnings.filterwarnings("default", category=UserWarning, module=r"topicgen\b")
        warnings.showwarning = show  # type: ignore[assignment]
        yield


def _open_closed_streams() -> None:
    """Put streams in the place of those that the caller has closed (``>&-``).

    Otherwise the next file that is opened would be standard output. Results that cannot be printed
    are an error, messages are not.
    """
    if sys.stdin is None:
        _put_null(0, os.O_RDONLY)
    if sys.stdout is None:
        _put_null(1, os.O_RDONLY)  # where writing fails
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    if sys.stderr is None:
        _put_null(2, os.O_WRONLY)
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


def _put_null(number: int, mode: int) -> None:
    null = os.open(os.devnull, mode)
    if null != number:
        os.dup2(null, number)
        os.close(null)


def _accept_all_characters(stream: TextIO | None) -> None:
    """Make a stream escape characters that its encoding lacks, rather than fail."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")


def _discard_unwritable(stream: TextIO | None) -> None:
    """Discard output that cannot be written: Python would retry at exit, and complain."""
    if stream is None:
        return
    try:
        stream.flush()
    except (OSError, ValueError):
        with suppress(OSError, ValueError):
            _put_null(stream.fileno(), os.O_WRONLY)
