"""Documents from any sources: which reader takes which source."""

import glob
import os
import stat
from collections.abc import Callable, Iterator

from topicgen.corpus.document import Document
from topicgen.corpus.reading import streams
from topicgen.corpus.reading.decoding import AUTO, Decoder, decode_name
from topicgen.corpus.reading.folders import folder_bytes, read_folder
from topicgen.corpus.reading.parquet import SUFFIX as PARQUET
from topicgen.corpus.reading.parquet import read_parquet
from topicgen.corpus.reading.streams import Meter, display_name
from topicgen.corpus.reading.tables import PARSERS, Columns, read_table
from topicgen.corpus.reading.word_file import parse_word_file
from topicgen.errors import InputError

Source = str | os.PathLike[str]


def read_documents(
    *sources: Source,
    column: str | None = None,
    id_column: str | None = None,
    label_column: str | None = None,
    encoding: str = AUTO,
    progress: Callable[[int], object] | None = None,
) -> Iterator[Document]:
    r"""Yield the documents of one or more sources, one at a time.

    Args:
        *sources: each a text file with one document per line, a folder tree of text files, a table
            (.csv, .tsv, .jsonl, .ndjson, .parquet), any file but Parquet compressed (.gz, .bz2,
            .xz, .zst), a pattern of such paths (``news/*.txt``, ``**`` for all folders below), or
            "-" for one document per line of standard input. Of several, the ids begin with the
            name of the source.
        column: the column of a table that holds the texts; by default "text", or the only one.
        id_column: the column of a table that holds the ids; by default ids count the rows.
        label_column: the column of a table that holds the labels, if any.
        encoding: "auto", "mixed" or the name of one of Python's codecs. "auto" takes a file for
            UTF-8, or for Latin-1 where it holds bytes that are not UTF-8, which one warning
            counts; a file that holds both is refused. "mixed" reads both in one file, byte by
            byte. Parquet is always UTF-8.
        progress: takes the number of bytes that were read since it was called last, about every
            megabyte, as they are on disk, compressed or not; see ``total_bytes``.

    Raises:
        InputError: where a source is missing, unreadable, not text, malformed or named twice, and
            where there is no text at all.

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
    columns = Columns(column, id_column, label_column)
    meter = Meter(progress)
    paths = expand(*sources)
    documents = _read_all(paths, columns, encoding, meter)
    n_blank = 0
    for document in documents:
        yield document
        if document.text.strip():
            yield from documents
            return
        n_blank += 1
    found = f"only blank ones ({n_blank:,})" if n_blank else "none"
    raise InputError(
        f"expected documents with text, got {found} in {_listing(paths)}; name a source with at "
        "least one"
    )


def read_stop_words(source: Source) -> list[str]:
    """Return the words of a text file, one on each line or in Snowball's format.

    Blank lines are skipped; in Snowball's format, ``word | comment``, so are comments.

    Raises:
        InputError: where the file is missing, unreadable, not text or without words.
    """
    words = parse_word_file("\n".join(line.text for line in read_documents(source)))
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
    for path in expand(*sources):
        if path == streams.STANDARD_INPUT:
            return None
        with streams.explained(path):
            status = os.stat(path)
        if stat.S_ISDIR(status.st_mode):
            total += folder_bytes(path)
        elif stat.S_ISREG(status.st_mode):
            total += status.st_size
        else:
            return None
    return total


def expand(*sources: Source) -> list[str]:
    """Return the paths that sources name, each pattern replaced by its paths, sorted.

    Raises:
        InputError: where there is no source, one does not exist, a pattern matches nothing, or a
            path is named twice.
    """
    paths: list[str] = []
    for source in [os.fspath(source) for source in sources]:
        if glob.has_magic(source) and not os.path.lexists(source):
            matches = sorted(glob.glob(source, recursive=True))
            if not matches:
                raise InputError(f"no file matches the pattern {source!r}; check the pattern")
            paths += matches
        else:
            paths.append(source)
    if not paths:
        raise InputError("expected a source of documents, got none; name a file or a folder")
    seen: set[str] = set()
    for path in paths:
        # Before anything is read: the third of three names may be misspelt.
        if path != streams.STANDARD_INPUT:
            with streams.explained(path):
                os.stat(path)
        if (name := os.path.normpath(path)) in seen:
            raise InputError(f"{display_name(path)} is named twice; name each source once")
        seen.add(name)
    return paths


def _read_all(
    paths: list[str], columns: Columns, encoding: str, meter: Meter
) -> Iterator[Document]:
    for path in paths:
        documents = _reader(path, columns, encoding, meter)
        if len(paths) == 1:
            yield from documents
        else:
            name = decode_name(os.fsencode(path))
            before = f"{name.rstrip('/')}/" if os.path.isdir(path) else f"{name}:"
            for text, id_, label in documents:
                yield Document(text, before + id_, label)
    meter.flush()


def _reader(path: str, columns: Columns, encoding: str, meter: Meter) -> Iterator[Document]:
    suffix = streams.format_suffix(path)
    if os.path.isdir(path):
        kind, documents = "a folder", read_folder(path, encoding, meter)
    elif suffix == PARQUET:
        return read_parquet(path, columns, meter)
    elif suffix in PARSERS:
        return read_table(path, columns, encoding, meter)
    else:
        kind, documents = "text with one document per line", _read_text(path, encoding, meter)
    if named := next((column for column in columns if column is not None), None):
        raise InputError(
            f"expected a table ({', '.join([*PARSERS, PARQUET])}) with the column {named!r}, got "
            f"{kind} in {display_name(path)}; leave the column out, or name a table"
        )
    return documents


def _read_text(path: str, encoding: str, meter: Meter) -> Iterator[Document]:
    decoder = Decoder(display_name(path), encoding)
    number = 1
    with streams.open_stream(path, meter) as stream:
        for block in decoder.decode_blocks(stream):
            texts = block.removesuffix("\n").split("\n")
            if "\r" in block:
                texts = [text.rstrip("\r") for text in texts]
            yield from map(Document, texts, map(str, range(number, number + len(texts))))
            number += len(texts)
    decoder.warn()


def _listing(paths: list[str], most: int = 3) -> str:
    shown = [display_name(path) for path in paths[:most]]
    more = [f"{len(paths) - most:,} more"] if len(paths) > most else []
    return ", ".join(shown + more)
