"""Lines of ``id:count`` pairs, the sparse rows of LDA-C and SVMlight."""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix

from topicgen.corpus.formats.text.numerals import find_numerals, parse_count, parse_index
from topicgen.errors import InputError
from topicgen.plain import quoted


class Rows(NamedTuple):
    """Some rows of counts.

    Args:
        heads: the number at the head of each row.
        lengths: the number of pairs in each row.
        columns: the column of each pair, from 0.
        counts: the count of each pair.
    """

    heads: np.ndarray
    lengths: np.ndarray
    columns: np.ndarray
    counts: np.ndarray


# Counts written as "1.0", as gensim does.
_FRACTION = re.compile(rb"(?<=[0-9])\.0+(?=[ \t\r\n])")


def parse_rows(block: bytes, first_id: int, n_words: int) -> Rows | None:
    r"""Return the rows of a block of lines ``number id:count id:count ...``.

    None where anything is out of order: ``parse_pairs`` says what.

    >>> rows = parse_rows(b"2 0:1 3:2\n0\n", first_id=0, n_words=4)
    >>> rows.heads, rows.columns, rows.counts
    (array([2, 0]), array([0, 3], dtype=int32), array([1, 2]))
    """
    return _parse(block, first_id, n_words) or _parse(_FRACTION.sub(b"", block), first_id, n_words)


def _parse(block: bytes, first_id: int, n_words: int) -> Rows | None:
    found = find_numerals(block)
    if found is None or not np.all(found.per_line % 2):
        return None
    is_head = np.zeros(len(found.values), dtype=bool)
    is_head[np.cumsum(found.per_line) - found.per_line] = True
    pairs = np.flatnonzero(~is_head)
    ids, counts = pairs[::2], pairs[1::2]
    colons = found.ends[ids]
    columns = found.values[ids] - first_id
    if not (
        np.all(found.codes[colons] == ord(":"))
        and np.all(found.starts[counts] == colons + 1)
        and found.only(n_marks=len(colons))
        and columns.min(initial=0) >= 0
        and columns.max(initial=0) < n_words
    ):
        return None
    return Rows(
        heads=found.values[is_head],
        lengths=found.per_line // 2,
        columns=columns.astype(np.int32),
        counts=found.values[counts],
    )


def parse_pairs(
    fields: Sequence[str], first_id: int, n_words: int, where: str, what: str | None = None
) -> tuple[list[int], list[int]]:
    """Return the columns and the counts of a row's pairs, read one by one.

    Args:
        fields: the pairs.
        first_id: the id of the first word.
        n_words: the number of words.
        where: the place, for an error.
        what: what has ids, for an error.

    Raises:
        InputError: where one is no ``id:count``, its id no word's, or its count no count.
    """
    columns, counts = [], []
    what = what or f"ids of the {n_words} words in the vocabulary,"
    for field in fields:
        word, colon, count = field.partition(":")
        if not colon:
            raise InputError(
                f"expected id:count, got {quoted(field)} in {where}; write each word with its count"
            )
        columns.append(parse_index(word, first_id, n_words - 1 + first_id, what, where))
        counts.append(parse_count(count, where))
    return columns, counts


def as_rows(heads: Sequence[int], pairs: Sequence[tuple[list[int], list[int]]]) -> Rows:
    """Return the rows that were read one by one."""
    return Rows(
        heads=np.array(heads, dtype=np.int64),
        lengths=np.array([len(columns) for columns, _ in pairs], dtype=np.int64),
        columns=np.array([column for columns, _ in pairs for column in columns], dtype=np.int32),
        counts=np.array([count for _, counts in pairs for count in counts], dtype=np.int64),
    )


def join(blocks: Sequence[Rows]) -> Rows:
    """Return the rows of all blocks as one."""
    return Rows(*map(np.concatenate, zip(*blocks, strict=True)))


def as_counts(blocks: Sequence[Rows], n_words: int) -> csr_matrix:
    """Return the counts that the rows of all blocks make."""
    rows = join(blocks)
    indptr = np.concatenate([[0], np.cumsum(rows.lengths)])
    return csr_matrix((rows.counts, rows.columns, indptr), shape=(len(rows.lengths), n_words))


def format_rows(counts: csr_matrix, first_id: int) -> list[str]:
    """Return each row as text, ``id:count id:count ...``.

    >>> format_rows(csr_matrix([[1, 0, 2], [0, 0, 0]]), first_id=1)
    ['1:1 3:2', '']
    """
    return [
        " ".join(
            f"{column + first_id}:{count}"
            for column, count in zip(
                counts.indices[start:end].tolist(), counts.data[start:end].tolist(), strict=True
            )
        )
        for start, end in zip(counts.indptr[:-1].tolist(), counts.indptr[1:].tolist(), strict=True)
    ]
