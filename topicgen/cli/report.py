"""``topicgen report``: one HTML page about a model and documents."""

from collections.abc import Sequence
from typing import Any

import click

from topicgen.cli.embedding_files import embeddings_of_input, embeddings_option
from topicgen.cli.input_rows import InputRows
from topicgen.cli.messages import say
from topicgen.cli.options import (
    POSITIVE,
    allow_code_option,
    column_options,
    file_options,
    keep_option,
    metadata_option,
    overwrite_option,
    quiet_option,
    sources_argument,
)
from topicgen.cli.outputs import hold_file
from topicgen.cli.sections import SectionedCommand, section


@click.command(
    cls=SectionedCommand,
    short_help="Write an HTML page about a model and documents.",
    examples=("topicgen report news-model news.csv --keep date,author -o news.html",),
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
    "Output",
    click.option(
        "-o",
        "--output",
        metavar="FILE",
        default="report.html",
        show_default=True,
        help="File to write.",
    ),
    click.option("--title", metavar="TEXT", help="Title of the page. [default: the name of INPUT]"),
    keep_option("Columns of a table, or of a corpus folder, to show with each document"),
    click.option(
        "--over-time",
        metavar="COLUMN",
        help="Column with the date or year of each document, for the topics' shares over time. "
        "[default: the kept column that holds dates, if there is exactly one]",
    ),
    click.option(
        "--most-documents",
        type=POSITIVE,
        metavar="N",
        default=20_000,
        show_default=True,
        help="Show at most this many documents. From a larger collection, show the most typical "
        "documents of each topic and a random sample.",
    ),
    overwrite_option,
    quiet_option,
)
def report(
    model_folder: str,
    sources: tuple[str, ...],
    output: str,
    title: str | None,
    reading: dict[str, Any],
    allow_code: bool,
    keep: str | tuple[str, ...] | None,
    metadata: str | None,
    embeddings: str | None,
    over_time: str | None,
    most_documents: int,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Write one HTML page that shows the topics of MODEL in the documents of INPUT...

    The page has a map of the topics; for each topic its words, typical passages, how often it
    occurs, and its shares over time; the documents, to search and sort, each with its words per
    topic; and how well the model does. It needs no network: open it in a browser, send it, print
    it.

    The page contains the beginnings of the documents, passages from them and the columns of --keep.
    Send it only to people who may read them.
    """
    hold_file(output, overwrite=overwrite)

    from topicgen import reporting
    from topicgen.cli.inputs import read_known, warn_of_empty
    from topicgen.cli.kept_texts import KeptTexts
    from topicgen.topic_model import TopicModel

    model = TopicModel.load(model_folder, trust_recipe=allow_code)
    if metadata is not None:
        reading["metadata"] = metadata
    rows = InputRows()
    with KeptTexts() as texts:
        keep = _with_dates(keep, over_time, metadata)
        corpus, _ = read_known(model, sources, reading, keep, watch=texts.watch, rows=rows)
        warn_of_empty(corpus, "the page can say nothing of the topics of such documents")
        page = reporting.report(
            model,
            corpus,
            embeddings=embeddings_of_input([model], embeddings, rows),
            texts=texts.read if len(texts) else None,
            columns=_shown(keep, metadata),
            title=_name(sources) if title is None else title,
            over_time=over_time,
            most_documents=most_documents,
            verbose=0 if quiet else 1,
        )
    page.save(output, overwrite=overwrite)
    say(f"wrote {output} ({len(page.html.encode()) / 1e6:.1f} MB)")


def _with_dates(
    keep: str | tuple[str, ...] | None, over_time: str | None, metadata: str | None
) -> str | tuple[str, ...] | None:
    """Return the columns to keep, that of the dates included."""
    if over_time is None or keep == "all" or (keep is None and metadata is not None):
        return keep
    return tuple(dict.fromkeys([*(keep or ()), over_time]))


def _shown(keep: str | tuple[str, ...] | None, metadata: str | None) -> tuple[str, ...] | None:
    """Return the columns to show, where the model may have read more; None for all."""
    if keep is None:
        return () if metadata is None else None
    return None if isinstance(keep, str) else keep


def _name(sources: Sequence[str]) -> str:
    """Return what the page is called: the name of the first source."""
    from pathlib import Path

    first = "documents" if sources[0] == "-" else Path(sources[0]).resolve().name
    return first if len(sources) == 1 else f"{first} and others"
