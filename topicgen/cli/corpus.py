"""``topicgen corpus``: corpora as folders of counts, built once and used by every command."""

import gc
import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from topicgen.cli.convert import convert
from topicgen.cli.engine_options import engine_options, on_ray, ray_of
from topicgen.cli.get import get
from topicgen.cli.messages import print_json, show_text
from topicgen.cli.options import (
    column_options,
    deduplicate_option,
    file_options,
    json_option,
    keep_option,
    metadata_option,
    overwrite_option,
    quiet_option,
    sources_argument,
    top_n_option,
)
from topicgen.cli.outputs import check_is_name, hold_output
from topicgen.cli.recipe_options import parameters_of, recipe_options
from topicgen.cli.sections import SectionedCommand, section
from topicgen.corpus.splits import count_splits, split_sizes
from topicgen.errors import InputError
from topicgen.files import stores
from topicgen.plain import quoted
from topicgen.progress import progress_bar

if TYPE_CHECKING:
    from topicgen.corpus import Corpus
    from topicgen.corpus.summary import Summary
    from topicgen.corpus.word_counter import WordCounter


# Python's own number, 700 or 2,000, takes a tenth of the time of a build.
_OBJECTS_BEFORE_COLLECTION = 200_000

# The quantiles of a summary, by their keys, as they are shown to readers.
_QUANTILES = {
    "least": "minimum",
    "quarter": "lower quartile",
    "median": "median",
    "three_quarters": "upper quartile",
    "most": "maximum",
}


@click.group(no_args_is_help=False)
def corpus() -> None:
    """Build, inspect, convert and get corpora.

    A corpus is a folder with the word counts of each document, the vocabulary, and the documents'
    ids and labels. It is mapped from disk rather than loaded, so a model can be fitted to a
    collection larger than memory. Every command that takes INPUT accepts a corpus folder.
    """


@corpus.command(
    cls=SectionedCommand,
    short_help="Count the words of texts into a corpus folder.",
    examples=(
        "topicgen corpus build letters -o letters-corpus --deduplicate",
        "topicgen corpus build news.csv -o news-corpus --keep date,author",
    ),
)
@sources_argument
@section(
    "Input",
    column_options,
    keep_option("Columns of a table to keep with the counts, such as dates and authors"),
    metadata_option,
    deduplicate_option,
    file_options,
)
@section("Words", recipe_options)
@section("Engine", engine_options("Number of shards counted at a time. [default: one per core]"))
@section(
    "Output",
    click.option("-o", "--output", metavar="DIR", required=True, help="Corpus folder to write."),
    overwrite_option,
    quiet_option,
    json_option,
)
def build(
    sources: tuple[str, ...],
    output: str,
    overwrite: bool,
    reading: dict[str, Any],
    keep: str | tuple[str, ...] | None,
    metadata: str | None,
    deduplicate: bool,
    recipe: dict[str, Any],
    engine: dict[str, Any],
    quiet: bool,
    as_json: bool,
) -> None:
    """Count the words of the documents in INPUT... and write the corpus folder DIR.

    INPUT is anything that 'topicgen fit' reads as texts; several may be given. Memory use does not
    grow with the number of documents. The folder is written completely or not at all, and is the
    same with every engine.
    """
    from topicgen.corpus.reading.readers import total_bytes
    from topicgen.corpus.storage import hold_corpus_folder
    from topicgen.corpus.word_counter import WordCounter

    is_on_ray = on_ray(engine)
    check_is_name(output)
    hold_output(hold_corpus_folder(output, overwrite=overwrite))
    _refuse_counts(sources, reading, output)
    counter = WordCounter(**parameters_of(recipe))
    writing = {"overwrite": overwrite, "deduplicate": deduplicate}
    reading |= {"keep": keep, "metadata": metadata}
    if is_on_ray:
        _build_on_ray(sources, reading, counter, output, engine, quiet=quiet, **writing)
    else:
        n_bytes = total_bytes(*sources)
        with _byte_progress(n_bytes, quiet=quiet) as progress, _garbage_collected_rarely():
            from topicgen.corpus.build import build_corpus
            from topicgen.corpus.reading.readers import read_documents

            documents = read_documents(*sources, progress=progress, **reading)
            build_corpus(documents, counter, output, n_bytes=n_bytes, **writing)
    _show(output, 10, as_json)


