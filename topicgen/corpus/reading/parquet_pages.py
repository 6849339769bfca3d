"""How much of a Parquet file may be read at once, by what its metadata say of its columns.

A column lies in pages, compressed one by one. A page of a few bytes may hold a text of a gigabyte,
and each row of a dictionary page's text may repeat it: both are found out before it is read.

Source: https://parquet.apache.org/docs/file-format/data-pages
"""

import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO

from topicgen.corpus.reading.limits import check_expansion

if TYPE_CHECKING:
    import pyarrow.parquet

# Rows held at a time, and how many bytes they may have.
BATCH_ROWS, BATCH_BYTES = 256, 2**25
# What a column may have in a group of rows, however well it is compressed.
_FREE_BYTES = 2**24
# A page's header begins with three numbers: a field's number and type, then the number.
_NUMBER = 0x15
_HEADER_BYTES = 32


def batch_rows(
    source: str | os.PathLike[str],
    parquet: "pyarrow.parquet.ParquetFile",
    columns: Sequence[str],
    name: str,
) -> int:
    """Return how many rows to hold at a time.

    Args:
        source: the path of the file.
        parquet: the same, opened.
        columns: those that are read.
        name: the source, as messages name it.

    Raises:
        InputError: where a column is larger than its bytes on disk explain.
    """
    greatest = 1
    with open(source, "rb") as file:
        for chunk in _chunks(parquet, file, columns, name):
            unpacked, packed = chunk.total_uncompressed_size, chunk.total_compressed_size
            check_expansion(unpacked, packed, name, _FREE_BYTES, f", column {chunk.path_in_schema}")
            if chunk.has_dictionary_page and chunk.dictionary_page_offset is not None:
                greatest = max(greatest, page_bytes(file, chunk.dictionary_page_offset))
    return max(1, min(BATCH_ROWS, BATCH_BYTES // greatest))


def page_bytes(file: BinaryIO, offset: int) -> int:
    """Return how many bytes a page has when it is decompressed; 0 where no page begins there.

    >>> import io
    >>> page_bytes(io.BytesIO(bytes([0x15, 0x04, 0x15, 0x80, 0x02, 0x15, 0x10])), 0)
    128
    """
    file.seek(offset)
    header = iter(file.read(_HEADER_BYTES))
    if next(header, 0) != _NUMBER or _varint(header) is None or next(header, 0) != _NUMBER:
        return 0
    number = _varint(header) or 0
    return number >> 1  # of its zigzag code: sizes are not negative


def _varint(header: Iterator[int]) -> int | None:
    value = 0
    for place, byte in enumerate(header):
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value
    return None


def _chunks(
    file: "pyarrow.parquet.ParquetFile", stream: BinaryIO, columns: Sequence[str], name: str
) -> Iterator["pyarrow.parquet.ColumnChunkMetaData"]:
    """Yield what is said of each column in each group of rows."""
    metadata, wanted = file.metadata, set(columns)
    paths = [metadata.schema.column(number).path for number in range(metadata.num_columns)]
    size = os.fstat(stream.fileno()).st_size
    for group_number in range(metadata.num_row_groups):
        group = metadata.row_group(group_number)
        check_expansion(group.total_byte_size, size, name, _FREE_BYTES + size)
        # Where what is said of a column is damaged, the library ends the process if it is asked for
        # that; when it reads a row it raises an error.
        groups = [group_number]
        next(file.iter_batches(1, groups, columns=list(columns), use_threads=False), None)
        for number, path in enumerate(paths):
            if path.partition(".")[0] in wanted:
                yield group.column(number)
