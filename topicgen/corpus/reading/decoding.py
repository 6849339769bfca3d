"""From bytes to text: UTF-8, else Latin-1, or a named encoding; never binary data."""

import codecs
import io
import itertools
import re
import warnings
from collections.abc import Iterator
from typing import BinaryIO

from topicgen.corpus.reading.streams import read_chunks, whole_lines
from topicgen.corpus.wording import quantity
from topicgen.errors import InputError

AUTO, MIXED = "auto", "mixed"

_MARK = "\ufeff"
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)

# The first bytes of formats that people mistake for text, and what to do with each.
_SIGNATURES = {
    b"\x1f\x8b": ("gzip data", "end its name in .gz"),
    b"BZh91AY&SY": ("bzip2 data", "end its name in .bz2"),
    b"\xfd7zXZ\x00": ("xz data", "end its name in .xz"),
    b"\x28\xb5\x2f\xfd": ("Zstandard data", "end its name in .zst"),
    b"PAR1": ("a Parquet file", "end its name in .parquet"),
    b"PK\x03\x04": ("a zip archive or an office document", "unpack it or save it as text"),
    b"%PDF-": ("a PDF file", "extract its text first"),
}
_NUL_ADVICE = "extract the text first, or remove the NUL bytes"

# How "surrogateescape" marks the bytes 0x80 to 0xFF that are not UTF-8.
_ESCAPED_BYTE = re.compile("[\udc80-\udcff]")
_HIGH_BYTES = bytes(range(0x80, 0x100))


class Decoder:
    r"""Decode one file or standard input, and count what was not UTF-8.

    Args:
        name: the source, as messages name it.
        encoding: "auto", "mixed" or the name of one of Python's codecs. "auto" takes a source for
            UTF-8, or for Latin-1 where it holds bytes that are not UTF-8; one of both kinds is
            refused. "mixed" reads both kinds in one source, as UTF-8 and as Latin-1.

    Raises:
        InputError: where there is no such encoding.

    Example:
        >>> decoder = Decoder("'corpus.txt'")
        >>> decoder.decode(b"caf\xe9")
        'café'
        >>> decoder.n_bytes, decoder.n_lines
        (1, 1)
    """

    def __init__(self, name: str, encoding: str = AUTO) -> None:
        self.name = name
        self.encoding = encoding
        self.is_named = encoding not in (AUTO, MIXED)
        # Of these encodings a zero byte is half of a letter.
        self.is_wide = self.is_named and b"\0" in _encode_letter(encoding)
        self.n_bytes = 0
        self.n_lines = 0
        # The first lines with bytes above 0x7F: of UTF-8, and others.
        self._first_utf8: int | None = None
        self._first_other: int | None = None

    def decode(self, data: bytes) -> str:
        """Return the text of a whole file.

        Raises:
            InputError: at a line that is not text of the encoding.
        """
        return "".join(self.decode_blocks(io.BytesIO(data)))

    def decode_lines(self, stream: BinaryIO) -> Iterator[str]:
        r"""Yield the lines of a stream as text, with their line ends.

        >>> list(Decoder("'corpus.txt'").decode_lines(io.BytesIO(b"one\r\n\ntwo")))
        ['one\r\n', '\n', 'two']

        Raises:
            InputError: at a line that is too long or not text of the encoding.
        """
        for block in self.decode_blocks(stream):
            *lines, rest = block.split("\n")
            for line in lines:
                yield line + "\n"
            if rest:
                yield rest

    def decode_blocks(self, stream: BinaryIO) -> Iterator[str]:
        """Yield the text of a stream in blocks of whole lines, with their line ends.

        Raises:
            InputError: at a line that is too long or not text of the encoding.
        """
        if self.is_named:
            for _, text in whole_lines(self._decode_chunks(stream), "\n", self.name):
                yield text
            return
        for number, block in whole_lines(read_chunks(stream), b"\n", self.name):
            if number == 1:
                block = block.removeprefix(codecs.BOM_UTF8)
            try:
                texts = iter([self._decode_block(block, number)])
            except InputError:
                # The lines before the one that is refused come through.
                texts = map(self._decode_block, io.BytesIO(block), itertools.count(number))
            yield from texts

    def warn(self) -> None:
        """Say in one warning how much was decoded as Latin-1, if anything was."""
        warn_of_latin1(self.n_bytes, quantity(self.n_lines, "line"), self.name)

    def _decode_block(self, block: bytes, number: int) -> str:
        """Return the text of lines of which the first has this number, or refuse one of them."""
        if (number == 1 or b"\0" in block) and (problem := find_binary(block, first=number == 1)):
            raise _not_text(problem, f"{self.name}, line {number}")
        try:
            text = block.decode("utf-8")
        except UnicodeDecodeError as error:
            other = number + block.count(b"\n", 0, error.start)
        else:
            if not text.isascii():
                self._note(_first_decoded(text, number), None)
            return text
        escaped = block.decode("utf-8", "surrogateescape")
        utf8 = _first_decoded(escaped, number)
        self._note(utf8, other)
        if utf8 is None:
            self.n_lines += sum(not line.isascii() for line in block.split(b"\n"))
            self.n_bytes += len(block) - len(block.translate(None, _HIGH_BYTES))
            return block.decode("latin-1")
        self.n_lines += sum(map(bool, map(_ESCAPED_BYTE.search, escaped.split("\n"))))
        text, n_bytes = _unescape(escaped)
        self.n_bytes += n_bytes
        return text

    def _note(self, utf8: int | None, other: int | None) -> None:
        """Take note of the first lines of some that hold bytes above 0x7F, of UTF-8 and not."""
        utf8, other = self._first_utf8 or utf8, self._first_other or other
        if self.encoding == AUTO and utf8 is not None and other is not None:
            raise InputError(
                f"expected one encoding in {self.name}, got UTF-8 on line {utf8} and other bytes "
                f"on line {other}; convert it to UTF-8, or choose the encoding {MIXED!r}, which "
                "reads the other bytes as Latin-1"
            )
        self._first_utf8, self._first_other = utf8, other

    def _decode_chunks(self, stream: BinaryIO) -> Iterator[str]:
        """Yield the text of a stream in the named encoding, as much at a time as is there."""
        decoder = codecs.getincrementaldecoder(self.encoding)()
        number, is_first = 1, True
        for chunk in itertools.chain(read_chunks(stream), [b""]):
            state, problem = decoder.getstate(), None
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeError as error:
                problem = (
                    f"bytes of another encoding ({getattr(error, 'reason', error)})",
                    f"name its encoding, or choose {AUTO!r}",
                )
                start = getattr(error, "start", 0) - len(state[0])
                decoder.setstate(state)
                text = decoder.decode(chunk[: max(0, start)])
            if is_first:
                line = chunk.partition(b"\n")[0]
                if binary := find_binary(line, wide=self.is_wide):
                    text, problem = "", binary
                text = text.removeprefix(_MARK)
            if "\0" in text:
                text = text[: text.index("\0")]
                problem = ("binary data (a NUL character)", _NUL_ADVICE)
            yield text
            number += text.count("\n")
            if problem is not None:
                raise _not_text(problem, f"{self.name}, line {number}", self.encoding)
            is_first = is_first and not text


