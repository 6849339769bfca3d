r"""Large files of lines, cut into spans of bytes that are read by themselves.

A span has the lines that begin in it. To read it by itself is the same as to read the whole file
where all of it is UTF-8 without anything that a decoder would have to think about; ``look`` finds
that out, and counts the lines, which number the documents.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO, NamedTuple

from topicgen.corpus.reading import encodings, kinds, streams
from topicgen.corpus.reading.newlines import universal_newlines
from topicgen.corpus.reading.streams import Meter

# A span is counted in a few seconds.
SPAN_BYTES = 2**26


class Span(NamedTuple):
    """The lines of a file that begin in some of its bytes.

    Args:
        start: the first byte.
        stop: the one after the last.
        line: the number of the first line, from 1.
    """

    start: int
    stop: int
    line: int = 1


class Look(NamedTuple):
    """What a span holds.

    Args:
        n_lines: how many lines.
        is_plain: whether it can be read by itself.
    """

    n_lines: int
    is_plain: bool


def cut(n_bytes: int, span_bytes: int = SPAN_BYTES) -> list[Span]:
    """Return the spans of a file.

    >>> cut(15, span_bytes=10)
    [Span(start=0, stop=10, line=1), Span(start=10, stop=15, line=1)]
    """
    starts = range(0, n_bytes, span_bytes)
    return [Span(start, min(start + span_bytes, n_bytes)) for start in starts]


def numbered(spans: list[Span], looks: list[Look]) -> list[Span]:
    """Return spans with the numbers of their first lines, without those that have no line.

    >>> looks = [Look(2, True), Look(0, True), Look(1, True)]
    >>> numbered([Span(0, 9), Span(9, 18), Span(18, 20)], looks)
    [Span(start=0, stop=9, line=1), Span(start=18, stop=20, line=3)]
    """
    line, found = 1, []
    for span, look in zip(spans, looks, strict=True):
        if look.n_lines:
            found.append(span._replace(line=line))
        line += look.n_lines
    return found


def look(path: str, span: Span) -> Look:
    """Count the lines of a span, and see whether it is plain."""
    n_lines, length, is_first, ends = 0, 0, True, True
    decoder = encodings.new_decoder("utf-8")
    with open_span(path, span) as stream:
        for chunk in universal_newlines(streams.read_chunks(stream), b"\n"):
            if is_first and not _begins_plainly(chunk, span):
                return Look(0, False)
            is_first = False
            if b"\0" in chunk or b"\x1b" in chunk:
                return Look(0, False)
            try:
                decoder.decode(chunk)
            except UnicodeError:
                return Look(0, False)
            # As in ``whole_lines``: only a line that was begun before the chunk can be too long.
            length += chunk.find(b"\n") + 1 or len(chunk)
            if length > streams.MAX_DOCUMENT_BYTES:
                return Look(0, False)
            n_lines += chunk.count(b"\n")
            end = chunk.rfind(b"\n") + 1
            length = len(chunk) - end if end else length
            ends = end == len(chunk)
    try:
        decoder.decode(b"", final=True)
    except UnicodeError:
        return Look(0, False)
    return Look(n_lines + (not ends), is_plain=True)


@contextmanager
def open_span(path: str, span: Span, meter: Meter | None = None) -> Iterator[BinaryIO]:
    """Open the lines that begin in a span as a stream of bytes.

    Raises:
        InputError: where the file cannot be opened or read.
    """
    with streams.explained(path), open(path, "rb") as file:
        if span.start:
            file.seek(span.start - 1)
            while (rest := file.readline(streams.BLOCK_BYTES)) and not rest.endswith(b"\n"):
                pass  # of a line that began before
        lines = _Lines(file, span.stop, meter or Meter())
        yield io.BufferedReader(lines, streams.BLOCK_BYTES)


class _Lines(io.RawIOBase):
    """The lines of a file from where it stands, up to the first that begins at a byte or later."""

    def __init__(self, file: BinaryIO, stop: int, meter: Meter) -> None:
        self._file = file
        self._stop = stop
        self._meter = meter
        self._place = file.tell()
        self._is_over = self._place >= stop

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if self._is_over:
            return 0
        data = self._file.read(len(buffer))
        # The line that begins last ends at the first line break from the byte before the stop on.
        end = data.find(b"\n", max(self._stop - 1 - self._place, 0))
        if end >= 0:
            data, self._is_over = data[: end + 1], True
        buffer[: len(data)] = data
        self._place += len(data)
        self._meter.add(len(data))
        return len(data)


def _begins_plainly(chunk: bytes, span: Span) -> bool:
    """Return whether the decoder of the whole file would take the first bytes for text too."""
    plain = (None,) if span.start else (None, "utf-8-sig")
    return encodings.declared(chunk) in plain and not kinds.by_signature(chunk)
