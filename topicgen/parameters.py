"""Checks of the estimator's parameters, in one table."""

import math
from collections.abc import Callable
from numbers import Integral, Real
from typing import Any

import numpy as np
import torch
from scipy.sparse import csr_matrix

from topicgen.errors import InputError
from topicgen.gradients import RELAXATIONS
from topicgen.models.encoder import ENCODERS


def check(estimator: Any) -> None:
    """Raise an error at the first parameter that cannot be used.

    Raises:
        InputError: naming the parameter, what was expected, and what came.
    """
    for name, (is_valid, expected) in _EXPECTED.items():
        value = getattr(estimator, name)
        if not is_valid(value):
            raise InputError(f"expected {name} to be {expected}, got {value!r}; choose such a one")
    device(estimator.device)


def check_size(n_components: int, counts: csr_matrix, *, of_text: bool) -> None:
    """Raise an error where the counts cannot bear so many topics.

    Topics of texts are at most as many as the documents with words, and as the words. Of a bare
    matrix, whose columns may be anything, only one with fewer entries than topics is refused.

    Raises:
        InputError: in these cases.
    """
    n_samples = int(np.count_nonzero(np.diff(counts.indptr)))
    n_features = counts.shape[1]
    limit = min(n_samples, n_features) if of_text else counts.nnz
    if n_components > limit:
        raise InputError(
            f"expected at most {limit} topics for n_samples = {n_samples} documents with words and "
            f"n_features = {n_features} words, got n_components = {n_components}; lower it or add "
            "documents"
        )


def temperatures(temperature: Any) -> tuple[float, float]:
    """Return the temperature at the start and the end.

    Example:
        >>> temperatures(0.5), temperatures((1, 0.5))
        ((0.5, 0.5), (1.0, 0.5))
    """
    start, end = (temperature, temperature) if isinstance(temperature, Real) else temperature
    return float(start), float(end)


def device(name: str) -> torch.device:
    """Return the torch device of a name.

    Raises:
        InputError: where there is no such device.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    try:
        found = torch.device(name)
    except (RuntimeError, TypeError):
        found = None
    # Others lack the sparse products.
    if found is None or found.type not in ("cpu", "cuda"):
        raise InputError(f"expected device to be auto, cpu or cuda, got {name!r}; name one of them")
    if found.type == "cuda" and not torch.cuda.is_available():
        raise InputError(f"expected a device that is there, got {name!r} without CUDA; use auto")
    return found


def _is_number(value: Any) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)


def _is_temperature(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return len(value) == 2 and all(_is_number(end) and end > 0 for end in value)
    return _is_number(value) and value > 0


def _at_least(least: int) -> Callable[[Any], bool]:
    return lambda v: isinstance(v, Integral) and not isinstance(v, bool) and int(v) >= least


def _auto_or_at_least(least: int) -> Callable[[Any], bool]:
    return lambda value: (isinstance(value, str) and value == "auto") or _at_least(least)(value)


def _one_of(*names: str) -> tuple[Callable[[Any], bool], str]:
    return lambda value: isinstance(value, str) and value in names, " or ".join(map(repr, names))


def _above_zero(value: Any) -> bool:
    return _is_number(value) and value > 0


def _share(value: Any) -> bool:
    return _is_number(value) and 0 <= value < 1


_EXPECTED: dict[str, tuple[Callable[[Any], bool], str]] = {
    "n_components": (_at_least(1), "a whole number from 1"),
    "latent": _one_of("poisson"),
    "likelihood": _one_of("multinomial"),
    "inference": _one_of(*ENCODERS),
    "gradient_estimator": _one_of(*RELAXATIONS),
    "temperature": (_is_temperature, "a number above 0, or a pair of them: start and end"),
    "truncation": (_auto_or_at_least(1), "'auto' or a whole number from 1"),
    "prior_count": (_above_zero, "a number above 0"),
    "smoothing": (_above_zero, "a number above 0"),
    "topic_scale": (_above_zero, "a number above 0"),
    "token_dropout": (_share, "a number from 0 to below 1"),
    "max_epochs": (_auto_or_at_least(1), "'auto' or a whole number from 1"),
    "batch_size": (_auto_or_at_least(1), "'auto' or a whole number from 1"),
    "learning_rate": (_above_zero, "a number above 0"),
    "validation_fraction": (_share, "a number from 0 to below 1"),
    "patience": (_at_least(1), "a whole number from 1"),
}
