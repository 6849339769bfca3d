"""JSON and JSON Lines, parsed into records of named fields."""

import json
import re
import sys
from collections.abc import Iterator
from typing import Any

from topicgen.corpus.reading import streams
from topicgen.corpus.reading.records import Record
from topicgen.errors import InputError

_BLANKS = re.compile(r"[ \t\n\r]*")
_RECORD = '{"text": "..."}'

# Halves of characters beyond 16 bits, which JSON can escape alone, but no file can hold.
_SURROGATE, _ESCAPED_SURROGATE = re.compile("[\ud800-\udfff]"), re.compile(r"\\u[dD][89a-fA-F]")

# Files that are put together keep the byte order mark of each.
_AROUND = " \t\n\r\f\v\ufeff"


def parse_json_lines(lines: Iterator[str], name: str, first: int = 1) -> Iterator[Record]:
    r"""Yield the JSON objects of lines that hold one each; blank lines are skipped.

    Args:
        lines: to parse.
        name: the source, as messages name it.
        first: the number of the first of the lines.

    >>> list(parse_json_lines(iter(['{"text": "Stocks rose."}\n']), "'news.jsonl'"))
    [Record(fields={'text': 'Stocks rose.'}, number=1, line=1)]

    Raises:
        InputError: at a line that is not a JSON object.
    """
    decode = json.JSONDecoder().decode
    for number, line in enumerate(lines, start=first):
        line = line.strip(_AROUND)
        if not line:
            continue
        try:
            fields = decode(line)
        except (ValueError, RecursionError) as error:
            is_json = number == 1 and line in ("[", "{")
            is_chained = isinstance(error, json.JSONDecodeError) and line.startswith("{", error.pos)
            advice = "correct the line"
            if is_json or is_chained:
                advice = "end its name in .json" + (", or correct the line" if is_chained else "")
            raise InputError(
                f"expected a JSON object on each line, got malformed JSON in {name}, line {number} "
                f"({_reason(error)}); {advice}"
            ) from None
        if not isinstance(fields, dict):
            advice = ", or end its name in .json" if isinstance(fields, list) else ""
            raise InputError(
                f"expected a JSON object on each line, got {json_type(fields)} in {name}, line "
                f"{number}; write each document as {_RECORD}{advice}"
            )
        yield Record(_without_surrogates(fields, line), number, number)


def parse_json(lines: Iterator[str], name: str) -> Iterator[Record]:
    r"""Yield the records of a JSON file.

    It holds an array of objects or of texts, objects one after the other, or one object: of
    columns, ``{"text": [...], ...}``; of columns by row, ``{"text": {"0": ...}, ...}``, or of
    ``"columns"`` and rows of ``"data"``, as pandas writes; with an array of objects among its
    values, ``{"data": [...]}``; or a single record.

    >>> [record.fields for record in parse_json(iter(['[{"text": "a"},\n', '"b"]']), "")]
    [{'text': 'a'}, {'text': 'b'}]

    Raises:
        InputError: where it is malformed, or holds anything else.
    """
    values = _Values(lines, name)
    if values.next_character() == "[":
        values.skip(1)
        yield from _numbered(values.elements(), name)
        return
    first = next(values.each(), None)
    if first is None:
        return
    if values.next_character():
        yield from _numbered(_chained(first, values.each()), name)
        return
    value, line = first
    for number, fields in enumerate(_rows(value), start=1):
        yield Record(_fields(fields, f"{name}, line {line}"), number, line)


def json_type(value: object) -> str:
    """Return what JSON calls the type of a parsed value.

    >>> json_type(None), json_type([1, 2])
    ('null', 'an array')
    """
    names = {type(None): "null", bool: "a boolean", str: "a string", list: "an array"}
    return names.get(type(value), "an object" if isinstance(value, dict) else "a number")


