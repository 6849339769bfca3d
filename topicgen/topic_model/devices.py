"""Which device to compute on."""

import os
import shutil

import torch

from topicgen.errors import InputError
from topicgen.plain import quoted
from topicgen.topic_model.parameters import checked_value

# The first use of a GPU in a process takes seconds, in which a CPU fits topics to about this many
# document–word pairs.
_ENTRIES_FOR_A_GPU = 50_000

# The topics, their gradients, Adam's two moments, the best topics so far, and the probabilities of
# a step with their gradients, in four bytes per number.
_BYTES_PER_WEIGHT = 7 * 4


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


def check_memory(n_topics: int, n_words: int, device: torch.device) -> None:
    """Check that topics of so many words can be trained in the memory of this machine.

    Args:
        n_topics: how many topics.
        n_words: the words of each.
        device: where to train; a GPU's own memory is not checked.

    Raises:
        InputError: where they need more than there is.

    Example:
        >>> check_memory(10**6, 10**8, torch.device("cpu"))  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        topicgen.errors.InputError: training 1,000,000 topics of 100,000,000 words takes about \
2,607,703 GiB of memory, and this machine has ...; lower n_components, or max_features of the \
vectorizer
    """
    names = os.sysconf_names if hasattr(os, "sysconf") else {}
    if device.type != "cpu" or not {"SC_PAGE_SIZE", "SC_PHYS_PAGES"} <= names.keys():
        return
    there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    needed = _BYTES_PER_WEIGHT * n_topics * n_words
    if needed > there:
        raise InputError(
            f"training {n_topics:,} topics of {n_words:,} words takes about {needed / 2**30:,.0f} "
            f"GiB of memory, and this machine has {there / 2**30:,.0f}; lower n_components, or "
            "max_features of the vectorizer"
        )
