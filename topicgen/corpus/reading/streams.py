"""Byte streams: a file or standard input, metered and decompressed."""

import bz2
import gzip
import io
import lzma
import os
import stat
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from topicgen.corpus.reading.limits import check_expansion
from topicgen.errors import InputError
from topicgen.files import stores
from topicgen.plain import quoted

# Above this a "document" is a file of another kind, and would fill the memory before it failed.
MAX_DOCUMENT_BYTES = 64 * 2**20

# Large enough to make Python's part of the work small, small enough to stay in a processor's cache.
BLOCK_BYTES = 2**18

STANDARD_INPUT = "-"


def _open_zstd(stream: BinaryIO) -> Any:
    import pyarrow

    return pyarrow.CompressedInputStream(stream, "zstd")


_DECOMPRESSORS: dict[str, Callable[[Any], Any]] = {
    ".gz": gzip.open,
    ".bz2": bz2.open,
    ".xz": lzma.open,
    ".zst": _open_zstd,
}


class Meter:
    """Report to a listener how many bytes were read, about a megabyte at a time.

    Args:
        listener: takes the number of bytes read since its last call; None for no listener.

    Example:
        >>> meter = Meter(print)
        >>> meter.add(600_000), meter.add(600_000), meter.flush()
        1200000
        (None, None, None)
    """

    STEP = 10**6

    def __init__(self, listener: Callable[[int], object] | None = None) -> None:
        self._listener = listener
        self._n_bytes = 0

    def add(self, n_bytes: int) -> None:
        """Count bytes, and report them once there are many."""
        self._n_bytes += n_bytes
        if self._n_bytes >= self.STEP:
            self.flush()

    def flush(self) -> None:
        """Report the bytes that were not reported yet."""
        if self._listener is not None and self._n_bytes:
            self._listener(self._n_bytes)
        self._n_bytes = 0


class _Counted(io.RawIOBase):
    """A binary stream that counts what is read from another one, which it leaves open.

    Args:
        stream: the other.
        count: takes the number of bytes, each time that some are read.
    """

    def __init__(self, stream: Any, count: Callable[[int], None]) -> None:
        self._stream = stream
        self._count = count

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._stream.read1(len(buffer))
        buffer[: len(data)] = data
        self._count(len(data))
        return len(data)


class _Expansion:
    """Counts decompressed bytes, and refuses more than the compressed ones explain.

    Args:
        file: the compressed bytes, as they lie on disk.
        name: the source, as messages name it.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file = file
        self._name = name
        self._n_bytes = 0

    def add(self, n_bytes: int) -> None:
        self._n_bytes += n_bytes
        check_expansion(self._n_bytes, self._file.tell(), self._name)


def display_name(source: str | os.PathLike[str]) -> str:
    r"""Name a source in messages: quoted and escaped, so that it never breaks the line.

    >>> display_name("my\ncorpus.txt"), display_name("-")
    ("'my\\ncorpus.txt'", 'standard input')
    """
    return "standard input" if source == STANDARD_INPUT else quoted(stores.named(source))


def format_suffix(path: str | os.PathLike[str]) -> str:
    """Return the suffix of the format, in lower case, without that of a compression.

    >>> format_suffix("news.CSV.gz"), format_suffix("news.gz"), format_suffix("news")
    ('.csv', '', '')
    """
    stem, suffix = os.path.splitext(path)
    if suffix.lower() in _DECOMPRESSORS:
        suffix = os.path.splitext(stem)[1]
    return suffix.lower()


def is_compressed(path: str | os.PathLike[str]) -> bool:
    """Return whether a path has the suffix of a compression.

    >>> is_compressed("news.csv.zst"), is_compressed("news.csv")
    (True, False)
    """
    return os.path.splitext(path)[1].lower() in _DECOMPRESSORS


@contextmanager
def open_stream(source: str | os.PathLike[str], meter: Meter | None = None) -> Iterator[BinaryIO]:
    """Open a path, or "-" for standard input, as a binary stream of decompressed bytes.

    The compression is known by the suffix: .gz, .bz2, .xz or .zst.

    Args:
        source: the path, or "-".
        meter: counts the bytes read, as they were before they were decompressed.

    Raises:
        InputError: where the source cannot be opened, and, inside the ``with`` block, where it
            cannot be read or its compressed data are damaged.
    """
    with explained(source):
        if source == STANDARD_INPUT:
            if sys.stdin is None:
                raise InputError("standard input is closed; pipe text into it")
            yield _metered(sys.stdin.buffer, meter)
            return
        with _opened(source) as file:
            stream = _metered(file, meter)
            decompress = _DECOMPRESSORS.get(os.path.splitext(source)[1].lower())
            if decompress is None:
                yield stream
                return
            with decompress(stream) as decompressed:
                yield _metered(decompressed, _Expansion(file, display_name(source)))


@contextmanager
def open_file(source: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Open a file as ``open_stream`` does, and nothing that is none: to read a pipe might not end.

    Raises:
        InputError: as ``open_stream``, and where the source is a pipe, a device or a folder.
    """
    check_is_file(source)
    with open_stream(source) as stream:
        yield stream


