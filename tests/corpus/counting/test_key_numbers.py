import numpy as np
import pytest

from topicgen.corpus.counting.key_numbers import KeyNumbers


def random_keys(kind):
    random = np.random.default_rng(0)
    if kind == "few":
        return random.integers(1, 500, 20_000, dtype=np.uint64)
    if kind == "consecutive":
        return np.arange(1, 20_001, dtype=np.uint64)
    if kind == "top bits only":
        return random.integers(1, 2**16, 20_000, dtype=np.uint64) << np.uint64(48)
    return random.integers(1, 2**64, 20_000, dtype=np.uint64)


@pytest.mark.parametrize("size", [1, 100, 20_000])
@pytest.mark.parametrize("kind", ["few", "consecutive", "top bits only", "any"])
def test_equal_keys_share_a_number_and_others_do_not(kind, size):
    keys = random_keys(kind)
    numbers = KeyNumbers(n_parts=1)
    parts = [numbers.of(keys[start : start + size]) for start in range(0, len(keys), size)]
    n_distinct = len(np.unique(keys))
    found = np.concatenate(parts)
    assert len({*zip(keys.tolist(), found.tolist(), strict=True)}) == n_distinct
    assert sorted(set(found.tolist())) == list(range(n_distinct)) == list(range(len(numbers)))
    # They keep their numbers, however the table has grown.
    np.testing.assert_array_equal(numbers.of(keys), found)


def test_keys_that_begin_at_one_slot_are_told_apart():
    numbers = KeyNumbers(n_parts=1)
    candidates = np.arange(1, 2**21, dtype=np.uint64)
    crowd = candidates[numbers._homes([candidates]) == len(numbers._numbers) - 1]
    assert len(crowd) > 300
    first, second = crowd[:150], crowd[:300]
    np.testing.assert_array_equal(np.sort(numbers.of(first)), np.arange(150))
    np.testing.assert_array_equal(np.sort(numbers.of(second)), np.arange(300))


@pytest.mark.parametrize("size", [100, 20_000])
def test_keys_of_several_parts_are_told_apart_by_each(size):
    random = np.random.default_rng(0)
    parts = (
        random.integers(1, 200, 20_000, dtype=np.uint64),
        random.integers(0, 200, 20_000, dtype=np.uint64),
    )
    numbers = KeyNumbers(n_parts=2)
    found = np.concatenate(
        [
            numbers.of(*(part[start : start + size] for part in parts))
            for start in range(0, 20_000, size)
        ]
    )
    pairs = [*zip(*(part.tolist() for part in parts), strict=True)]
    assert len({*zip(pairs, found.tolist(), strict=True)}) == len({*pairs}) == len(numbers)
    assert sorted(set(found.tolist())) == list(range(len(numbers)))


def test_many_equal_keys_take_little_room():
    numbers = KeyNumbers(n_parts=1)
    numbers.of(np.full(100_000, 7, dtype=np.uint64))
    assert (len(numbers), len(numbers._numbers)) == (1, 2**12)


def test_no_keys():
    numbers = KeyNumbers(n_parts=1)
    assert len(numbers.of(np.zeros(0, dtype=np.uint64))) == len(numbers) == 0
