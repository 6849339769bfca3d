"""A table with a named column: one document per row."""

import os
import unicodedata
import warnings
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from topicgen.corpus.document import Document
from topicgen.corpus.metadata.keep import NOTHING, Keep, KeptFields
from topicgen.corpus.metadata.value_kinds import Field, JsonString
from topicgen.corpus.missing import MISSING, as_label
from topicgen.corpus.reading import streams
from topicgen.corpus.reading.decoding import Decoder
from topicgen.corpus.reading.delimited import parse_csv, parse_tsv
from topicgen.corpus.reading.dialects import AS_IT_LOOKS, Layout
from topicgen.corpus.reading.encodings import AUTO
from topicgen.corpus.reading.json_records import json_type, parse_json, parse_json_lines
from topicgen.corpus.reading.records import Record
from topicgen.corpus.reading.spans import Span, open_span
from topicgen.corpus.reading.streams import Meter
from topicgen.corpus.wording import quantity
from topicgen.errors import InputError, did_you_mean
from topicgen.plain import quoted

JSON_LINES = (".jsonl", ".ndjson")
JSON_PARSERS = {**dict.fromkeys(JSON_LINES, parse_json_lines), ".json": parse_json}
DELIMITED_PARSERS = {".csv": parse_csv, ".tsv": parse_tsv}
SUFFIXES = (*DELIMITED_PARSERS, *JSON_PARSERS)

DEFAULT_COLUMN = "text"
DEFAULT_ID_COLUMN = "id"

# What stands for a missing value in CSV, where pandas, R and databases write no other text.
_MARKERS = MISSING - {""}

# Names of a single column that nobody takes for a document.
# fmt: off
COMMON_COLUMNS = frozenset(
    ["abstract", "answer", "article", "body", "caption", "comment", "content", "contents",
     "description", "doc", "document", "documents", "headline", "message", "paragraph", "post",
     "question", "review", "sentence", "speech", "summary", "text", "texts", "title", "transcript",
     "tweet"]
)
# fmt: on


class Columns(NamedTuple):
    """The columns that hold the texts, the ids and the labels, where they are named."""

    text: str | None = None
    id: str | None = None
    label: str | None = None

    def named(self) -> list[str]:
        """Return the names, each once."""
        return [*dict.fromkeys(column for column in self if column is not None)]


def read_table(
    source: str | os.PathLike[str],
    columns: Columns,
    encoding: str = AUTO,
    meter: Meter | None = None,
    layout: Layout = AS_IT_LOOKS,
    keep: Keep = None,
) -> Iterator[Document]:
    """Yield a document for each row of a CSV, TSV, JSON or JSON Lines file.

    Args:
        source: a path whose suffix, before that of a compression, is among SUFFIXES.
        columns: which columns to read. The text defaults to the column "text", or to the only
            one; the id to the column "id". A row without an id has its number as its id (in JSON
            Lines, that of the line), from 1.
        encoding: as ``Decoder`` takes it.
        meter: counts the bytes read.
        layout: how the fields of CSV and TSV are delimited; by default, as they look.
        keep: the columns that become metadata.

    Raises:
        InputError: where the file or a row of it cannot be read, or a column is missing.
    """
    name = streams.display_name(source)
    decoder = Decoder(name, encoding)
    suffix = streams.format_suffix(source)
    with streams.open_stream(source, meter) as stream:
        lines = decoder.decode_lines(stream)
        records: Iterator[Record]
        as_read = JsonString if suffix in JSON_PARSERS else Field
        kept = NOTHING if keep is None else KeptFields(keep, as_read)
        if suffix in JSON_PARSERS:
            records = JSON_PARSERS[suffix](lines, name)
        else:
            named = columns._replace(text=columns.text or DEFAULT_COLUMN).named()
            wanted = [*dict.fromkeys([*named, *kept.named])]
            records = DELIMITED_PARSERS[suffix](lines, name, layout, wanted)
        if suffix in DELIMITED_PARSERS and layout.header:
            records = _with_header_said(records, columns, name)
        rows = Rows(columns, name, "line", kept, is_regular=suffix in DELIMITED_PARSERS)
        for fields, number, line in records:
            yield rows.document(fields, number, line)
        rows.finish()
    decoder.warn()


class RowsFound(NamedTuple):
    """What was found in some rows of a table that need not all have the same columns.

    Args:
        n_rows: how many rows there are.
        n_missing: in how many the text is missing.
        unseen: the columns asked for that no row has.
    """

    n_rows: int
    n_missing: int
    unseen: list[str]


