"""Which device to compute on."""

import shutil

import torch

from topicgen.errors import InputError
from topicgen.plain import quoted
from topicgen.topic_model.parameters import checked_value

# The first use of a GPU in a process takes seconds, in which a CPU fits topics to about this many
# document–word pairs.
_ENTRIES_FOR_A_GPU = 50_000


def torch_device(name: str | torch.device, n_entries: int | None = None) -> torch.device:
    """Return the torch device with this name.

    "auto" is CUDA if it is available, and is either in use already or worth the time that its
    first use takes.

    Args:
        name: the value of the parameter ``device``.
        n_entries: the number of document–word pairs to compute with; None for many.

    Raises:
        InputError: if the device does not exist or is not supported.

    Example:
        >>> torch_device("cpu"), torch_device("auto", n_entries=100)
        (device(type='cpu'), device(type='cpu'))
    """
    name = checked_value("device", name)
    if name == "auto":
        is_worth_it = n_entries is None or n_entries >= _ENTRIES_FOR_A_GPU
        if torch.cuda.is_available() and (is_worth_it or torch.cuda.is_initialized()):
            return torch.device("cuda")
        return torch.device("cpu")
    found = torch.device(name)
    if found.type == "cuda" and not torch.cuda.is_available():
        raise InputError(f"device {quoted(name)} needs CUDA, which is not available; use 'auto'")
    return found


def unused_gpu(name: str | torch.device, device: torch.device) -> str | None:
    """Return why a GPU of this machine is not used, and what to do about it, or None.

    Args:
        name: the value of the parameter ``device``.
        device: the device that ``torch_device`` chose.
    """
    if name != "auto" or device.type != "cpu":
        return None
    if torch.cuda.is_available():
        return "the GPU is not used: for so few documents a CPU is faster (device='cuda' uses it)"
    if shutil.which("nvidia-smi"):
        return (
            "the GPU is not used: this build of torch does not support it; install one with CUDA "
            "(https://pytorch.org/get-started)"
        )
    return None
