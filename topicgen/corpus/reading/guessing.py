"""Which encoding bytes are in, by what they look like."""

import codecs
import re
import unicodedata
from collections import Counter

from topicgen.corpus.reading.encodings import decode_western


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


# Text between the escapes by which ISO 2022 switches to other scripts and back; to which ones.
_ESCAPED = re.compile(rb"\x1b\$[^\x1b]*|\x0e[^\x0f]*")
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

    A few words of it among many others are nothing to stop at.

    >>> guess_escaped("日本".encode("iso2022_jp")), guess_escaped(b"plain \x1b[1mwords")
    ('iso2022_jp', None)
    """
    name = next((name for mark, name in _ESCAPES.items() if mark in data), None)
    if name and sum(map(len, _ESCAPED.findall(data))) >= 0.1 * len(data):
        return name
    return None


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
