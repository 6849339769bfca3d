"""A Parquet file: one document per row; only the columns that are needed are read."""

import os
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from topicgen.corpus.document import Document
from topicgen.corpus.metadata.keep import NOTHING, Keep, KeptFields, kept_columns
from topicgen.corpus.reading import streams
from topicgen.corpus.reading.damage import refused_if_damaged
from topicgen.corpus.reading.limits import check_documents
from topicgen.corpus.reading.parquet_pages import batch_rows
from topicgen.corpus.reading.records import check_distinct
from topicgen.corpus.reading.streams import Meter
from topicgen.corpus.reading.tables import (
    Columns,
    Rows,
    as_named,
    default_column,
    default_id_column,
    missing_column,
)
from topicgen.errors import InputError
from topicgen.files import stores
from topicgen.plain import quoted

if TYPE_CHECKING:
    import pyarrow

SUFFIX = ".parquet"

# Beyond this the values of a batch are held one at a time.
_MANY_BYTES = 2**24


def read_parquet(
    source: str | os.PathLike[str],
    columns: Columns,
    meter: Meter | None = None,
    keep: Keep = None,
) -> Iterator[Document]:
    """Yield a document for each row of a Parquet file.

    Args:
        source: the path of the file.
        columns: which columns to read. The text defaults to the column "text", or to the only
            one; the id to the column "id". A row without an id has its number as its id, from 1.
        meter: counts the file's bytes, in proportion to the rows read: Parquet is not read from
            its beginning to its end.
        keep: the columns that become metadata.

    Raises:
        InputError: where the file cannot be read or is damaged, or a column is missing, of another
            type, or one of two of the same name.
    """
    name = streams.display_name(source)
    if streams.is_compressed(source):
        raise InputError(
            f"expected a plain Parquet file, got {name}, compressed a second time; decompress it"
        )
    source = stores.fetched(source)  # it is not read from its beginning to its end
    size = streams.check_is_file(source)
    expected = "a Parquet file, as its suffix says"
    with (
        streams.explained(source),
        refused_if_damaged(expected, name, "write or fetch it again"),
    ):
        import pyarrow.parquet

        # By pages, not by row groups, of which one may be the whole file.
        with pyarrow.parquet.ParquetFile(
            os.fspath(source), buffer_size=2**20, pre_buffer=False
        ) as file:
            check_documents(file.metadata.num_rows, size, name)
            schema = file.schema_arrow
            wanted = _check_columns(schema, columns, name)
            kept = [
                as_named(column, schema.names)
                for column in kept_columns(keep, schema.names, (wanted.text, wanted.id))
            ]
            _check_exist(kept, schema, name)
            rows = Rows(wanted, name, "row", KeptFields(keep, str) if kept else NOTHING)
            names = [*dict.fromkeys([*wanted.named(), *kept])]
            number = 0
            n_rows = batch_rows(source, file, names, name)
            for batch in file.iter_batches(n_rows, columns=names, use_threads=False):
                values = [_values(batch[column], number, column, name) for column in names]
                for row in zip(*values, strict=True):
                    number += 1
                    yield rows.document(dict(zip(names, row, strict=True)), number, number)
                if meter is not None:
                    done = size * number // file.metadata.num_rows
                    meter.add(done - size * (number - batch.num_rows) // file.metadata.num_rows)
            rows.finish()


def _values(column: "pyarrow.Array", number: int, column_name: str, name: str) -> Iterable[Any]:
    """Return the values of some rows that come after a number of others."""
    try:
        if column.nbytes > _MANY_BYTES:
            return (value.as_py() for value in column)
        return list(column.to_pylist())
    except UnicodeDecodeError:
        for row, value in enumerate(column, start=number + 1):
            try:
                value.as_py()
            except UnicodeDecodeError as error:
                raise InputError(
                    f"expected UTF-8 in the column {quoted(column_name)}, got the byte "
                    f"0x{error.object[error.start]:02x} in {name}, row {row:,}; write it as UTF-8"
                ) from None
        raise


def _check_columns(schema: "pyarrow.Schema", columns: Columns, name: str) -> Columns:
    """Return the columns to read, after checking that they exist and can be read."""
    text = default_column(schema.names, name) if columns.text is None else columns.text
    wanted = Columns(
        *(
            None if column is None else as_named(column, schema.names)
            for column in columns._replace(text=text)
        )
    )
    text = str(wanted.text)
    if wanted.id is None:
        id = default_id_column(schema.names, text)
        if schema.names.count(str(id)) == 1 and _is_label(schema.field(id).type):
            wanted = wanted._replace(id=id)
    _check_exist(wanted.named(), schema, name)
    for column in wanted.named():
        kind = schema.field(column).type
        is_text = _is_string(kind)
        if column == text != wanted.id and not is_text:
            raise InputError(
                f"expected strings in the column {quoted(column)}, got {kind} in {name}; name "
                "another column, or convert it"
            )
        if not _is_label(kind):
            raise InputError(
                f"expected strings or numbers in the column {quoted(column)}, got {kind} in "
                f"{name}; name another column"
            )
    return wanted


def _check_exist(names: Iterable[str], schema: "pyarrow.Schema", where: str) -> None:
    check_distinct(names, schema.names, where)
    for name in names:
        if name not in schema.names:
            raise missing_column(name, schema.names, where)


def _is_label(kind: Any) -> bool:
    """Return whether values of a type can be ids or labels: strings or numbers."""
    return _is_string(kind) or not (kind.num_fields or "binary" in str(kind))


def _is_string(kind: Any) -> bool:
    from pyarrow import types

    if types.is_dictionary(kind):
        kind = kind.value_type
    return any(
        is_kind(kind) for is_kind in (types.is_string, types.is_large_string, types.is_string_view)
    )
