"""Lines of CSV, TSV and JSON Lines, parsed into records of named fields."""

import csv
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from topicgen.corpus.reading import streams
from topicgen.errors import InputError


class Record(NamedTuple):
    """A row of a table: its fields by name, its number and the line where it begins."""

    fields: dict[str, Any]
    number: int
    line: int


def parse_csv(lines: Iterator[str], name: str) -> Iterator[Record]:
    r"""Yield the rows below the header of comma-separated lines.

    The rows may be separated by semicolons or tabs, as some spreadsheets write them, where the
    header has no comma.

    >>> list(parse_csv(iter(['id;text\n', '7;"two\n', 'lines"\n']), "'news.csv'"))
    [Record(fields={'id': '7', 'text': 'two\nlines'}, number=1, line=2)]

    Raises:
        InputError: at a row that is malformed or has not as many fields as the header, and at a
            header that repeats a name.
    """
    header = next(lines, "")
    delimiter = next((mark for mark in ",;\t" if mark in header), ",")
    return _parse_delimited(header, lines, name, delimiter)


def parse_tsv(lines: Iterator[str], name: str) -> Iterator[Record]:
    """Yield the rows below the header of tab-separated lines.

    Raises:
        InputError: at a row that is malformed or has not as many fields as the header, and at a
            header that repeats a name.
    """
    return _parse_delimited(next(lines, ""), lines, name, "\t")


def parse_json_lines(lines: Iterator[str], name: str) -> Iterator[Record]:
    r"""Yield the JSON objects of lines that hold one each; blank lines are skipped.

    >>> list(parse_json_lines(iter(['{"text": "Stocks rose."}\n']), "'news.jsonl'"))
    [Record(fields={'text': 'Stocks rose.'}, number=1, line=1)]

    Raises:
        InputError: at a line that is not a JSON object.
    """
    decode = json.JSONDecoder().decode
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            fields = decode(line)
        except (ValueError, RecursionError) as error:
            raise InputError(
                f"expected a JSON object on each line, got malformed JSON in {name}, line {number} "
                f"({error}); correct the line"
            ) from None
        if not isinstance(fields, dict):
            raise InputError(
                f"expected a JSON object on each line, got {json_type(fields)} in {name}, line "
                f'{number}; write each document as {{"text": "..."}}'
            )
        yield Record(fields, number, number)


def json_type(value: object) -> str:
    """Return what JSON calls the type of a parsed value.

    >>> json_type(None), json_type([1, 2])
    ('null', 'an array')
    """
    names = {type(None): "null", bool: "a boolean", str: "a string", list: "an array"}
    return names.get(type(value), "an object" if isinstance(value, dict) else "a number")


def _parse_delimited(
    header: str, lines: Iterator[str], name: str, delimiter: str
) -> Iterator[Record]:
    def all_lines() -> Iterator[str]:
        yield header
        yield from lines

    # Strict: otherwise an unclosed quote swallows the rest of the file without a word.
    rows = csv.reader(all_lines(), delimiter=delimiter, strict=True)
    names: list[str] = []
    number = 0
    while True:
        line = rows.line_num + 1
        row = _next_row(rows, name)
        if row is None:
            return
        if not row:
            continue
        if not names:
            names = _column_names(row, f"{name}, line {line}")
            continue
        if len(row) != len(names):
            raise InputError(
                f"expected {len(names)} fields, as in the header, got {len(row)} in {name}, line "
                f"{line}; quote the fields that contain {delimiter!r}"
            )
        number += 1
        yield Record(dict(zip(names, row, strict=True)), number, line)


def _column_names(header: list[str], where: str) -> list[str]:
    names = [field.strip() for field in header]
    for name in names:
        # Spreadsheets leave several columns without a name; nobody asks for these.
        if name and names.count(name) > 1:
            raise InputError(
                f"expected distinct column names, got {name!r} more than once in {where}; "
                "rename all but one"
            )
    return names


def _next_row(rows: Any, name: str) -> list[str] | None:
    line = rows.line_num + 1
    # The limit (131,072 characters by default) belongs to the whole process: lend it, no longer
    # than one row takes.
    limit = csv.field_size_limit(streams.MAX_DOCUMENT_BYTES)
    try:
        return next(rows, None)
    except csv.Error as error:
        raise InputError(
            f"expected rows of quoted or plain fields, got a malformed one in {name}, line {line} "
            f"({error}); close its quotes, and double each quote inside a quoted field"
        ) from None
    finally:
        csv.field_size_limit(limit)
