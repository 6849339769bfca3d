"""How torch is used while a model computes, and given back as it was."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def seeded(seed: int, device: torch.device | str) -> Iterator[None]:
    """Seed torch's generators within the block, and leave them as they were."""
    device = torch.device(device)
    devices = [device] if device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(seed)
        yield


@contextmanager
def one_core_spared() -> Iterator[None]:
    """Let torch use one core less than there are within the block.

    Its threads wait for each other after every small operation. As soon as another program takes
    the core of one, all stall: with both cores of a small machine, training beside one busy process
    took ten times as long as with one thread.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(max(1, min(before, _n_cores() - 1)))
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _n_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
