"""CSV and TSV, parsed into records of named fields, in the dialect detected from the first rows."""

import csv
import itertools
import re
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

from topicgen.corpus.reading import streams
from topicgen.corpus.reading.dialects import (
    AS_IT_LOOKS,
    DELIMITERS,
    TAB,
    Dialect,
    Layout,
    choose_dialect,
)
from topicgen.corpus.reading.records import Record, check_distinct
from topicgen.corpus.wording import quantity
from topicgen.errors import InputError
from topicgen.plain import quoted

# What the dialect is guessed from: whole lines, up to these numbers.
_SAMPLE_LINES, _SAMPLE_CHARACTERS = 500, 2**18
# A table has fewer columns; each field of a row takes memory, however short it is.
_MOST_FIELDS = 2**20


def parse_csv(
    lines: Iterator[str], name: str, layout: Layout = AS_IT_LOOKS, wanted: Sequence[str] = ()
) -> Iterator[Record]:
    r"""Yield the rows of comma-separated lines.

    Commas may be semicolons, tabs or bars, quotes may have a space before them, and quotes within
    quotes a backslash, where the first rows show it: the dialect in which they have as many
    fields as the header, with the wanted columns among them. A first line ``sep=;`` is obeyed.

    Args:
        lines: the lines, with their ends.
        name: the source, as messages name it.
        layout: what is known of the dialect.
        wanted: columns that the header should have.

    Raises:
        InputError: at a row that is malformed or has not as many fields as the header, and at a
            header that repeats a name.

    Example:
        >>> list(parse_csv(iter(['id;text\n', '7;"two\n', 'lines"\n']), "'news.csv'"))
        [Record(fields={'id': '7', 'text': 'two\nlines'}, number=1, line=2)]
    """
    return _parse(lines, name, layout, DELIMITERS, wanted)


def parse_tsv(
    lines: Iterator[str], name: str, layout: Layout = AS_IT_LOOKS, wanted: Sequence[str] = ()
) -> Iterator[Record]:
    r"""Yield the rows of tab-separated lines, as ``parse_csv`` does.

    A quote is a character like any other unless some of the first rows have several lines.

    >>> list(parse_tsv(iter(['text\tn\n', '"Stocks\t1\n']), "'news.tsv'"))
    [Record(fields={'text': '"Stocks', 'n': '1'}, number=1, line=2)]

    Raises:
        InputError: as ``parse_csv``.
    """
    return _parse(lines, name, layout, (TAB,), wanted)


def _parse(
    lines: Iterator[str],
    name: str,
    layout: Layout,
    delimiters: Sequence[str],
    wanted: Sequence[str],
) -> Iterator[Record]:
    layout = layout.checked()
    marks = [layout.delimiter] if layout.delimiter else delimiters
    lines = _not_too_many_fields(lines, name, marks)
    sample, is_whole = _sample(lines)
    before = 0
    if sample and (found := re.fullmatch(r'"?sep=(.)"?\s*', sample[0], re.IGNORECASE)):
        before = 1
        sample = sample[1:]
        layout = layout._replace(delimiter=layout.delimiter or found[1])
    wanted = wanted if layout.header else ()
    dialect = choose_dialect(sample, is_whole, layout, delimiters, wanted)
    rows = dialect.reader(itertools.chain(sample, lines))
    names: list[str] = []
    number = 0
    repeated: list[int] = []  # lines of headers of tables that were put together
    while True:
        line = rows.line_num + 1 + before
        row = _next_row(rows, name, before)
        if row is None:
            break
        if not row:
            continue
        row = dialect.clean(row)
        if not names:
            names = _column_names(row, f"{name}, line {line}", layout.header)
            if layout.header:
                continue
        if len(row) != len(names):
            raise _wrong_length(row, names, layout.header, f"{name}, line {line}", dialect)
        if layout.header and len(names) > 1 and row[-1].strip() == names[-1] and _is(row, names):
            repeated.append(line)
            continue
        number += 1
        yield Record(dict(zip(names, row, strict=True)), number, line)
    if repeated:
        warnings.warn(
            f"left out what repeats the header of {name}: {quantity(len(repeated), 'row')}, first "
            f"in line {repeated[0]}",
            UserWarning,
            stacklevel=2,
        )


def _is(row: list[str], names: list[str]) -> bool:
    """Return whether a row is the header, with a byte order mark or without."""
    return [field.strip() for field in (row[0].removeprefix("\ufeff"), *row[1:])] == names


def _sample(lines: Iterator[str]) -> tuple[list[str], bool]:
    """Return the first lines, and whether they are all."""
    sample: list[str] = []
    size = 0
    for line in lines:
        sample.append(line)
        size += len(line)
        if len(sample) == _SAMPLE_LINES or size >= _SAMPLE_CHARACTERS:
            return sample, False
    return sample, True


def _not_too_many_fields(
    lines: Iterator[str], name: str, delimiters: Sequence[str]
) -> Iterator[str]:
    """Yield lines, and refuse one with more delimiters than a table has columns."""
    for number, line in enumerate(lines, start=1):
        if len(line) > _MOST_FIELDS and max(map(line.count, delimiters)) > _MOST_FIELDS:
            raise InputError(
                f"expected at most {_MOST_FIELDS:,} fields in a row, got more in {name}, line "
                f"{number}; if it is text and not a table, give it a name that ends in .txt"
            )
        yield line


def _column_names(row: list[str], where: str, is_header: bool) -> list[str]:
    if not is_header:
        return [str(number) for number in range(1, len(row) + 1)]
    names = [field.strip() for field in row]
    # Spreadsheets leave several columns without a name; nobody asks for these.
    advice = "rename all but one, or pass --no-header if this row is a document"
    check_distinct(filter(None, names), names, where, advice)
    return names


def _wrong_length(
    row: list[str], names: list[str], is_header: bool, where: str, dialect: Dialect
) -> InputError:
    first = "the header" if is_header else "the first row"
    advice = f"quote the fields that contain {quoted(dialect.delimiter)}"
    if len(row) < len(names):
        advice = "add the missing fields"
    elif not row[-1].strip() and len(row) == len(names) + 1:
        advice = (
            f"remove the {quoted(dialect.delimiter)} at the end of the rows, or add one to {first}"
        )
    elif any(field.lstrip() != field and field.lstrip().startswith('"') for field in row):
        advice = "remove the spaces before the quotes"
    elif is_header and len(names) == 1:
        advice += ", remove what stands above the row of names"
    return InputError(
        f"expected {quantity(len(names), 'field')}, as in {first}, got {len(row)} in {where}; "
        f"{advice}, or name the dialect (--delimiter, --quote, --escape)"
    )


def _next_row(rows: Any, name: str, before: int) -> list[str] | None:
    line = rows.line_num + 1 + before
    limit = csv.field_size_limit(streams.MAX_DOCUMENT_BYTES)  # a row at a time: see _field_limit
    try:
        return next(rows, None)
    except csv.Error as error:
        raise InputError(
            f"expected rows of quoted or plain fields, got a malformed one in {name}, line {line} "
            f"({error}); close its quotes and double each quote inside a quoted field, or pass "
            "--quote none or --escape '\\'"
        ) from None
    finally:
        csv.field_size_limit(limit)
