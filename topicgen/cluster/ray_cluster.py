"""Ray: a running cluster, or one that is started on this machine and ended with the work."""

import logging
import os
import re
import shutil
import signal
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from topicgen.errors import InputError
from topicgen.extras import needed
from topicgen.plain import quoted
from topicgen.version import __version__

# A task is run again when its worker or its machine is lost, so many times.
_RETRIES = 8
_SECONDS_TO_CONNECT = 5
# Tasks for each core, so that no core waits while the results of others are used.
_AHEAD = 3
# Nothing is reported to anybody.
_QUIET = {"RAY_USAGE_STATS_ENABLED": "0"}
# How a connection of HTTP/2 begins, which Ray's servers speak, and the kind of their first answer.
_SETTINGS = b"\x04"
_GREETING = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(3) + _SETTINGS + bytes(5)
# Of shared memory, where results wait on a machine; Ray moves what is more to its disk.
_STORE_BYTES = 2**30


@contextmanager
def ray_cluster(
    address: str | None = None,
    n_workers: int | None = None,
    store_bytes: int = _STORE_BYTES,
) -> Iterator["RayExecutor"]:
    """Yield what runs tasks on a Ray cluster, and end the connection afterwards.

    Args:
        address: of the cluster's head, "HOST:PORT", or "auto" for the cluster that this machine is
            part of; by default that of the variable RAY_ADDRESS, or else a cluster is started on
            this machine, and ended at the end.
        n_workers: the processes of the cluster that is started, by default one for each core; of a
            cluster that runs, the most shards that are counted at the same time, by default one for
            each core of it.
        store_bytes: of shared memory, for the results that wait, in a cluster that is started.

    Raises:
        InputError: where Ray is not installed, no cluster answers, or it is another version.
    """
    ray = import_ray()
    address = address or os.environ.get("RAY_ADDRESS") or None
    if ray.is_initialized():  # by the caller, who ends it too
        yield RayExecutor(ray, n_workers)
    elif address is None:
        with _started(ray, n_workers, store_bytes):
            yield RayExecutor(ray)
    else:
        with _joined(ray, address):
            yield RayExecutor(ray, n_workers)


def import_ray() -> Any:
    """Return the package ``ray``.

    Raises:
        InputError: where it is not installed.
    """
    with needed("ray", "a Ray cluster needs"):
        import ray
    return ray


class RayExecutor:
    """Runs functions as Ray tasks; see ``Executor``.

    Args:
        ray: the package, connected to a cluster.
        most: how many tasks to have in progress; by default enough for all cores.

    Attributes:
        n_cores: how many cores the cluster has.
    """

    def __init__(self, ray: Any, most: int | None = None) -> None:
        self._ray = ray
        self.n_cores = int(ray.cluster_resources().get("CPU", 1))
        self.n_ahead = max(_AHEAD * self.n_cores, 1) if most is None else most - 1
        self._tasks: dict[tuple[int, int], Any] = {}

    @property
    def host(self) -> str:
        """The address of this machine, for the others of the cluster."""
        return str(self._ray.util.get_node_ip_address())

    def submit(
        self,
        function: Callable[..., Any],
        *arguments: Any,
        n_results: int = 1,
        retries: int = _RETRIES,
    ) -> Any:
        """Begin a task on one core of any machine.

        Args:
            function: see ``Executor``.
            *arguments: likewise.
            n_results: likewise.
            retries: how often it is run again when its worker or its machine is lost.
        """
        key = (n_results, retries)
        if key not in self._tasks:
            self._tasks[key] = self._ray.remote(
                num_cpus=1,
                num_returns=n_results,
                max_retries=retries,
                scheduling_strategy="SPREAD",
            )(_run)
        return self._tasks[key].remote(__version__, function, *arguments)

    def is_lost(self, handle: Any, seconds: float = 0.0) -> bool:
        """Return whether a task was lost, as far as that is known after some seconds."""
        try:
            self._ray.get(handle, timeout=seconds)
        except (self._ray.exceptions.RayTaskError, self._ray.exceptions.GetTimeoutError):
            return False
        except self._ray.exceptions.RayError:
            return True
        return False

    def end(self, handle: Any) -> None:
        """End a task that is of no use any more, and the worker that runs it."""
        self._ray.cancel(handle, force=True)

    def put(self, value: Any) -> Any:
        """Return the handle of a value that many tasks take."""
        return self._ray.put(value)

    def result(self, handle: Any) -> Any:
        """Wait for a result and return it, or raise what the task raised.

        Raises:
            InputError: as the task did; and where machines were lost too often.
        """
        try:
            return self._ray.get(handle)
        except self._ray.exceptions.RayTaskError as error:
            raise _cause(error) from None
        except self._ray.exceptions.RayError as error:
            raise InputError(
                f"the Ray cluster lost a task {_RETRIES + 1} times ({_line(error)}); check "
                "whether its machines have enough memory and disk, and run the command again"
            ) from None


