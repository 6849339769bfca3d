"""A Parquet file: one document per row; only the columns that are needed are read."""

import itertools
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from topicgen.corpus.document import Document
from topicgen.corpus.metadata.keep import Keep, kept_columns
from topicgen.corpus.reading import streams
from topicgen.corpus.reading.streams import Meter
from topicgen.corpus.reading.tables import Columns, default_column, missing_column
from topicgen.errors import InputError

if TYPE_CHECKING:
    import pyarrow

SUFFIX = ".parquet"

# Rows held at a time.
BATCH_ROWS = 256


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
            one; the id, also where it is null or empty, to the number of the row, from 1.
        meter: counts the file's bytes, in proportion to the rows read: Parquet is not read from
            its beginning to its end.
        keep: the columns that become metadata.

    Raises:
        InputError: where the file cannot be read or is damaged, a column is missing or of another
            type, or a text is null.
    """
    name = streams.display_name(source)
    if streams.is_compressed(source):
        raise InputError(
            f"expected a plain Parquet file, got {name}, compressed a second time; decompress it"
        )
    with streams.explained(source), _refused_if_damaged(name):
        size = os.stat(source).st_size
        import pyarrow.parquet

        # By pages, not by row groups, of which one may be the whole file.
        with pyarrow.parquet.ParquetFile(
            os.fspath(source), buffer_size=2**20, pre_buffer=False
        ) as file:
            schema = file.schema_arrow
            wanted = _check_columns(schema, columns, name)
            kept = _check_kept(schema, kept_columns(keep, schema.names, wanted[:2]), name)
            needed = [*dict.fromkeys([*filter(None, wanted), *kept])]
            number = 0
            for batch in file.iter_batches(BATCH_ROWS, columns=needed, use_threads=False):
                texts, ids, labels = (
                    [None] * batch.num_rows if column is None else batch[column].to_pylist()
                    for column in wanted
                )
                rows = _rows_of(batch, kept)
                for text, id_, label, row in zip(texts, ids, labels, rows, strict=True):
                    number += 1
                    if text is None:
                        raise InputError(
                            f"expected a string in the column {wanted.text!r}, got null in {name}, "
                            f"row {number:,}; drop or fill the rows without text"
                        )
                    yield Document(
                        text,
                        str(number) if id_ in (None, "") else str(id_),
                        None if label is None else str(label),
                    ).with_metadata(row)
                if meter is not None:
                    done = size * number // file.metadata.num_rows
                    meter.add(done - size * (number - batch.num_rows) // file.metadata.num_rows)


def _rows_of(batch: "pyarrow.RecordBatch", kept: list[str]) -> Iterable[dict[str, Any] | None]:
    """Return what is kept of each row."""
    if not kept:
        return itertools.repeat(None, batch.num_rows)
    values = zip(*(batch[name].to_pylist() for name in kept), strict=True)
    return (dict(zip(kept, row, strict=True)) for row in values)


def _check_kept(schema: "pyarrow.Schema", kept: list[str], name: str) -> list[str]:
    for column in kept:
        if column not in schema.names:
            raise missing_column(column, schema.names, name)
    return kept


def _check_columns(schema: "pyarrow.Schema", columns: Columns, name: str) -> Columns:
    """Return the columns to read, after checking that they exist and can be read."""
    text = default_column(schema.names, name) if columns.text is None else columns.text
    wanted = columns._replace(text=text)
    for column in filter(None, wanted):
        if column not in schema.names:
            raise missing_column(column, schema.names, name)
        kind = schema.field(column).type
        is_text = _is_string(kind)
        if column == text and not is_text:
            raise InputError(
                f"expected strings in the column {column!r}, got {kind} in {name}; name another "
                "column, or convert it"
            )
        if not is_text and kind.num_fields:
            raise InputError(
                f"expected strings or numbers in the column {column!r}, got {kind} in {name}; "
                "name another column"
            )
    return wanted


def _is_string(kind: Any) -> bool:
    from pyarrow import types

    if types.is_dictionary(kind):
        kind = kind.value_type
    return any(
        is_kind(kind) for is_kind in (types.is_string, types.is_large_string, types.is_string_view)
    )


@contextmanager
def _refused_if_damaged(name: str) -> Iterator[None]:
    from pyarrow import ArrowException

    try:
        yield
    except InputError:
        raise
    except (ArrowException, OSError, UnicodeDecodeError) as error:
        if getattr(error, "errno", None) is not None:
            raise
        reason = str(error).strip().partition("\n")[0]
        raise InputError(
            f"expected a Parquet file as its suffix says, got {name}, damaged, cut short or of "
            f"another kind ({reason}); write or fetch it again"
        ) from None
