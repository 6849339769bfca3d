"""Saving a model as a folder: configuration, vocabulary, weights and training state.

A folder is data. ``config.json`` holds the SHA-256 of every file, itself included, by which each is
checked before it is read; then what it holds is checked, as a stranger can compute checksums too.
"""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from topicgen.corpus.recipe import check_recipe
from topicgen.corpus.words.foreign import as_foreign
from topicgen.errors import InputError, shown
from topicgen.files import hold, restored, stores, whole_folder
from topicgen.files.json_file import read_json
from topicgen.files.sealed import Sealed, check_is_folder, write_sealed
from topicgen.plain import quoted
from topicgen.prefixes import entries_under
from topicgen.topic_model.diagnostics import Diagnostics
from topicgen.topic_model.edits import Edit
from topicgen.topic_model.embeddings import Embedding
from topicgen.topic_model.fitted import Evidence, Fitted, Origin, Structure, Weights
from topicgen.topic_model.occurrence import Occurrence
from topicgen.topic_model.seed_words import SeedWords
from topicgen.topic_model.soundness import (
    check_evidence,
    check_records,
    check_training,
    check_weights,
)
from topicgen.topic_model.states import Described, states_before, states_from
from topicgen.vocabulary import MOST_BYTES_OF_WORDS, as_words

if TYPE_CHECKING:
    from topicgen.effects import Imputed
    from topicgen.effects.content import Content
    from topicgen.topic_model.kept import KeptDocuments
    from topicgen.topic_model.prevalence import Prevalence

# 6 holds the checksum of config.json itself.
FORMAT_VERSION = 6
_READABLE = (5, FORMAT_VERSION)
CONFIG, VOCABULARY = "config.json", "vocabulary.json"
WEIGHTS, TRAINING = "weights.safetensors", "training.safetensors"
_LISTED = (VOCABULARY, WEIGHTS, TRAINING)
FILES = (CONFIG, *_LISTED)
DOCUMENTS, BEFORE = "documents.safetensors", "before.safetensors"
OPTIONAL = (DOCUMENTS, BEFORE)
_REMEDY = "save the model again"
# What code raises that meets values of another kind than it expects.
_DISAGREEMENTS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
)

_MASSES = "evidence.masses"
_OCCURRENCE = "evidence.occurrence."
_OPTIMIZER = "optimizer."
_IMPUTED = "imputed."
_CONTENT = "content."
_EMBEDDING = "embedding."


def save_fitted(
    folder: str | os.PathLike[str],
    fitted: Fitted,
    parameters: Mapping[str, Any],
    *,
    overwrite: bool = False,
    documents: bool = True,
) -> None:
    """Write a model folder, completely or not at all.

    Args:
        folder: the folder to write.
        fitted: what the model has learnt; all of it is written.
        parameters: the parameters of the estimator, ready for JSON.
        overwrite: whether an existing model may be replaced.
        documents: whether to write the word counts of documents that are kept for edits.

    Raises:
        InputError: where the folder cannot be written.
    """
    described = _described(fitted)
    config = {
        "format_version": FORMAT_VERSION,
        "class": "TopicModel",
        "parameters": dict(parameters),
        **described.config,
    }
    kept = fitted.kept if documents else None
    files = list(_LISTED)
    with (
        hold(folder, "model", mark=CONFIG, overwrite=overwrite) as path,
        whole_folder(path) as draft,
    ):
        # Half a surrogate pair, which UTF-8 cannot hold, is written as JSON's escape.
        words = json.dumps(fitted.vocabulary, ensure_ascii=False) + "\n"
        (draft / VOCABULARY).write_bytes(words.encode("utf-8", "backslashreplace"))
        _save_arrays(draft / WEIGHTS, fitted.weights)
        _save_arrays(draft / TRAINING, described.training)
        if kept is not None:
            _save_arrays(draft / DOCUMENTS, kept.to_arrays())
            files.append(DOCUMENTS)
        if fitted.before is not None:
            config["before"], arrays = states_before(described, _states(fitted))
            _save_arrays(draft / BEFORE, arrays)
            files.append(BEFORE)
        write_sealed(draft, CONFIG, config, files)


def _states(fitted: Fitted) -> list[Described]:
    """Return what there was before each edit, the latest first."""
    states = []
    while fitted.before is not None:
        fitted = fitted.before
        states.append(_described(fitted))
    return states


