import numpy as np
import pytest
import torch

from topicgen.errors import InputError
from topicgen.randomness import numpy_generator, seed_from


def draws(random_state):
    return numpy_generator(random_state).integers(2**62, size=4).tolist()


def test_a_whole_number_seeds():
    assert (
        draws(3) == draws(np.int64(3)) == np.random.default_rng(3).integers(2**62, size=4).tolist()
    )
    assert draws(3) != draws(4)


def test_a_generator_is_used_and_advanced():
    generator = np.random.default_rng(0)
    assert numpy_generator(generator) is generator
    assert draws(generator) != draws(generator)


def test_a_random_state_draws_the_seed():
    assert draws(np.random.RandomState(0)) == draws(np.random.RandomState(0))
    random_state = np.random.RandomState(0)
    assert draws(random_state) != draws(random_state)


def test_nothing_is_fresh_entropy_and_the_global_stream_is_left_alone():
    before = np.random.get_state()[1:3]  # noqa: NPY002
    assert draws(None) != draws(None)
    after = np.random.get_state()[1:3]  # noqa: NPY002
    np.testing.assert_array_equal(before[0], after[0])
    assert before[1] == after[1]


@pytest.mark.parametrize(
    "random_state",
    [-1, 1.5, "0", True, [1, 2], torch.Generator(), np.random],
    ids=lambda value: type(value).__name__,
)
def test_anything_else_is_refused_in_words(random_state):
    with pytest.raises(
        InputError, match="expected seed to be a whole number from 0, None, or numpy"
    ):
        numpy_generator(random_state, "seed")


def test_one_seed_of_every_kind():
    assert seed_from(7) == seed_from(np.uint8(7)) == 7
    for kind in (np.random.default_rng, np.random.RandomState):
        assert 0 <= seed_from(kind(0)) == seed_from(kind(0)) < 2**32
    assert seed_from(None) != seed_from(None)


@pytest.mark.parametrize("random_state", [2**32, -1, "0", False])
def test_seeds_out_of_range(random_state):
    with pytest.raises(InputError, match="expected seed to be a whole number from 0"):
        seed_from(random_state, "seed")