def warn_of_latin1(n_bytes: int, pieces: str, name: str) -> None:
    """Warn if any bytes were decoded as Latin-1.

    Args:
        n_bytes: how many they were.
        pieces: in how many lines or files, as the warning says it.
        name: the source, as messages name it.
    """
    if n_bytes:
        warnings.warn(
            f"expected UTF-8, got {quantity(n_bytes, 'byte')} of another encoding in {pieces} of "
            f"{name}, decoded as Latin-1; convert the source to UTF-8 if its accents look wrong",
            UserWarning,
            stacklevel=2,
        )


def decode_name(name: bytes) -> str:
    r"""Decode the bytes of a file name: as UTF-8, else as Latin-1.

    >>> decode_name(b"caf\xc3\xa9.txt") == decode_name(b"caf\xe9.txt") == "café.txt"
    True
    """
    return _unescape(name.decode("utf-8", "surrogateescape"))[0]


def find_binary(data: bytes, *, first: bool = True, wide: bool = False) -> tuple[str, str] | None:
    """Return what kind of binary data bytes are and what to do about it, or None for text.

    Args:
        data: the bytes.
        first: whether they begin a file.
        wide: whether zero bytes are part of letters.

    Example:
        >>> find_binary(b"%PDF-1.7")
        ('a PDF file', 'extract its text first')
        >>> find_binary(b"plain words") is None
        True
    """
    offset = -1 if wide else data.find(b"\0")
    if first:
        for signature, problem in _SIGNATURES.items():
            if data.startswith(signature):
                return problem
        if not wide and (
            data.startswith(_UTF16_MARKS) or (offset >= 0 and _looks_like_utf16(data))
        ):
            return "UTF-16", "name its encoding, or convert it: iconv -f UTF-16 -t UTF-8"
    return (f"binary data (a NUL byte at offset {offset})", _NUL_ADVICE) if offset >= 0 else None


def _looks_like_utf16(data: bytes) -> bool:
    # Western text in UTF-16 has a NUL for most of its odd or of its even bytes, and no other NUL.
    head = data[:64]
    halves = (head[::2], head[1::2])
    return len(head) >= 4 and any(
        2 * zeros.count(0) > len(zeros) and 0 not in letters
        for zeros, letters in (halves, halves[::-1])
    )


def _not_text(problem: tuple[str, str], where: str, encoding: str = "UTF-8") -> InputError:
    found, advice = problem
    return InputError(f"expected {encoding} text, got {found} in {where}; {advice}")


def _encode_letter(encoding: str) -> bytes:
    try:
        return "a".encode(encoding)
    except (LookupError, UnicodeError, TypeError, ValueError):
        raise InputError(
            f"expected the encoding {AUTO!r}, {MIXED!r} or the name of one of Python's codecs, "
            f"such as 'cp1252', got {encoding!r}; correct the name"
        ) from None


def _first_decoded(text: str, number: int) -> int | None:
    """Return the number of the first line with a character above 0x7F that no escape stands for."""
    try:
        text.encode("ascii", "surrogateescape")
    except UnicodeEncodeError as error:
        return number + text.count("\n", 0, error.start)
    return None


def _unescape(text: str) -> tuple[str, int]:
    return _ESCAPED_BYTE.subn(lambda match: chr(ord(match[0]) - 0xDC00), text)
