"""Lines of ``row column count``, the entries of UCI's bags of words and of Matrix Market."""

import io
import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix

from topicgen.corpus.formats.text.headers import Header
from topicgen.corpus.formats.text.numerals import parse_count, parse_index
from topicgen.corpus.formats.whole_counts import in_file, whole_counts
from topicgen.corpus.reading import streams
from topicgen.corpus.reading.limits import check_documents
from topicgen.errors import InputError
from topicgen.plain import quoted

# Counts written as "1.0", as gensim and scipy do.
_FRACTION = re.compile(rb"(?<=[0-9])\.0+(?=[ \t\r]*\n)")

Blocks = Iterable[tuple[int, bytes]]


class Layout(NamedTuple):
    """What a header says of the entries below it.

    Args:
        shape: the numbers of documents and words; ids are from 1 to these.
        n_entries: how many there are.
        n_fields: 3 for row, column and count, 2 where every count is 1.
        is_symmetric: whether an entry stands for the one across the diagonal, too.
    """

    shape: tuple[int, int]
    n_entries: int
    n_fields: int = 3
    is_symmetric: bool = False


def read_triplets(path: Path, read_header: Callable[[Header], Layout]) -> csr_matrix:
    """Return the counts whose entries a file lists below a header, in any order.

    scipy's reader is fast, but lets some mistakes pass and explains others poorly: what it might
    misread is read line by line.

    Args:
        path: the file.
        read_header: reads what the header says.

    Raises:
        InputError: where a line is not an entry within the shape, the entries are not as many as
            the header says, or it says more documents than the file's size explains.
    """
    name = streams.display_name(path)
    for read_entries in (_read_fast, _read_lines):
        with streams.open_file(path) as stream:
            header = Header(stream, name)
            layout = read_header(header)
            check_documents(layout.shape[0], os.stat(path).st_size, name)
            entries = read_entries(header.blocks(), name, layout)
        if entries is not None:
            break
    assert entries is not None  # the second way ends in entries or in an error
    rows, columns, counts = entries
    if layout.is_symmetric:
        rows, columns, counts = _both_halves(rows, columns, counts, layout, name)
    matrix = coo_matrix((counts, (rows, columns)), shape=layout.shape)
    return whole_counts(matrix, [], in_file(path))  # an entry may come several times


def write_triplets(stream: IO[str], counts: csr_matrix) -> None:
    """Write the entries of counts, sorted, with ids from 1."""
    for row in range(counts.shape[0]):
        start, end = counts.indptr[row], counts.indptr[row + 1]
        entries = zip(
            counts.indices[start:end].tolist(), counts.data[start:end].tolist(), strict=True
        )
        stream.write("".join(f"{row + 1} {column + 1} {count}\n" for column, count in entries))


def _both_halves(
    rows: np.ndarray, columns: np.ndarray, counts: np.ndarray, layout: Layout, name: str
) -> tuple[np.ndarray, ...]:
    if layout.shape[0] != layout.shape[1]:
        raise InputError(
            f"expected as many documents as words in a symmetric matrix, got {layout.shape[0]} and "
            f"{layout.shape[1]} in {name}; write general in its first line"
        )
    across = rows != columns
    return (
        np.concatenate([rows, columns[across]]),
        np.concatenate([columns, rows[across]]),
        np.concatenate([counts, counts[across]]),
    )


def _read_fast(blocks: Blocks, name: str, layout: Layout) -> tuple[np.ndarray, ...] | None:
    """Return rows, columns and counts, or None where anything is out of order."""
    from scipy.io import mmread

    body = _Body(blocks, layout)
    stream = io.BufferedReader(body, 2**20)
    try:
        found = mmread(stream)
    except (ValueError, OverflowError, MemoryError):
        return None
    # scipy ignores what follows the third field of a line, or the last entry.
    while stream.read(2**20):
        pass
    if not body.is_plain or body.n_fields != layout.n_fields * layout.n_entries:
        return None
    return found.row, found.col, found.data.astype(np.int64, copy=False)


class _Body(io.RawIOBase):
    """Blocks of lines as a Matrix Market file of integers, which ends where anything is unusual.

    Attributes:
        is_plain: whether nothing unusual was met.
        n_fields: how many fields there were below the header.
    """

    def __init__(self, blocks: Blocks, layout: Layout) -> None:
        self.is_plain, self.n_fields = True, 0
        self._blocks = iter(blocks)
        self._rest = b"%%%%MatrixMarket matrix coordinate %s general\n%d %d %d\n" % (
            b"integer" if layout.n_fields == 3 else b"pattern",
            *layout.shape,
            layout.n_entries,
        )

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            self._rest = self._next_block()
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size

    def _next_block(self) -> bytes:
        _, block = next(self._blocks, (0, b""))
        if b"." in block:
            block = _FRACTION.sub(b"", block)
        if block.translate(None, b"0123456789 \t\r\n"):
            self.is_plain = False
            return b""
        is_blank = np.frombuffer(block, dtype=np.uint8) <= ord(" ")
        self.n_fields += int(np.count_nonzero(is_blank[1:] & ~is_blank[:-1]))
        return block


def _read_lines(blocks: Blocks, name: str, layout: Layout) -> tuple[np.ndarray, ...] | None:
    """Return rows, columns and counts, read one by one."""
    parts = [np.zeros((0, 3), dtype=np.int64)]
    for first, block in blocks:
        entries = list(_lines(block, first, name, layout))
        parts.append(np.array(entries, dtype=np.int64).reshape(-1, 3))
    found = np.concatenate(parts)
    if len(found) != layout.n_entries:
        raise InputError(
            f"expected {layout.n_entries} entries, as the header says, got {len(found)} in "
            f"{name}; fetch it again, or correct the header"
        )
    return tuple(found.T)


def _lines(block: bytes, first: int, name: str, layout: Layout) -> Iterator[tuple[int, int, int]]:
    shape = layout.shape
    what = "ids of the {} {}, as many as the header says,"
    documents, words = what.format(shape[0], "documents"), what.format(shape[1], "words")
    for number, line in enumerate(block.split(b"\n")[:-1], start=first):
        where = f"{name}, line {number}"
        fields = line.decode("utf-8", "backslashreplace").split()
        if not fields:
            continue
        if len(fields) != layout.n_fields:
            raise InputError(
                f"expected {quoted(' '.join(['document', 'word', 'count'][: layout.n_fields]))}, "
                f"got {len(fields)} fields in {where}; correct the line"
            )
        yield (
            parse_index(fields[0], 1, shape[0], documents, where),
            parse_index(fields[1], 1, shape[1], words, where),
            parse_count(fields[2], where) if layout.n_fields == 3 else 1,
        )