def check_is_file(source: str | os.PathLike[str]) -> int:
    """Return the size of a file, after making sure that it is one.

    Raises:
        InputError: where it does not exist, or is a folder, a pipe or a device.
    """
    if stores.is_address(source):
        return stores.size(source) or 0
    with explained(source):
        status = os.stat(source)
    if not stat.S_ISREG(status.st_mode):
        kind = next(kind for is_kind, kind in _KINDS if is_kind(status.st_mode))
        raise InputError(
            f"expected a file, got {display_name(source)}, which is {kind}; pass the path of a file"
        )
    return status.st_size


_KINDS = [
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a pipe"),
    (stat.S_ISSOCK, "a socket"),
    (lambda _: True, "a device"),
]


@contextmanager
def explained(source: str | os.PathLike[str]) -> Iterator[None]:
    """Turn what the system and the decompressors say about a source into an ``InputError``."""
    name = display_name(source)
    try:
        yield
    except FileNotFoundError:
        raise InputError(f"{name} does not exist; check the path") from None
    except (EOFError, zlib.error, lzma.LZMAError, gzip.BadGzipFile) as error:
        raise _damaged(name, error) from None
    except OSError as error:
        # bz2 and pyarrow report damaged data as an OSError that, unlike the system's, carries no
        # errno.
        if error.errno is None:
            raise _damaged(name, error) from None
        raise unreadable(name, error) from None


def read_chunks(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the content of a stream as it becomes available, at most BLOCK_BYTES at a time."""
    # Not read(), which would keep a document that someone types from coming through at once.
    read: Callable[[int], bytes] = stream.read1  # type: ignore[attr-defined]
    while chunk := read(min(BLOCK_BYTES, MAX_DOCUMENT_BYTES)):
        yield chunk


def unreadable(name: str, error: OSError) -> InputError:
    """Return the error for a path that the system refuses to read."""
    return InputError(f"cannot read {name}: {error.strerror}; check the path and its permissions")


def too_long(where: str) -> InputError:
    """Return the error for a document above MAX_DOCUMENT_BYTES."""
    return InputError(
        f"expected documents of at most {MAX_DOCUMENT_BYTES:,} bytes, got a longer one in "
        f"{where}; split it into documents, one per line"
    )


def _opened(source: str | os.PathLike[str]) -> BinaryIO:
    source = stores.local_path(source)
    if stores.is_address(source):
        return stores.open_input(source)
    return open(source, "rb")


def _metered(stream: Any, meter: Meter | _Expansion | None) -> BinaryIO:
    return stream if meter is None else io.BufferedReader(_Counted(stream, meter.add), BLOCK_BYTES)


def _damaged(name: str, error: Exception) -> InputError:
    return InputError(
        f"{name} is damaged, cut short, or not compressed as its suffix says ({error}); fetch it "
        "again, or rename it if it is not compressed"
    )
