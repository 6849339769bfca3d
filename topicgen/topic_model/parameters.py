"""Checks of the estimator's parameters."""

import itertools
import math
from collections.abc import Callable, Mapping
from numbers import Integral, Real
from typing import Any

import numpy as np
import torch
from scipy.sparse import csr_matrix
from sklearn.base import clone
from torch.distributions import Distribution

from topicgen.corpus import Vectorizer
from topicgen.corpus.recipe import write_recipe
from topicgen.distributions import Finite, support_bounds
from topicgen.errors import InputError, shown
from topicgen.models import (
    COUNT_ESTIMATORS,
    ENCODERS,
    LEARNING_ESTIMATORS,
    LIKELIHOODS,
    PRIORS,
)
from topicgen.plain import quoted
from topicgen.topic_model.given_latents import latent_from_json, latent_to_json
from topicgen.topic_model.seed_words import checked_seeds

# Single precision holds every whole number up to this one.
_MOST_COUNTED = 2**24

# What earlier versions did, for parameters that they did not have.
BEFORE_THEY_WERE_SAVED = {"separation_measure": "probability"}


def checked(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of ``TopicModel`` as plain Python values, each of the right kind.

    Numbers and arrays of numpy become Python's, so that a fit does not depend on their precision
    and JSON can hold them.

    Raises:
        InputError: at the first that cannot be used: its name, what was expected, and what came.
    """
    of_documents = ("prevalence", "word_vectors")  # a matrix stays one
    values = {
        name: value if name in of_documents else checked_value(name, value)
        for name, value in parameters.items()
    }
    _check_depth(values)
    if values["seeds"] is not None:
        of_topics = values["n_components"], values["background"]
        values["seeds"] = checked_seeds(values["seeds"], of_topics[0], background=of_topics[1])
    _check_prevalence(values)
    _check_arrivals(values)
    _check_vectorizer(values["vectorizer"])
    return values


def checked_value(name: str, value: Any) -> Any:
    """Return one parameter as Python's own value.

    Raises:
        InputError: where it cannot be used.
    """
    is_valid, expected = _EXPECTED.get(name, (_anything, ""))
    result = _plain(value)
    if not is_valid(result):
        raise InputError(
            f"{name} must be {expected}, got {shown(value)}; leave it out for the default"
        )
    return result


def _check_depth(parameters: Mapping[str, Any]) -> None:
    upper = parameters["upper_components"]
    sizes = [parameters["n_components"], *upper]
    if any(above >= below for below, above in itertools.pairwise(sizes)):
        raise InputError(
            f"upper_components must be smaller than n_components = {sizes[0]} and decrease from "
            f"layer to layer, got {shown(upper)}"
        )
    if len(sizes) > 1 and isinstance(parameters["latent"], Distribution):
        raise InputError(
            "upper_components need latent to be the name of a family, got a distribution; choose "
            f"one of {', '.join(map(repr, PRIORS))}"
        )


def _check_prevalence(parameters: Mapping[str, Any]) -> None:
    prevalence = parameters["prevalence"]
    if prevalence is None:
        return
    if isinstance(prevalence, bool | Real) or (isinstance(prevalence, str) and not prevalence):
        raise InputError(
            "prevalence must be a formula such as '~ party + s(date)', or a matrix with a row for "
            f"each document, got {shown(prevalence)}; leave it out for a model without covariates"
        )
    if parameters["upper_components"]:
        raise InputError(
            "prevalence and upper_components both set what is expected of a document, got "
            f"{shown(prevalence)} and {shown(parameters['upper_components'])}; leave one of them "
            "out"
        )


def _check_arrivals(parameters: Mapping[str, Any]) -> None:
    if parameters["gradient_estimator"] != "eat":
        return
    inference, latent = parameters["inference"], parameters["latent"]
    if inference != "explicit" or latent == "binomial":
        raise InputError(
            "gradient_estimator='eat' needs inference='explicit' and a latent family other than "
            f"'binomial', got {quoted(inference)} and {shown(latent)}; use 'gengs'"
        )
    if parameters["encoder"] == "network" and latent in ("negative_binomial", "geometric"):
        raise InputError(
            "gradient_estimator='eat' needs Poisson counts, but encoder='network' with "
            f"latent={quoted(latent)} gives negative binomial counts; use latent='poisson' or "
            "gradient_estimator='gengs'"
        )


def _check_vectorizer(vectorizer: Any) -> None:
    if vectorizer is not None and not isinstance(vectorizer, Vectorizer):
        raise InputError(
            "vectorizer must be None or a topicgen.Vectorizer, which can be saved with the model, "
            f"got {type(vectorizer).__name__}; to use another one, pass the counts it returns"
        )


def check_size(n_components: int, counts: csr_matrix, *, has_words: bool) -> None:
    """Raise an error where there are too few documents or words for this many topics.

    There can be no more topics than documents with words, nor than words. A matrix without words
    may have any kind of columns, so it is refused only where it has fewer non-zero entries than
    topics.

    Raises:
        InputError: where there are too many topics.
    """
    n_samples = int(np.count_nonzero(np.diff(counts.indptr)))
    n_features = counts.shape[1]
    limit = min(n_samples, n_features) if has_words else counts.nnz
    if n_components > limit:
        raise InputError(
            f"n_components = {n_components} is too many for n_samples = {n_samples} documents with "
            f"words and n_features = {n_features} words, which allow at most {limit} topics; lower "
            "n_components or add documents"
        )


def to_json(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of ``TopicModel`` as JSON holds them.

    What JSON cannot hold becomes null: a generator, whose state has moved on, and a ``latent`` of a
    class that a reader may not have, whose masses are among the weights.

    Raises:
        InputError: where a parameter cannot be used, the encoder has no name, or the vectorizer's
            tokenizer has none to import it by.
    """
    values = checked(parameters)
    plain = {name: value if _is_plain(value) else None for name, value in values.items()}
    # The columns of a matrix are part of what was learnt.
    plain["prevalence"] = values["prevalence"] if isinstance(values["prevalence"], str) else None
    plain["word_vectors"] = None  # their effect is in the topics
    plain["seeds"] = values["seeds"]
    if isinstance(values["latent"], Distribution):
        plain["latent"] = latent_to_json(values["latent"])
    check_encoder_has_name(values["encoder"])
    if values["vectorizer"] is not None:
        plain["vectorizer"] = write_recipe(values["vectorizer"])
    return plain


def check_encoder_has_name(encoder: Any) -> None:
    """Make sure that an encoder, as a parameter or of a model, can be saved.

    Raises:
        InputError: where it is a function.
    """
    if not isinstance(encoder, str):
        raise InputError(
            "a model with a function as its encoder cannot be saved; register the function, "
            "topicgen.models.ENCODERS['mine'] = function, and fit with encoder='mine'"
        )


def from_json(values: Mapping[str, Any], *, trust_recipe: bool = False) -> dict[str, Any]:
    """Turn the result of ``to_json`` back into arguments of the constructor.

    Args:
        values: what ``to_json`` returned.
        trust_recipe: whether the code that the recipe of the vectorizer names may run.
    """
    values = dict(values)
    for name, value in values.items():
        if isinstance(value, int) and abs(value) >= 2**63:
            raise ValueError(f"{name} is {quoted(value)}")
    for name in ("temperature", "upper_components"):
        if isinstance(values.get(name), list):
            values[name] = tuple(values[name])
    if isinstance(values.get("latent"), Mapping):
        values["latent"] = latent_from_json(values["latent"])
    if values.get("vectorizer") is not None:
        values["vectorizer"] = clone(
            Vectorizer.from_config(values["vectorizer"], [], trust_recipe=trust_recipe)
        )
    return values


def _plain(value: Any) -> Any:
    """Return numpy's numbers and arrays as Python's own, a device as its name, others as it is."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return tuple(map(_plain, value))
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value)
    if isinstance(value, str):
        return str.__str__(value)  # also of an enumeration's member
    return str(value) if isinstance(value, torch.device) else value


def _is_plain(value: Any) -> bool:
    if isinstance(value, tuple):
        return all(map(_is_plain, value))
    return isinstance(value, bool | int | float | str)


def _anything(value: Any) -> bool:
    return True


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_temperature(value: Any) -> bool:
    if isinstance(value, tuple):
        return len(value) == 2 and all(map(_above_zero, value))
    return _is_number(value) and value > 0


def _at_least(least: int, most: float = math.inf) -> Callable[[Any], bool]:
    return lambda v: isinstance(v, int) and not isinstance(v, bool) and least <= v <= most


def _one_of(*names: str) -> tuple[Callable[[Any], bool], str]:
    return lambda value: isinstance(value, str) and value in names, " or ".join(map(repr, names))


def _above_zero(value: Any) -> bool:
    return _is_number(value) and value > 0


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


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


def _is_estimator(value: Any) -> bool:
    return isinstance(value, str) and value in (*COUNT_ESTIMATORS, *LEARNING_ESTIMATORS)


def _is_encoder(value: Any) -> bool:
    return value in ENCODERS if isinstance(value, str) else callable(value)


def _is_device(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        # Others lack the sparse products.
        return value == "auto" or torch.device(value).type in ("cpu", "cuda")
    except RuntimeError:
        return False


def _are_sizes(value: Any) -> bool:
    return isinstance(value, tuple) and all(map(_at_least(1), value))


def _is_level(value: Any) -> bool:
    return _is_bool(value) or _at_least(0)(value)


def _is_name_or_none(value: Any) -> bool:
    return value is None or (isinstance(value, str) and bool(value))


def _is_function_or_none(value: Any) -> bool:
    return value is None or callable(value)


def _share(value: Any) -> bool:
    return _is_number(value) and 0 <= value < 1


_EXPECTED: dict[str, tuple[Callable[[Any], bool], str]] = {
    "n_components": (_at_least(1), "a positive integer"),
    "upper_components": (_are_sizes, "a tuple of positive integers, or ()"),
    "latent": (
        _is_latent,
        f"one of {', '.join(map(repr, PRIORS))}, or a torch distribution over the integers from 0",
    ),
    "likelihood": _one_of(*LIKELIHOODS),
    "background": (_is_bool, "True or False"),
    "inference": _one_of("explicit", "implicit"),
    "encoder": (
        _is_encoder,
        f"{' or '.join(map(repr, ENCODERS))}, or a function that makes an encoder",
    ),
    "objective": _one_of("hidden_tokens", "elbo"),
    "content": (_is_name_or_none, "the name of a metadata column, or None"),
    "refinement": (_at_least(0), "a non-negative integer"),
    "gradient_estimator": (
        _is_estimator,
        f"one of {', '.join(map(repr, (*COUNT_ESTIMATORS, *LEARNING_ESTIMATORS)))}",
    ),
    "temperature": (_is_temperature, "a positive number, or a pair of them: start and end"),
    "truncation": (
        _auto_or(_at_least(1, _MOST_COUNTED)),
        f"'auto' or a positive integer up to {_MOST_COUNTED:,}",
    ),
    "prior_count": (_auto_or(_above_zero), "'auto' or a positive number"),
    "learn_prior": (_is_bool, "True or False"),
    "smoothing": (_above_zero, "a positive number"),
    "topic_scale": (_above_zero, "a positive number"),
    "separation": (_not_negative, "a non-negative number"),
    "separation_measure": _one_of("probability", "distinctive"),
    "count_power": (_auto_or(_above_zero), "'auto' or a positive number"),
    "token_dropout": (_share, "a number of at least 0 and below 1"),
    "max_epochs": (_auto_or(_at_least(1)), "'auto' or a positive integer"),
    "bound_epochs": (_at_least(0), "a non-negative integer"),
    "batch_size": (_auto_or(_at_least(1)), "'auto' or a positive integer"),
    "learning_rate": (_auto_or(_above_zero), "'auto' or a positive number"),
    "validation_fraction": (_share, "a number of at least 0 and below 1"),
    "patience": (_at_least(1), "a positive integer"),
    "text_column": (lambda value: isinstance(value, str), "the name of a column"),
    "device": (_is_device, "'auto', 'cpu' or 'cuda'"),
    "embedder": (_is_function_or_none, "a function from texts to their embeddings, or None"),
    "encoder_input": _one_of("auto", "words", "words_and_embeddings", "embeddings"),
    "n_draws": (_at_least(1), "a positive integer"),
    "verbose": (_is_level, "True, False or a non-negative integer"),
}
