"""Documents from any source: the one door to the readers."""

import os
from collections.abc import Iterator

from topicgen.corpus import streams
from topicgen.corpus.decoding import Decoder
from topicgen.corpus.document import Document
from topicgen.corpus.folders import read_folder
from topicgen.corpus.tables import PARSERS, Columns, read_table
from topicgen.errors import InputError


def read_documents(
    source: str | os.PathLike[str],
    *,
    column: str | None = None,
    id_column: str | None = None,
    label_column: str | None = None,
) -> Iterator[Document]:
    r"""Yield the documents of a source, one at a time.

    Bytes that are not UTF-8 are read as Latin-1 and counted in one warning at the end.

    Args:
        source: a text file with a document a line, a folder tree of text files, a table (.csv,
            .tsv, .jsonl, .ndjson), any file compressed (.gz, .bz2, .xz), or "-" for a document a
            line from standard input.
        column: the column of a table that holds the texts; by default "text", or the only one.
        id_column: the column of a table that holds the ids; by default ids count the rows.
        label_column: the column of a table that holds the labels, if any.

    Raises:
        InputError: where the source is missing, unreadable, not text, malformed or without text.

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
    n_documents = 0
    has_text = False
    for document in _reader(source, Columns(column, id_column, label_column)):
        n_documents += 1
        has_text = has_text or bool(document.text.strip())
        yield document
    if not has_text:
        found = f"only blank ones ({n_documents:,})" if n_documents else "none"
        raise InputError(
            f"expected documents with text, got {found} in {streams.display_name(source)}; give a "
            "source with at least one"
        )


def read_stop_words(source: str | os.PathLike[str]) -> list[str]:
    """Return the words of a text file with a word a line, blank lines passed over.

    Raises:
        InputError: where the file is missing, unreadable, not text or without words.
    """
    return [word for line in read_documents(source) if (word := line.text.strip())]


def _reader(source: str | os.PathLike[str], columns: Columns) -> Iterator[Document]:
    if os.path.isdir(source):
        kind, documents = "a folder", read_folder(source)
    elif streams.format_suffix(source) in PARSERS:
        return read_table(source, columns)
    else:
        kind, documents = "text with a document a line", _read_text(source)
    if named := next((column for column in columns if column is not None), None):
        raise InputError(
            f"expected a table ({', '.join(PARSERS)}) with the column {named!r}, got {kind} in "
            f"{streams.display_name(source)}; name no column, or give a table"
        )
    return documents


def _read_text(source: str | os.PathLike[str]) -> Iterator[Document]:
    decoder = Decoder(streams.display_name(source), unit="line")
    with streams.open_stream(source) as stream:
        for number, line in enumerate(decoder.decode_lines(stream), start=1):
            yield Document(line.rstrip("\r\n"), str(number))
    decoder.warn()
