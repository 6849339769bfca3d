"""A one-dimensional array that grows on disk, in numpy's own format."""

from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import DTypeLike


class ArrayWriter:
    """Appends to a ``.npy`` file, whose length is known only at the end.

    Not a memory map: on a full disk that would end the process, where a file raises an error.

    Args:
        path: the file.
        dtype: of the numbers.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     with ArrayWriter(Path(folder, "a.npy"), np.int32) as writer:
        ...         writer.append(np.array([1, 2]))
        ...         writer.append(np.array([3]))
        ...     np.load(Path(folder, "a.npy"))
        array([1, 2, 3], dtype=int32)
    """

    def __init__(self, path: Path, dtype: DTypeLike) -> None:
        self.dtype = np.dtype(dtype)
        self.length = 0
        self._file = path.open("wb")
        self._write_header()

    def append(self, values: np.ndarray) -> None:
        """Append numbers, cast to the dtype."""
        self._file.write(np.ascontiguousarray(values, dtype=self.dtype).tobytes())
        self.length += len(values)

    def close(self) -> None:
        """Finish the file, if that is not done: write how long the array has become."""
        if self._file.closed:
            return
        try:
            self._file.seek(0)
            self._write_header()
        finally:
            self._file.close()

    def _write_header(self) -> None:
        # numpy leaves room in the header for a length of any number of digits.
        write_header(self._file, self.dtype, (self.length,))

    def __enter__(self) -> "ArrayWriter":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


def write_header(file: BinaryIO, dtype: "np.dtype[Any]", shape: tuple[int, ...]) -> None:
    """Write what comes before the numbers of an array in a ``.npy`` file, which are in C order."""
    np.lib.format.write_array_header_1_0(
        file,
        {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape},
    )
