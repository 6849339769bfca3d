"""Whether the strings of an HDF5 file can be read: the library itself may not end, or take all.

Strings of any length are kept in heaps, and referred to by their length and place. Of a damaged
heap whose free space says that it has no bytes, the library reads the next part for ever; of a
damaged length it takes that much memory before it finds out.

Source: https://docs.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html (III.E, "Global Heap")
"""

import mmap
import struct
from pathlib import Path
from typing import Any

import numpy as np

# Signature, version 1, three bytes reserved; then the size of the heap, with this header.
_HEAP = b"GCOL\x01\0\0\0"
_HEADER = struct.Struct("<8sQ")
# Number, how often it is referred to, four bytes reserved, size; number 0 is the free space.
_OBJECT = struct.Struct("<HHIQ")
_REFERENCE = np.dtype([("length", "<u4"), ("heap", "<u8"), ("number", "<u4")])


def check_heaps(path: Path) -> None:
    """Make sure that the heaps of a file come to an end.

    Raises:
        ValueError: where one does not.
    """
    with path.open("rb") as file:
        if not file.seek(0, 2):
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            start = data.find(_HEAP)
            while start >= 0:
                _check_heap(data, start)
                start = data.find(_HEAP, start + _HEADER.size)


def check_references(element: Any, path: Path) -> None:
    """Make sure that no string of an array is longer than its file, where they lie side by side.

    Raises:
        ValueError: where one is.
    """
    offset = element.id.get_offset()
    if offset is None or element.dtype.kind != "O" or not element.size:
        return
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(offset)
        data = file.read(element.size * _REFERENCE.itemsize)
    references = np.frombuffer(data, _REFERENCE, len(data) // _REFERENCE.itemsize)
    if references["length"].max(initial=0) > size:
        raise ValueError(f"{element.name} has a string longer than the file")


def _check_heap(data: mmap.mmap, start: int) -> None:
    if start + _HEADER.size > len(data):
        return
    _, size = _HEADER.unpack_from(data, start)
    at, end = start + _HEADER.size, min(start + size, len(data))
    while at + _OBJECT.size <= end:
        number, _, _, n_bytes = _OBJECT.unpack_from(data, at)
        if number == 0 and n_bytes == 0:
            raise ValueError(f"the heap at byte {start} is damaged")
        at += n_bytes if number == 0 else _OBJECT.size + -(-n_bytes // 8) * 8
