"""Whether the files of a corpus can be those of one, whoever has written them.

Each check streams: memory does not grow with the file, and nothing is mapped beyond its end.
"""

import codecs
import os
from pathlib import Path
from typing import Any

import numpy as np

from topicgen.files.regular import open_regular

_CHUNK = 2**22
_CONTINUES = 0x80  # the first two bits of a byte inside a character of UTF-8


def mapped(path: Path, dtypes: tuple[type, ...]) -> np.ndarray:
    """Return a one-dimensional array of a ``.npy`` file, mapped; its header is checked first.

    Args:
        path: a regular file.
        dtypes: what its numbers may be.

    Raises:
        InputError, OSError, ValueError: where it is something else, or not as long as its header
            says.
    """
    with open_regular(path) as file:
        try:
            version = np.lib.format.read_magic(file)
            shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(file)
        except Exception as error:  # of the tokenizer, the parser and others
            raise ValueError(f"{path.name} has no header of numpy's") from error
        if version != (1, 0):
            raise ValueError(f"{path.name} is of version {version} of numpy's format")
        start, size = file.tell(), os.fstat(file.fileno()).st_size
    if dtype not in [np.dtype(one) for one in dtypes] or len(shape) != 1 or is_fortran:
        raise ValueError(f"{path.name} holds {dtype} of shape {shape}")
    if start + shape[0] * dtype.itemsize != size:
        raise ValueError(
            f"{path.name} has {size:,} bytes, and its header says {shape[0]:,} numbers"
        )
    loaded: np.ndarray = np.load(path, mmap_mode="r", allow_pickle=False)
    return loaded


def check_rising(name: str, values: np.ndarray, first: int, last: int) -> None:
    """Check that numbers never fall, from at least ``first`` to exactly ``last``.

    Raises:
        ValueError: where they do not.

    Example:
        >>> check_rising("indptr", np.array([0, 3, 2]), 0, 2)
        Traceback (most recent call last):
        ValueError: indptr falls from 3 to 2
    """
    before = first
    for start in range(0, len(values), _CHUNK):
        part = np.asarray(values[start : start + _CHUNK])
        steps = np.diff(part, prepend=part.dtype.type(before))
        if (steps < 0).any() or part[0] < before:
            place = int(np.argmax(steps < 0))
            earlier = before if place == 0 else int(part[place - 1])
            raise ValueError(f"{name} falls from {earlier} to {int(part[place])}")
        before = int(part[-1])
    if before != last:
        raise ValueError(f"{name} ends at {before}, expected {last}")


def check_entries(indptr: np.ndarray, indices: np.ndarray, data: np.ndarray, n_words: int) -> None:
    """Check that the words of each document are numbers of columns, ascending, with counts from 1.

    Raises:
        ValueError: where they are not.

    Example:
        >>> check_entries(np.array([0, 2]), np.array([1, 1]), np.array([2, 3]), 5)
        Traceback (most recent call last):
        ValueError: the words of a document are not in ascending order
    """
    before: Any = -1  # the last number of the chunk before
    for start in range(0, len(indices), _CHUNK):
        stop = min(start + _CHUNK, len(indices))
        part, counts = np.asarray(indices[start:stop]), np.asarray(data[start:stop])
        if part.min() < 0 or part.max() >= n_words:
            raise ValueError(f"indices from {part.min()} to {part.max()} for {n_words:,} words")
        if counts.min() < 1:  # no entry stands for a word that is not there
            raise ValueError(f"a count is {counts.min()}")
        falls = np.diff(part, prepend=part.dtype.type(before)) <= 0
        begin, end = np.searchsorted(indptr, [start, stop])
        falls[np.asarray(indptr[begin:end]) - start] = False  # where a document begins
        if falls.any():
            raise ValueError("the words of a document are not in ascending order")
        before = part[-1]


def check_strings(path: Path, ends: np.ndarray) -> None:
    """Check that strings, end to end, are UTF-8, and that each ends between two characters.

    Raises:
        OSError, ValueError: where they do not.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("surrogatepass")
    at = 0
    with open_regular(path) as file:
        check_rising(f"{path.name}.ends", ends, 0, os.fstat(file.fileno()).st_size)
        while block := file.read(_CHUNK):
            decoder.decode(block)
            begin, end = np.searchsorted(ends, [at, at + len(block)])
            first = np.frombuffer(block, np.uint8)[np.asarray(ends[begin:end]) - at]
            if (first & 0xC0 == _CONTINUES).any():
                raise ValueError(f"a string of {path.name} ends inside a character")
            at += len(block)
        decoder.decode(b"", final=True)
