"""The signals that end a program, obeyed as Ctrl-C is: what there is by then is saved."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

# Of a closed window, and of a batch system or ``kill``; Windows has only one of them.
_ENDING = [getattr(signal, name) for name in ("SIGHUP", "SIGTERM") if hasattr(signal, name)]


class Interruption:
    """The signal that has interrupted the program.

    Attributes:
        status: what a shell reports for a program that it ended: 128 and its number.
    """

    status = 128 + signal.SIGINT

    def come(self, number: int, frame: FrameType | None) -> None:
        """Interrupt the program, as Ctrl-C does."""
        self.status = 128 + number
        raise KeyboardInterrupt


@contextmanager
def ending_as_interrupts() -> Iterator[Interruption]:
    """Raise ``KeyboardInterrupt`` in the block where a signal asks the program to end.

    A signal that is ignored (``nohup``), or that the caller handles, stays so. Only the main thread
    gets signals: elsewhere nothing is changed.
    """
    interruption, before = Interruption(), {}
    if threading.current_thread() is threading.main_thread():
        for number in _ENDING:
            if signal.getsignal(number) is signal.SIG_DFL:
                before[number] = signal.signal(number, interruption.come)
    try:
        yield interruption
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def interrupts_ignored() -> Iterator[None]:
    """Ignore Ctrl-C and its like: a second, impatient one would throw the work away."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, *_ENDING)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
