"""Checks of the estimator's parameters, in one table."""

import itertools
import math
from collections.abc import Callable
from numbers import Integral, Real
from typing import Any

import numpy as np
import torch
from scipy.sparse import csr_matrix
from torch.distributions import Distribution

from topicgen.distributions import Finite, support_bounds
from topicgen.errors import InputError
from topicgen.gradients import RELAXATIONS
from topicgen.models import LIKELIHOODS, PRIORS


def check(estimator: Any) -> None:
    """Raise an error at the first parameter that cannot be used.

    Raises:
        InputError: naming the parameter, what was expected, and what came.
    """
    for name, (is_valid, expected) in _EXPECTED.items():
        value = getattr(estimator, name)
        if not is_valid(value):
            raise InputError(f"expected {name} to be {expected}, got {value!r}; choose such a one")
    _check_depth(estimator)
    _check_arrivals(estimator)
    device(estimator.device)


def _check_depth(estimator: Any) -> None:
    sizes = [estimator.n_components, *estimator.upper_components]
    if any(upper >= lower for lower, upper in itertools.pairwise(sizes)):
        raise InputError(
            f"expected upper_components to fall layer by layer from n_components = {sizes[0]}, got "
            f"{estimator.upper_components!r}; choose such ones"
        )
    if len(sizes) > 1 and isinstance(estimator.latent, Distribution):
        raise InputError(
            "expected a latent family by its name below upper_components, got a law that is given; "
            f"choose one of {', '.join(map(repr, PRIORS))}"
        )


def _check_arrivals(estimator: Any) -> None:
    is_poisson = estimator.inference == "explicit" and estimator.latent != "binomial"
    if estimator.gradient_estimator == "eat" and not is_poisson:
        raise InputError(
            "expected explicit inference and a latent law other than binomial for "
            f"gradient_estimator 'eat', got {estimator.inference!r} and {estimator.latent!r}; take "
            "'gengs'"
        )


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


def prior_count(estimator: Any) -> float:
    """Return the expected sum of a document's counts.

    Many units let proportions be fine. Laws that do not spread would make so many in one topic all
    but impossible, and pay for it in the bound.
    """
    if estimator.prior_count != "auto":
        return float(estimator.prior_count)
    if isinstance(estimator.latent, Distribution):
        expected = float(estimator.latent.mean.sum())
        topics = estimator.n_components if estimator.latent.batch_shape == () else 1
        return expected * topics
    return 10.0 if estimator.latent in ("poisson", "binomial") else 100.0


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


def _one_of(*names: str) -> tuple[Callable[[Any], bool], str]:
    return lambda value: isinstance(value, str) and value in names, " or ".join(map(repr, names))


def _above_zero(value: Any) -> bool:
    return _is_number(value) and value > 0


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool | np.bool_)


def _not_negative(value: Any) -> bool:
    return _is_number(value) and value >= 0


def _auto_or(is_valid: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: (isinstance(value, str) and value == "auto") or is_valid(value)


def _is_latent(value: Any) -> bool:
    if not isinstance(value, Distribution):
        return isinstance(value, str) and value in PRIORS
    if value.event_shape:
        return False
    if isinstance(value, Finite):
        return bool((value.atoms >= 0).all() and (value.atoms == value.atoms.round()).all())
    try:
        is_discrete = getattr(value.support, "is_discrete", False)
    except NotImplementedError:
        return False
    return is_discrete and support_bounds(value)[0] == 0 and bool(value.mean.isfinite().all())


def _are_sizes(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(map(_at_least(1), value))


def _share(value: Any) -> bool:
    return _is_number(value) and 0 <= value < 1


_EXPECTED: dict[str, tuple[Callable[[Any], bool], str]] = {
    "n_components": (_at_least(1), "a whole number from 1"),
    "upper_components": (_are_sizes, "a tuple of whole numbers from 1, or ()"),
    "latent": (
        _is_latent,
        f"one of {', '.join(map(repr, PRIORS))}, or a law on whole numbers from 0",
    ),
    "likelihood": _one_of(*LIKELIHOODS),
    "background": (_is_bool, "True or False"),
    "inference": _one_of("explicit", "implicit"),
    "refinement": (_at_least(0), "a whole number from 0"),
    "gradient_estimator": _one_of(*RELAXATIONS, "eat"),
    "temperature": (_is_temperature, "a number above 0, or a pair of them: start and end"),
    "truncation": (_auto_or(_at_least(1)), "'auto' or a whole number from 1"),
    "prior_count": (_auto_or(_above_zero), "'auto' or a number above 0"),
    "learn_prior": (_is_bool, "True or False"),
    "smoothing": (_above_zero, "a number above 0"),
    "topic_scale": (_above_zero, "a number above 0"),
    "separation": (_not_negative, "a number from 0"),
    "count_power": (_above_zero, "a number above 0"),
    "token_dropout": (_share, "a number from 0 to below 1"),
    "max_epochs": (_auto_or(_at_least(1)), "'auto' or a whole number from 1"),
    "batch_size": (_auto_or(_at_least(1)), "'auto' or a whole number from 1"),
    "learning_rate": (_above_zero, "a number above 0"),
    "validation_fraction": (_share, "a number from 0 to below 1"),
    "patience": (_at_least(1), "a whole number from 1"),
}
