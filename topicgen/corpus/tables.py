"""A table with a named column: a document a row."""

import os
from collections.abc import Callable, Iterator
from typing import NamedTuple

from topicgen.corpus import streams
from topicgen.corpus.decoding import Decoder
from topicgen.corpus.document import Document
from topicgen.corpus.records import Record, json_type, parse_csv, parse_json_lines, parse_tsv
from topicgen.errors import InputError

PARSERS: dict[str, Callable[[Iterator[str], str], Iterator[Record]]] = {
    ".csv": parse_csv,
    ".tsv": parse_tsv,
    ".jsonl": parse_json_lines,
    ".ndjson": parse_json_lines,
}

DEFAULT_COLUMN = "text"


class Columns(NamedTuple):
    """The columns that hold the texts, the ids and the labels, where they are named."""

    text: str | None = None
    id: str | None = None
    label: str | None = None


def read_table(source: str | os.PathLike[str], columns: Columns) -> Iterator[Document]:
    """Yield a document for each row of a CSV, TSV or JSON Lines file.

    Args:
        source: a path whose suffix, before that of a compression, is among PARSERS.
        columns: which columns to read. The text defaults to the column "text", or to the only
            one; the id, also where it is empty, to the number of the row (in JSON Lines, of the
            line), from 1.

    Raises:
        InputError: where the file or a row of it cannot be read, or a column is missing.
    """
    name = streams.display_name(source)
    decoder = Decoder(name, unit="line")
    parse = PARSERS[streams.format_suffix(source)]
    with streams.open_stream(source) as stream:
        text_column = columns.text
        for record in parse(decoder.decode_lines(stream), name):
            where = f"{name}, line {record.line}"
            if text_column is None:
                text_column = _default_column(list(record.fields), where)
            text = _field(record, text_column, where)
            if not isinstance(text, str):
                raise InputError(
                    f"expected a string in the column {text_column!r}, got {json_type(text)} in "
                    f"{where}; remove the line, or name another column"
                )
            yield Document(
                text=text,
                id=_label(record, columns.id, where) or str(record.number),
                label=_label(record, columns.label, where),
            )
    decoder.warn()


def _default_column(names: list[str], where: str) -> str:
    if DEFAULT_COLUMN in names:
        return DEFAULT_COLUMN
    if len(names) == 1:
        return names[0]
    raise InputError(
        f"expected a column {DEFAULT_COLUMN!r} or a single column, got {_listing(names)} in "
        f"{where}; say which column holds the documents"
    )


def _field(record: Record, column: str, where: str) -> object:
    if column not in record.fields:
        raise InputError(
            f"expected a column {column!r}, got {_listing(list(record.fields))} in {where}; name "
            "a column that every row has"
        )
    return record.fields[column]


def _label(record: Record, column: str | None, where: str) -> str | None:
    value = None if column is None else _field(record, column, where)
    if isinstance(value, (list, dict)):
        raise InputError(
            f"expected a string or a number in the column {column!r}, got {json_type(value)} in "
            f"{where}; name another column"
        )
    return None if value is None else str(value)


def _listing(names: list[str], most: int = 20, longest: int = 40) -> str:
    shown = [repr(name if len(name) <= longest else name[:longest] + "…") for name in names[:most]]
    more = [f"{len(names) - most} more"] if len(names) > most else []
    return f"the columns {', '.join(shown + more)}" if shown else "no column"
