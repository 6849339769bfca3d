"""Saving a model as a folder: configuration, vocabulary, weights and training state."""

import hashlib
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

from topicgen.corpus.words.foreign import as_foreign
from topicgen.errors import InputError
from topicgen.files import check_destination, whole_folder
from topicgen.prefixes import entries_under
from topicgen.topic_model.diagnostics import Diagnostics
from topicgen.topic_model.edits import Edit
from topicgen.topic_model.fitted import Evidence, Fitted, Origin, Structure, Weights
from topicgen.topic_model.occurrence import Occurrence
from topicgen.topic_model.seed_words import SeedWords
from topicgen.topic_model.states import Described, states_before, states_from

if TYPE_CHECKING:
    from topicgen.effects import Imputed
    from topicgen.effects.content import Content
    from topicgen.topic_model.kept import KeptDocuments
    from topicgen.topic_model.prevalence import Prevalence

FORMAT_VERSION = 5
CONFIG, VOCABULARY = "config.json", "vocabulary.json"
WEIGHTS, TRAINING = "weights.safetensors", "training.safetensors"
FILES = (CONFIG, VOCABULARY, WEIGHTS, TRAINING)
DOCUMENTS, BEFORE = "documents.safetensors", "before.safetensors"
OPTIONAL = (DOCUMENTS, BEFORE)

_MASSES = "evidence.masses"
_OCCURRENCE = "evidence.occurrence."
_OPTIMIZER = "optimizer."
_IMPUTED = "imputed."
_CONTENT = "content."


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
    path = check_destination(folder, "model", mark=CONFIG, overwrite=overwrite)
    described = _described(fitted)
    config = {
        "format_version": FORMAT_VERSION,
        "class": "TopicModel",
        "parameters": dict(parameters),
        **described.config,
    }
    kept = fitted.kept if documents else None
    files = list(FILES)
    with whole_folder(path) as draft:
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
        config["sha256"] = {name: _digest(draft / name) for name in files if name != CONFIG}
        (draft / CONFIG).write_text(json.dumps(config, indent=2) + "\n", "utf-8")


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
    path = Path(folder)
    if not path.is_dir():
        raise InputError(
            f"{str(path)!r} is not a model folder; pass a folder written by 'topicgen fit' or by "
            "TopicModel.save"
        )
    missing = [name for name in FILES if not (path / name).is_file()]
    config: dict[str, Any] = {}
    if CONFIG not in missing:
        config = _read_json(path / CONFIG, dict, "a JSON object")
        _check_version(config, path)  # an older format may have other files
        saved = config["sha256"] if isinstance(config.get("sha256"), dict) else {}
        missing += [name for name in OPTIONAL if name in saved and not (path / name).is_file()]
    if missing:
        raise InputError(
            f"{str(path)!r} is not a complete model folder: it lacks {missing[0]} (a model has "
            f"{', '.join(FILES)}); save the model again"
        )
    vocabulary = _read_json(path / VOCABULARY, (list, type(None)), "a JSON list or null")
    weights, training = _load_arrays(path / WEIGHTS), _load_arrays(path / TRAINING)
    earlier = _load_arrays(path / BEFORE) if "before" in config else {}
    with agreeing(path):
        fitted = _with_history(config, vocabulary, weights, training, earlier)
        if not trust_recipe:
            fitted = _untrusted(fitted)
        if (path / DOCUMENTS).is_file():
            fitted = _keeping(fitted, path / DOCUMENTS)
        for name, digest in config.get("sha256", {}).items():
            if _digest(path / name) != digest:
                raise ValueError(f"{name} is not the file that was saved with {CONFIG}")
        return fitted, dict(config["parameters"])


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
    return replace(fitted, before=before, kept=partial(_kept, path, fitted.n_words))


def _kept(path: Path, n_words: int) -> "KeptDocuments | None":
    from topicgen.topic_model.kept import KeptDocuments

    with agreeing(path.parent):
        return KeptDocuments.from_arrays(_load_arrays(path), n_words)