class JsonLines:
    """The rows of a JSON Lines file that is read in spans; see ``read_table``.

    Args:
        source: the path.
        columns: which columns to read.
        keep: the columns that become metadata.
        first: the first row of the file.
    """

    def __init__(
        self, source: str | os.PathLike[str], columns: Columns, keep: Keep, first: Record
    ) -> None:
        self._source = source
        self._name = streams.display_name(source)
        kept = NOTHING if keep is None else KeptFields(keep, JsonString)
        self.rows = Rows(columns, self._name, "line", kept)
        self._first = first

    @staticmethod
    def first_of(source: str | os.PathLike[str]) -> Record | None:
        """Return the first row of a file; None where it has none."""
        name = streams.display_name(source)
        with streams.open_stream(source) as stream:
            return next(parse_json_lines(Decoder(name).decode_lines(stream), name), None)

    def read(self, span: Span, meter: Meter | None = None) -> Iterator[Document]:
        """Yield a document for each row of a span."""
        self.begin()
        with open_span(os.fspath(self._source), span, meter) as stream:
            lines = Decoder(self._name).decode_lines(stream)
            for fields, number, line in parse_json_lines(lines, self._name, span.line):
                yield self.rows.document(fields, number, line)

    def begin(self) -> None:
        """See in the first row what the columns are."""
        self.rows.begin(self._first.fields, self._first.line)


class Rows:
    """The rows of a table, turned into documents one by one.

    Args:
        columns: which columns to read.
        name: the source, as messages name it.
        place: what a row is found by, "line" or "row".
        kept: takes the fields that become metadata.
        is_regular: whether all rows have the same columns.

    Example:
        >>> rows = Rows(Columns(label="topic"), "'news.csv'", "line")
        >>> rows.document({"text": "Stocks rose.", "topic": "NaN"}, 1, 2)
        Document(text='Stocks rose.', id='1', label=None)
    """

    def __init__(
        self,
        columns: Columns,
        name: str,
        place: str,
        kept: KeptFields = NOTHING,
        *,
        is_regular: bool = False,
    ) -> None:
        self._columns = columns
        self._kept = kept
        self._is_regular = is_regular
        self._name = name
        self._place = place
        self._has_begun = False
        self._may_lack_ids = False
        self._n_rows = self._n_missing = self._n_marked = 0
        self._marker = ""
        # Columns that no row has had so far, and where the first row is.
        self._unseen: dict[str, InputError] = {}

    def document(self, fields: Mapping[str, Any], number: int, line: int) -> Document:
        """Return a row as a document.

        Args:
            fields: the values by column; a text, and any other value, may be missing.
            number: the number of the row, its id unless it has one.
            line: where it is.

        Raises:
            InputError: where a column does not exist or has no string.
        """
        if not self._has_begun:
            self.begin(fields, line)
        self._n_rows += 1
        if self._unseen:
            self._look_for(fields)
        text_column, id_column, label_column = self._columns
        text = fields.get(text_column)  # type: ignore[arg-type]  # named by now
        if not isinstance(text, str):
            # Where the ids are all that is read, they may be numbers.
            is_id = text_column == id_column and text is not None
            value = self._value(fields, str(text_column), line) if is_id else None
            text = value or ("" if is_id else self._other_text(fields, line))
        elif self._is_regular and text in _MARKERS and text_column != id_column:
            self._n_marked += 1
            self._marker = self._marker or text
            text = ""
        id_ = None if id_column is None else self._id(fields, id_column, line)
        label = None if label_column is None else self._value(fields, label_column, line)
        document = Document(text, id_ or str(number), label)
        if self._kept is NOTHING:
            return document
        return document.with_metadata(self._kept.of(fields, (text_column, id_column)))

    def finish(self) -> None:
        """Say how many texts were missing, or held what other programs write for that.

        Raises:
            InputError: where no row had one of the columns.
        """
        for error in self._unseen.values():
            raise error
        if self._n_missing:
            warnings.warn(
                f"found no text in {self._n_missing:,} of {quantity(self._n_rows, 'row')} of "
                f"{self._name}, where the column {quoted(self._columns.text)} is null; read as "
                "empty texts",
                UserWarning,
                stacklevel=2,
            )
        if self._n_marked:
            are = "it is an empty document" if self._n_marked == 1 else "they are empty documents"
            warnings.warn(
                f"took {quoted(self._marker)} for a missing text in {self._n_marked:,} of "
                f"{quantity(self._n_rows, 'row')} of {self._name}, column "
                f"{quoted(self._columns.text)}; {are}",
                UserWarning,
                stacklevel=2,
            )

    def found(self) -> RowsFound:
        """Return what was found so far."""
        return RowsFound(self._n_rows, self._n_missing, [*self._unseen])

    def add(self, found: RowsFound) -> None:
        """Add what was found in other rows of the same table."""
        self._n_rows += found.n_rows
        self._n_missing += found.n_missing
        for column in {*self._unseen} - {*found.unseen}:
            del self._unseen[column]

    def _look_for(self, fields: Mapping[str, Any]) -> None:
        for column in [*self._unseen]:
            if column in fields:
                del self._unseen[column]
            elif self._is_regular:
                raise self._unseen[column]

    def begin(self, fields: Mapping[str, Any], line: int) -> None:
        """See in the first row of the table what the columns are.

        Raises:
            InputError: where the texts are in none of them.
        """
        self._has_begun = True
        names = list(fields)
        self._columns = Columns(
            *(None if column is None else as_named(column, names) for column in self._columns)
        )
        if self._columns.text is None:
            text = default_column(names, self._where(line), may_lack_header=self._is_regular)
            self._columns = self._columns._replace(text=text)
        if self._columns.id is None:
            self._columns = self._columns._replace(id=default_id_column(names, self._columns.text))
            self._may_lack_ids = True
        self._kept.spell({name: as_named(name, names) for name in self._kept.named})
        for column in [*self._columns.named(), *self._kept.spelled()]:
            if column not in fields:
                self._unseen[column] = missing_column(column, names, self._where(line))
        if (error := self._unseen.get(str(self._columns.text))) is not None:
            raise error

    def _other_text(self, fields: Mapping[str, Any], line: int) -> str:
        """Return "" for a text that is missing, and refuse what is no text."""
        column = str(self._columns.text)
        text = fields.get(column)
        if column not in fields:
            raise missing_column(column, list(fields), self._where(line))
        if text is None or text != text:
            self._n_missing += 1
            return ""
        raise InputError(
            f"expected a string in the column {quoted(column)}, got {json_type(text)} in "
            f"{self._where(line)}; remove the {self._place}, or name another column"
        )

    def _id(self, fields: Mapping[str, Any], column: str, line: int) -> str | None:
        if self._may_lack_ids and isinstance(fields.get(column), (list, dict)):
            return None
        return self._value(fields, column, line)

    def _value(self, fields: Mapping[str, Any], column: str, line: int) -> str | None:
        value = fields.get(column)
        if isinstance(value, (list, dict)):
            raise InputError(
                f"expected a string or a number in the column {quoted(column)}, got "
                f"{json_type(value)} in {self._where(line)}; name another column"
            )
        return as_label(value)

    def _where(self, line: int) -> str:
        return f"{self._name}, {self._place} {line:,}"


