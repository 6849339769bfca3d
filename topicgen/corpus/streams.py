"""Byte streams: a file or standard input, decompressed, cut into lines of bounded length."""

import bz2
import gzip
import lzma
import os
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import Any, BinaryIO

from topicgen.errors import InputError

# Above this a "document" is a file of another kind, and would fill the memory before it failed.
MAX_DOCUMENT_BYTES = 64 * 2**20

STANDARD_INPUT = "-"

_OPENERS: dict[str, Callable[..., Any]] = {".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}


def display_name(source: str | os.PathLike[str]) -> str:
    r"""Name a source in messages: quoted and escaped, so that it never breaks the line.

    >>> display_name("my\ncorpus.txt"), display_name("-")
    ("'my\\ncorpus.txt'", 'standard input')
    """
    return "standard input" if source == STANDARD_INPUT else repr(os.fspath(source))


def format_suffix(path: str | os.PathLike[str]) -> str:
    """Return the suffix that tells the format, in lower case, whatever the compression.

    >>> format_suffix("news.CSV.gz"), format_suffix("news.gz"), format_suffix("news")
    ('.csv', '', '')
    """
    path = PurePath(path)
    if path.suffix.lower() in _OPENERS:
        path = path.with_suffix("")
    return path.suffix.lower()


@contextmanager
def open_stream(source: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a path, or "-" for standard input, as a binary stream of decompressed bytes.

    The suffix .gz, .bz2 or .xz tells the compression.

    Raises:
        InputError: where the source cannot be opened, and, inside the ``with`` block, where it
            cannot be read or its compressed data are damaged.
    """
    name = display_name(source)
    try:
        if source == STANDARD_INPUT:
            if sys.stdin is None:
                raise InputError(
                    "expected documents on standard input, got a closed one; pipe text into it"
                )
            yield sys.stdin.buffer
            return
        opener = _OPENERS.get(PurePath(source).suffix.lower(), open)
        with opener(source, "rb") as stream:
            yield stream
    except FileNotFoundError:
        raise InputError(
            f"expected a file or folder to read, got {name}, which does not exist; check the path"
        ) from None
    except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile) as error:
        raise _damaged(name, error) from None
    except OSError as error:
        # bz2 reports damaged data as an OSError that, unlike the system's, carries no errno.
        if error.errno is None:
            raise _damaged(name, error) from None
        raise unreadable(name, error) from None


def read_lines(stream: BinaryIO, name: str) -> Iterator[bytes]:
    r"""Yield the lines of a stream with their line ends, none longer than MAX_DOCUMENT_BYTES.

    >>> from io import BytesIO
    >>> list(read_lines(BytesIO(b"one\n\nthree"), "'corpus.txt'"))
    [b'one\n', b'\n', b'three']

    Raises:
        InputError: at the first line that is too long; the rest of it is not read.
    """
    line_number = 0
    while line := stream.readline(MAX_DOCUMENT_BYTES + 1):
        line_number += 1
        if len(line) > MAX_DOCUMENT_BYTES:
            raise too_long(f"{name}, line {line_number}")
        yield line


def unreadable(name: str, error: OSError) -> InputError:
    """Return the error for a path that the system refuses to read."""
    return InputError(
        f"expected a readable file or folder, got {name}: {error.strerror}; check the path and "
        "its permissions"
    )


def too_long(where: str) -> InputError:
    """Return the error for a document above MAX_DOCUMENT_BYTES."""
    return InputError(
        f"expected documents of at most {MAX_DOCUMENT_BYTES:,} bytes, got a longer one in "
        f"{where}; split it into documents, one a line"
    )


def _damaged(name: str, error: Exception) -> InputError:
    return InputError(
        f"expected compressed data as its suffix says, got {name}, damaged or cut short "
        f"({error}); fetch it again, or rename it if it is not compressed"
    )
