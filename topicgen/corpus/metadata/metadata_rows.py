"""Metadata that arrive one document at a time, as a typed Arrow file."""

import json
import warnings
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from topicgen.corpus.metadata.value_kinds import (
    DATES,
    KINDS,
    Field,
    JsonString,
    Kind,
    is_ambiguous,
)
from topicgen.corpus.missing import MISSING
from topicgen.plain import quoted

if TYPE_CHECKING:
    import pyarrow as pa

_BATCH = 4096
_RECOGNISED: dict[type, tuple[Kind, ...]] = {Field: KINDS, JsonString: DATES}


class MetadataRows:
    """Collects the metadata of each document, and determines the type of each column at the end.

    The type is that of all values of a column. Fields of CSV become booleans, numbers or dates
    where all of them can be read so; the strings of JSON become dates only. Values of several
    types, and lists and objects, become text.

    Args:
        waiting: the file where the rows wait for ``write``; None keeps them in memory.

    Attributes:
        length: how many documents there are.

    Example:
        >>> rows = MetadataRows()
        >>> rows.append({"year": Field("1999"), "code": Field("007")})
        >>> rows.append(None)
        >>> rows.append({"year": Field("NA"), "code": Field("12")})
        >>> rows.table().to_pydict()
        {'year': [1999, None, None], 'code': ['007', None, '12']}
    """

    def __init__(self, waiting: Path | None = None) -> None:
        self._path = waiting
        self._columns: dict[str, _Column] = {}
        self._rows: list[Mapping[str, Any]] = []
        self._batches: list[pa.RecordBatch] = []
        self._n_before = 0  # the first documents with any
        self.length = 0

    def append(self, row: Mapping[str, Any] | None) -> None:
        """Add the metadata of the next document, or None if it has none."""
        self.length += 1
        if not row and not self._columns and not self._rows:
            self._n_before += 1
            return
        self._rows.append(row or {})
        if len(self._rows) == _BATCH:
            self._flush()

    def table(self) -> "pa.Table | None":
        """Return the metadata of all documents; None where no document has any."""
        import pyarrow as pa

        if (schema := self._finish()) is None:
            return None
        return pa.Table.from_batches(self._typed(schema), schema)

    def write(self, path: Path) -> dict[str, str]:
        """Write the metadata as an Arrow file, or nothing where no document has any.

        Returns:
            What each column holds, in a word.
        """
        if (schema := self._finish()) is not None:
            import pyarrow as pa

            with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, schema) as writer:
                for batch in self._typed(schema):
                    writer.write(batch)
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        return {} if schema is None else kinds_of(schema)

    def _finish(self) -> "pa.Schema | None":
        self._flush()
        if not self._columns:
            return None
        import pyarrow as pa

        for column in self._columns.values():
            column.decide()
        return pa.schema([(name, column.type) for name, column in self._columns.items()])

    def _flush(self) -> None:
        if not self._rows:
            return
        import pyarrow as pa

        for row in self._rows:
            for name in row:
                if name not in self._columns:
                    self._columns[name] = _Column(name)
        arrays = {
            name: column.read([row.get(name) for row in self._rows])
            for name, column in self._columns.items()
        }
        batch = pa.RecordBatch.from_pydict(arrays)
        self._rows = []
        if self._path is None:
            self._batches.append(batch)
            return
        # A stream of its own: what a column holds may differ from one batch to the next.
        with self._path.open("ab") as file, pa.ipc.new_stream(file, batch.schema) as stream:
            stream.write(batch)

    def _typed(self, schema: "pa.Schema") -> Iterator["pa.RecordBatch"]:
        import pyarrow as pa

        for start in range(0, self._n_before, _BATCH):
            n_rows = min(_BATCH, self._n_before - start)
            yield pa.RecordBatch.from_arrays(
                [pa.nulls(n_rows, kind) for kind in schema.types], schema=schema
            )
        for batch in self._read_batches():
            absent = pa.nulls(batch.num_rows)
            arrays = [
                column.convert(batch[name] if name in batch.schema.names else absent)
                for name, column in self._columns.items()
            ]
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)

    def _read_batches(self) -> Iterator["pa.RecordBatch"]:
        if self._path is None:
            yield from self._batches
            return
        import pyarrow as pa

        end = self._path.stat().st_size
        with self._path.open("rb") as file:
            while file.tell() < end:
                with pa.ipc.open_stream(file) as stream:
                    yield from stream


