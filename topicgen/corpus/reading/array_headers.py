"""Whether arrays in numpy's format are as large as their headers say."""

import math
import zipfile
from collections.abc import Iterable
from typing import IO, NamedTuple

import numpy as np
from numpy.lib import format as npy


class ArrayHeader(NamedTuple):
    """What the header of an array says.

    Args:
        shape: of the array.
        dtype: of its elements.
    """

    shape: tuple[int, ...]
    dtype: np.dtype

    @property
    def n_bytes(self) -> int:
        """How many bytes such an array takes."""
        return math.prod(self.shape) * self.dtype.itemsize

    def is_filled_by(self, n_bytes: int) -> bool:
        """Return whether so many bytes are the elements of such an array."""
        return min(self.shape, default=0) >= 0 and self.n_bytes == n_bytes


def read_array_header(file: IO[bytes]) -> ArrayHeader:
    """Return the header at the start of an array; the elements follow.

    Raises:
        ValueError: where there is none. A damaged header may raise others.

    Example:
        >>> import io
        >>> file = io.BytesIO()
        >>> np.save(file, np.zeros((2, 3)))
        >>> _ = file.seek(0)
        >>> read_array_header(file)
        ArrayHeader(shape=(2, 3), dtype=dtype('float64'))
    """
    version = npy.read_magic(file)
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = read(file)
    return ArrayHeader(shape, dtype)


def check_arrays(archive: zipfile.ZipFile, members: Iterable[zipfile.ZipInfo]) -> None:
    """Make sure that arrays are as large as their headers say, before memory is taken for them.

    Args:
        archive: an ``.npz`` file.
        members: those of its arrays that will be read.

    Raises:
        ValueError: where one is not, or holds Python objects. A damaged member may raise others.
    """
    for member in members:
        with archive.open(member) as file:
            header = read_array_header(file)
            if header.dtype.hasobject:
                raise ValueError(f"{member.filename} holds Python objects")
            rest = member.file_size - file.tell()
            if not header.is_filled_by(rest):
                raise ValueError(
                    f"{member.filename} says that its shape is {header.shape}, but has "
                    f"{rest:,} bytes"
                )
