"""Text files line by line, in UTF-8, compressed where their names say so."""

import bz2
import codecs
import gzip
import itertools
import lzma
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Any, BinaryIO

from topicgen.corpus.reading import encodings, streams
from topicgen.corpus.reading.newlines import universal_newlines
from topicgen.errors import InputError
from topicgen.plain import quoted

_OPENERS: dict[str, Callable[..., Any]] = {
    ".gz": partial(gzip.open, compresslevel=6),  # Python's 9 takes far longer to save little
    ".bz2": bz2.open,
    ".xz": lzma.open,
}
# Large enough for numpy's work to outweigh its calls; the arrays of a block take ten times that.
BLOCK_BYTES = 2**20


def read_blocks(stream: BinaryIO, name: str) -> Iterator[tuple[int, bytes]]:
    r"""Yield a stream as blocks of whole lines, each with the number of its first line.

    Lines end in \n, whatever they end in in the stream: \n, \r\n or \r. A byte order mark is left
    out; UTF-16 and UTF-32 that begin with one are turned into UTF-8.

    Raises:
        InputError: where a line is too long.

    Example:
        >>> from io import BytesIO
        >>> list(read_blocks(BytesIO(b"1 0:2\n0"), "'corpus.ldac'"))
        [(1, b'1 0:2\n'), (2, b'0\n')]
    """
    rest, line = b"", 1
    chunks = _in_utf8(iter(partial(stream.read, BLOCK_BYTES), b""), name)
    for data in universal_newlines(chunks, b"\n"):
        whole, newline, rest = (rest + data).rpartition(b"\n")
        if newline:
            yield line, whole + newline
            line += whole.count(b"\n") + 1
        if len(rest) > streams.MAX_DOCUMENT_BYTES:
            raise streams.too_long(f"{name}, line {line}")
    if rest:
        yield line, rest + b"\n"


def _in_utf8(chunks: Iterator[bytes], name: str) -> Iterator[bytes]:
    """Yield chunks in UTF-8 where they begin with the byte order mark of a Unicode encoding."""
    first = next(chunks, b"")
    encoding = encodings.declared(first)
    if encoding is None or not encodings.is_wide(encoding):
        yield first.removeprefix(codecs.BOM_UTF8)
        yield from chunks
        return
    decoder = encodings.new_decoder(encoding)
    try:
        for chunk in itertools.chain([first], chunks):
            yield decoder.decode(chunk).encode()
        decoder.decode(b"", final=True)
    except UnicodeError as error:
        raise InputError(
            f"expected {encoding}, as the byte order mark says, got other bytes "
            f"({getattr(error, 'reason', error)}) in {name}; convert it to UTF-8"
        ) from None


def iterate_lines(path: Path) -> Iterator[str]:
    """Yield the lines of a text file without their line ends.

    Raises:
        InputError: where the file cannot be read, or a line is too long or not UTF-8.
    """
    name = streams.display_name(path)
    with streams.open_file(path) as stream:
        for first, block in read_blocks(stream, name):
            for number, line in enumerate(block.split(b"\n")[:-1], start=first):
                yield decode(line, f"{name}, line {number}")


def read_lines(path: Path) -> list[str]:
    """Return the lines of a text file without their line ends.

    Raises:
        InputError: where the file cannot be read, or a line is too long or not UTF-8.
    """
    return list(iterate_lines(path))


def decode(data: bytes, where: str) -> str:
    r"""Return the text of bytes.

    >>> decode(b"caf\xe9", "'vocab.txt', line 3")
    Traceback (most recent call last):
    topicgen.errors.InputError: expected UTF-8, got the byte 0xe9 in 'vocab.txt', line 3; ...

    Raises:
        InputError: where they are not UTF-8.
    """
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        is_wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        raise InputError(
            f"expected UTF-8, got the byte 0x{data[error.start]:02x} in {where}; convert it from "
            f"its encoding: iconv -f {'UTF-16' if is_wide else 'LATIN1'} -t UTF-8"
        ) from None


@contextmanager
def open_text(path: Path) -> Iterator[IO[str]]:
    """Open a text file to write, compressed where its suffix says so.

    Raises:
        InputError: where it says a compression that is only read.
    """
    suffix = path.suffix.lower()
    if streams.is_compressed(path) and suffix not in _OPENERS:
        raise InputError(
            f"expected a compression among {', '.join(_OPENERS)} to write, got "
            f"{quoted(path.name)}; choose another name"
        )
    with _OPENERS.get(suffix, open)(path, "wt", encoding="utf-8", newline="") as stream:
        yield stream


def write_lines(path: Path, values: Iterable[str]) -> None:
    """Write one value per line."""
    with open_text(path) as stream:
        stream.writelines(f"{value}\n" for value in values)


def check_one_line(values: Sequence[str], what: str) -> None:
    """Make sure that each value fits on a line.

    Raises:
        InputError: where one has a line end in it.
    """
    for index, value in enumerate(values):
        if "\n" in value or "\r" in value:
            raise InputError(
                f"expected {what} without line ends, got {quoted(value)} at index {index}; replace "
                "them with spaces"
            )