def _described(fitted: Fitted) -> Described:
    """Return what is fitted as JSON and arrays, but for the vocabulary and the documents kept."""
    recipe = fitted.recipe
    config = {
        "origin": asdict(fitted.origin),
        "structure": asdict(fitted.structure),
        "recipe": recipe if recipe is None or isinstance(recipe, Mapping) else recipe.to_config(),
        "has_feature_names": fitted.has_feature_names,
        "evidence": {
            "n_documents": fitted.evidence.n_documents,
            "n_tokens": fitted.evidence.n_tokens,
            "topic_share": fitted.evidence.topic_share.tolist(),
        },
        "validation_indices": fitted.validation_indices.tolist(),
        "history": list(fitted.history),
        "diagnostics": asdict(fitted.diagnostics),
        "seed": fitted.seed,
        "n_updates": fitted.n_updates,
        "seeds": None if fitted.seeds is None else dict(fitted.seeds.words),
        "names": list(fitted.names),
        "edits": [edit.to_config() for edit in fitted.edits],
        "frozen": list(fitted.frozen),
        "prevalence": None if fitted.prevalence is None else fitted.prevalence.to_config(),
        "content": None if fitted.content is None else fitted.content.to_config(),
    }
    training = {_OPTIMIZER + name: value for name, value in fitted.optimizer.items()}
    training[_MASSES] = fitted.evidence.masses
    for name, value in vars(fitted.evidence.occurrence).items():
        training[_OCCURRENCE + name] = value
    if fitted.imputed is not None:
        for name, value in fitted.imputed.to_arrays().items():
            training[_IMPUTED + name] = value
    if fitted.embedding is not None:
        for name, value in fitted.embedding.to_arrays().items():
            training[_EMBEDDING + name] = value
    if fitted.content is not None:
        for name, value in fitted.content.to_arrays().items():
            training[_CONTENT + name] = value
    return Described(config, dict(fitted.weights), training)


def load_fitted(
    folder: str | os.PathLike[str], *, trust_recipe: bool = False
) -> tuple[Fitted, dict[str, Any]]:
    """Return what ``save_fitted`` wrote: the fitted value and the estimator's parameters.

    Args:
        folder: the folder.
        trust_recipe: whether the code that its recipe names may run.

    Raises:
        InputError: where a file is missing, damaged, or of another version.
    """
    with stores.fetching(folder) as copy:
        return _load(Path(copy), trust_recipe=trust_recipe)


def _load(path: Path, *, trust_recipe: bool) -> tuple[Fitted, dict[str, Any]]:
    restored(path)
    check_is_folder(
        path,
        "is not a model folder; pass a folder written by 'topicgen fit' or by TopicModel.save",
    )
    sealed = _checked_files(path)
    config = sealed.description
    vocabulary = read_json(
        path / VOCABULARY, (list, type(None)), remedy=_REMEDY, most_bytes=MOST_BYTES_OF_WORDS
    )
    weights, training = _load_arrays(path / WEIGHTS), _load_arrays(path / TRAINING)
    earlier = _load_arrays(path / BEFORE) if "before" in config else {}
    with agreeing(path):
        if vocabulary is not None:
            vocabulary = as_words(vocabulary)
        fitted = _with_history(config, vocabulary, weights, training, earlier)
        if not trust_recipe:
            fitted = _untrusted(fitted)
        if sealed.lists(DOCUMENTS):
            fitted = _keeping(fitted, path / DOCUMENTS)
        return fitted, dict(config["parameters"])


def _checked_files(path: Path) -> Sealed:
    """Return the description of a model whose files are all as they were written.

    Raises:
        InputError: where one is missing, has changed, or is of another version.
    """
    missing = [name for name in FILES if not (path / name).exists()]
    if CONFIG not in missing:
        sealed = Sealed(path, CONFIG, what="model", remedy=_REMEDY)
        version = _checked_version(sealed.description, path)  # an older one may have other files
        if version == FORMAT_VERSION:
            sealed.check_own()
        missing += [name for name in OPTIONAL if sealed.lists(name) and not (path / name).exists()]
    if missing:
        raise InputError(
            f"{quoted(path)} is not a complete model folder: it lacks {missing[0]} (a model has "
            f"{', '.join(FILES)}); {_REMEDY}"
        )
    required = [*_LISTED, *([BEFORE] if "before" in sealed.description else [])]
    sealed.check_listed(required, [DOCUMENTS])
    for name in [*required, *([DOCUMENTS] if sealed.lists(DOCUMENTS) else [])]:
        sealed.check_file(name)
    return sealed


