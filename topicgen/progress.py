"""Progress bars and notes on standard error, which end no work where they cannot be shown."""

import contextlib
import sys
from typing import TYPE_CHECKING, Any, TextIO

from topicgen.plain import plain

if TYPE_CHECKING:
    from tqdm import tqdm


def progress_bar(**options: Any) -> "tqdm[Any]":
    """Return a progress bar that goes on counting when its stream is full or closed.

    Args:
        options: of ``tqdm``.

    Example:
        >>> with progress_bar(total=2, desc="training", disable=True) as bar:
        ...     _ = bar.update()
    """
    if options.get("disable"):
        # tqdm.auto warns in a notebook without widgets, also of a bar that is never shown.
        from tqdm import tqdm
    else:
        from tqdm.auto import tqdm

    return tqdm(file=_Steady(sys.stderr), **options)


def note(message: str) -> None:
    """Print a line to standard error; characters that a terminal would obey are escaped."""
    stream = _Steady(sys.stderr)
    stream.write(f"{plain(message)}\n")
    stream.flush()


class _Steady:
    """A stream that discards what it cannot write: a full disk, a closed window or pipe."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            if self._stream is not None:
                self._stream.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            if self._stream is not None:
                self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        """Return the stream's own: its encoding, and what shows the width of a terminal."""
        return getattr(self._stream, name)
