"""Which encoding bytes are in: by its name, by a byte order mark, or by what they look like."""

import codecs
import re
import unicodedata
from collections import Counter

from topicgen.errors import InputError

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
        f"such as 'cp1252', got {name!r}; correct the name"
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


def guess_wide(data: bytes) -> str | None:
    r"""Return the encoding of UTF-16 or UTF-32 without a byte order mark, or None.

    Most characters of a text are of one or two blocks of 256; those of other data, decoded so, are
    of many, or are none.

    >>> guess_wide("Stocks rose.".encode("utf-16-le")), guess_wide(b"one\0two\0")
    ('utf-16-le', None)
    """
    best, most = None, 0
    for encoding in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"):
        size = 4 if "32" in encoding else 2
        head = data[:4096]
        if len(data) <= 4096 and len(data) % size:
            continue
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(head)
        except UnicodeDecodeError:
            continue
        if len(text) < 2 or not all(map(_is_text, text)):
            continue
        blocks = Counter(ord(character) >> 8 for character in text)
        # In the wrong order of bytes, what was ASCII is not.
        if blocks[0] > most and sum(n for _, n in blocks.most_common(2)) >= 0.8 * len(text):
            best, most = encoding, blocks[0]
    return best


def _is_text(character: str) -> bool:
    return character in "\t\n\r\f\v" or unicodedata.category(character) not in ("Cc", "Cn", "Co")


# By which ISO 2022 switches to Japanese, Korean and Chinese.
_ESCAPES = {
    b"\x1b$B": "iso2022_jp",
    b"\x1b$@": "iso2022_jp",
    b"\x1b$)C": "iso2022_kr",
}

# Letters above ASCII; words with any; and signs that stand inside no word of a Western language.
_LETTER = re.compile(r"[^\W\d_a-zA-Z]")
_WORD = re.compile(r"[^\W\d_]*[^\W\d_a-zA-Z][^\W\d_]*")
_SIGN_IN_WORD = re.compile(
    r"[^\W\d_][\u201a\u0192\u201e\u2020\u2021\u02c6\u2030\u2039\u203a\u2022\u02dc\u2122"
    r"\xa1-\xa9\xab\xac\xae-\xb3\xb5-\xb6\xb8-\xb9\xba\xbb-\xbf\xd7\xf7]+[^\W\d_]"
)

# Of the bytes that cp1252 lacks.
_UNDEFINED = re.compile("[\x81\x8d\x8f\x90\x9d]")

# What people and detectors call cp1252.
_WESTERN_NAMES = frozenset(["cp1252", "iso8859-1", "ascii", "utf-8"])

_ASCII = bytes(range(0x80))

# Enough to be sure of, and no more than is looked at in a moment.
_SAMPLE_BYTES = 2**16


def guess_foreign(data: bytes) -> str | None:
    r"""Return the likely encoding of bytes that are neither UTF-8 nor Western, or None if Western.

    Short texts, of which nobody could tell, pass for Western unless most of their letters are above
    ASCII, and so do a few odd bytes among many of ASCII. "unknown" is returned for what is neither
    Western nor of any known encoding.

    >>> guess_foreign("привет мир".encode("cp1251")), guess_foreign(b"caf\xe9 cr\xe8me")
    ('cp1251', None)
    """
    if len(data.translate(None, _ASCII)) < 0.02 * len(data):
        return None
    import chardet

    sample = _around_high_bytes(data)
    found = chardet.detect(sample)
    name = _codec_name(found["encoding"])
    text = decode_western(sample)
    if name in _WESTERN_NAMES or (name and sample.decode(name, "replace") == text):
        return None
    if looks_western(text):
        is_short = len(_LETTER.findall(text)) < 8
        if not name or found["confidence"] < (0.5 if is_short else 0.2):
            return None
    return name or "unknown"


def guess_escaped(data: bytes) -> str | None:
    r"""Return the encoding of text in ASCII that switches to other scripts by escapes, or None.

    >>> guess_escaped("日本".encode("iso2022_jp")), guess_escaped(b"plain \x1b[1mwords")
    ('iso2022_jp', None)
    """
    return next((name for mark, name in _ESCAPES.items() if mark in data), None)


def _codec_name(name: str | None) -> str | None:
    try:
        return codecs.lookup(name or "").name
    except LookupError:
        return None


def _around_high_bytes(data: bytes) -> bytes:
    """Return whole lines with bytes above 0x7F, up to the size of a sample."""
    if len(data) <= _SAMPLE_BYTES:
        return data
    lines, size = [], 0
    for line in data.split(b"\n"):
        if not line.isascii():
            lines.append(line[:_SAMPLE_BYTES])
            size += len(line)
            if size >= _SAMPLE_BYTES:
                break
    return b"\n".join(lines)[:_SAMPLE_BYTES]


def looks_western(text: str) -> bool:
    """Return whether what was decoded as cp1252 looks like words with some accents.

    >>> looks_western("déjà vu"), looks_western("ïðèâåò ìèð"), looks_western("Ÿtê³a")
    (True, False, False)
    """
    if _UNDEFINED.search(text):
        return False
    n_high = sum(character > "\x7f" for character in text)
    if len(_SIGN_IN_WORD.findall(text)) > 0.02 * n_high:
        return False
    letters = _LETTER.findall(text)
    return len(letters) < 4 or len(letters) <= 0.5 * sum(map(len, _WORD.findall(text)))
