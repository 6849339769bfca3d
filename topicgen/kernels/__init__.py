"""Triton kernels for GPUs, each of which does in one pass what plain torch does in many.

Each has a reference implementation in plain torch, in the module that uses it, which runs on all
other devices: ``distributions.relaxation`` (the relaxed pick), ``models.encoder`` and
``models.sparse`` (the words of documents). Triton comes with torch's builds for NVIDIA and AMD
GPUs, and is imported when the first kernel is used.
"""

from functools import cache
from importlib.util import find_spec

import torch
from torch import Tensor

# Layers of the encoder with a gradient, counted from the last. With more, training takes longer and
# predicts no better.
GRADED_LAYERS = 2


def usable(tensor: Tensor) -> bool:
    """Return whether the kernels can take this tensor: on a GPU, in single or double precision.

    The kernels add the gradients of words in no fixed order, so they are not used if
    ``torch.use_deterministic_algorithms`` is on.

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
