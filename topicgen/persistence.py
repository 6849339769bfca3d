"""A model as a folder: ``config.json``, ``vocabulary.json`` and ``weights.safetensors``."""

import json
import os
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file

from topicgen.errors import InputError
from topicgen.files import check_destination as check_path
from topicgen.files import whole_folder

FORMAT_VERSION = 1
_CONFIG, _VOCABULARY, _WEIGHTS = "config.json", "vocabulary.json", "weights.safetensors"


def check_destination(folder: str | os.PathLike[str], *, overwrite: bool = False) -> Path:
    """Return the path where a model may be written.

    Raises:
        InputError: where the folder exists and is not to be replaced, is no model, or cannot be
            made.
    """
    return check_path(folder, "model", mark=_CONFIG, overwrite=overwrite)


def save_model(
    folder: str | os.PathLike[str],
    *,
    config: dict[str, Any],
    vocabulary: list[str] | None,
    weights: dict[str, torch.Tensor],
    overwrite: bool = False,
) -> None:
    """Write a model folder, whole or not at all.

    Raises:
        InputError: where it cannot be written.
    """
    path = check_destination(folder, overwrite=overwrite)
    with whole_folder(path) as draft:
        (draft / _CONFIG).write_text(
            json.dumps({**config, "format_version": FORMAT_VERSION}, indent=2) + "\n", "utf-8"
        )
        (draft / _VOCABULARY).write_text(json.dumps(vocabulary, ensure_ascii=False) + "\n", "utf-8")
        try:
            save_file(
                {name: value.contiguous() for name, value in weights.items()}, draft / _WEIGHTS
            )
        except SafetensorError as error:
            raise OSError(str(error)) from error


def load_model(
    folder: str | os.PathLike[str],
) -> tuple[dict[str, Any], list[str] | None, dict[str, torch.Tensor]]:
    """Return the config, the vocabulary and the weights of a model folder.

    Raises:
        InputError: where a file is missing, damaged, or of a newer version.
    """
    path = Path(folder)
    if not path.is_dir():
        raise InputError(f"expected a model folder, got {path}, which is none; give one saved here")
    for name in (_CONFIG, _VOCABULARY, _WEIGHTS):
        if not (path / name).is_file():
            raise InputError(
                f"expected a model folder with {_CONFIG}, {_VOCABULARY} and {_WEIGHTS}, got {path} "
                f"without {name}; save the model again"
            )
    config = _read_json(path / _CONFIG, dict, "a JSON object")
    version = config.get("format_version")
    if not isinstance(version, int) or not 1 <= version <= FORMAT_VERSION:
        is_newer = isinstance(version, int) and version > FORMAT_VERSION
        raise InputError(
            f"expected format_version 1 to {FORMAT_VERSION}, got {version!r} in {path / _CONFIG}; "
            + ("install a newer topicgen" if is_newer else "save the model again")
        )
    vocabulary = _read_json(path / _VOCABULARY, (list, type(None)), "a JSON list or null")
    try:
        weights = load_file(path / _WEIGHTS)
    except (OSError, SafetensorError) as error:
        raise InputError(
            f"expected weights in safetensors, got a damaged file {path / _WEIGHTS} "
            f"({' '.join(str(error).split())}); save the model again"
        ) from error
    return config, vocabulary, weights


def _read_json(path: Path, kind: type | tuple[type, ...], in_words: str) -> Any:
    try:
        value = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(
            f"expected JSON, got a damaged file {path} ({error}); save the model again"
        ) from error
    if not isinstance(value, kind):
        raise InputError(
            f"expected {in_words}, got {type(value).__name__} in {path}; save the model again"
        )
    return value
