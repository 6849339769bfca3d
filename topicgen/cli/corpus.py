"""``topicgen corpus``: corpora as folders of counts, made once and used by every command."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from topicgen.cli.convert import convert
from topicgen.cli.get import get
from topicgen.cli.messages import print_json
from topicgen.cli.options import (
    input_options,
    json_option,
    overwrite_option,
    sources_argument,
    top_n_option,
)
from topicgen.cli.recipe_options import make_vectorizer, recipe_options

if TYPE_CHECKING:
    from topicgen.corpus import Corpus
    from topicgen.corpus.summary import Summary


@click.group(no_args_is_help=False)
def corpus() -> None:
    """Build, inspect, convert and get corpora.

    A corpus is a folder with the counts of the words in each document, the vocabulary, and the
    documents' ids and labels. It is mapped into memory rather than read, so collections larger than
    memory can be fitted. Every command that takes an INPUT takes a corpus.
    """


@corpus.command(short_help="Count texts into a corpus folder.")
@sources_argument
@click.option("-o", "--output", metavar="DIR", required=True, help="Corpus folder to write.")
@overwrite_option
@input_options
@recipe_options
@click.option("--quiet", is_flag=True, help="Show no progress.")
@json_option
def build(
    sources: tuple[str, ...],
    output: str,
    overwrite: bool,
    reading: dict[str, Any],
    recipe: dict[str, Any],
    quiet: bool,
    as_json: bool,
) -> None:
    """Count the words of all documents of INPUT... into the corpus folder DIR.

    INPUT is as in 'topicgen fit', and there may be several. Memory does not grow with the
    documents. The folder is written whole or not at all.
    """
    from topicgen.corpus.build import build_corpus
    from topicgen.corpus.reading.readers import read_documents, total_bytes
    from topicgen.corpus.storage import check_corpus_folder

    check_corpus_folder(output, overwrite=overwrite)
    vectorizer = make_vectorizer(recipe)
    with _bar_of_bytes(None if quiet else total_bytes(*sources), quiet=quiet) as progress:
        documents = read_documents(*sources, progress=progress, **reading)
        build_corpus(documents, vectorizer, output, overwrite=overwrite)
    _show(output, 10, as_json)


@corpus.command(short_help="Show what is in a corpus folder.")
@click.argument("folder", metavar="DIR")
@top_n_option
@click.option("--check", is_flag=True, help="Verify the checksum of every file.")
@json_option
def info(folder: str, top_n: int, check: bool, as_json: bool) -> None:
    """Show the documents, tokens and words of the corpus folder DIR, and what was left out."""
    if check:
        from topicgen.corpus.storage import StoredCorpus

        StoredCorpus(folder).verify()
    _show(folder, top_n, as_json)


corpus.add_command(convert)
corpus.add_command(get)


@contextmanager
def _bar_of_bytes(total: int | None, *, quiet: bool) -> Iterator[Any]:
    """Show how much has been read, and yield the function that reports it."""
    from tqdm.auto import tqdm

    with tqdm(
        total=total, desc="reading", unit="B", unit_scale=True, unit_divisor=1024, disable=quiet
    ) as bar:
        yield bar.update


def _show(folder: str, top_n: int, as_json: bool) -> None:
    from topicgen.corpus import Corpus
    from topicgen.corpus.storage import StoredCorpus
    from topicgen.corpus.summary import summarise

    opened = Corpus.open(folder)
    summary = summarise(opened, top_n)
    size = sum(entry.stat().st_size for entry in os.scandir(folder))
    if as_json:
        about = {"found": opened.found, "recipe": StoredCorpus(folder).description["recipe"]}
        print_json({"corpus": folder, "bytes": size, **summary.as_record(), **about})
        return
    for line in _lines(opened, summary, folder, size):
        click.echo(line)


def _lines(opened: "Corpus", summary: "Summary", folder: str, size: int) -> Iterator[str]:
    from topicgen.corpus.wording import quantity, sizes

    yield f"corpus: {folder} ({size / 2**20:,.1f} MiB)"
    yield (
        f"{sizes(summary.documents, summary.words, summary.tokens)}, "
        f"{quantity(summary.empty, 'document')} left empty"
    )
    shown = {name.replace("_", " "): f"{value:,.0f}" for name, value in summary.lengths.items()}
    yield "tokens per document: " + ", ".join(f"{name} {value}" for name, value in shown.items())
    yield "most common words: " + ", ".join(
        f"{word} ({tokens:,} in {documents:,})" for word, tokens, documents in summary.common
    )
    if opened.found:
        yield (
            "read: {tokens:,} tokens, {terms:,} of them not stop words, {distinct_terms:,} "
            "distinct terms; {in_too_few_documents:,} terms are in too few documents, "
            "{in_too_many_documents:,} in too many"
        ).format(**opened.found)
