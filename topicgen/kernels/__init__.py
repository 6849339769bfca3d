"""Kernels for a GPU, in Triton: what takes many passes in plain torch, in a single one.

Each has a reference in plain torch operations, which stands where it is used and runs everywhere
else: ``distributions.relaxation`` (the relaxed pick), ``models.encoder`` and ``models.sparse`` (the
words of documents). Triton comes with torch's builds for NVIDIA's and AMD's GPUs, and is imported
with the first kernel.
"""

from functools import cache
from importlib.util import find_spec

import torch
from torch import Tensor


def usable(tensor: Tensor) -> bool:
    """Return whether the kernels take this tensor: on a GPU, in single or double precision.

    They add the gradients of words in any order. Where ``torch.use_deterministic_algorithms`` asks
    for the same digits every time, they are not used.

    Example:
        >>> usable(torch.ones(3))
        False
    """
    return (
        tensor.is_cuda
        and tensor.dtype in (torch.float32, torch.float64)
        and not torch.are_deterministic_algorithms_enabled()
        and _triton_is_there()
    )


@cache
def _triton_is_there() -> bool:
    return find_spec("triton") is not None