@contextmanager
def agreeing(folder: str | os.PathLike[str]) -> Iterator[None]:
    """Explain an error that arises because the files of a model do not fit together.

    Raises:
        InputError: in place of the original error.
    """
    try:
        yield
    except InputError:
        raise
    except (KeyError, TypeError, AttributeError, RuntimeError, ValueError) as error:
        raise InputError(
            f"the files of the model folder {os.fspath(folder)!r} do not belong together "
            f"({type(error).__name__}: {' '.join(str(error).split())[:200]}); save the model again"
        ) from error


def _fitted(
    config: dict[str, Any], vocabulary: list[str] | None, weights: Weights, training: Weights
) -> Fitted:
    evidence = Evidence(
        n_documents=int(config["evidence"]["n_documents"]),
        n_tokens=float(config["evidence"]["n_tokens"]),
        masses=training[_MASSES],
        topic_share=np.array(config["evidence"]["topic_share"], dtype=np.float64),
        occurrence=Occurrence(**entries_under(training, _OCCURRENCE)),
    )
    prevalence, imputed = _effects(config["prevalence"], entries_under(training, _IMPUTED))
    fitted = Fitted(
        structure=Structure(**config["structure"]),
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
        imputed=imputed,
        content=_content(config["content"], entries_under(training, _CONTENT)),
        seeds=_seeds(config["seeds"], vocabulary),
        names=_names(config["names"], len(weights["topic_logits"])),
        edits=tuple(map(Edit.from_config, config["edits"])),
        frozen=_frozen(config["frozen"], len(weights["topic_logits"])),
    )
    if prevalence is not None:
        prevalence.check_weights(weights, fitted.n_topics)
    if fitted.structure.inference not in ("explicit", "implicit"):
        raise ValueError(f"inference is {fitted.structure.inference!r}")
    if vocabulary is not None and len(vocabulary) != fitted.n_words:
        raise ValueError(f"{len(vocabulary)} words for {fitted.n_words} columns")
    n_topics = fitted.n_topics
    shapes = dict.fromkeys(vars(evidence.occurrence), (3, n_topics)) | {"topic_share": (n_topics,)}
    found = vars(evidence.occurrence) | {"topic_share": evidence.topic_share}
    for name, value in found.items():
        if value.shape != shapes[name]:
            raise ValueError(f"{name} of shape {value.shape} for {n_topics} topics")
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
            raise ValueError(f"the seeds of {name!r} are not words of the vocabulary")
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


def _check_version(config: dict[str, Any], path: Path) -> None:
    version = config.get("format_version")
    if version != FORMAT_VERSION or isinstance(version, bool):
        is_newer = isinstance(version, int) and version > FORMAT_VERSION
        raise InputError(
            f"expected format_version {FORMAT_VERSION}, got {version!r} in {str(path / CONFIG)!r}; "
            + ("install a newer topicgen" if is_newer else "fit and save the model again")
        )


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(2**20):
            digest.update(block)
    return digest.hexdigest()


def _save_arrays(path: Path, arrays: Weights) -> None:
    arrays = {name: np.require(value, requirements="C") for name, value in arrays.items()}
    try:
        save_file(arrays, path)
    except SafetensorError as error:
        raise OSError(str(error)) from error


def _load_arrays(path: Path) -> dict[str, np.ndarray]:
    try:
        loaded: dict[str, np.ndarray] = load_file(path)
    except (OSError, SafetensorError) as error:
        raise InputError(
            f"the file {str(path)!r} is damaged: it is not readable as safetensors "
            f"({' '.join(str(error).split())}); save the model again"
        ) from error
    return loaded


def _read_json(path: Path, kind: type | tuple[type, ...], in_words: str) -> Any:
    try:
        value = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"the file {str(path)!r} is damaged: it is not valid JSON ({error}); save the model "
            "again"
        ) from error
    if not isinstance(value, kind):
        raise InputError(
            f"expected {in_words} in {str(path)!r}, got {type(value).__name__}; save the model "
            "again"
        )
    return value