def default_column(names: list[str], where: str, *, may_lack_header: bool = False) -> str:
    """Return the column of the texts where none is named: "text", or the only one.

    Args:
        names: the columns.
        where: the source, as messages name it.
        may_lack_header: whether the names may be a row of values, as in CSV.

    Raises:
        InputError: where there are others and no "text".
    """
    if DEFAULT_COLUMN in names:
        return DEFAULT_COLUMN
    if len(names) == 1:
        return names[0]
    advice = ", or that the table has no header (--no-header)" if may_lack_header else ""
    raise InputError(
        f"expected a column {DEFAULT_COLUMN!r} or a single column, got {_listing(names)} in "
        f"{where}; say which column holds the documents (--column){advice}"
    )


def default_id_column(names: list[str], text: str | None) -> str | None:
    """Return the column of the ids where none is named: "id", unless it holds the texts.

    >>> default_id_column(["id", "text"], "text"), default_id_column(["text"], "text")
    ('id', None)
    """
    return DEFAULT_ID_COLUMN if DEFAULT_ID_COLUMN in names and text != DEFAULT_ID_COLUMN else None


def as_named(column: str, names: list[str]) -> str:
    """Return the name of a column as a table writes it: its accents may be composed or not.

    >>> len(as_named("\u00e9", ["e\u0301", "text"]))
    2
    """
    if column in names:
        return column
    wanted = unicodedata.normalize("NFC", column)
    return next((name for name in names if unicodedata.normalize("NFC", name) == wanted), column)


def missing_column(column: str, names: list[str], where: str) -> InputError:
    """Return the error for a column that does not exist."""
    return InputError(
        f"expected a column {quoted(column)}, got {_listing(names)} in {where}; "
        + did_you_mean(column, names, "name a column that every row has")
    )


def _with_header_said(records: Iterator[Record], columns: Columns, name: str) -> Iterator[Record]:
    """Yield records, and say it where the name of their only column may be a document."""
    for first in records:
        names = list(first.fields)
        if columns.text is None and len(names) == 1 and names[0].lower() not in COMMON_COLUMNS:
            warnings.warn(
                f"took {_short(names[0])}, the first row of {name}, for the name of its only "
                "column; pass --no-header if it is a document, --delimiter if there are several "
                "columns, and --column otherwise",
                UserWarning,
                stacklevel=2,
            )
        yield first
        yield from records


def _listing(names: list[str], most: int = 20) -> str:
    shown = list(map(_short, names[:most]))
    more = [f"{len(names) - most} more"] if len(names) > most else []
    return f"the columns {', '.join(shown + more)}" if shown else "no column"


def _short(name: str, longest: int = 40) -> str:
    return quoted(name, longest)
