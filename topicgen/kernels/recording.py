"""A step on a GPU that is recorded once as a CUDA graph, and then replayed."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Generator

# Steps before the recording, so that one-time setup is not recorded.
_WARM_UP = 3


class Recorded:
    """Runs a step again and again: from the fourth time on, as a CUDA graph.

    Launching the kernels of a small step takes ten times as long as running them. The step has to
    read and write the same tensors every time, and must not wait for the GPU.

    Args:
        step: the function to run.
        device: a GPU.
        generator: what the step draws from; None for torch's global stream.
    """

    def __init__(
        self, step: Callable[..., None], device: torch.device, generator: Generator | None
    ) -> None:
        self._step = step
        self._device = device
        self._generator = generator
        self._n_runs = 0
        self._graph: torch.cuda.CUDAGraph | None = None

    def __call__(self, *arguments: Any) -> None:
        """Run the step with these arguments, which have to be the same every time."""
        self._n_runs += 1
        if self._n_runs <= _WARM_UP:
            self._run_aside(arguments)
            return
        if self._graph is None:
            self._graph = self._record(arguments)
        self._graph.replay()

    def _run_aside(self, arguments: tuple[Any, ...]) -> None:
        # On another stream, because the recording is made on one too.
        stream, current = torch.cuda.Stream(self._device), torch.cuda.current_stream(self._device)
        stream.wait_stream(current)
        with torch.cuda.stream(stream):
            self._step(*arguments)
        current.wait_stream(stream)

    def _record(self, arguments: tuple[Any, ...]) -> torch.cuda.CUDAGraph:
        graph = torch.cuda.CUDAGraph()
        if self._generator is not None:
            graph.register_generator_state(self._generator)
        torch.cuda.synchronize(self._device)
        with _nothing_collected(), torch.cuda.graph(graph):
            self._step(*arguments)
        return graph


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Delay garbage collection: freeing GPU memory during a recording would invalidate it."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
