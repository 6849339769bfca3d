import shutil

import pytest
import torch

from topicgen.errors import InputError
from topicgen.topic_model.devices import check_memory, torch_device, unused_gpu

CPU = torch.device("cpu")


@pytest.fixture
def gpu(monkeypatch):
    """A machine with a GPU that no program has used yet."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: False)
    return monkeypatch


@pytest.fixture
def no_gpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    return monkeypatch


@pytest.mark.parametrize(("n_entries", "device"), [(None, "cuda"), (100, "cpu"), (10**7, "cuda")])
def test_auto_is_the_faster_one(gpu, n_entries, device):
    assert torch_device("auto", n_entries).type == device


def test_a_gpu_in_use_is_used_for_few_documents_too(gpu):
    gpu.setattr(torch.cuda, "is_initialized", lambda: True)
    assert torch_device("auto", 100).type == "cuda"


def test_what_is_asked_for_is_taken(gpu):
    assert torch_device("cpu", 10**9) == CPU
    assert torch_device("cuda", 10).type == "cuda"


def test_auto_is_the_cpu_without_a_gpu(no_gpu):
    assert torch_device("auto", 10**9) == CPU
    with pytest.raises(InputError, match="device 'cuda' needs CUDA, which is not available"):
        torch_device("cuda")


def test_a_gpu_that_is_not_used_is_spoken_of(gpu):
    assert "device='cuda' uses it" in unused_gpu("auto", CPU)
    assert unused_gpu("cpu", CPU) is None
    assert unused_gpu("auto", torch.device("cuda")) is None


def test_a_build_of_torch_without_cuda_is_spoken_of(no_gpu):
    assert unused_gpu("auto", CPU) is None
    no_gpu.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    assert "this build of torch does not support it" in unused_gpu("auto", CPU)


def test_topics_that_memory_cannot_hold_are_refused():
    with pytest.raises(InputError, match=r"topics of 1,000,000 words .*; lower n_components"):
        check_memory(10**9, 10**6, torch.device("cpu"))
    check_memory(50, 20_000, torch.device("cpu"))
    check_memory(10**9, 10**6, torch.device("meta"))  # its memory is not this machine's
