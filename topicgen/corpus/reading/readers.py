"""Documents from any sources: which reader takes which source."""

import os
import stat
import warnings
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from topicgen.corpus.document import Document, with_ids_after
from topicgen.corpus.metadata.keep import Keep, check_keep
from topicgen.corpus.reading import streams
from topicgen.corpus.reading.any_table import TABLE_SUFFIXES, read_any_table
from topicgen.corpus.reading.decoding import Decoder, decode_name
from topicgen.corpus.reading.dialects import Layout
from topicgen.corpus.reading.encodings import AUTO
from topicgen.corpus.reading.finding import Search
from topicgen.corpus.reading.folders import folder_bytes, read_folder
from topicgen.corpus.reading.kinds import by_suffix
from topicgen.corpus.reading.limits import check_documents, size_on_disk
from topicgen.corpus.reading.metadata_table import MetadataTable
from topicgen.corpus.reading.sources import Source, expand
from topicgen.corpus.reading.spans import Span, open_span
from topicgen.corpus.reading.streams import Meter, display_name
from topicgen.corpus.reading.table_look import advice_on_table, suffix_of_table
from topicgen.corpus.reading.tables import DELIMITED_PARSERS, Columns
from topicgen.corpus.reading.word_file import parse_word_file
from topicgen.corpus.splits import documents_of_split
from topicgen.errors import InputError
from topicgen.files import stores
from topicgen.plain import quoted

_TABLES = ", ".join(TABLE_SUFFIXES)
# The words of a language, a hundred times.
_MOST_CHARACTERS_OF_WORDS = 2**24


class Options(NamedTuple):
    """How sources are read."""

    columns: Columns
    encoding: str
    layout: Layout
    keep: Keep
    metadata: MetadataTable | None


def read_documents(
    *sources: Source,
    column: str | None = None,
    id_column: str | None = None,
    label_column: str | None = None,
    keep: str | Sequence[str] | None = None,
    metadata: Source | None = None,
    split: str | None = None,
    encoding: str = AUTO,
    delimiter: str | None = None,
    header: bool = True,
    quote: str | None = None,
    escape: str | None = None,
    progress: Callable[[int], object] | None = None,
) -> Iterator[Document]:
    r"""Yield the documents of one or more sources, one at a time, each once.

    A file that is named, matched or linked several times is read once. Backups, hidden files, files
    that are not text, and corpora and models of topicgen in a folder are left out, and one warning
    counts them.

    Args:
        *sources: each a text file with one document per line, a folder tree of text files, a table
            (.csv, .tsv, .json, .jsonl, .ndjson, .parquet), any file but Parquet compressed (.gz,
            .bz2, .xz, .zst), a pattern of such paths (``news/*.txt``, ``**`` for all folders
            below), or "-" for one document per line of standard input. Of several, the ids begin
            with the name of the source.
        column: the column of a table that holds the texts; by default "text", or the only one.
            Rows in which it is null are empty documents, which one warning counts.
        id_column: the column of a table that holds the ids; by default "id", if there is one. A row
            without an id has its number as its id, from 1.
        label_column: the column of a table that holds the labels, if any. Empty labels, null, NaN
            and the like ("NA", "None", ...) are missing.
        keep: the columns of a table to keep as the documents' ``metadata``: their names, or "all"
            for all but those of the texts and the ids.
        metadata: a table with the metadata of documents that are files or lines, a row for each:
            ``id_column`` (by default "id") holds their ids, of files with or without the suffix;
            ``keep`` names the columns to keep, by default all.
        split: "train", "val" or "test", to read these documents only: those whose ids begin with
            it, such as ``train/1.txt`` in a folder.
        encoding: "auto", "mixed" or the name of an encoding. "auto" takes a file for UTF-8, or for
            cp1252 (Latin-1) where it holds bytes that are not UTF-8, which one warning counts; a
            file that holds both, or looks like another encoding, is refused. "mixed" reads both in
            one file, byte by byte. A byte order mark decides in any case. Parquet is always UTF-8.
        delimiter: the character between the fields of CSV or TSV, or "tab"; by default it is seen
            from the first rows.
        header: whether the first row of CSV or TSV names the columns; otherwise their names are
            "1", "2" and so on.
        quote: the character around fields of CSV or TSV that hold delimiters or line ends, or
            "none"; by default ``"``, unless the first rows of a TSV show that it is none.
        escape: the character before a quote inside a quoted field, such as a backslash; by default
            the quote is doubled, unless the first rows show a backslash.
        progress: takes the number of bytes that were read since it was called last, about every
            megabyte, as they are on disk, compressed or not; see ``total_bytes``.

    Raises:
        InputError: where a source is missing, unreadable, not text or malformed, and where there is
            no text at all.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = Path(folder, "news.txt")
        ...     _ = path.write_text("Stocks rose.\nRain fell.\n")
        ...     for document in read_documents(path):
        ...         print(document.id, document.text)
        1 Stocks rose.
        2 Rain fell.
    """
    options = reading_options(
        column=column,
        id_column=id_column,
        label_column=label_column,
        keep=keep,
        metadata=metadata,
        encoding=encoding,
        delimiter=delimiter,
        header=header,
        quote=quote,
        escape=escape,
    )
    search = Search()
    paths = expand(*sources, search=search)
    documents = _read_all(paths, options, Meter(progress), search)
    if split is not None:
        documents = documents_of_split(documents, split, listing(paths))
    n_blank = 0
    for document in documents:
        yield document
        if document.text.strip():
            yield from documents
            return
        n_blank += 1
    raise no_text(n_blank, paths)


