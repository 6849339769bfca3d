"""From bytes to text: UTF-8, else cp1252, or a declared or named encoding; never binary data."""

import codecs
import io
import itertools
import re
import warnings
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from topicgen.corpus.reading import encodings, guessing, kinds
from topicgen.corpus.reading.encodings import AUTO, MIXED, decode_western
from topicgen.corpus.reading.newlines import whole_lines
from topicgen.corpus.reading.streams import read_chunks
from topicgen.corpus.wording import quantity
from topicgen.errors import InputError
from topicgen.plain import quoted

_MARK = "\ufeff"
_NUL_ADVICE = (
    "extract the text first, remove the NUL bytes, or name the encoding if it is UTF-16 or UTF-32"
)

# How "surrogateescape" marks the bytes 0x80 to 0xFF that are not UTF-8.
_ESCAPED_BYTE = re.compile("[\udc80-\udcff]")
_ASCII = bytes(range(0x80))
_SURROGATE = re.compile("[\ud800-\udfff]")


class BinaryDataError(InputError):
    """Data that are not text.

    Args:
        found: what they are, as a message says it.
        where: the source, and the line.
        expected: the encoding.
        advice: what to do.
    """

    def __init__(self, found: str, where: str, expected: str, advice: str) -> None:
        super().__init__(f"expected {expected} text, got {found} in {where}; {advice}")
        self.found = found


class _ForeignError(InputError):
    """Text of another encoding, of a whole block of lines."""


class Decoder:
    r"""Decode one file or standard input, and count what was not UTF-8.

    A byte order mark at the beginning decides, whatever encoding is asked for.

    Args:
        name: the source, as messages name it.
        encoding: "auto", "mixed" or the name of an encoding. "auto" takes a source for UTF-8, or
            for cp1252 where it holds bytes that are not UTF-8; text that looks like neither is
            refused, and so is one of both kinds. "mixed" reads both kinds in one source.

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
        self._codec = encodings.find_codec(encoding) if self.is_named else None
        self.n_bytes = 0
        self.n_lines = 0
        # UTF-16 or UTF-32 that was recognised without a byte order mark.
        self.wide: str | None = None
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
        r"""Yield the lines of a stream as text; every line end becomes "\n".

        >>> list(Decoder("'corpus.txt'").decode_lines(io.BytesIO(b"one\r\n\rtwo")))
        ['one\n', '\n', 'two']

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
        head, chunks = _peek(read_chunks(stream))
        if (kind := kinds.by_signature(head)) is not None:
            raise self._binary(kind.what, kinds.remedy_for(kind, self.name), 1)
        codec = encodings.declared(head) or self._codec
        if b"\0" in head and not (codec and encodings.is_wide(codec)):
            self.wide = guessing.guess_wide(head)
            if self.wide and codec:
                raise self._binary(self.wide.upper(), f"name the encoding {quoted(self.wide)}", 1)
            codec = codec or self.wide
        if codec not in (None, "utf-8-sig") or (codec and self.is_named):
            yield from self._decode_as(codec, chunks)
            return
        for number, block in whole_lines(chunks, b"\n", self.name):
            if number == 1:
                block = block.removeprefix(codecs.BOM_UTF8)
            try:
                texts = iter([self._decode_block(block, number)])
            except _ForeignError:
                raise
            except InputError:
                # The lines before the one that is refused come through.
                texts = map(self._decode_block, io.BytesIO(block), itertools.count(number))
            yield from texts

    def warn(self) -> None:
        """Say in one warning what was read in an encoding that is a guess, if anything was."""
        warn_of_guesses(self.n_bytes, quantity(self.n_lines, "line"), self.name)
        if self.wide:
            warn_of_wide(self.wide, self.name)

    def _decode_block(self, block: bytes, number: int) -> str:
        """Return the text of lines of which the first has this number, or refuse one of them."""
        if b"\0" in block:
            number += block.count(b"\n", 0, block.index(b"\0"))
            raise self._nul(block, number)
        if b"\x1b" in block and (name := guessing.guess_escaped(block)):
            number += block.count(b"\n", 0, block.index(b"\x1b$"))
            raise self._foreign(name, number)
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
        n_high = len(block.translate(None, _ASCII))
        n_other = n_high if utf8 is None else len(_ESCAPED_BYTE.findall(escaped))
        if self.encoding == AUTO and self._first_other is None:
            self._refuse_foreign(block, escaped, n_high - n_other, n_other, other)
        self._note(utf8, other)
        self.n_bytes += n_other
        if utf8 is None:
            self.n_lines += sum(not line.isascii() for line in block.split(b"\n"))
            return decode_western(block)
        self.n_lines += sum(map(bool, map(_ESCAPED_BYTE.search, escaped.split("\n"))))
        return _unescape(escaped)

    def _refuse_foreign(
        self, block: bytes, escaped: str, n_utf8: int, n_other: int, number: int
    ) -> None:
        """Refuse text that is neither UTF-8 nor Western, by the first block that is not UTF-8."""
        # In another encoding some bytes happen to be valid UTF-8; in a mixture of UTF-8 and cp1252
        # they are most, or the text that they make looks Western.
        is_mixed = n_utf8 > n_other or (n_utf8 and guessing.looks_western(_unescape(escaped)))
        if self._first_utf8 is not None or is_mixed:
            return
        if (name := guessing.guess_foreign(block)) is not None:
            raise self._foreign(name, number)

    def _foreign(self, name: str, number: int) -> InputError:
        if name == "unknown":
            return _ForeignError(
                f"expected UTF-8 or Western text, got another encoding in {self.name}, line "
                f"{number}; name its encoding with --encoding, or convert it to UTF-8"
            )
        return _ForeignError(
            f"expected UTF-8, got what looks like the encoding {name} in {self.name}, line "
            f"{number}; pass --encoding {name}, or the right one if that is wrong, or convert it "
            "to UTF-8"
        )

    def _note(self, utf8: int | None, other: int | None) -> None:
        """Take note of the first lines of some that hold bytes above 0x7F, of UTF-8 and not."""
        utf8, other = self._first_utf8 or utf8, self._first_other or other
        if self.encoding == AUTO and utf8 is not None and other is not None:
            raise InputError(
                f"expected one encoding in {self.name}, got UTF-8 on line {utf8} and other bytes "
                f"on line {other}; convert it to UTF-8, or choose the encoding {MIXED!r} "
                "(--encoding mixed), which reads the other bytes as cp1252"
            )
        self._first_utf8, self._first_other = utf8, other

    def _decode_as(self, codec: str, chunks: Iterable[bytes]) -> Iterator[str]:
        """Yield the text of chunks in one encoding, in blocks of whole lines."""
        for _, text in whole_lines(self._decode_chunks(codec, chunks), "\n", self.name):
            yield text

    def _decode_chunks(self, codec: str, chunks: Iterable[bytes]) -> Iterator[str]:
        """Yield the text of chunks in one encoding, as much at a time as is there."""
        decoder = encodings.new_decoder(codec)
        number, is_first = 1, True
        for chunk in itertools.chain(chunks, [b""]):
            state, reason = decoder.getstate(), None
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeError as error:
                reason = getattr(error, "reason", error)
                start = getattr(error, "start", 0) - len(state[0])
                decoder.setstate(state)
                text = decoder.decode(chunk[: max(0, start)])
            if is_first:
                text = text.removeprefix(_MARK)
            if _SURROGATE.search(text):
                # UTF-7 and the escapes of Python spell halves of characters, which no file holds.
                text = _SURROGATE.sub("\ufffd", text)
            nul = text.find("\0")
            if nul >= 0:
                text = text[:nul]
            yield text
            number += text.count("\n")
            if "\r" in text:
                number += text.count("\r") - text.count("\r\n")
            if nul >= 0:
                raise self._binary("binary data (a NUL character)", _NUL_ADVICE, number)
            if reason is not None and not chunk and codec != self._codec:
                raise InputError(
                    f"expected whole characters of {codec}, got a part of one at the end of "
                    f"{self.name}, line {number}; it is cut off: fetch or write it again"
                )
            if reason is not None:
                shown = self.encoding if codec == self._codec else codec
                raise InputError(
                    f"expected {shown} text, got bytes of another encoding ({reason}) in "
                    f"{self.name}, line {number}; name its encoding, or choose {AUTO!r}"
                )
            is_first = is_first and not text

    def _nul(self, block: bytes, number: int) -> InputError:
        start = block.rfind(b"\n", 0, block.index(b"\0")) + 1
        offset = block.index(b"\0") - start
        return self._binary(f"binary data (a NUL byte at offset {offset})", _NUL_ADVICE, number)

    def _binary(self, found: str, advice: str, number: int) -> BinaryDataError:
        expected = self.encoding if self.is_named else "UTF-8"
        return BinaryDataError(found, f"{self.name}, line {number}", expected, advice)