def _build_on_ray(
    sources: tuple[str, ...],
    reading: dict[str, Any],
    counter: "WordCounter",
    output: str,
    engine: dict[str, Any],
    *,
    quiet: bool,
    **writing: bool,
) -> None:
    """Build a corpus on a cluster; what is wrong with the options is said before it is started."""
    from topicgen.corpus.build_in_parts import build_corpus_in_parts
    from topicgen.corpus.reading.parts import Parts
    from topicgen.corpus.reading.readers import total_bytes

    parts = Parts(*sources, **reading)
    counter = counter.for_shards()
    with ray_of(engine) as executor, _byte_progress(total_bytes(*sources), quiet=quiet) as progress:
        build_corpus_in_parts(parts, counter, output, executor, progress=progress, **writing)


@corpus.command(short_help="Show what a corpus folder holds.")
@click.argument("folder", metavar="DIR")
@top_n_option("Number of most common words to show.")
@click.option("--check", is_flag=True, help="Verify every file against its checksum.")
@json_option
def info(folder: str, top_n: int, check: bool, as_json: bool) -> None:
    """Show the size of the corpus folder DIR, its most common words, and what was left out."""
    if check:
        from topicgen.corpus.storage import StoredCorpus

        StoredCorpus(stores.fetched(folder)).verify()
    _show(folder, top_n, as_json)


corpus.add_command(convert)
corpus.add_command(get)


def _refuse_counts(sources: tuple[str, ...], reading: dict[str, Any], output: str) -> None:
    """Refuse counts, which would be read as a folder of texts, and options for them."""
    from topicgen.corpus.formats import recognise

    for source in sources:
        if (kind := recognise(source)) is not None:
            command = shlex.join(["topicgen", "corpus", "convert", source, output])
            raise InputError(
                f"expected texts, got {quoted(source)}, which holds counts ({kind} format); use "
                f"'{command} --to topicgen'"
            )
    if "zero_based" in reading:
        raise InputError(
            f"--zero-based applies only to counts (svmlight format), but {quoted(sources[0])} "
            "holds texts; leave the option out"
        )


@contextmanager
def _byte_progress(total: int | None, *, quiet: bool) -> Iterator[Any]:
    """Show how much has been read; yield the function that adds the bytes just read."""
    with progress_bar(
        total=total, desc="reading", unit="B", unit_scale=True, unit_divisor=1024, disable=quiet
    ) as bar:
        yield bar.update


def _show(folder: str, top_n: int, as_json: bool) -> None:
    from topicgen.corpus.corpus import open_folder
    from topicgen.corpus.storage import StoredCorpus
    from topicgen.corpus.summary import summarise

    opened = open_folder(folder)
    summary = summarise(opened, top_n)
    copy = stores.fetched(folder)  # that of a store has just been fetched
    size = sum(entry.stat().st_size for entry in os.scandir(copy))
    if as_json:
        description = StoredCorpus(copy).description
        about = {name: description.get(name) for name in ("metadata", "found", "recipe")}
        about["splits"] = count_splits(opened.ids) or None
        print_json({"corpus": folder, "bytes": size, **summary.as_record(), **about})
        return
    for line in _lines(opened, summary, folder, size):
        show_text(line)


def _lines(opened: "Corpus", summary: "Summary", folder: str, size: int) -> Iterator[str]:
    from topicgen.corpus.storage import StoredCorpus
    from topicgen.corpus.wording import quantity, repetitions, sizes

    yield f"corpus: {folder} ({size / 2**20:,.1f} MiB)"
    yield (
        f"{sizes(summary.documents, summary.words, summary.tokens)}, "
        f"{quantity(summary.empty, 'empty document')}"
    )
    if repeated := repetitions(summary.documents, opened.found):
        yield repeated
    if columns := StoredCorpus(stores.fetched(folder)).description.get("metadata"):
        yield "metadata: " + ", ".join(f"{name} ({kind})" for name, kind in columns.items())
    if splits := count_splits(opened.ids):
        yield f"splits: {split_sizes(splits)}"
    yield "tokens per document: " + ", ".join(
        f"{_QUANTILES[key]} {value:,.0f}" for key, value in summary.lengths.items()
    )
    yield "most common words: " + ", ".join(
        f"{_shortened(word)} ({tokens:,} in {documents:,})"
        for word, tokens, documents in summary.common
    )
    if opened.found:
        yield (
            "read: {read}, {terms:,} of them not stop words, {distinct_terms:,} "
            "distinct; {in_too_few_documents:,} terms are in too few documents, "
            "{in_too_many_documents:,} in too many"
        ).format(read=quantity(opened.found["tokens"], "token"), **opened.found)


def _shortened(word: str) -> str:
    """Return at most 40 characters of a word."""
    return word if len(word) <= 40 else word[:39] + "…"


@contextmanager
def _garbage_collected_rarely() -> Iterator[None]:
    """Look for reference cycles rarely: among millions of texts there are hardly any."""
    before = gc.get_threshold()
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTION, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
