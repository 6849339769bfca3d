"""Whole lines of a stream, a megabyte at once, for parsing by numpy."""

import codecs
from collections.abc import Iterator
from typing import BinaryIO

from topicgen.corpus import streams

# Large enough for numpy's work to outweigh its calls; the arrays of a block take ten times that.
BLOCK_BYTES = 2**20


def read_blocks(stream: BinaryIO, name: str) -> Iterator[tuple[int, bytes]]:
    r"""Yield a stream as blocks of whole lines, each with the number of its first line.

    Raises:
        InputError: where a line is too long.

    Example:
        >>> from io import BytesIO
        >>> list(read_blocks(BytesIO(b"1 0:2\n0"), "'corpus.ldac'"))
        [(1, b'1 0:2\n'), (2, b'0\n')]
    """
    rest, line = b"", 1
    at_start = True
    while data := stream.read(BLOCK_BYTES):
        if at_start:
            data, at_start = data.removeprefix(codecs.BOM_UTF8), False
        whole, newline, rest = (rest + data).rpartition(b"\n")
        if newline:
            yield line, whole + newline
            line += whole.count(b"\n") + 1
        if len(rest) > streams.MAX_DOCUMENT_BYTES:
            raise streams.too_long(f"{name}, line {line}")
    if rest:
        yield line, rest + b"\n"
