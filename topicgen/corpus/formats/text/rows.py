"""Rows of fields between tabs, quoted and not, as pandas reads and writes them."""

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from topicgen.corpus.formats.text.lines import iterate_lines
from topicgen.corpus.reading import streams
from topicgen.errors import InputError


def read_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a file, each with the number of its first line; blank lines are skipped.

    A field that begins with a quotation mark ends at the next one; two of them stand for one.

    Raises:
        InputError: where the file cannot be read, a line is too long or not UTF-8, or a quotation
            mark is not closed.
    """
    name = streams.display_name(path)
    is_over = False

    def lines() -> Iterator[str]:
        nonlocal is_over
        for line in iterate_lines(path):
            yield line + "\n"
        is_over = True

    rows = csv.reader(lines(), delimiter="\t")
    while True:
        number = rows.line_num + 1
        row = _next_row(rows, f"{name}, line {number}")
        if row is None:
            return
        # The reader asks for more lines only inside quotation marks.
        if is_over:
            raise InputError(
                f"expected quotation marks in pairs, got one that is not closed in {name}, line "
                f"{number}; close it, or double each mark inside a quoted text"
            )
        if row and not (len(row) == 1 and row[0].isspace()):
            yield number, row


def write_row(stream: IO[str], fields: Sequence[str]) -> None:
    """Write a row, its fields quoted where they have to be."""
    csv.writer(stream, delimiter="\t", lineterminator="\n").writerow(fields)


def _next_row(rows: Any, where: str) -> list[str] | None:
    # The limit (131,072 characters by default) belongs to the whole process: lend it, no longer
    # than one row takes.
    limit = csv.field_size_limit(streams.MAX_DOCUMENT_BYTES)
    try:
        row: list[str] | None = next(rows, None)
        return row
    except csv.Error as error:
        raise InputError(
            f"expected rows of quoted or plain fields, got a malformed one in {where} ({error}); "
            "correct it"
        ) from None
    finally:
        csv.field_size_limit(limit)
