"""Lines of ``row column count``, the entries of UCI's bags of words and of Matrix Market."""

import re
from collections.abc import Iterable
from typing import IO

import numpy as np
from scipy.sparse import csr_matrix

from topicgen.corpus.formats.text.numerals import find_numerals, parse_count, parse_index
from topicgen.errors import InputError

# Counts written as "1.0", as gensim and scipy do.
_FRACTION = re.compile(rb"(?<=[0-9])\.0+(?=[ \t\r]*\n)")


def read_triplets(
    blocks: Iterable[tuple[int, bytes]], name: str, shape: tuple[int, int], n_entries: int
) -> csr_matrix:
    """Return the counts whose entries some blocks of lines list, in any order.

    Args:
        blocks: the lines behind the header, as ``read_blocks`` yields them.
        name: the file's name, for an error.
        shape: the numbers of documents and words in the header; ids are from 1 to these.
        n_entries: the number of entries in the header.

    Raises:
        InputError: where a line is no entry within the shape, or they are not as many.
    """
    parts = []
    for first, block in blocks:
        entries = _parse(block, shape) or _parse(_FRACTION.sub(b"", block), shape)
        parts.append(_walk(block, name, first, shape) if entries is None else entries)
    parts = parts or [_walk(b"", name, 0, shape)]  # no entry, but arrays
    rows, columns, counts = (np.concatenate(part) for part in zip(*parts, strict=True))
    if len(rows) != n_entries:
        raise InputError(
            f"expected {n_entries} entries, as the header says, got {len(rows)} in {name}; fetch "
            "it again, or correct the header"
        )
    try:
        return csr_matrix((counts, (rows, columns)), shape=shape)
    except MemoryError:
        raise InputError(
            f"expected as many documents as memory holds, got {shape[0]} in the header of {name}; "
            "correct it"
        ) from None


def write_triplets(stream: IO[str], counts: csr_matrix) -> None:
    """Write the entries of counts, sorted, with ids from 1."""
    for row in range(counts.shape[0]):
        start, end = counts.indptr[row], counts.indptr[row + 1]
        entries = zip(
            counts.indices[start:end].tolist(), counts.data[start:end].tolist(), strict=True
        )
        stream.write("".join(f"{row + 1} {column + 1} {count}\n" for column, count in entries))


def _parse(block: bytes, shape: tuple[int, int]) -> tuple[np.ndarray, ...] | None:
    """Return rows, columns and counts, or None where anything is out of order."""
    found = find_numerals(block)
    if found is None or not found.only() or not np.all(np.isin(found.per_line, (0, 3))):
        return None
    rows, columns, counts = found.values.reshape(-1, 3).T
    for ids, last in ((rows, shape[0]), (columns, shape[1])):
        if len(ids) and not 1 <= ids.min() <= ids.max() <= last:
            return None
    index = np.int32 if max(shape) < 2**31 else np.int64
    return (rows - 1).astype(index), (columns - 1).astype(index), counts.copy()


def _walk(block: bytes, name: str, first: int, shape: tuple[int, int]) -> tuple[np.ndarray, ...]:
    entries = []
    for number, line in enumerate(block.split(b"\n")[:-1], start=first):
        where = f"{name}, line {number}"
        fields = line.decode("utf-8", "backslashreplace").split()
        if not fields:
            continue
        if len(fields) != 3:
            raise InputError(
                f"expected 'document word count', got {len(fields)} fields in {where}; correct "
                "the line"
            )
        document, word, count = fields
        what = "ids of the {} {}, as many as the header says,"
        entries.append(
            (
                parse_index(document, 1, shape[0], what.format(shape[0], "documents"), where),
                parse_index(word, 1, shape[1], what.format(shape[1], "words"), where),
                parse_count(count, where),
            )
        )
    return tuple(np.array(entries, dtype=np.int64).reshape(-1, 3).T)
