import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from topicgen.training import computing
from topicgen.training.computing import generator, one_core_spared


@pytest.fixture
def three_threads(monkeypatch):
    """Three threads for torch, on a machine of two cores: a block leaves one."""
    monkeypatch.setattr(computing, "_n_cores", lambda: 2)
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


def in_a_new_thread(function=torch.get_num_threads):
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result()


def test_a_block_spares_a_core_and_gives_it_back(three_threads):
    with one_core_spared():
        assert torch.get_num_threads() == 1
        assert in_a_new_thread() == 3
        with one_core_spared():
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 3
    assert in_a_new_thread() == 3


def test_an_error_gives_it_back_too(three_threads):
    with pytest.raises(KeyboardInterrupt), one_core_spared():
        raise KeyboardInterrupt
    assert torch.get_num_threads() == 3


def test_blocks_that_overlap_in_several_threads_leave_all_as_it_was(three_threads):
    """Each of four threads enters while the one before is inside, and leaves after it has left."""
    entered, left = [[threading.Event() for _ in range(5)] for _ in range(2)]
    entered[0].set()
    left[0].set()

    def work(number):
        assert entered[number].wait(10)
        before = torch.get_num_threads()
        with one_core_spared():
            inside = torch.get_num_threads()
            entered[number + 1].set()
            assert entered[4].wait(10)
            assert left[number].wait(10)
        left[number + 1].set()
        return before, inside, torch.get_num_threads()

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(work, range(4))) == [(3, 1, 3)] * 4
    assert torch.get_num_threads() == 3
    assert in_a_new_thread() == 3


def test_a_thread_with_a_number_of_its_own_keeps_it(three_threads):
    def work():
        torch.set_num_threads(2)
        with one_core_spared():
            pass
        return torch.get_num_threads()

    assert in_a_new_thread(work) == 2
    assert torch.get_num_threads() == 3


def test_fewer_threads_than_are_spared_are_left_alone(monkeypatch):
    monkeypatch.setattr(computing, "_n_cores", lambda: 64)
    before = torch.get_num_threads()
    with one_core_spared():
        assert torch.get_num_threads() == before


def test_a_generator_draws_what_its_seed_says():
    state = torch.random.get_rng_state()
    first, again, other = (torch.rand(3, generator=generator(s, "cpu")) for s in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(torch.random.get_rng_state(), state)
