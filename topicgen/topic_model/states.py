"""Earlier states of an edited model, saved as what differs from the state after them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]

_PARTS = ("weights", "training")


class Described(NamedTuple):
    """What is fitted, as it is saved.

    Args:
        config: ready for JSON.
        weights: the arrays of the model.
        training: the arrays of its training and evidence.
    """

    config: dict[str, Any]
    weights: Arrays
    training: Arrays


def states_before(
    now: Described, states: Sequence[Described]
) -> tuple[list[dict[str, Any]], Arrays]:
    """Return earlier states as JSON and arrays, each without what the state after it has too.

    Args:
        now: the present state.
        states: the earlier ones, the latest first.
    """
    described, arrays, after = [], Arrays(), now
    for number, state in enumerate(states):
        names: dict[str, list[str]] = {}
        for part in _PARTS:
            own, later = getattr(state, part), getattr(after, part)
            names[part] = sorted(own)
            for name, value in own.items():
                if not _is_same(value, later.get(name)):
                    arrays[f"{number}.{part}.{name}"] = value
        differing = {
            name: value
            for name, value in state.config.items()
            if name not in after.config or after.config[name] != value
        }
        described.append({"config": differing, "arrays": names})
        after = state
    return described, arrays


def states_from(
    now: Described, described: Sequence[Mapping[str, Any]], arrays: Mapping[str, NDArray[Any]]
) -> list[Described]:
    """Return the states that ``states_before`` described, the latest first.

    Raises:
        KeyError, TypeError: where something is missing.
    """
    states, after = [], now
    for number, state in enumerate(described):
        parts = {}
        for part in _PARTS:
            later = getattr(after, part)
            own = {name: f"{number}.{part}.{name}" for name in state["arrays"][part]}
            parts[part] = {
                name: arrays[key] if key in arrays else later[name] for name, key in own.items()
            }
        after = Described({**after.config, **state["config"]}, **parts)
        states.append(after)
    return states


def _is_same(one: NDArray[Any], other: NDArray[Any] | None) -> bool:
    """Return whether two arrays have the same type and bytes."""
    if other is None or one.dtype != other.dtype or one.shape != other.shape:
        return False
    return (
        one is other or np.ascontiguousarray(one).tobytes() == np.ascontiguousarray(other).tobytes()
    )
