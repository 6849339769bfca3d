"""``topicgen fit --engine ray``: the processes of a training, on the machines of a Ray cluster.

Each worker runs the same command, as ``torchrun`` would start it. The first is a process of this
machine, which prints and writes as without the engine; the others are tasks of the cluster.
"""

import io
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, Any, NamedTuple

from topicgen.cli.engine_options import ray_of
from topicgen.cli.messages import say, tell
from topicgen.cli.program import FAULT
from topicgen.errors import InputError
from topicgen.plain import quoted

if TYPE_CHECKING:
    from topicgen.cluster.ray_cluster import RayExecutor

# How often a training continues from its checkpoint after a worker was lost.
_RESTARTS = 8
# A training that has lost a worker ends by itself, unless it was still waiting for that worker.
_SECONDS_TO_END = 20.0
_SECONDS_BETWEEN_LOOKS = 0.5


def fit_on_ray(words: Sequence[str], engine: dict[str, Any], *, has_checkpoint: bool) -> int:
    """Fit as several workers, and return the exit status.

    Args:
        words: of the command line.
        engine: the options of the engine.
        has_checkpoint: whether the training writes checkpoints, so that it can go on after a worker
            was lost.

    Raises:
        InputError: where the number of workers is not given or above what the cluster has.
    """
    size = engine.get("n_workers")
    if size is None:
        raise InputError("--engine ray needs the number of workers; pass --workers N")
    # One of the workers is a process of this machine.
    with ray_of({**engine, "n_workers": max(size - 1, 1)}) as executor:
        if executor.n_cores < size - 1:
            raise InputError(
                f"expected a Ray cluster with {size - 1} cores or more for {size} workers (one "
                f"runs here), got {executor.n_cores}; pass a smaller number to --workers"
            )
        for _ in range(_RESTARTS):
            end = _run(words, size, executor)
            if end.has_begun and not (end.is_lost and has_checkpoint):
                return end.status
            if end.has_begun:
                say("a worker was lost; continuing from the latest checkpoint")
                words = [*words, "--resume"]
            else:
                say("a worker was lost before the training began; starting again")
        say(f"error: a worker was lost {_RESTARTS} times; check that its machine has enough memory")
        return FAULT


class _End(NamedTuple):
    """How a run ended: the status of the first worker, and whether another was lost."""

    status: int
    is_lost: bool = False
    has_begun: bool = True


def _run(words: Sequence[str], size: int, executor: "RayExecutor") -> _End:
    """Run all workers once."""
    shared = {
        "WORLD_SIZE": str(size),
        "MASTER_ADDR": executor.host,
        "MASTER_PORT": str(_free_port()),
        "CUDA_VISIBLE_DEVICES": "",  # which GPU belongs to which worker, torchrun knows
    }
    others = [
        executor.submit(fit_as, {**shared, **_rank(rank)}, words, os.getcwd(), retries=0)
        for rank in range(1, size)
    ]
    own = {"OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS", "1")}  # as Ray's workers have
    # In a session of its own, so that Ctrl-C comes once, from here.
    first = subprocess.Popen(
        [sys.executable, "-m", "topicgen", *words],
        env={**os.environ, **shared, **_rank(0), **own},
        start_new_session=True,
    )
    try:
        return _ended(_wait(first, others, executor), others, executor)
    except KeyboardInterrupt:
        first.send_signal(signal.SIGINT)
        if (status := first.wait()) == -signal.SIGINT:  # it was waiting for the others
            raise
        return _End(_shell_status(status))
    finally:
        first.kill()
        first.wait()
        for other in others:  # one may still wait for a worker that was lost, and keep its core
            executor.end(other)


def _ended(status: int | None, others: list[Any], executor: "RayExecutor") -> _End:
    """Print the messages of the other workers, and return how the run ended."""
    if status == 0:
        return _End(status)
    if status is None or any(executor.is_lost(other, seconds=5.0) for other in others):
        return _End(_shell_status(status or FAULT), is_lost=True, has_begun=status is not None)
    # The first worker to find a mistake reports it.
    for message in {executor.result(other) for other in others} - {""}:
        tell(message)
    return _End(_shell_status(status))


def _wait(
    first: "subprocess.Popen[bytes]", others: list[Any], executor: "RayExecutor"
) -> int | None:
    """Wait for the first worker; return None if it waits for a worker that was lost."""
    lost_at = None
    while True:
        try:
            return first.wait(_SECONDS_BETWEEN_LOOKS)
        except subprocess.TimeoutExpired:
            now = time.monotonic()
        if lost_at is None and any(map(executor.is_lost, others)):
            lost_at = now
        if lost_at is not None and now - lost_at > _SECONDS_TO_END:
            return None


def _shell_status(status: int) -> int:
    """Return the exit status for a process, as a shell reports it where a signal ended it."""
    return status if status >= 0 else 128 - status


def fit_as(variables: dict[str, str], words: Sequence[str], folder: str) -> str:
    """Run the command as one of several workers, and return its messages.

    Args:
        variables: of the environment, which say which worker it is.
        words: of the command line.
        folder: where it was typed.
    """
    from topicgen.cli import main

    if not os.path.isdir(folder):
        raise InputError(
            f"the folder {quoted(folder)} does not exist on {socket.gethostname()}; run the "
            "command in a folder that all machines share"
        )
    said = io.StringIO()
    before, on_signal = dict(os.environ), signal.getsignal(signal.SIGTERM)
    os.environ.update(variables)
    os.chdir(folder)
    try:
        with redirect_stdout(io.StringIO()), redirect_stderr(said):
            main(list(words))
    except SystemExit:
        pass
    finally:
        os.environ.clear()
        os.environ.update(before)
        signal.signal(signal.SIGTERM, on_signal)
    return "\n".join(
        line.removeprefix("topicgen: ")
        for line in said.getvalue().splitlines()
        if line.startswith("topicgen: error:")
    )


def _rank(rank: int) -> dict[str, str]:
    return {"RANK": str(rank), "LOCAL_RANK": str(rank)}


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("", 0))
        return int(one.getsockname()[1])
