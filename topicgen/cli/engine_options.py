"""Where the work is done: in this process, or on a Ray cluster."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from typing import TYPE_CHECKING, Any

import click

from topicgen.cli.options import POSITIVE, Command, grouped
from topicgen.cli.ranks import n_processes
from topicgen.errors import InputError
from topicgen.extras import install

if TYPE_CHECKING:
    from topicgen.cluster.ray_cluster import RayExecutor

LOCAL, RAY = "local", "ray"


def engine_options(of_workers: str) -> Callable[[Command], Command]:
    """Return the options that choose the engine.

    Args:
        of_workers: what N workers are, as the help says it.
    """
    return grouped(
        "engine",
        engine=click.option(
            "--engine",
            type=click.Choice([LOCAL, RAY]),
            help="Where to do the work: local (this process and its own workers) or ray (a Ray "
            f"cluster; needs {install('ray')}). [default: local]",
        ),
        address=click.option(
            "--ray-address",
            "address",
            metavar="HOST:PORT",
            help="Address of a running Ray cluster, or auto for the cluster of this machine. "
            "[default: $RAY_ADDRESS, or a cluster started on this machine for this command]",
        ),
        n_workers=click.option(
            "--workers", "n_workers", type=POSITIVE, metavar="N", help=of_workers
        ),
    )


def on_ray(engine: dict[str, Any]) -> bool:
    """Return whether the work is to be given to a Ray cluster.

    Args:
        engine: the options that were given.

    Raises:
        InputError: where Ray is not installed, or options of Ray were given without it.
    """
    if n_processes() > 1:  # one of those that have been started for it
        return False
    if engine.get("engine") == RAY:
        from topicgen.cluster.ray_cluster import import_ray

        import_ray()
        return True
    for name, option in (("address", "--ray-address"), ("n_workers", "--workers")):
        if name in engine:
            raise InputError(
                f"{option} needs --engine ray; add --engine ray, or leave {option} out"
            )
    return False


@contextmanager
def ray_of(engine: dict[str, Any]) -> Iterator["RayExecutor"]:
    """Yield what runs tasks on the cluster that the options name.

    Standard output is closed meanwhile: Ray prints there what its machines complain about.

    Raises:
        InputError: where no cluster answers, or none can be started.
    """
    from topicgen.cluster.ray_cluster import ray_cluster

    with (
        open(os.devnull, "w") as nowhere,
        redirect_stdout(nowhere),
        ray_cluster(engine.get("address"), engine.get("n_workers")) as executor,
    ):
        yield executor
