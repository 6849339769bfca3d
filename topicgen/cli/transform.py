"""``topicgen transform``: the topic proportions of documents."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from topicgen.cli.embedding_files import embeddings_of_input, embeddings_option
from topicgen.cli.input_rows import InputRows
from topicgen.cli.options import (
    allow_code_option,
    column_options,
    file_options,
    keep_option,
    metadata_option,
    overwrite_option,
    sources_argument,
)
from topicgen.cli.outputs import hold_file
from topicgen.cli.proportions import Inferred, write_proportions, writer_for
from topicgen.cli.sections import SectionedCommand, section
from topicgen.corpus.metadata.frames import choose
from topicgen.errors import InputError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from topicgen.corpus import Corpus
    from topicgen.topic_model import TopicModel

# How many documents are inferred and written together: so many proportions, and whole blocks of
# ``transform`` itself, so that the result does not depend on it.
_MOST_VALUES, _MOST_DOCUMENTS, _STEP = 2**22, 2**16, 2**10

# What is written with --intervals, in this order.
_INTERVALS = tuple(f"{of}{end}" for of in ("topic", "tokens") for end in ("", "_low", "_high"))

# The value of --keep by which no label and no column is written.
NOTHING = ("none",)


@click.command(
    cls=SectionedCommand,
    short_help="Infer the topic proportions of documents.",
    examples=(
        "topicgen transform news-model news.csv -o shares.csv --keep date,author",
        "topicgen transform news-model news.csv -o shares.parquet --intervals",
    ),
)
@click.argument("model_folder", metavar="MODEL")
@sources_argument
@section(
    "Input",
    column_options,
    metadata_option,
    embeddings_option,
    file_options,
    allow_code_option,
)
@section(
    "Inference",
    click.option(
        "--empty",
        type=click.Choice(["prior", "missing"]),
        default="prior",
        show_default=True,
        help="Proportions of a document without known words: those that the model gives to an "
        "empty document, or missing values.",
    ),
    click.option(
        "--intervals",
        is_flag=True,
        help="Add the tokens of each topic, and intervals for proportions and tokens, from the "
        "joint posterior. Slower.",
    ),
    click.option(
        "--level",
        type=click.FloatRange(0, 1, min_open=True, max_open=True),
        default=0.9,
        show_default=True,
        help="Probability of each interval of --intervals.",
    ),
)
@section(
    "Output",
    click.option(
        "-o",
        "--output",
        metavar="FILE",
        help="File to write, ending in .csv, .parquet or .npz. [default: CSV to standard output]",
    ),
    keep_option(
        "Columns of a table, or of a corpus folder, to write next to the proportions",
        "all or none. [default: all columns of a corpus folder or of --metadata]",
    ),
    overwrite_option,
)
def transform(
    model_folder: str,
    sources: tuple[str, ...],
    output: str | None,
    reading: dict[str, Any],
    allow_code: bool,
    keep: str | tuple[str, ...] | None,
    metadata: str | None,
    embeddings: str | None,
    empty: str,
    intervals: bool,
    level: float,
    overwrite: bool,
) -> None:
    """Write the topic proportions of the documents in INPUT..., one row per document, in order.

    The columns are id (see --id-column); topic_0, topic_1 and so on, proportions that sum to 1 in
    each row; n_tokens, the number of the document's tokens in the model's vocabulary;
    unknown_share, the share of its tokens (not counting stop words) outside the vocabulary; label,
    where the documents have labels; and the columns of --keep. A kept column with the name of
    another is written as input_NAME. 'topicgen topics MODEL --csv' lists the names and words of the
    topics by their numbers.

    CSV has six significant digits, two decimals of tokens, and an apostrophe before texts that a
    spreadsheet would take for formulas. An .npz file holds arrays instead: ids, doc_topic,
    n_tokens, unknown_share, labels and metadata_NAME.

    With --intervals, the columns differ: topic_0 is the posterior mean of the proportion, and not
    the proportion that best predicts the next word, with an interval from topic_0_low to
    topic_0_high, and tokens_0 is the posterior mean of how many of the document's tokens come from
    topic 0, with an interval from tokens_0_low to tokens_0_high; likewise for every topic. An .npz
    file then has the arrays doc_topic and tokens, each also with _low and _high.

    The distribution of a topic that is probably absent is very skewed, mostly near 0 and sometimes
    large, so its mean may exceed the upper end of the interval: report the interval there. All are
    Monte Carlo estimates: those of a document alone and among others differ by about a sixth of its
    posterior standard deviation.
    """
    if output is not None:
        if output == "-":
            raise InputError(
                "-o - is not needed: without -o, CSV is written to standard output; leave it out"
            )
        writer_for(output)
        hold_file(output, overwrite=overwrite)

    from topicgen.cli.inputs import read_known, warn_of_empty
    from topicgen.corpus.formats import recognise
    from topicgen.corpus.unknown import warn_of_unknown
    from topicgen.topic_model import TopicModel

    model = TopicModel.load(model_folder, trust_recipe=allow_code)
    if metadata is not None:
        reading["metadata"] = metadata
    rows = InputRows()
    kept = None if keep == NOTHING else keep
    corpus, _ = read_known(model, sources, reading, kept, rows=rows)
    vectors = embeddings_of_input([model], embeddings, rows)
    instead = {
        "prior": "such documents get the proportions of an empty document",
        "missing": "such documents get missing values",
    }
    if vectors is None:  # which say something of a document in another language too
        warn_of_empty(corpus, instead[empty])
    if corpus.n_terms is not None and vectors is None:  # once, not for every block
        n_known, usual = corpus.n_tokens, model.fitted_.origin.known_share
        warn_of_unknown(n_known, int(corpus.n_terms.sum()), len(corpus), usual)
    if intervals:
        blocks = _with_intervals(model, corpus, vectors, level, empty)
    else:
        blocks = _proportions(model, corpus, vectors, empty)
    # A corpus folder has the columns that its user chose to keep; a table has any others too.
    has_metadata = metadata is not None or any(map(recognise, sources))
    labels, columns = _written(corpus, keep, has_metadata=has_metadata)
    write_proportions(
        Inferred(corpus.ids, blocks, corpus.n_tokens_each, corpus.unknown_share, labels, columns),
        output,
    )


def _written(
    corpus: "Corpus", keep: str | tuple[str, ...] | None, *, has_metadata: bool
) -> "tuple[Sequence[str] | None, pd.DataFrame | None]":
    """Return the labels and metadata to write, where the model may have read more.

    Args:
        corpus: the documents.
        keep: of the user.
        has_metadata: whether INPUT comes with metadata, so that all of it is written by default.
    """
    if keep == NOTHING:
        return None, None
    labels = corpus.labels if any(corpus.labels or []) else None
    if keep is None:
        return labels, corpus.metadata if has_metadata else None
    # A table of texts alone has no other column.
    return labels, corpus.metadata if keep == "all" else choose(corpus.metadata, keep)


def _proportions(
    model: "TopicModel", corpus: "Corpus", vectors: "np.ndarray | None", empty: str
) -> "Iterator[tuple[slice, dict[str, np.ndarray]]]":
    """Yield the rows of some documents with their proportions: memory is bounded."""
    known = corpus.without_lengths()  # the warning has been given
    size = _MOST_VALUES // model.fitted_.n_topics // _STEP * _STEP
    size = min(max(size, _STEP), _MOST_DOCUMENTS)
    for start in range(0, max(len(corpus), 1), size):
        rows = slice(start, min(start + size, len(corpus)))
        own = None if vectors is None else vectors[rows]
        yield rows, {"topic": model.transform(known[rows], embeddings=own, empty=empty)}


def _with_intervals(
    model: "TopicModel",
    corpus: "Corpus",
    vectors: "np.ndarray | None",
    level: float,
    empty: str,
) -> "Iterator[tuple[slice, dict[str, np.ndarray]]]":
    """Yield the rows of some documents with proportions, tokens and the ends of their intervals."""
    import numpy as np

    posterior = model.posterior(corpus, embeddings=vectors)
    for rows, summary in posterior.summaries(level):
        found = {name.replace("proportions", "topic"): of for name, of in summary.items()}
        if empty == "missing":
            is_empty = posterior.n_tokens[rows, None] == 0
            found = {name: np.where(is_empty, np.nan, values) for name, values in found.items()}
        yield rows, {name: found[name] for name in _INTERVALS}
