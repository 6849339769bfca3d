"""Whether the arrays of a loaded model can be those of a model, whoever has written them."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicgen.plain import quoted
from topicgen.topic_model.diagnostics import Diagnostics
from topicgen.topic_model.fitted import Evidence, Origin, Structure

Arrays = Mapping[str, NDArray[Any]]

# Up to the rounding of single precision.
_ROUNDING = 1e-3
# Logarithms of probabilities, which may be 0.
_LOGARITHMS = ("prior_logits", "log_frequency")
_NOT_NEGATIVE = ("atoms", "free", "prior_mean", "rate_mean", "smoothing")
_TRAINED = ("topic_logits", "log_pseudo_counts", "log_word_weight")
_MOMENTS = ("step", "exp_avg", "exp_avg_sq")
# The prefix of the names of an encoder's own weights.
_ENCODER = "encoder."
# The prefixes of trained weights in the encoders that come with topicgen.
_NETWORKS = ("encoder.network.", "encoder.guide.")
_OF_TOPICS = (
    "prior_mean",
    "rate_mean",
    "rate_shape",
    "dispersion",
    "smoothing",
    "log_pseudo_counts",
)
_POSITIVE = ("prior_count", "unit", "usual_length", "rate_shape", "dispersion")
_NUMBERS = ("prior_count", "unit", "usual_length")
# Of the negative binomial; other families have none.
_OF_FAMILY = ("rate_shape", "dispersion")


def check_weights(weights: Arrays, latent: str) -> None:
    """Check the weights of a model: their shapes, and that they are numbers of their kind.

    Args:
        weights: by name.
        latent: the family of the prior.

    Raises:
        KeyError, ValueError: where they are not.
    """
    logits = weights["topic_logits"]
    if logits.ndim != 2 or not logits.size or logits.dtype.kind != "f":
        raise ValueError(f"topic_logits has type {logits.dtype} and shape {logits.shape}")
    n_topics, n_words = logits.shape
    shapes = {"free": (n_topics, 1), "log_frequency": (n_words,), "log_word_weight": (n_words,)}
    shapes |= dict.fromkeys(_OF_TOPICS, (n_topics,)) | dict.fromkeys(_NUMBERS, ())
    for name in (*shapes, "atoms", "prior_logits"):
        if name in weights and weights[name].dtype != logits.dtype:
            raise ValueError(f"{name} has type {weights[name].dtype}, expected {logits.dtype}")
    for name, shape in shapes.items():
        if name in weights and weights[name].shape != shape:
            raise ValueError(f"{name} has shape {weights[name].shape}, expected {shape}")
    for name, values in weights.items():
        if name.startswith(_ENCODER) and values.dtype != logits.dtype:
            raise ValueError(f"{name} has type {values.dtype}, expected {logits.dtype}")
        if name not in _OF_FAMILY or latent == "negative_binomial":
            _check_numbers(name, values)
    if "atoms" in weights:
        atoms = weights["atoms"]
        if atoms.ndim != 1 or (np.diff(atoms) <= 0).any():
            raise ValueError(f"atoms, with shape {atoms.shape}, are not ascending counts")
    if missing := {"free", "log_frequency"} - weights.keys():
        raise KeyError(min(missing))
    if not np.isfinite(weights["log_frequency"]).any():
        raise ValueError("no word has a frequency")


def _check_numbers(name: str, values: NDArray[Any]) -> None:
    if values.dtype.kind not in "fiub":
        raise ValueError(f"{name} holds {values.dtype}")
    if values.dtype.kind != "f":
        return
    own = name.rpartition(".")[2]  # that of a layer has the number of the layer before it
    is_known = np.isfinite(values)
    if own in _LOGARITHMS:
        is_known |= np.isneginf(values)
    if not is_known.all():
        place = tuple(map(int, np.argwhere(~is_known)[0]))
        raise ValueError(f"{name} is {values[place]} at {list(place)}")
    if (own in _NOT_NEGATIVE and (values < 0).any()) or (own in _POSITIVE and (values <= 0).any()):
        raise ValueError(f"{name} is {values.min()}")


def check_training(optimizer: Arrays, weights: Arrays) -> None:
    """Check the state of the optimizer against the weights that it is of.

    Raises:
        ValueError: where an entry is not finite, or of another shape.
    """
    of_all = {name.rpartition(".")[0] for name in optimizer}
    if optimizer:
        of_all |= {name for name in weights if name in _TRAINED or name.startswith(_NETWORKS)}
    for name in sorted(f"{of}.{kind}" for of in of_all for kind in _MOMENTS):
        if name not in optimizer:
            raise ValueError(f"the optimizer has no {name}")
    for name, values in optimizer.items():
        _check_numbers(name, values)
        of, _, kind = name.rpartition(".")
        expected = () if kind == "step" else weights[of].shape if of in weights else values.shape
        if values.shape != expected:
            raise ValueError(f"{name} has shape {values.shape}, expected {expected}")
        if values.dtype.kind != "f" or (kind == "step" and values.dtype.itemsize < 4):
            raise ValueError(f"{name} has type {values.dtype}")
        if kind in ("step", "exp_avg_sq") and (values < 0).any():
            raise ValueError(f"{name} is {values.min()}")


def check_evidence(evidence: Evidence, n_topics: int) -> None:
    """Check the statistics of the documents of a fit.

    Raises:
        ValueError: where they are not of so many topics, or not what they are called.
    """
    occurrence = vars(evidence.occurrence)
    shapes = dict.fromkeys(occurrence, (3, n_topics)) | {"topic_share": (n_topics,)}
    for name, value in (occurrence | {"topic_share": evidence.topic_share}).items():
        if value.shape != shapes[name] or value.dtype.kind != "f":
            raise ValueError(f"{name} has type {value.dtype} and shape {value.shape}")
    share, masses = evidence.topic_share, evidence.masses
    for name, rows in {"topic_share": share[None], "evidence.masses": masses}.items():
        is_law = rows.ndim == 2 and rows.size and np.isfinite(rows).all() and (rows >= 0).all()
        if not is_law or (abs(rows.astype(np.float64).sum(1) - 1) > _ROUNDING).any():
            raise ValueError(f"{name} is not a probability distribution")
    if len(masses) != n_topics:
        raise ValueError(f"evidence.masses has {len(masses)} topics, expected {n_topics}")
    if evidence.n_documents < 0 or not 0 <= evidence.n_tokens < math.inf:
        raise ValueError(f"it has {evidence.n_documents} documents with {evidence.n_tokens} tokens")
    estimates = {name: values[0] for name, values in occurrence.items()}
    for name, values in estimates.items():
        if name in ("tokens", "presence") and np.isnan(values).any():
            raise ValueError(f"{name} is not a number")
        most = 1 + _ROUNDING if name in ("presence", "amount") else math.inf
        if (values < 0).any() or (values > most).any():
            raise ValueError(f"{name} ranges from {values.min()} to {values.max()}")


def check_records(
    structure: Structure, origin: Origin, diagnostics: Diagnostics, history: tuple[Any, ...]
) -> None:
    """Check that what is said of a fit is of the right kinds.

    Raises:
        ValueError: where something is not.
    """
    names = ("latent", "likelihood", "inference", "encoder", "encoder_input")
    texts = {name: getattr(structure, name) for name in names}
    texts |= {name: getattr(origin, name) for name in ("topicgen", "date", "input")}
    texts["source"] = origin.source or ""
    numbers: dict[str, Any] = {name: getattr(origin, name) for name in _NUMBERS_OF_ORIGIN}
    numbers["n_layers"] = structure.n_layers
    numbers |= vars(diagnostics)
    numbers |= {f"history {name}": value for epoch in history for name, value in epoch.items()}
    for name, value in texts.items():
        if not isinstance(value, str):
            raise ValueError(f"{name} is of type {type(value).__name__}")
    for name, value in numbers.items():
        if not _is_number(value) and not (value is None and name in _MAY_BE_UNKNOWN):
            raise ValueError(f"{name} is of type {type(value).__name__}")
    if structure.latent not in LATENTS:
        raise ValueError(f"latent is {quoted(structure.latent)}")
    if structure.likelihood not in LIKELIHOODS:
        raise ValueError(f"likelihood is {quoted(structure.likelihood)}")
    if structure.encoder_input not in ENCODER_INPUTS:
        raise ValueError(f"encoder_input is {quoted(structure.encoder_input)}")
    if structure.inference not in ("explicit", "implicit"):
        raise ValueError(f"inference is {quoted(structure.inference)}")


# Written out, so that a model is read without torch.
LATENTS = (
    "poisson",
    "negative_binomial",
    "geometric",
    "binomial",
    "given",
)
ENCODER_INPUTS = ("words", "words_and_embeddings", "embeddings")
LIKELIHOODS = (
    "multinomial",
    "poisson",
    "negative_binomial",
)
_NUMBERS_OF_ORIGIN = ("n_documents", "n_words", "n_tokens", "n_terms")
_MAY_BE_UNKNOWN = ("n_terms", "active_topics", "elbo", "elbo_without_depth")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
