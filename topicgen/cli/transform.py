"""``topicgen transform``: the topic proportions of documents."""

import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from topicgen.cli.options import (
    input_options,
    keep_option,
    metadata_option,
    overwrite_option,
    sources_argument,
)
from topicgen.corpus.metadata.frames import beside
from topicgen.errors import InputError
from topicgen.files import check_destination, whole_file

if TYPE_CHECKING:
    import numpy as np
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
@keep_option("Columns of a table, or of a corpus folder, to write next to the proportions")
@metadata_option
@click.option(
    "--empty",
    type=click.Choice(["prior", "missing"]),
    default="prior",
    show_default=True,
    help="Proportions of a document without known words: those that the model gives to an empty "
    "document, or missing values.",
)
@overwrite_option
def transform(
    model_folder: str,
    sources: tuple[str, ...],
    output: str | None,
    reading: dict[str, Any],
    keep: str | tuple[str, ...] | None,
    metadata: str | None,
    empty: str,
    overwrite: bool,
) -> None:
    """Write the topic proportions of the documents in INPUT..., one row per document, in order.

    The columns are id; topic_0, topic_1 and so on, proportions that sum to 1 in each row; n_tokens,
    the number of the document's tokens in the model's vocabulary; unknown_share, the share of its
    tokens (not counting stop words) outside the vocabulary; and the columns of --keep. A kept
    column with the name of another is written as input_NAME. An .npz file holds arrays instead:
    ids, doc_topic, n_tokens, unknown_share and metadata_NAME.
    """
    if output is not None:
        write = _writer(output)
        check_destination(output, "file", overwrite=overwrite)

    import pandas as pd

    from topicgen.cli.inputs import read_known
    from topicgen.corpus.wording import quantity
    from topicgen.topic_model import TopicModel

    model = TopicModel.load(model_folder)
    if metadata is not None:
        reading["metadata"] = metadata
    corpus, _ = read_known(model, sources, reading, keep)
    if corpus.n_empty:
        instead = {
            "prior": "such documents get the proportions of an empty document",
            "missing": "such documents get missing values",
        }
        warnings.warn(
            f"found no word of the model's vocabulary in {corpus.n_empty:,} of "
            f"{quantity(corpus.n_documents, 'document')}; {instead[empty]}",
            UserWarning,
            stacklevel=2,
        )
    theta = model.transform(corpus, empty=empty)
    table = pd.DataFrame(theta, columns=[f"topic_{topic}" for topic in range(theta.shape[1])])
    table.insert(0, "id", list(corpus.ids))
    table["n_tokens"] = corpus.n_tokens_each
    table["unknown_share"] = corpus.unknown_share
    kept = None if keep is None and metadata is None else corpus.metadata
    if output is None:
        _write_csv(table, kept, sys.stdout)
        return
    with whole_file(output) as draft:
        write(table, kept, draft)


def _write_csv(table: "pd.DataFrame", metadata: "pd.DataFrame | None", file: Any) -> None:
    beside(table, metadata).to_csv(
        file, index=False, lineterminator="\n", errors="backslashreplace"
    )


def _write_parquet(table: "pd.DataFrame", metadata: "pd.DataFrame | None", path: Path) -> None:
    beside(table, metadata).to_parquet(path, index=False, engine="pyarrow")


def _write_npz(table: "pd.DataFrame", metadata: "pd.DataFrame | None", path: Path) -> None:
    import numpy as np

    arrays = {
        "ids": table.pop("id").to_numpy(dtype=str),
        "n_tokens": table.pop("n_tokens").to_numpy(),
        "unknown_share": table.pop("unknown_share").to_numpy(),
        "doc_topic": table.to_numpy(),
    }
    for name, column in () if metadata is None else metadata.items():
        arrays[f"metadata_{name}"] = _plain_array(column)
    with open(path, "wb") as stream:
        np.savez(stream, **arrays)


def _plain_array(column: "pd.Series") -> "np.ndarray":
    """Return a column as an array without pickled objects; missing numbers are NaN, texts ""."""
    import pandas as pd

    if pd.api.types.is_bool_dtype(column) and not column.hasnans:
        return column.to_numpy(dtype=bool)
    if pd.api.types.is_numeric_dtype(column):
        return column.to_numpy(dtype=float if column.hasnans else None)
    if isinstance(column.dtype, pd.DatetimeTZDtype):
        column = column.dt.tz_convert(None)
    if pd.api.types.is_datetime64_dtype(column):
        return column.to_numpy()
    return column.astype(object).where(column.notna(), "").to_numpy(dtype=str)


_Writer = Callable[["pd.DataFrame", "pd.DataFrame | None", Path], None]
_WRITERS: dict[str, _Writer] = {
    ".csv": _write_csv,
    ".parquet": _write_parquet,
    ".npz": _write_npz,
}


def _writer(output: str) -> _Writer:
    suffix = Path(output).suffix.lower()
    if suffix not in _WRITERS:
        raise InputError(
            f"the output file must end in {', '.join(_WRITERS)}, got {output!r}; rename the file"
        )
    return _WRITERS[suffix]
