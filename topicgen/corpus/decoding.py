"""From bytes to text: UTF-8, Latin-1 where it is not, and never binary data."""

import codecs
import re
import warnings
from collections.abc import Iterator
from typing import BinaryIO

from topicgen.corpus.streams import read_lines
from topicgen.corpus.wording import quantity
from topicgen.errors import InputError

_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

# The first bytes of formats that people mistake for text, and what to do with each.
_SIGNATURES = {
    b"\x1f\x8b": ("gzip data", "end its name in .gz"),
    b"BZh91AY&SY": ("bzip2 data", "end its name in .bz2"),
    b"\xfd7zXZ\x00": ("xz data", "end its name in .xz"),
    b"PK\x03\x04": ("a zip archive or an office document", "unpack it or save it as text"),
    b"%PDF-": ("a PDF file", "extract its text first"),
}

# How "surrogateescape" marks the bytes 0x80 to 0xFF that are not UTF-8.
_ESCAPED_BYTE = re.compile("[\udc80-\udcff]")


class Decoder:
    r"""Decode the pieces (lines or files) of one source, and count what was not UTF-8.

    Bytes that are not UTF-8 become the Latin-1 characters of the same value.

    Args:
        name: the source, as messages name it.
        unit: what a piece is, "line" or "file".

    Example:
        >>> decoder = Decoder("'corpus.txt'", unit="line")
        >>> decoder.decode(b"na\xc3\xafve caf\xe9", "'corpus.txt', line 1")
        'naïve café'
        >>> decoder.n_bytes, decoder.n_pieces
        (1, 1)
    """

    def __init__(self, name: str, unit: str) -> None:
        self.name = name
        self.unit = unit
        self.n_bytes = 0
        self.n_pieces = 0

    def decode(self, data: bytes, where: str, *, first: bool = True) -> str:
        """Return the text of one piece.

        Args:
            data: the bytes of the piece.
            where: the place of the piece, as messages name it.
            first: whether the piece begins a file, where byte order marks stand.

        Raises:
            InputError: where the bytes are not text.
        """
        if problem := find_binary(data, first=first):
            found, advice = problem
            raise InputError(f"expected UTF-8 text, got {found} in {where}; {advice}")
        text, n_bytes = _decode(data.removeprefix(codecs.BOM_UTF8) if first else data)
        self.n_bytes += n_bytes
        self.n_pieces += n_bytes > 0
        return text

    def decode_lines(self, stream: BinaryIO) -> Iterator[str]:
        """Yield the lines of a stream as text, with their line ends.

        Raises:
            InputError: at a line that is too long or not text.
        """
        for number, line in enumerate(read_lines(stream, self.name), start=1):
            yield self.decode(line, f"{self.name}, line {number}", first=number == 1)

    def warn(self) -> None:
        """Say in one warning how much was decoded as Latin-1, if anything was."""
        if self.n_bytes:
            warnings.warn(
                f"expected UTF-8, got {quantity(self.n_bytes, 'byte')} of another encoding in "
                f"{quantity(self.n_pieces, self.unit)} of {self.name}, decoded as Latin-1; "
                "convert the source to UTF-8 if its accents look wrong",
                UserWarning,
                stacklevel=2,
            )


def decode_name(name: bytes) -> str:
    r"""Decode the bytes of a file name as a document is decoded.

    >>> decode_name(b"caf\xc3\xa9.txt") == decode_name(b"caf\xe9.txt") == "café.txt"
    True
    """
    return _decode(name)[0]


def find_binary(data: bytes, *, first: bool = True) -> tuple[str, str] | None:
    """Return what binary content the bytes are and what to do about it, or None for text.

    >>> find_binary(b"%PDF-1.7")
    ('a PDF file', 'extract its text first')
    >>> find_binary(b"plain words") is None
    True
    """
    offset = data.find(b"\0")
    if first:
        if data.startswith(_UTF16_MARKS) or (offset >= 0 and _looks_like_utf16(data)):
            return "UTF-16", "convert it first: iconv -f UTF-16 -t UTF-8"
        for signature, problem in _SIGNATURES.items():
            if data.startswith(signature):
                return problem
    if offset >= 0:
        found = f"binary data (a NUL byte at offset {offset})"
        return found, "extract the text first, or remove the NUL bytes"
    return None


def _looks_like_utf16(data: bytes) -> bool:
    # Western text in UTF-16 has a NUL for most of its odd or of its even bytes, and no other NUL.
    head = data[:64]
    halves = (head[::2], head[1::2])
    return len(head) >= 4 and any(
        2 * zeros.count(0) > len(zeros) and 0 not in letters
        for zeros, letters in (halves, halves[::-1])
    )


def _decode(data: bytes) -> tuple[str, int]:
    try:
        return data.decode("utf-8"), 0
    except UnicodeDecodeError:
        text = data.decode("utf-8", "surrogateescape")
        return _ESCAPED_BYTE.subn(lambda match: chr(ord(match[0]) - 0xDC00), text)
