"""Which fit a checkpoint belongs to: all that its results depend on, documents included."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from torch.distributions import Distribution

from topicgen.plain import quoted
from topicgen.topic_model.documents import Input
from topicgen.topic_model.former import Former
from topicgen.topic_model.settings import Settings
from topicgen.version import __version__

# How much is printed, and what follows from other entries.
_NO_PART = (
    "progress",
    "unused_gpu",
    "n_training",
    "temperature",
    "device",
    "latent",
    "encoder",
    "are_short",
)
# As ``TopicModel`` calls them.
_PARAMETERS = {"n_epochs": "max_epochs", "greatest_count": "truncation", "n_held_out": "held out"}
_BLOCK = 2**24


def identity(
    settings: Settings, data: Input, former: Former | None, seed: int | None
) -> dict[str, Any]:
    """Return what identifies a fit, by the names that messages use, ready for JSON.

    The documents are read once, as fast as SHA-256 takes them (about a gigabyte per second).

    Args:
        settings: of the fit.
        data: the documents.
        former: the model before, or None.
        seed: of the fit; None where it is not given, and every fit has another.
    """
    values = {
        _PARAMETERS.get(field.name, field.name): getattr(settings, field.name)
        for field in fields(settings)
        if field.name not in _NO_PART
    }
    encoder = settings.encoder
    if not isinstance(encoder, str):
        encoder = getattr(encoder, "__qualname__", type(encoder).__qualname__)
    latent = settings.latent
    if isinstance(latent, Distribution):
        prior = settings.first_prior()
        latent = digest(prior.law.logits.cpu().numpy())
    values |= {
        "topicgen": __version__,
        "documents": digest_of_counts(data.counts),
        "words": digest(data.vocabulary),
        "temperature": list(settings.temperature),
        "device": settings.device.type,
        "latent": latent,
        "encoder": encoder,
        "prevalence": _prevalence(data),
        "content": _content(data),
        "embeddings": None if data.embeddings is None else digest(data.embeddings[1]),
        "word vectors": None if data.basis is None else digest(data.basis),
        "seeds": None if data.seeds is None else digest([*data.seeds.words.items()]),
        "the model before": _former(former),
        "random_state": None if seed is None else digest(seed),
    }
    ready: dict[str, Any] = json.loads(json.dumps(values))
    return ready


def differences(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return how two identities differ, for a reader.

    Example:
        >>> one, other = "1f" * 32, "2e" * 32  # digests
        >>> differences({"documents": one, "patience": 5}, {"documents": other, "patience": 6})
        ['other documents', 'patience=5 (now 6)']
    """
    found = []
    for name in dict.fromkeys([*before, *now]):
        old, new = before.get(name), now.get(name)
        if old == new:
            continue
        is_short = not any(isinstance(value, str) and len(value) == 64 for value in (old, new))
        found.append(f"{name}={quoted(old)} (now {quoted(new)})" if is_short else f"other {name}")
    return sorted(found, key=lambda entry: not entry.startswith("other"))


def _prevalence(data: Input) -> str | None:
    if data.prevalence is None:
        return None
    prevalence, covariates = data.prevalence
    design = json.dumps(prevalence.to_config(), sort_keys=True)
    return digest(design, covariates.matrix, *covariates.groups)


def _content(data: Input) -> str | None:
    if data.content is None:
        return None
    column, classes = data.content
    return digest(column, list(map(str, classes.names)), classes.of_documents)


def _former(former: Former | None) -> str | None:
    if former is None:
        return None
    fitted = former.fitted
    weights = [part for name in sorted(fitted.weights) for part in (name, fitted.weights[name])]
    said = [former.is_warm, list(fitted.names), list(fitted.frozen), fitted.vocabulary]
    return digest(said, *weights)


def digest_of_counts(counts: csr_matrix) -> str:
    """Return the SHA-256 of a matrix of counts; it may lie on disk, and is read once."""
    return digest(list(counts.shape), counts.indptr, counts.indices, counts.data)


def digest(*parts: Any) -> str:
    """Return the SHA-256 of arrays, and of other parts as JSON."""
    found = hashlib.sha256()
    for part in parts:
        if not isinstance(part, np.ndarray):
            found.update(json.dumps(part).encode())
            continue
        found.update(f"{part.dtype.str}{part.shape}".encode())
        flat = part.reshape(-1)
        for start in range(0, len(flat), _BLOCK):  # the array may lie on disk
            found.update(np.ascontiguousarray(flat[start : start + _BLOCK]).data)
    return found.hexdigest()
