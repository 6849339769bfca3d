"""``topicgen transform``: the topic proportions of documents."""

import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from topicgen.cli.options import input_options, overwrite_option, sources_argument
from topicgen.errors import InputError
from topicgen.files import check_destination, whole_file

if TYPE_CHECKING:
    import pandas as pd


@click.command(short_help="Infer the topic proportions of documents.")
@click.argument("model_folder", metavar="MODEL")
@sources_argument
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    help="File to write, ending in .csv, .parquet or .npz. [default: CSV to standard output]",
)
@input_options
@overwrite_option
def transform(
    model_folder: str,
    sources: tuple[str, ...],
    output: str | None,
    reading: dict[str, Any],
    overwrite: bool,
) -> None:
    """Write the topic proportions of the documents in INPUT..., one row per document, in order.

    The columns are id, topic_0, topic_1 and so on; the proportions in a row sum to 1. An .npz file
    holds two arrays instead, ids and doc_topic.
    """
    if output is not None:
        write = _writer(output)
        check_destination(output, "file", overwrite=overwrite)

    import pandas as pd

    from topicgen.cli.inputs import read_known
    from topicgen.corpus.wording import quantity
    from topicgen.topic_model import TopicModel

    model = TopicModel.load(model_folder)
    corpus, _ = read_known(model, sources, reading)
    if corpus.n_empty:
        warnings.warn(
            f"found no word of the model's vocabulary in {corpus.n_empty:,} of "
            f"{quantity(corpus.n_documents, 'document')}; they all get the proportions that the "
            "model gives to an empty document",
            UserWarning,
            stacklevel=2,
        )
    theta = model.transform(corpus.counts)
    table = pd.DataFrame(theta, columns=[f"topic_{topic}" for topic in range(theta.shape[1])])
    table.insert(0, "id", list(corpus.ids))
    if output is None:
        table.to_csv(sys.stdout, index=False, lineterminator="\n")
        return
    with whole_file(output) as draft:
        write(table, draft)


def _write_csv(table: "pd.DataFrame", path: Path) -> None:
    table.to_csv(path, index=False, lineterminator="\n", errors="backslashreplace")


def _write_parquet(table: "pd.DataFrame", path: Path) -> None:
    table.to_parquet(path, index=False, engine="pyarrow")


def _write_npz(table: "pd.DataFrame", path: Path) -> None:
    import numpy as np

    ids = table.pop("id").to_numpy(dtype=str)
    with open(path, "wb") as stream:
        np.savez(stream, ids=ids, doc_topic=table.to_numpy())


_WRITERS: dict[str, Callable[[Any, Path], None]] = {
    ".csv": _write_csv,
    ".parquet": _write_parquet,
    ".npz": _write_npz,
}


def _writer(output: str) -> Callable[[Any, Path], None]:
    suffix = Path(output).suffix.lower()
    if suffix not in _WRITERS:
        raise InputError(
            f"the output file must end in {', '.join(_WRITERS)}, got {output!r}; rename the file"
        )
    return _WRITERS[suffix]
