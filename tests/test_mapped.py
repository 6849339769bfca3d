import re
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from topicgen.mapped import give_back


def resident() -> int:
    """Return the kilobytes of mapped files in memory."""
    return int(re.search(r"RssFile:\s+(\d+)", Path("/proc/self/status").read_text())[1])


@pytest.fixture
def mapped(tmp_path):
    """64 MB of numbers, mapped from a file."""
    np.save(tmp_path / "a.npy", np.ones(2**24, dtype=np.int32))
    return np.load(tmp_path / "a.npy", mmap_mode="r")


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux")
def test_what_was_read_is_given_back_and_can_be_read_again(mapped):
    counts = csr_matrix((mapped, np.zeros(len(mapped), np.int32), [0, len(mapped)]), shape=(1, 1))
    before = resident()
    assert counts.data.sum() == 2**24
    read = resident()
    assert read - before > 50_000
    give_back(counts.data[5:])
    assert read - resident() > 50_000
    assert counts.data.sum() == 2**24


def test_what_was_written_into_a_map_of_ones_own_is_kept(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros(4))
    numbers = np.load(tmp_path / "a.npy", mmap_mode="c")
    numbers[:] = 7
    give_back(numbers, numbers[2:])
    assert numbers.tolist() == [7.0] * 4


def test_other_arrays_stay_as_they_are():
    numbers = np.arange(3)
    give_back(numbers, numbers[1:], [1, 2], None)
    assert numbers.tolist() == [0, 1, 2]
