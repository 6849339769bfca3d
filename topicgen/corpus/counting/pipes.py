"""Arrays of bytes through a pipe: how many there are, the size of each, then the bytes."""

import itertools
import struct
from collections.abc import Sequence
from typing import Any, BinaryIO

import numpy as np


def send(stream: Any, parts: Sequence[Any]) -> None:
    """Write arrays of bytes, or of numbers as they lie in memory.

    Example:
        >>> import io
        >>> stream = io.BytesIO()
        >>> send(stream, [b"the", b""])
        >>> stream.seek(0), receive(stream)
        (0, [b'the', b''])
    """
    buffers = [memoryview(part).cast("B") for part in parts]
    stream.write(struct.pack(f"<{len(buffers) + 1}q", len(buffers), *map(len, buffers)))
    for buffer in buffers:
        stream.write(buffer)
    stream.flush()


def receive(stream: Any) -> list[bytes]:
    """Read what ``send`` wrote.

    Raises:
        EOFError: where the stream ends before.
    """
    (n_parts,) = struct.unpack("<q", _exactly(stream, 8))
    sizes = struct.unpack(f"<{n_parts}q", _exactly(stream, 8 * n_parts))
    return [_exactly(stream, size) for size in sizes]


def joined(words: Sequence[bytes]) -> tuple[bytes, np.ndarray]:
    """Return words end to end, and where each ends: two parts to send, however many they are.

    Example:
        >>> split(*joined([b"the", b"bank"]))
        [b'the', b'bank']
    """
    return b"".join(words), np.cumsum([*map(len, words)], dtype=np.int32)


def split(words: bytes, ends: bytes | np.ndarray) -> list[bytes]:
    """Return the words that were joined."""
    bounds = itertools.pairwise([0, *np.frombuffer(ends, dtype=np.int32).tolist()])
    return [words[start:end] for start, end in bounds]


def _exactly(stream: BinaryIO, size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data
