"""What ``random_state`` means, in every function that draws with numpy."""

from numbers import Integral
from typing import Any, TypeAlias

import numpy as np

from topicgen.errors import InputError, shown

RandomSource: TypeAlias = int | np.random.Generator | np.random.RandomState | None


def numpy_generator(random_state: Any, name: str = "random_state") -> np.random.Generator:
    """Return the generator that a ``random_state`` stands for, never numpy's global stream.

    Args:
        random_state: a whole number from 0 seeds a new generator; a ``Generator`` is returned as it
            is, and so advanced by its use; a ``RandomState`` draws the seed of a new one, and so is
            advanced; None takes fresh entropy, so that every call draws differently.
        name: the argument's name, for the error.

    Raises:
        InputError: anything else.

    Example:
        >>> numpy_generator(0).integers(100, size=3).tolist()
        [85, 63, 51]
    """
    if isinstance(random_state, np.random.Generator):
        return random_state
    if isinstance(random_state, np.random.RandomState):
        return np.random.default_rng(random_state.randint(2**32, size=4, dtype=np.uint32))
    if random_state is None:
        return np.random.default_rng()
    whole = isinstance(random_state, Integral) and not isinstance(random_state, (bool, np.bool_))
    if not whole or random_state < 0:
        raise InputError(
            f"expected {name} to be a whole number from 0, None, or numpy's Generator or "
            f"RandomState, got {shown(random_state)} ({type(random_state).__name__}); pass a seed "
            "such as 0"
        )
    return np.random.default_rng(int(random_state))


def seed_from(random_state: Any, name: str = "random_state") -> int:
    """Return a seed below 2**32, where one seed is passed on: to scikit-learn, or several times.

    Args:
        random_state: a whole number, which is the seed itself; or see :func:`numpy_generator`,
            whose generator draws the seed.
        name: the argument's name, for the error.

    Raises:
        InputError: as :func:`numpy_generator`, and a number of 2**32 or more.

    Example:
        >>> seed_from(3), seed_from(np.random.default_rng(0))
        (3, 3653403231)
    """
    generator = numpy_generator(random_state, name)
    if not isinstance(random_state, Integral):
        return int(generator.integers(2**32))
    if int(random_state) >= 2**32:
        raise InputError(
            f"expected {name} to be a whole number from 0 to 2**32 - 1, got {random_state}; pass a "
            "seed such as 0"
        )
    return int(random_state)
