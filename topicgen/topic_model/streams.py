"""The streams of random numbers of a fit, all from one seed."""

from enum import IntEnum

import numpy as np


class Stream(IntEnum):
    """The uses of random numbers, each with a separate stream derived from the seed of the fit."""

    SPLIT = 0
    TOPICS = 1
    CLUSTERS = 2
    TRAINING = 3
    DIAGNOSIS = 4
    LAYERS = 5
    UPDATE = 6
    RATES = 7
    EFFECTS = 8
    SETTLING = 9
    CONTENT = 10
    KEPT = 11
    EDITING = 12
    CLIMBING = 13


def derived_seed(seed: int, stream: Stream, number: int = 0) -> int:
    """Return the seed of a stream of random numbers, independent of all other streams."""
    return child_seed(seed, stream, number)


def child_seed(seed: int, *key: int) -> int:
    """Return the seed that belongs to a key, independent of those of other keys."""
    sequence = np.random.SeedSequence(seed, spawn_key=key)
    return int(sequence.generate_state(1, np.uint64)[0] >> np.uint64(1))
