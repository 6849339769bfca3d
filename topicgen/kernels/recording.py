"""A step whose launches on a GPU are recorded once, and then replayed at once."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Generator

# Steps before the recording: what is only set up at the first must not be recorded.
_WARM_UP = 3


class Recorded:
    """Runs a step again and again, from the fourth time on as one CUDA graph.

    The launches of a small step take ten times as long as its arithmetic. What the step reads and
    writes has to be the same tensors every time, and it must not wait for the GPU.

    Args:
        step: what to run.
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
        # On another stream, as the recording is made on one.
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
    """Keep garbage until later: memory of a GPU that is freed meanwhile spoils a recording."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
