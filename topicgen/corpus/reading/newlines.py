"""Blocks of whole lines, with the line ends of every system."""

import re
from collections.abc import Iterable, Iterator
from typing import Any, AnyStr

from topicgen.corpus.reading import streams

# A carriage return that no newline follows.
_LONE, _LONE_BYTE = re.compile("\r(?!\n)"), re.compile(b"\r(?!\n)")


def whole_lines(
    chunks: Iterable[AnyStr], newline: AnyStr, name: str
) -> Iterator[tuple[int, AnyStr]]:
    r"""Cut chunks at the ends of lines instead; every line end becomes "\n".

    Args:
        chunks: what to cut, bytes or text.
        newline: "\n", of the same type.
        name: the source, as messages name it.

    Yields:
        The number of a block's first line, from 1, and the block.

    Raises:
        InputError: at the first line longer than MAX_DOCUMENT_BYTES; the rest of it is not read.

    Example:
        >>> list(whole_lines([b"one\r\ntw", b"o\rthr", b"ee"], b"\n", "'corpus.txt'"))
        [(1, b'one\n'), (2, b'two\n'), (3, b'three')]
    """
    nothing = newline[:0]
    number, length = 1, 0
    started: list[AnyStr] = []
    for chunk in universal_newlines(chunks, newline):
        # A chunk is no longer than a document may be: only the line begun before it can be.
        if length + (chunk.find(newline) + 1 or len(chunk)) > streams.MAX_DOCUMENT_BYTES:
            raise streams.too_long(f"{name}, line {number}")
        end = chunk.rfind(newline) + 1
        if end:
            started.append(chunk[:end])
            block = nothing.join(started)
            yield number, block
            number += block.count(newline)
            started, length = [], 0
        started.append(chunk[end:])
        length += len(chunk) - end
    if length:
        yield number, nothing.join(started)


def universal_newlines(chunks: Iterable[AnyStr], newline: AnyStr) -> Iterator[AnyStr]:
    r"""Turn the line ends of Windows and of the old Macintosh into "\n".

    So does "\r\r\n", which Python's ``csv`` leaves on Windows. Other characters at which Unicode
    ends a line, such as U+2028, are part of it.

    >>> list(universal_newlines(["one\r\ntwo\rth", "ree\r", "\nfour\r\r\n"], "\n"))
    ['one\ntwo\nth', 'ree', '\nfour\n']
    """
    carriage: AnyStr = b"\r" if isinstance(newline, bytes) else "\r"
    lone: Any = _LONE_BYTE if isinstance(newline, bytes) else _LONE
    held = newline[:0]
    for chunk in chunks:
        if held:
            chunk = held + chunk
            held = newline[:0]
        if carriage in chunk:
            # What follows a final "\r", if not a "\n", decides what it was.
            body = chunk.rstrip(carriage)
            if len(chunk) - len(body) <= 2:
                chunk, held = body, chunk[len(body) :]
            # Much faster, where every "\r" is followed by "\n".
            if lone.search(chunk) is None:
                chunk = chunk.replace(carriage, newline[:0])
            else:
                chunk = _unified(chunk, carriage, newline)
        if chunk:
            yield chunk
    if held:
        yield _unified(held, carriage, newline)


def _unified(text: AnyStr, carriage: AnyStr, newline: AnyStr) -> AnyStr:
    for end in (carriage + carriage + newline, carriage + newline, carriage):
        text = text.replace(end, newline)
    return text
