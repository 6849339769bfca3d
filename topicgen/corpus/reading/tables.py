"""A table with a named column: one document per row."""

import os
from collections.abc import Callable, Iterator
from typing import NamedTuple

from topicgen.corpus.document import Document
from topicgen.corpus.metadata.keep import Keep, KeptFields
from topicgen.corpus.metadata.value_kinds import Field, JsonString
from topicgen.corpus.reading import streams
from topicgen.corpus.reading.decoding import AUTO, Decoder
from topicgen.corpus.reading.records import (
    Record,
    json_type,
    parse_csv,
    parse_json_lines,
    parse_tsv,
)
from topicgen.corpus.reading.streams import Meter
from topicgen.errors import InputError

PARSERS: dict[str, Callable[[Iterator[str], str], Iterator[Record]]] = {
    ".csv": parse_csv,
    ".tsv": parse_tsv,
    ".jsonl": parse_json_lines,
    ".ndjson": parse_json_lines,
}

_JSON = (".jsonl", ".ndjson")

DEFAULT_COLUMN = "text"


class Columns(NamedTuple):
    """The columns that hold the texts, the ids and the labels, where they are named."""

    text: str | None = None
    id: str | None = None
    label: str | None = None


def read_table(
    source: str | os.PathLike[str],
    columns: Columns,
    encoding: str = AUTO,
    meter: Meter | None = None,
    keep: Keep = None,
) -> Iterator[Document]:
    """Yield a document for each row of a CSV, TSV or JSON Lines file.

    Args:
        source: a path whose suffix, before that of a compression, is among PARSERS.
        columns: which columns to read. The text defaults to the column "text", or to the only
            one; the id, also where it is empty, to the number of the row (in JSON Lines, of the
            line), from 1.
        encoding: as ``Decoder`` takes it.
        meter: counts the bytes read.
        keep: the columns that become metadata.

    Raises:
        InputError: where the file or a row of it cannot be read, or a column is missing.
    """
    is_json = streams.format_suffix(source) in _JSON
    kept = KeptFields(keep, JsonString if is_json else Field)
    record = None
    name = streams.display_name(source)
    decoder = Decoder(name, encoding)
    parse = PARSERS[streams.format_suffix(source)]
    with streams.open_stream(source, meter) as stream:
        text_column, id_column, label_column = columns
        for record in parse(decoder.decode_lines(stream), name):
            if text_column is None:
                text_column = default_column(list(record.fields), _place(record, name))
            text = record.fields.get(text_column)
            if not isinstance(text, str):
                raise _no_string(record, text_column, name)
            id_ = None if id_column is None else _label(record, id_column, name)
            label = None if label_column is None else _label(record, label_column, name)
            document = Document(text, id_ or str(record.number), label)
            yield document.with_metadata(kept.of(record.fields, (text_column, id_column)))
            # In JSON a field that a record lacks is missing; so it may come later.
            if not is_json and (absent := kept.never_found()):
                raise missing_column(absent, list(record.fields), _place(record, name))
    if record is not None and (absent := kept.never_found()):
        raise missing_column(absent, list(record.fields), name)
    decoder.warn()


def default_column(names: list[str], where: str) -> str:
    """Return the column of the texts where none is named: "text", or the only one.

    Raises:
        InputError: where there are others and no "text".
    """
    if DEFAULT_COLUMN in names:
        return DEFAULT_COLUMN
    if len(names) == 1:
        return names[0]
    raise InputError(
        f"expected a column {DEFAULT_COLUMN!r} or a single column, got {_listing(names)} in "
        f"{where}; say which column holds the documents"
    )


def missing_column(column: str, names: list[str], where: str) -> InputError:
    """Return the error for a column that does not exist."""
    return InputError(
        f"expected a column {column!r}, got {_listing(names)} in {where}; name a column that "
        "every row has"
    )


def _label(record: Record, column: str, name: str) -> str | None:
    if column not in record.fields:
        raise missing_column(column, list(record.fields), _place(record, name))
    value = record.fields[column]
    if isinstance(value, (list, dict)):
        raise InputError(
            f"expected a string or a number in the column {column!r}, got {json_type(value)} in "
            f"{_place(record, name)}; name another column"
        )
    return None if value is None else str(value)


def _no_string(record: Record, column: str, name: str) -> InputError:
    where = _place(record, name)
    if column not in record.fields:
        return missing_column(column, list(record.fields), where)
    return InputError(
        f"expected a string in the column {column!r}, got {json_type(record.fields[column])} in "
        f"{where}; remove the line, or name another column"
    )


def _place(record: Record, name: str) -> str:
    return f"{name}, line {record.line}"


def _listing(names: list[str], most: int = 20, longest: int = 40) -> str:
    shown = [repr(name if len(name) <= longest else name[:longest] + "…") for name in names[:most]]
    more = [f"{len(names) - most} more"] if len(names) > most else []
    return f"the columns {', '.join(shown + more)}" if shown else "no column"
