import os
import signal
import socket
import threading

import pytest

from topicgen.cluster.ray_cluster import ray_cluster
from topicgen.errors import InputError


@pytest.fixture
def listener():
    """Return a socket that listens on this machine."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server


def name_of(server):
    return "127.0.0.1:{1}".format(*server.getsockname())


@pytest.mark.parametrize("address", ["nonsense", "host:0", "host:99999", "ray://host:10001", ":1"])
def test_addresses_that_are_none_are_refused(address):
    pytest.importorskip("ray", reason="needs ray")
    with pytest.raises(InputError, match="HOST:PORT"), ray_cluster(address):
        pass


def test_a_port_without_a_cluster_is_said_at_once(listener):
    pytest.importorskip("ray", reason="needs ray")
    address = name_of(listener)
    listener.close()
    with pytest.raises(InputError, match=f"no Ray cluster answers at '{address}'"):
        ray_cluster(address).__enter__()


def test_a_port_of_another_program_is_said_at_once(listener):
    pytest.importorskip("ray", reason="needs ray")

    def answer():
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    thread = threading.Thread(target=answer)
    thread.start()
    with pytest.raises(InputError, match="another program listens there"):
        ray_cluster(name_of(listener)).__enter__()
    thread.join()


def _twice(number):
    return 2 * number


def _fail(kind):
    raise kind("no\nsuch number")


@pytest.mark.slow
def test_a_cluster_is_started_for_the_work_and_ended_with_it(monkeypatch):
    ray = pytest.importorskip("ray", reason="needs ray")
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    before, handler = os.environ.get("RAY_USAGE_STATS_ENABLED"), signal.getsignal(signal.SIGTERM)
    with ray_cluster(n_workers=1, store_bytes=100 * 2**20) as executor:
        assert signal.getsignal(signal.SIGTERM) is handler
        four = executor.submit(_twice, executor.put(2))
        one, two = executor.submit(divmod, four, 3, n_results=2)
        assert (executor.result(one), executor.result(two)) == (1, 1)
        # What the task raised, without Ray's own words.
        with pytest.raises(InputError, match=r"^no\nsuch number$"):
            executor.result(executor.submit(_fail, InputError))
        with pytest.raises(OverflowError, match=r"^no\nsuch number$"):
            executor.result(executor.submit(_fail, OverflowError))
    assert not ray.is_initialized()
    assert os.environ.get("RAY_USAGE_STATS_ENABLED") == before