def _with_history(
    config: dict[str, Any],
    vocabulary: list[str] | None,
    weights: Weights,
    training: Weights,
    earlier: Weights,
) -> Fitted:
    """Return what is fitted, and what there was before each edit."""
    now = Described(config, dict(weights), dict(training))
    fitted: Fitted | None = None
    for state in reversed([now, *states_from(now, config.get("before", []), earlier)]):
        found = _fitted(state.config, vocabulary, state.weights, state.training)
        fitted = replace(found, before=fitted)
    assert fitted is not None
    return fitted


def _untrusted(fitted: Fitted) -> Fitted:
    """Return the model, and those before its edits, with what runs code marked as foreign."""
    before = None if fitted.before is None else _untrusted(fitted.before)
    recipe = fitted.recipe
    return replace(
        fitted, before=before, recipe=as_foreign(recipe) if isinstance(recipe, Mapping) else None
    )


def _keeping(fitted: Fitted, path: Path) -> Fitted:
    """Return the model, and those before its edits, with documents that are read on first use."""
    before = None if fitted.before is None else _keeping(fitted.before, path)
    n_dimensions = None if fitted.embedding is None else fitted.embedding.n_dimensions
    kept = partial(_kept, path, fitted.n_words, n_dimensions)
    return replace(fitted, before=before, kept=kept)


def _kept(path: Path, n_words: int, n_dimensions: int | None) -> "KeptDocuments | None":
    from topicgen.topic_model.kept import KeptDocuments

    with agreeing(path.parent):
        return KeptDocuments.from_arrays(_load_arrays(path), n_words, n_dimensions)


@contextmanager
def agreeing(folder: str | os.PathLike[str]) -> Iterator[None]:
    """Explain an error that arises because the files of a model do not fit together.

    Raises:
        InputError: in place of the original error.
    """
    try:
        yield
    except InputError as error:
        if str(os.fspath(folder)) in str(error):
            raise
        raise _disagreeing(folder, str(error).partition(";")[0]) from error
    except _DISAGREEMENTS as error:
        problem = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
        raise _disagreeing(folder, problem) from error


def _disagreeing(folder: str | os.PathLike[str], problem: str) -> InputError:
    return InputError(
        f"the files of the model folder {quoted(os.fspath(folder))} do not belong together "
        f"({problem}); {_REMEDY}"
    )


def _fitted(
    config: dict[str, Any], vocabulary: list[str] | None, weights: Weights, training: Weights
) -> Fitted:
    structure = Structure(**config["structure"])
    check_weights(weights, structure.latent)
    evidence = Evidence(
        n_documents=int(config["evidence"]["n_documents"]),
        n_tokens=float(config["evidence"]["n_tokens"]),
        masses=training[_MASSES],
        topic_share=np.array(config["evidence"]["topic_share"], dtype=np.float64),
        occurrence=Occurrence(**entries_under(training, _OCCURRENCE)),
    )
    prevalence, imputed = _effects(config["prevalence"], entries_under(training, _IMPUTED))
    if imputed is not None and imputed.draws.counts.shape[1] != len(weights["topic_logits"]):
        raise ValueError(f"draws of {imputed.draws.counts.shape[1]:,} topics")
    fitted = Fitted(
        structure=structure,
        weights=weights,
        vocabulary=vocabulary,
        recipe=None if config["recipe"] is None else dict(config["recipe"]),
        has_feature_names=config["has_feature_names"],
        evidence=evidence,
        history=tuple(map(dict, config["history"])),
        diagnostics=Diagnostics(**config["diagnostics"]),
        validation_indices=np.array(config["validation_indices"], dtype=np.int64),
        seed=int(config["seed"]),
        n_updates=int(config["n_updates"]),
        optimizer=entries_under(training, _OPTIMIZER),
        origin=Origin(**config["origin"]),
        prevalence=prevalence,
        embedding=_embedding(structure, entries_under(training, _EMBEDDING)),
        imputed=imputed,
        content=_content(config["content"], entries_under(training, _CONTENT)),
        seeds=_seeds(config["seeds"], vocabulary),
        names=_names(config["names"], len(weights["topic_logits"])),
        edits=tuple(map(Edit.from_config, config["edits"])),
        frozen=_frozen(config["frozen"], len(weights["topic_logits"])),
    )
    if prevalence is not None:
        prevalence.check_weights(weights, fitted.n_topics)
    check_training(fitted.optimizer, weights)
    check_evidence(evidence, fitted.n_topics)
    check_records(fitted.structure, fitted.origin, fitted.diagnostics, fitted.history)
    if isinstance(fitted.recipe, Mapping):
        check_recipe(fitted.recipe)
    if not isinstance(fitted.has_feature_names, bool) or (
        fitted.has_feature_names and vocabulary is None
    ):
        raise ValueError(f"has_feature_names is {quoted(fitted.has_feature_names)}")
    if (fitted.validation_indices < 0).any() or fitted.validation_indices.ndim != 1:
        raise ValueError("validation_indices are not the numbers of rows")
    if vocabulary is not None and len(vocabulary) != fitted.n_words:
        raise ValueError(f"{len(vocabulary)} words for {fitted.n_words} columns")
    return fitted


