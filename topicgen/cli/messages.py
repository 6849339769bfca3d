"""What the program prints: results to standard output, messages to standard error.

All that the commands print goes through here, and nothing that comes from data reaches a terminal
as it is: see ``topicgen.plain``.
"""

import io
import json
import math
import shutil
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import click

from topicgen.cli import ranks
from topicgen.plain import escape_hidden, plain, plain_lines, shorten, wrap

# Whatever a message is about; what it quotes is at most 100 characters long, see ``quoted``.
_LONGEST_MESSAGE = 1_000


def say(message: str) -> None:
    """Print a message, on one line, to standard error; of several processes, the first does."""
    if ranks.is_first():
        tell(message)


def tell(message: str) -> None:
    """Print a message, on one line, to standard error, from any of several processes."""
    line = shorten(plain(" ".join(message.splitlines())), _LONGEST_MESSAGE)
    with suppress(OSError, ValueError):  # full, or closed: there is nobody to tell
        click.echo(f"topicgen: {line}", err=True)


def show(line: str = "") -> None:
    """Print a line to standard output."""
    click.echo(plain(line))


def show_text(text: str) -> None:
    """Print a sentence to standard output; on a terminal, in lines that fit the window."""
    width = window()
    show_lines(plain(text) if width is None else "\n".join(wrap(plain(text), width)))


def show_lines(text: str) -> None:
    """Print lines, such as those of a table, to standard output."""
    click.echo(plain_lines(text))


def print_csv(write: Callable[[Any], Any]) -> None:
    """Print CSV to standard output: as it is to a file or program, but plain to a terminal.

    Args:
        write: writes the CSV to a text stream.
    """
    if not is_terminal():
        write(sys.stdout)
        return
    buffer = io.StringIO()
    write(buffer)
    click.echo(plain_lines(buffer.getvalue()), nl=False)


def is_terminal() -> bool:
    """Return whether standard output goes to a terminal."""
    return sys.stdout is not None and sys.stdout.isatty()


def window() -> int | None:
    """Return the width of the terminal that standard output goes to, or None without one."""
    return shutil.get_terminal_size().columns if is_terminal() else None


def print_json(value: Any) -> None:
    r"""Print a value as JSON to standard output, with null for NaN and infinity, which JSON lacks.

    Words are printed as they are, but for characters that a terminal would obey or not show, which
    JSON can escape.

    >>> print_json({"perplexity": float("inf"), "words": ["größer", "\x9b2J"]})
    {
      "perplexity": null,
      "words": [
        "größer",
        "\u009b2J"
      ]
    }
    """
    text = json.dumps(_finite(value), ensure_ascii=False, indent=2, allow_nan=False)
    # Within a line, such characters are only in strings.
    click.echo("\n".join(escape_hidden(line, _json_escape) for line in text.split("\n")))


def _json_escape(character: str) -> str:
    return json.dumps(character)[1:-1]


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
