"""How torch draws and how many threads it takes while a model computes."""

import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import torch

from topicgen.distributions.row_generator import RowGenerator

_setting_threads = threading.Lock()


def generator(seed: int, device: torch.device | str) -> RowGenerator:
    """Return a new source of randomness, on the device where the draws are wanted.

    Several processes that train one model can share its draws.

    Example:
        >>> draws = [torch.rand(2, generator=generator(7, "cpu")) for _ in range(2)]
        >>> torch.equal(*draws)
        True
    """
    source = RowGenerator(device)
    source.manual_seed(seed)
    return source


@contextmanager
def one_core_spared() -> Iterator[None]:
    """Let torch use one core less than there are, in this thread and within the block.

    Its threads wait for each other after every small operation. As soon as another program takes
    the core of one, all stall: with both cores of a small machine, training beside one busy process
    took ten times as long as with one thread.
    """
    before = torch.get_num_threads()
    spared = max(1, min(before, _n_cores() - 1))
    if spared == before:
        yield
        return
    _set_num_threads_here(spared)
    try:
        yield
    finally:
        _set_num_threads_here(before)


def _set_num_threads_here(n: int) -> None:
    """Set how many threads torch uses for this one alone.

    ``torch.set_num_threads`` sets the number of the thread that calls it, and that of all threads
    which use torch for the first time later. A thread of its own reads the latter and puts it back:
    blocks that overlap in several threads would else leave the process at theirs for good.
    """
    with _setting_threads, ThreadPoolExecutor(1) as another_thread:
        of_new_threads = another_thread.submit(torch.get_num_threads).result()
        torch.set_num_threads(n)
        another_thread.submit(torch.set_num_threads, of_new_threads).result()


def _n_cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
