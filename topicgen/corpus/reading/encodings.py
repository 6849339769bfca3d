"""Encodings by their names and by byte order marks."""

import codecs
import re

from topicgen.errors import InputError
from topicgen.plain import quoted

AUTO, MIXED = "auto", "mixed"

# Longer marks first: that of UTF-16 begins that of UTF-32.
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}

_MARKS_BEGIN = frozenset([b"", *(mark[:1] for mark in _MARKS)])

# Names that other programs use and Python does not know.
_ALIASES = {
    "ucs2": "utf-16",
    "ucs2le": "utf-16-le",
    "ucs2be": "utf-16-be",
    "ucs4": "utf-32",
    "ucs4le": "utf-32-le",
    "ucs4be": "utf-32-be",
    "unicode": "utf-16",
    "utf8bom": "utf-8-sig",
    "euccn": "gb18030",
    "koi8r": "koi8-r",
    "koi8u": "koi8-u",
    "macintosh": "mac_roman",
    "xmacroman": "mac_roman",
}

# Encodings by whose names people mean what Windows or a later standard added to them, as browsers
# do (https://encoding.spec.whatwg.org/#names-and-labels). "western" is ours.
_WESTERN = "western"
_EXTENDED = {
    "iso8859-1": _WESTERN,
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "cp950",
    "tis-620": "cp874",
}


def _western_table() -> str:
    """Return the characters of cp1252, with those of Latin-1 for the five bytes that it lacks."""
    return "".join(
        bytes([byte]).decode("cp1252", "ignore") or bytes([byte]).decode("latin-1")
        for byte in range(256)
    )


WESTERN_TABLE = _western_table()


class _WesternDecoder(codecs.IncrementalDecoder):
    def decode(self, data: bytes, final: bool = False) -> str:  # type: ignore[override]
        return decode_western(data)


def decode_western(data: bytes) -> str:
    r"""Decode bytes as cp1252, which is what is called Latin-1, with letters at 0x80 to 0x9F.

    >>> decode_western(b"s\x9cur, caf\xe9")
    'sœur, café'
    """
    return codecs.charmap_decode(data, "strict", WESTERN_TABLE)[0]


def new_decoder(encoding: str) -> codecs.IncrementalDecoder:
    """Return a decoder for an encoding that ``find_codec`` returned."""
    if encoding == _WESTERN:
        return _WesternDecoder()
    return codecs.getincrementaldecoder(encoding)()


def find_codec(name: str) -> str:
    """Return the codec that a name stands for, or a wider one that the name is used for.

    >>> find_codec("UTF8"), find_codec("windows-1251"), find_codec("GB2312"), find_codec("UCS-2LE")
    ('utf-8', 'cp1251', 'gb18030', 'utf-16-le')

    Raises:
        InputError: where there is no such encoding.
    """
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    tried = [name.strip(), _ALIASES.get(plain, ""), re.sub(r"^x-", "", name.strip().lower())]
    if number := re.fullmatch(r"(?:windows|win|cp)(\d+)", plain):
        tried.append(f"cp{number[1]}")
    for candidate in filter(None, tried):
        try:
            codec = codecs.lookup(candidate).name
            "a".encode(codec)
            codecs.getincrementaldecoder(codec)
        except (LookupError, UnicodeError, TypeError, ValueError):
            continue
        return _EXTENDED.get(codec, codec)
    raise InputError(
        f"expected the encoding {AUTO!r}, {MIXED!r} or the name of one of Python's codecs, "
        f"such as 'cp1252', got {quoted(name)}; correct the name"
    )


def is_wide(encoding: str) -> bool:
    """Return whether a zero byte is part of a letter in an encoding that ``find_codec`` returned.

    >>> is_wide("utf-16"), is_wide("cp1252")
    (True, False)
    """
    return encoding != _WESTERN and b"\0" in "a".encode(encoding)


def may_begin_mark(data: bytes) -> bool:
    """Return whether more bytes are needed to see which byte order mark bytes begin with."""
    return data[:1] in _MARKS_BEGIN and any(
        len(data) < len(mark) and mark.startswith(data) for mark in _MARKS
    )


def declared(data: bytes) -> str | None:
    r"""Return the encoding that a byte order mark declares, or None.

    >>> declared(b"\xff\xfea\0"), declared(b"\xff\xfe\0\0a\0\0\0"), declared(b"a")
    ('utf-16', 'utf-32', None)
    """
    if data[:1] not in _MARKS_BEGIN:
        return None
    return next((name for mark, name in _MARKS.items() if data.startswith(mark)), None)
