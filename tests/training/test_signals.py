import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from topicgen.training.signals import noted

pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")


def test_ctrl_c_is_obeyed_when_it_is_asked_for():
    with noted() as signals:
        assert not signals.has_come
        signal.raise_signal(signal.SIGINT)
        assert signals.has_come
        with pytest.raises(KeyboardInterrupt):
            signals.obey()
        assert not signals.has_come
        signals.obey()


def test_the_second_one_is_obeyed_at_once():
    with noted() as signals:
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signals.obey()  # the first


def test_at_the_end_it_is_obeyed_and_all_is_as_before():
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with pytest.raises(KeyboardInterrupt), noted():
        signal.raise_signal(signal.SIGINT)
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_end_ends_the_process_afterwards(number):
    child = os.fork()
    if not child:
        signal.signal(number, signal.SIG_DFL)
        with noted() as signals:
            os.kill(os.getpid(), number)
            if not signals.has_come:
                os._exit(1)
            signals.obey()
        os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -number


def test_a_signal_that_is_ignored_stays_so():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with noted() as signals:
            signal.raise_signal(signal.SIGHUP)
            assert not signals.has_come
    finally:
        signal.signal(signal.SIGHUP, before)


def test_threads_note_none():
    with ThreadPoolExecutor(1) as pool:
        pool.submit(lambda: noted().__enter__().obey()).result()