def _effects(
    config: dict[str, Any] | None, arrays: Weights
) -> "tuple[Prevalence | None, Imputed | None]":
    """Return how metadata become covariates, and what is kept for effects; both None without."""
    if config is None:
        return None, None
    from topicgen.effects import Imputed
    from topicgen.topic_model.prevalence import Prevalence

    prevalence = Prevalence.from_config(config)
    return prevalence, Imputed.from_arrays(arrays, prevalence.design) if arrays else None


def _embedding(structure: Structure, arrays: Weights) -> Embedding | None:
    """Return how embeddings are standardised, or None where the encoder reads none."""
    return None if structure.encoder_input == "words" else Embedding.from_arrays(arrays)


def _content(config: dict[str, Any] | None, arrays: Weights) -> "Content | None":
    """Return how the words of topics differ between groups, or None where there are no groups."""
    if config is None:
        return None
    from topicgen.effects.content import Content

    return Content.from_parts(config, arrays)


def _seeds(config: dict[str, Any] | None, vocabulary: list[str] | None) -> SeedWords | None:
    """Return the seed words of the topics with names, or None where there are none."""
    if config is None:
        return None
    seeds, known = SeedWords(dict(config)), set(vocabulary or [])
    for name, words in seeds.words.items():
        if not isinstance(words, list) or not words or not known.issuperset(words):
            raise ValueError(f"the seeds of {quoted(name)} are not words of the vocabulary")
    return seeds


def _names(names: list[str | None], n_topics: int) -> tuple[str | None, ...]:
    """Return the names of the topics; there are none, or as many as topics."""
    if len(names) not in (0, n_topics):
        raise ValueError(f"{len(names)} names for {n_topics} topics")
    if not all(name is None or isinstance(name, str) for name in names):
        raise ValueError("the names of topics are not all strings")
    return tuple(names)


def _frozen(topics: list[int], n_topics: int) -> tuple[int, ...]:
    """Return the numbers of the frozen topics."""
    if not set(topics) <= set(range(n_topics)) or sorted(set(topics)) != topics:
        raise ValueError(f"the frozen topics are {topics} of {n_topics}")
    return tuple(topics)


def _checked_version(config: dict[str, Any], path: Path) -> int:
    version = config.get("format_version")
    if type(version) is int and version in _READABLE:
        return version
    is_newer = isinstance(version, int) and version > FORMAT_VERSION
    raise InputError(
        f"expected format_version {FORMAT_VERSION}, got {shown(version)} in "
        f"{quoted(path / CONFIG)}; "
        + ("install a newer topicgen" if is_newer else "fit and save the model again")
    )


def _save_arrays(path: Path, arrays: Weights) -> None:
    arrays = {name: np.require(value, requirements="C") for name, value in arrays.items()}
    try:
        save_file(arrays, path)
    except SafetensorError as error:
        raise OSError(str(error)) from error


def _load_arrays(path: Path) -> dict[str, np.ndarray]:
    try:
        loaded: dict[str, np.ndarray] = load_file(path)
    # numpy lacks some types of safetensors, and says so in many ways.
    except (OSError, SafetensorError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            f"the file {quoted(path)} is damaged: it is not readable as safetensors "
            f"({' '.join(str(error).split())[:200]}); {_REMEDY}"
        ) from error
    return loaded
