"""``topicgen transform``: the topic proportions of documents."""

import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from topicgen.cli.options import (
    input_options,
    keep_option,
    metadata_option,
    overwrite_option,
    sources_argument,
)
from topicgen.corpus.metadata.frames import beside, choose
from topicgen.errors import InputError
from topicgen.files import check_destination, whole_file

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from topicgen.corpus import Corpus
    from topicgen.topic_model import TopicModel


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
@click.option(
    "--intervals",
    is_flag=True,
    help="Add the tokens of each topic, and intervals for proportions and tokens, from the joint "
    "posterior. Slower.",
)
@click.option(
    "--level",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.9,
    show_default=True,
    help="Probability of each interval of --intervals.",
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
    intervals: bool,
    level: float,
    overwrite: bool,
) -> None:
    """Write the topic proportions of the documents in INPUT..., one row per document, in order.

    The columns are id; topic_0, topic_1 and so on, proportions that sum to 1 in each row; n_tokens,
    the number of the document's tokens in the model's vocabulary; unknown_share, the share of its
    tokens (not counting stop words) outside the vocabulary; and the columns of --keep. A kept
    column with the name of another is written as input_NAME. An .npz file holds arrays instead:
    ids, doc_topic, n_tokens, unknown_share and metadata_NAME.

    With --intervals, topic_0 is the posterior mean of the proportion, with an interval from
    topic_0_low to topic_0_high, and tokens_0 is the posterior mean of how many of the document's
    tokens come from topic 0, with an interval from tokens_0_low to tokens_0_high; likewise for
    every topic. An .npz file then has the arrays doc_topic and tokens, each also with _low and
    _high.
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
    if intervals:
        found = _with_intervals(model, corpus, level, empty)
    else:
        found = {"topic": model.transform(corpus, empty=empty)}
    documents = pd.DataFrame({"id": list(corpus.ids)})
    sizes = pd.DataFrame({"n_tokens": corpus.n_tokens_each, "unknown_share": corpus.unknown_share})
    inferred = Inferred(documents, found, sizes)
    kept = None if keep is None and metadata is None else _kept(corpus, keep)
    if output is None:
        _write_csv(inferred, kept, sys.stdout)
        return
    with whole_file(output) as draft:
        write(inferred, kept, draft)


def _kept(corpus: "Corpus", keep: str | tuple[str, ...] | None) -> "pd.DataFrame | None":
    """Return the columns to write, where the model may have read more."""
    if keep is None or keep == "all":
        return corpus.metadata
    return choose(corpus.metadata, keep)


class Inferred(NamedTuple):
    """What is written about documents.

    Args:
        documents: a table of their ids.
        arrays: what was inferred, each of shape (n_documents, n_topics), by the name that its
            columns begin with.
        sizes: a table of their numbers of tokens and shares of unknown tokens.
    """

    documents: "pd.DataFrame"
    arrays: "dict[str, np.ndarray]"
    sizes: "pd.DataFrame"

    def table(self) -> "pd.DataFrame":
        """Return a row per document, with the columns of each topic next to each other."""
        import pandas as pd

        n_topics = next(iter(self.arrays.values())).shape[1]
        columns = {
            _column(name, topic): values[:, topic]
            for topic in range(n_topics)
            for name, values in self.arrays.items()
        }
        return pd.concat([self.documents, pd.DataFrame(columns), self.sizes], axis=1)


def _column(name: str, topic: int) -> str:
    """Return the name of a topic's column.

    Example:
        >>> _column("topic", 3), _column("tokens_low", 3)
        ('topic_3', 'tokens_3_low')
    """
    quantity, *end = name.split("_")
    return "_".join([quantity, str(topic), *end])


def _with_intervals(
    model: "TopicModel", corpus: "Corpus", level: float, empty: str
) -> "dict[str, np.ndarray]":
    """Return the proportions and tokens of documents with the ends of their intervals."""
    import numpy as np

    posterior = model.posterior(corpus)
    found: dict[str, np.ndarray] = {}
    for name, of in (("topic", "proportions"), ("tokens", "tokens")):
        low, high = posterior.interval(level, of=of)
        found |= {name: getattr(posterior, of), f"{name}_low": low, f"{name}_high": high}
    if empty == "missing":
        is_empty = posterior.n_tokens[:, None] == 0
        found = {name: np.where(is_empty, np.nan, values) for name, values in found.items()}
    return found


def _write_csv(inferred: Inferred, metadata: "pd.DataFrame | None", file: Any) -> None:
    beside(inferred.table(), metadata).to_csv(
        file, index=False, lineterminator="\n", errors="backslashreplace"
    )


def _write_parquet(inferred: Inferred, metadata: "pd.DataFrame | None", path: Path) -> None:
    beside(inferred.table(), metadata).to_parquet(path, index=False, engine="pyarrow")


def _write_npz(inferred: Inferred, metadata: "pd.DataFrame | None", path: Path) -> None:
    import numpy as np

    arrays = {
        "ids": inferred.documents["id"].to_numpy(dtype=str),
        "n_tokens": inferred.sizes["n_tokens"].to_numpy(),
        "unknown_share": inferred.sizes["unknown_share"].to_numpy(),
    }
    for name, values in inferred.arrays.items():
        arrays[name.replace("topic", "doc_topic")] = values
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


_Writer = Callable[[Inferred, "pd.DataFrame | None", Path], None]
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