def kinds_of(schema: "pa.Schema") -> dict[str, str]:
    """Return what each column of a schema holds, in a word.

    >>> import pyarrow as pa
    >>> kinds_of(pa.schema([("year", pa.int64()), ("date", pa.timestamp("us"))]))
    {'year': 'integer', 'date': 'date'}
    """
    from pyarrow import types

    words = {
        "boolean": types.is_boolean,
        "integer": types.is_integer,
        "number": types.is_floating,
        "date": lambda kind: types.is_timestamp(kind) or types.is_date(kind),
        "category": types.is_dictionary,
        "text": lambda kind: types.is_string(kind) or types.is_large_string(kind),
    }
    return {
        field.name: next(
            (word for word, fits in words.items() if fits(field.type)), str(field.type)
        )
        for field in schema
    }


class _Column:
    """A column: what its values so far may be, and in the end its type."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._kinds = KINDS
        self._types: set[pa.DataType] = set()
        self._kind: Kind | None = None

    def read(self, values: list[Any]) -> "pa.Array":
        """Return the values of some documents as an array, not yet of the column's type."""
        import pyarrow as pa
        import pyarrow.compute as pc

        classes = {type(value) for value in values if value is not None}
        if classes == {Field}:
            values = [_field(value) for value in values]
        elif not classes <= {str, JsonString}:
            values = _times(list(map(_plain, values)))
        try:
            array = pa.array(values, from_pandas=True)
        except (pa.ArrowException, OverflowError):  # of several types, or beyond 64 bits
            array = pa.array([None if value is None else str(value) for value in values])
        if array.null_count < len(array):
            recognised = _RECOGNISED.get(classes.pop(), ()) if len(classes) == 1 else ()
            distinct = pc.unique(array) if recognised else array
            self._kinds = tuple(
                kind for kind in self._kinds if kind in recognised and kind.includes(distinct)
            )
            self._types.add(array.type)
        return array

    def decide(self) -> None:
        """Choose the type that all values have."""
        if not self._types:
            return
        if is_ambiguous(self._kinds):
            warnings.warn(
                f"the dates in the column {quoted(self._name)} may be day/month or month/day and "
                "are kept as text; write them as year-month-day",
                UserWarning,
                stacklevel=2,
            )
            self._kinds = ()
        self._kind = next(iter(self._kinds), None)

    @property
    def type(self) -> "pa.DataType":
        """The type of the column, once it is decided."""
        import pyarrow as pa

        if not self._types:
            return pa.float64()  # as pandas does
        if self._kind is not None:
            return self._kind.read(pa.array([], pa.string())).type
        return _common(self._types)

    def convert(self, array: "pa.Array") -> "pa.Array":
        """Return values of ``read`` as values of the column's type."""
        import pyarrow as pa

        if pa.types.is_null(array.type):
            return pa.nulls(len(array), self.type)
        if self._kind is not None:
            return self._kind.read(array)
        if pa.types.is_string(self.type) and not pa.types.is_string(array.type):
            texts = [None if value is None else str(value) for value in array.to_pylist()]
            return pa.array(texts, pa.string())
        return array.cast(self.type, safe=False)


def _field(value: str | None) -> str | None:
    stripped = "" if value is None else value.strip()
    return None if stripped in MISSING else stripped


def _plain(value: Any) -> Any:
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False, default=str)
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value


def _times(values: list[Any]) -> list[Any]:
    """Return values with dates among times as times; Arrow would cut off the hours of all.

    Times with and without a zone, which Arrow would take for one of the two, become text.
    """
    times = [value for value in values if isinstance(value, datetime)]
    if not times:
        return values
    values = [
        datetime(value.year, value.month, value.day)
        if isinstance(value, date) and not isinstance(value, datetime)
        else value
        for value in values
    ]
    if len({value.tzinfo is None for value in values if isinstance(value, datetime)}) == 1:
        return values
    return [None if value is None else str(value) for value in values]


def _common(found: set["pa.DataType"]) -> "pa.DataType":
    """Return the type that values of several types have in common."""
    from pyarrow import float64, string, timestamp, types

    if any(types.is_decimal(kind) for kind in found) or len(found) > 1:
        if all(
            types.is_integer(kind) or types.is_floating(kind) or types.is_decimal(kind)
            for kind in found
        ):
            return float64()
        if all(types.is_temporal(kind) and not types.is_time(kind) for kind in found):
            zones = {getattr(kind, "tz", None) for kind in found}
            if not any(map(types.is_duration, found)) and (zones == {None} or None not in zones):
                return timestamp("us", None if zones == {None} else "UTC")
        return string()
    (kind,) = found
    return timestamp("us") if types.is_date(kind) else kind