def _run(version: str, function: Callable[..., Any], *arguments: Any) -> Any:
    """Run a task on a worker."""
    if version != __version__:
        raise InputError(
            f"expected topicgen {version} on all machines of the Ray cluster, got {__version__} on "
            f"{socket.gethostname()}; install the same version"
        )
    try:
        return function(*arguments)
    except InputError as error:
        # Some kinds of InputError are made of more than their message, and could not be sent.
        raise InputError(str(error)) from None


def _cause(error: Any) -> BaseException:
    cause = getattr(error, "cause", error)
    if isinstance(cause, ModuleNotFoundError):
        return InputError(
            f"a machine of the Ray cluster cannot import {cause.name}; install topicgen, and the "
            "packages that the options name, on all machines"
        )
    return cause


@contextmanager
def _started(ray: Any, n_workers: int | None, store_bytes: int) -> Iterator[None]:
    folder = tempfile.mkdtemp(prefix="tg-ray-")  # a short name: sockets lie below it
    try:
        with (
            _environment(**_QUIET),
            _silent(),
            _own_signals(),
            _refusing(ray, "cannot start Ray here"),
        ):
            ray.init(
                address="local",
                num_cpus=n_workers,
                object_store_memory=store_bytes,
                include_dashboard=False,
                log_to_driver=False,
                logging_level=logging.ERROR,
                _temp_dir=folder,
            )
        yield
    finally:
        ray.shutdown()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _joined(ray: Any, address: str) -> Iterator[None]:
    if address != "auto":
        _check_answers(address)
    waiting = {"RAY_gcs_server_port_wait_time_s": str(_SECONDS_TO_CONNECT)}
    try:
        with (
            _environment(**_QUIET, **waiting),
            _silent(),
            _own_signals(),
            _refusing(ray, f"cannot join the Ray cluster at {quoted(address)}"),
        ):
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
        yield
    finally:
        ray.shutdown()


@contextmanager
def _own_signals() -> Iterator[None]:
    """Keep what this program does at SIGTERM, for which Ray sets a handler of its own."""
    before = signal.getsignal(signal.SIGTERM)
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, before)


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    """Set variables of the environment for a while."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _silent() -> Iterator[None]:
    """Discard what Ray's library writes to standard error, past Python, until it has its files."""
    with open(os.devnull, "wb") as nowhere:
        kept = os.dup(2)
        try:
            os.dup2(nowhere.fileno(), 2)
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


@contextmanager
def _refusing(ray: Any, what: str) -> Iterator[None]:
    """Say in one line why Ray cannot be used."""
    try:
        yield
    except (RuntimeError, ValueError, OSError, ray.exceptions.RayError) as error:
        raise InputError(
            f"{what}: {_line(error)}; check that the cluster runs ('ray status') with the same "
            "versions of Ray and Python, or leave out --engine ray"
        ) from None


def _check_answers(address: str) -> None:
    """Raise an error where no cluster listens, which Ray itself finds out after minutes."""
    match = re.fullmatch(r"\[?([^/\[\]]+?)\]?:(\d{1,5})", address)
    if match is None or not 0 < int(match[2]) < 2**16:
        raise InputError(
            f"expected the address of a Ray cluster as HOST:PORT or 'auto', got {quoted(address)}; "
            "pass the address that 'ray start --head' printed"
        )
    try:
        place = (match[1], int(match[2]))
        with socket.create_connection(place, _SECONDS_TO_CONNECT) as connection:
            connection.sendall(_GREETING)
            kind = connection.recv(9)[3:4]
    except OSError as error:
        kind, problem = b"", error.strerror or str(error)
    else:
        problem = "another program listens there"
    if kind != _SETTINGS and not os.environ.get("RAY_USE_TLS"):
        raise InputError(
            f"no Ray cluster answers at {quoted(address)} ({problem}); check the address, or "
            "leave it out to use this machine"
        )


def _line(error: BaseException) -> str:
    """Return the first line of what an error says."""
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".")[:200] if lines else type(error).__name__
