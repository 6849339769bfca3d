"""Ctrl-C and the signals to end, obeyed where a training can stop without loss."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_NAMES = ("SIGINT", "SIGTERM", "SIGHUP")


class Signals:
    """Signals that have come and are still to be obeyed; see ``noted``."""

    def __init__(self) -> None:
        self._before: dict[int, Any] = {}
        self._received: list[int] = []

    @property
    def has_come(self) -> bool:
        """Whether there is one to obey."""
        return bool(self._received)

    def obey(self) -> None:
        """Do what the signals would have done when they came: nothing, where there are none."""
        while self._received:
            signal.raise_signal(self._received.pop())

    def note(self) -> None:
        """From now on, note signals; the second one of a kind is obeyed at once."""
        for number in (getattr(signal, name) for name in _NAMES if hasattr(signal, name)):
            before = signal.getsignal(number)
            if before not in (None, signal.SIG_IGN):  # as after nohup
                self._before[number] = before
                signal.signal(number, self._come)

    def stop(self) -> None:
        """Note no more signals."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()

    def _come(self, number: int, _: FrameType | None) -> None:
        signal.signal(number, self._before.pop(number))
        self._received.append(number)


@contextmanager
def noted() -> Iterator[Signals]:
    """Note the signals that come within the block; at its end they are obeyed.

    Only the main thread gets signals, and may say what they do: elsewhere none are noted.

    Example:
        >>> import signal
        >>> with noted() as signals:
        ...     before = signals.has_come
        ...     # signal.raise_signal(signal.SIGINT) would be noted here
        >>> before
        False
    """
    signals = Signals()
    if threading.current_thread() is not threading.main_thread():
        yield signals
        return
    signals.note()
    try:
        yield signals
    finally:
        signals.stop()
        signals.obey()