def warn_of_guesses(n_bytes: int, pieces: str, name: str) -> None:
    """Warn if any bytes were decoded as cp1252.

    Args:
        n_bytes: how many they were.
        pieces: in how many lines or files, as the warning says it.
        name: the source, as messages name it.
    """
    if n_bytes:
        warnings.warn(
            f"expected UTF-8, got {quantity(n_bytes, 'byte')} of another encoding in {pieces} of "
            f"{name}, read as cp1252 (Latin-1); pass --encoding NAME if its accents look wrong",
            UserWarning,
            stacklevel=2,
        )


def warn_of_wide(encoding: str, name: str) -> None:
    """Warn that a source without a byte order mark was read as UTF-16 or UTF-32."""
    warnings.warn(
        f"expected UTF-8, got what looks like {encoding.upper()} without a byte order mark in "
        f"{name}, read as such; pass --encoding NAME if its text looks wrong",
        UserWarning,
        stacklevel=2,
    )


def decode_name(name: bytes) -> str:
    r"""Decode the bytes of a file name: as UTF-8, else as cp1252.

    >>> decode_name(b"caf\xc3\xa9.txt") == decode_name(b"caf\xe9.txt") == "café.txt"
    True
    """
    return _unescape(name.decode("utf-8", "surrogateescape"))


def _peek(chunks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """Return the first bytes, enough of them to see a byte order mark, and all chunks."""
    head = next(chunks, b"")
    while encodings.may_begin_mark(head) and (more := next(chunks, b"")):
        head += more
    return head, itertools.chain([head] if head else [], chunks)


def _first_decoded(text: str, number: int) -> int | None:
    """Return the number of the first line with a character above 0x7F that no escape stands for."""
    try:
        text.encode("ascii", "surrogateescape")
    except UnicodeEncodeError as error:
        return number + text.count("\n", 0, error.start)
    return None


def _unescape(text: str) -> str:
    return _ESCAPED_BYTE.sub(lambda match: encodings.WESTERN_TABLE[ord(match[0]) - 0xDC00], text)
