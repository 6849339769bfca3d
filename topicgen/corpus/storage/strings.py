"""A long list of strings, on disk."""

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, overload

import numpy as np

from topicgen.corpus.storage.arrays import ArrayWriter

_CHUNK = 4096


class Strings(Sequence[str]):
    """Strings that are read from disk as they are asked for.

    Args:
        path: that of ``write_strings``; its sidecar file ``.ends.npy`` says where each ends.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_strings(Path(folder, "ids"), ["a", "größer", ""])
        ...     strings = Strings(Path(folder, "ids"))
        ...     len(strings), strings[1], strings[-2:], strings == ["a", "größer", ""]
        (3, 'größer', ['größer', ''], True)
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self._ends = np.load(_ends_of(self._path), mmap_mode="r")

    def __len__(self) -> int:
        return len(self._ends)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            start, stop, step = index.indices(len(self))
            if step == 1:
                return self._between(start, stop) if start < stop else []
            return [self[i] for i in range(start, stop, step)]
        position = range(len(self))[index]
        return self._between(position, position + 1)[0]

    def take(self, rows: Iterable[int]) -> list[str]:
        """Return the strings of some rows, each chunk of the file read once.

        Args:
            rows: their numbers from 0, in any order.
        """
        numbers = np.asarray(rows, dtype=np.int64)
        taken = [""] * len(numbers)
        order = np.argsort(numbers, kind="stable")
        for places in np.split(order, np.flatnonzero(np.diff(numbers[order] // _CHUNK)) + 1):
            if len(places):
                start = int(numbers[places[0]])
                chunk = self._between(start, int(numbers[places[-1]]) + 1)
                for place in places.tolist():
                    taken[place] = chunk[numbers[place] - start]
        return taken

    def __iter__(self) -> Iterator[str]:
        for start in range(0, len(self), _CHUNK):
            yield from self._between(start, min(start + _CHUNK, len(self)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence) or isinstance(other, str):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = ", ".join(map(repr, self[:3])) + (", ..." if len(self) > 3 else "")
        return f"Strings([{shown}], length={len(self):,})"

    def _between(self, start: int, stop: int) -> list[str]:
        ends = self._ends[start:stop].tolist()
        begin = int(self._ends[start - 1]) if start else 0
        with self._path.open("rb") as file:
            file.seek(begin)
            data = file.read(ends[-1] - begin)
        starts = [begin, *ends[:-1]]
        return [
            data[a - begin : b - begin].decode("utf-8", "surrogatepass")
            for a, b in zip(starts, ends, strict=True)
        ]


class StringWriter:
    """Appends strings to a file that ``Strings`` reads.

    Args:
        path: the file; its sidecar file ``.ends.npy`` is written too.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._ends = ArrayWriter(_ends_of(path), np.int64)
        self._end = 0
        self._waiting: list[str] = []

    def append(self, string: str) -> None:
        """Append a string."""
        self._waiting.append(string)
        if len(self._waiting) == _CHUNK:
            self._flush()

    def _flush(self) -> None:
        parts = [string.encode("utf-8", "surrogatepass") for string in self._waiting]
        self._waiting = []
        self._file.write(b"".join(parts))
        ends = self._end + np.cumsum([len(part) for part in parts], dtype=np.int64)
        self._ends.append(ends)
        self._end = int(ends[-1]) if len(ends) else self._end

    def close(self) -> None:
        """Finish both files, if that is not done."""
        if not self._file.closed:
            self._flush()
        self._file.close()
        self._ends.close()

    def __enter__(self) -> "StringWriter":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


def write_strings(path: Path, strings: Iterable[str]) -> None:
    """Write strings to a file that ``Strings`` reads."""
    with StringWriter(path) as writer:
        for string in strings:
            writer.append(string)


def _ends_of(path: Path) -> Path:
    return path.with_name(path.name + ".ends.npy")
