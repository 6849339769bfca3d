"""Where models are saved: named after the input, and checked before the work begins."""

import os
from collections.abc import Sequence
from pathlib import Path

from topicgen.corpus.reading.streams import is_compressed
from topicgen.files import check_destination


def default_model_name(sources: Sequence[str]) -> str:
    """Return the default name of the model folder for these inputs, in the current folder.

    >>> default_model_name(["news/corpus.csv.gz"]), default_model_name(["-"])
    ('corpus-model', 'topicgen-model')
    """
    source = sources[0]
    if source == "-" or len(sources) > 1 or set("*?[") & set(source):
        return "topicgen-model"
    if os.path.isdir(source):
        return f"{Path(source).resolve().name or 'topicgen'}-model"
    path = Path(source)
    if is_compressed(path):
        path = path.with_suffix("")
    return f"{path.stem}-model"


def check_model_folder(folder: str, *, overwrite: bool) -> None:
    """Check that a model can be saved as this folder, without loading the code that saves it.

    Raises:
        InputError: where the folder exists and must not be replaced, or is not a model folder, or
            its parent folder cannot be written to.
    """
    check_destination(folder, "model", mark="config.json", overwrite=overwrite)