def reading_options(
    *,
    column: str | None = None,
    id_column: str | None = None,
    label_column: str | None = None,
    keep: str | Sequence[str] | None = None,
    metadata: Source | None = None,
    encoding: str = AUTO,
    delimiter: str | None = None,
    header: bool = True,
    quote: str | None = None,
    escape: str | None = None,
) -> Options:
    """Return how sources are read, the options checked and the table of metadata read.

    Args and raises are those of ``read_documents``.
    """
    columns = Columns(column, id_column, label_column)
    layout = Layout(delimiter, header, quote, escape).checked()
    kept, table = check_keep(keep), None
    if metadata is not None:
        table = MetadataTable(metadata, id_column, kept, encoding, layout)
    return Options(columns, encoding, layout, kept, table)


def no_text(n_blank: int, paths: list[str]) -> InputError:
    """Return the error for sources with no document but blank ones."""
    found = f"only blank ones ({n_blank:,})" if n_blank else "none"
    return InputError(
        f"expected documents with text, got {found} in {listing(paths)}; name a source with at "
        "least one"
    )


def read_stop_words(source: Source, encoding: str = AUTO) -> list[str]:
    """Return the words of a text file, one on each line or in Snowball's format.

    Blank lines are skipped; in Snowball's format, ``word | comment``, so are comments.

    Args:
        source: the file.
        encoding: as ``read_documents`` takes it.

    Raises:
        InputError: where the file is missing, unreadable, not text, too long or without words, and
            where it is a folder, a pipe or a device.
    """
    if source != streams.STANDARD_INPUT:
        streams.check_is_file(source)
    lines: list[str] = []
    n_characters = 0
    for line in read_documents(source, encoding=encoding):
        lines.append(line.text)
        n_characters += len(line.text)
        if n_characters > _MOST_CHARACTERS_OF_WORDS:
            raise InputError(
                f"expected a list of words of at most {_MOST_CHARACTERS_OF_WORDS:,} characters, "
                f"got more in {display_name(os.fspath(source))}; pass a file with one word per line"
            )
    words = parse_word_file("\n".join(lines))
    if not words:
        raise InputError(
            f"{display_name(os.fspath(source))} has comments (|) but no words; write one word per "
            "line"
        )
    return words


def total_bytes(*sources: Source) -> int | None:
    """Return the bytes that ``read_documents`` will read, as ``progress`` counts them.

    Returns:
        Their number, or None where it cannot be known: of standard input and of pipes.

    Raises:
        InputError: where a source is missing or cannot be read.
    """
    total = 0
    search = Search()
    for path in expand(*sources, search=search):
        if path == streams.STANDARD_INPUT:
            return None
        if stores.is_address(path):
            size = stores.size(path)
            if size is None:
                return None
            total += size
            continue
        with streams.explained(path):
            status = os.stat(path)
        if stat.S_ISDIR(status.st_mode):
            total += folder_bytes(path, search)
        elif not stat.S_ISREG(status.st_mode):
            return None
        elif search.is_new(path):
            total += status.st_size
    return total


def _read_all(
    paths: list[str], options: Options, meter: Meter, search: Search
) -> Iterator[Document]:
    for path in paths:
        is_folder = os.path.isdir(path)
        if path != streams.STANDARD_INPUT and not is_folder and not search.is_new(path):
            continue
        before = before_ids(path) if len(paths) > 1 else ""
        documents = _reader(path, options, meter, search, before)
        yield from with_ids_after(before, documents) if before else documents
    meter.flush()
    search.warn()
    if options.metadata is not None:
        options.metadata.warn()


