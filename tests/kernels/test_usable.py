import pytest
import torch

from topicgen import kernels


def test_kernels_are_for_gpus():
    assert not kernels.usable(torch.ones(2))


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_kernels_are_for_numbers_of_32_and_64_bits_in_any_order():
    numbers = torch.ones(2, device="cuda")
    assert kernels.usable(numbers)
    assert kernels.usable(numbers.double())
    assert not kernels.usable(numbers.half())
    torch.use_deterministic_algorithms(True)
    try:
        assert not kernels.usable(numbers)
    finally:
        torch.use_deterministic_algorithms(False)