class _Values:
    """JSON values read from lines one after the other, in as much memory as one takes."""

    def __init__(self, lines: Iterator[str], name: str) -> None:
        self._lines = lines
        self._name = name
        self._decode = json.JSONDecoder().raw_decode
        self._text, self._start, self._line = "", 0, 1

    def next_character(self) -> str:
        """Return the next character that is not blank, which stays; "" at the end."""
        while True:
            self.skip(_BLANKS.match(self._text, self._start).end() - self._start)  # type: ignore[union-attr]
            if self._start < len(self._text):
                return self._text[self._start]
            if not self._read():
                return ""

    def skip(self, number: int) -> None:
        """Go beyond some characters."""
        end = self._start + number
        self._line += self._text.count("\n", self._start, end)
        self._start = end

    def each(self) -> Iterator[tuple[Any, int]]:
        """Yield the values that follow each other, and the line where each begins."""
        while self.next_character():
            yield self._value()

    def elements(self) -> Iterator[tuple[Any, int]]:
        """Yield the elements of an array that has been entered."""
        if self.next_character() != "]":
            while True:
                yield self._value(is_element=True)
                mark = self.next_character()
                if mark == "]":
                    break
                if mark != ",":
                    raise self._malformed("',' or ']' is missing after an element", self._line)
                self.skip(1)
                if self.next_character() == "]":
                    raise self._malformed("a comma before ']'", self._line)
        self.skip(1)
        if self.next_character():
            raise self._malformed("more than one array", self._line)

    def _value(self, *, is_element: bool = False) -> tuple[Any, int]:
        self.next_character()
        line = self._line
        while True:
            try:
                value, end = self._decode(self._text, self._start)
            except json.JSONDecodeError as error:
                at = self._line + self._text.count("\n", self._start, error.pos)
                # It may go on in the lines that follow; as much again, so that this ends soon.
                size = len(self._text) - self._start
                if is_element and size > streams.MAX_DOCUMENT_BYTES:
                    raise streams.too_long(f"{self._name}, line {line}") from None
                if not self._read(size):
                    raise self._malformed(error.msg, at) from None
            except (RecursionError, ValueError) as error:
                raise self._malformed(_reason(error), line) from None
            else:
                value = _without_surrogates(value, self._text[self._start : end])
                self.skip(end - self._start)
                return value, line

    def _read(self, at_least: int = 0) -> bool:
        """Read more lines, and forget what was gone over; return whether there were any."""
        parts = [self._text[self._start :]]
        size = 0
        for line in self._lines:
            parts.append(line)
            size += len(line)
            if size > max(at_least, streams.BLOCK_BYTES // 4):
                break
        self._text, self._start = "".join(parts), 0
        return size > 0

    def _malformed(self, reason: str, line: int) -> InputError:
        return InputError(
            f"expected JSON, got malformed JSON in {self._name}, line {line} ({reason}); correct it"
        )


def _without_surrogates(value: Any, source: str) -> Any:
    """Return a parsed value with a replacement character for each surrogate that is alone."""
    return _replaced(value) if _ESCAPED_SURROGATE.search(source) else value


def _replaced(value: Any) -> Any:
    if isinstance(value, str):
        return _SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return list(map(_replaced, value))
    if isinstance(value, dict):
        return {_replaced(name): _replaced(inner) for name, inner in value.items()}
    return value


def _reason(error: Exception) -> str:
    """Return why Python's parser refuses a value."""
    if isinstance(error, RecursionError):
        return "arrays or objects within each other, too many for Python"
    if isinstance(error, json.JSONDecodeError):
        return str(error)
    return f"a number of more than {sys.get_int_max_str_digits():,} digits"


def _chained(first: Any, others: Iterator[Any]) -> Iterator[Any]:
    yield first
    yield from others


def _numbered(values: Iterator[tuple[Any, int]], name: str) -> Iterator[Record]:
    for number, (value, line) in enumerate(values, start=1):
        yield Record(_fields(value, f"{name}, line {line}"), number, line)


def _fields(value: Any, where: str) -> dict[str, Any]:
    if isinstance(value, str):
        return {"text": value}
    if isinstance(value, dict):
        return value
    raise InputError(
        f"expected JSON objects or strings, got {json_type(value)} in {where}; write each document "
        f"as {_RECORD}"
    )


def _rows(value: Any) -> list[Any]:
    """Return the rows of the only value of a file."""
    if not isinstance(value, dict) or not value:
        return [value]
    if value.keys() >= {"columns", "data"} and _are_rows(value["columns"], value["data"]):
        return [dict(zip(value["columns"], row, strict=True)) for row in value["data"]]
    columns = list(value.values())
    if all(isinstance(column, list) and not _are_records(column) for column in columns) and (
        len(set(map(len, columns))) == 1
    ):
        return [dict(zip(value, row, strict=True)) for row in zip(*columns, strict=True)]
    if all(isinstance(column, dict) for column in columns):
        indices = list(columns[0])
        if all(list(column) == indices for column in columns):
            return [{name: value[name][index] for name in value} for index in indices]
    lists = [column for column in columns if isinstance(column, list) and _are_records(column)]
    return lists[0] if len(lists) == 1 else [value]


def _are_rows(names: Any, rows: Any) -> bool:
    """Return whether rows are arrays of as many values as there are names of columns."""
    return isinstance(rows, list) and all(
        isinstance(row, list) and isinstance(names, list) and len(row) == len(names) for row in rows
    )


def _are_records(values: Any) -> bool:
    return isinstance(values, list) and bool(values) and all(isinstance(v, dict) for v in values)
