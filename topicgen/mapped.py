"""Arrays that are mapped from files: giving back the memory that reading them has taken.

A page of the file that has been read stays in the memory of the process until another program needs
it. That costs nobody anything, but it counts as memory of the process, where a container or a batch
system has a limit. So whoever passes over all documents of a collection gives back what has been
read as it goes. The system keeps the pages in its own cache while there is room: to read them again
takes no disk.
"""

import mmap
from typing import Any

import numpy as np


def give_back(*arrays: Any) -> None:
    """Take the pages of mapped arrays out of the process's memory; others stay as they are.

    The arrays can be read as before. Of counts, pass the parts: ``data`` and ``indices``.

    Args:
        arrays: numpy arrays, or views of them, mapped only for reading.

    Example:
        >>> import tempfile
        >>> with tempfile.NamedTemporaryFile(suffix=".npy") as file:
        ...     np.save(file, np.arange(5)), file.flush()
        ...     numbers = np.load(file.name, mmap_mode="r")
        ...     give_back(numbers[1:], np.zeros(2))
        ...     int(numbers.sum())
        (None, None)
        10
    """
    if not hasattr(mmap, "MADV_DONTNEED"):  # not on Windows
        return
    for array in arrays:
        mapped = _file_of(array)
        if mapped is not None:
            mapped.madvise(mmap.MADV_DONTNEED)


def _file_of(array: Any) -> mmap.mmap | None:
    """Return the map that an array is a view of, or None where there is none, or it is written."""
    while array is not None and not isinstance(array, mmap.mmap):
        # What was written into a private map would be lost.
        if isinstance(array, np.memmap) and array.mode != "r":
            return None
        array = getattr(array, "base", None)
    return array