def before_ids(path: str) -> str:
    """Return what the ids of a source begin with where there are several sources.

    >>> before_ids("news.csv"), before_ids("/")
    ('news.csv:', '/')
    """
    name = decode_name(os.fsencode(stores.named(path)))
    return f"{name.rstrip('/')}/" if os.path.isdir(path) else f"{name}:"


def _reader(
    path: str, options: Options, meter: Meter, search: Search, before: str
) -> Iterator[Document]:
    columns, encoding, layout, keep, metadata = options
    kind = kind_of_source(path, options)
    if kind == "table":
        return read_any_table(path, columns, encoding, meter, layout, keep)
    if kind == "folder":
        documents = read_folder(path, encoding, meter, search)
    else:
        documents = read_text(path, encoding, meter)
    return documents if metadata is None else metadata.join(documents, before)


def kind_of_source(path: str, options: Options) -> str:
    """Return what a source is: a "table", a "folder" or a "text".

    Raises:
        InputError: where it is something else, or options do not apply to it.
    """
    columns, _, layout, keep, metadata = options
    suffix = streams.format_suffix(path)
    is_folder = os.path.isdir(path)
    if not is_folder and (other := by_suffix(path)) is not None:
        raise InputError(f"expected texts, got {other.what} ({display_name(path)}); {other.remedy}")
    if not is_folder and suffix in TABLE_SUFFIXES:
        if metadata is not None:
            raise InputError(
                f"a separate table of metadata (--metadata) is for texts in files or lines, "
                f"got the table {display_name(path)}; keep its own columns with --keep"
            )
        if suffix not in DELIMITED_PARSERS and (named := layout.named()):
            raise InputError(
                f"{named} applies to .csv and .tsv, got {display_name(path)}; leave it out"
            )
        return "table"
    kind, table = "text", "name a table"
    kind_of = "text with one document per line"
    if is_folder:
        kind, kind_of = "folder", "a folder"
        table = "name tables, also by a pattern such as 'folder/**/*.parquet'"
    if metadata is not None and not (columns.text or columns.label):
        return kind
    if columns.named():
        raise InputError(
            f"expected a table ({_TABLES}) with the column {quoted(columns.named()[0])}, got "
            f"{kind_of} in {display_name(path)}; leave the column out, or {table}"
        )
    if keep is not None:
        raise InputError(
            f"expected a table ({_TABLES}) with columns to keep, got {kind_of} in "
            f"{display_name(path)}; {table}, pass its columns as metadata (--metadata), or keep "
            "no columns (--keep)"
        )
    if named := layout.named():
        raise InputError(
            f"{named} applies to .csv and .tsv, got {kind_of} in {display_name(path)}; leave it "
            "out, or end the name of a table in .csv"
        )
    return kind


def read_text(
    path: str, encoding: str, meter: Meter, span: Span | None = None
) -> Iterator[Document]:
    """Yield a document for each line of a file or of standard input, its number as its id.

    Args:
        path: of the file, or "-".
        encoding: as ``Decoder`` takes it.
        meter: counts the bytes read.
        span: the lines to read; by default all.

    Raises:
        InputError: where it cannot be read, a line is too long or not text, or there are more than
            the file's size explains.
    """
    decoder = Decoder(display_name(path), encoding)
    number = 1 if span is None else span.line
    opened = streams.open_stream(path, meter) if span is None else open_span(path, span, meter)
    with opened as stream:
        n_bytes = size_on_disk(path) if streams.is_compressed(path) else None
        for block in decoder.decode_blocks(stream):
            if number == 1 and (suffix := suffix_of_table(block)) is not None:
                warnings.warn(advice_on_table(decoder.name, suffix), UserWarning, stacklevel=2)
            texts = block.removesuffix("\n").split("\n")
            if n_bytes is not None:
                check_documents(number + len(texts), n_bytes, decoder.name)
            yield from map(Document, texts, map(str, range(number, number + len(texts))))
            number += len(texts)
    decoder.warn()


def listing(paths: list[str], most: int = 3) -> str:
    """Return the names of sources, as a message lists them."""
    shown = [display_name(path) for path in paths[:most]]
    more = [f"{len(paths) - most:,} more"] if len(paths) > most else []
    return ", ".join(shown + more)
