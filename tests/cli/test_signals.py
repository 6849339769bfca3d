import os
import signal
import threading

import pytest

from topicgen.cli.signals import ending_as_interrupts, interrupts_ignored


@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)]
)
def test_signals_that_end_a_program_interrupt_it(number, status):
    before = signal.getsignal(number)
    with ending_as_interrupts() as interruption, pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), number)
    assert interruption.status == status
    assert signal.getsignal(number) == before


def test_signals_that_are_ignored_stay_so():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # nohup
    try:
        with ending_as_interrupts() as interruption:
            os.kill(os.getpid(), signal.SIGHUP)
    finally:
        signal.signal(signal.SIGHUP, before)
    assert interruption.status == 130


def test_signals_while_the_work_is_saved():
    with interrupts_ignored():
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(os.getpid(), number)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_other_threads_change_nothing():
    def enter():
        with ending_as_interrupts():
            found.append(signal.getsignal(signal.SIGTERM))

    found = []
    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    assert found == [signal.SIG_DFL]
