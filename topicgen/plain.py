"""Text from data as it may be shown: nothing in it acts on a terminal, or hides.

A word, label or file name may hold escape sequences that move the cursor or rename the window,
characters that reverse the direction of the text around them, or characters without any width.
Everything that topicgen prints for people goes through ``plain``, which shows these as escapes. A
backslash itself is left as it is, so that ``plain`` of plain text changes nothing. What messages
quote, of whatever type and size, goes through ``quoted``.
"""

import math
import os
import re
import sys
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Any

# Joiners that are needed for spelling: in Arabic and its relatives, in the Indic scripts, Tibetan,
# Burmese, Khmer and Mongolian (once after a letter or mark, as a sequence of them would only hide),
# and between the parts of one emoji.
_JOINING = (
    "\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u18af\ua840-\ua87f\ua8e0-\ua9ff\uabc0-\uabff"
)
_EMOJI = "\u2190-\u2bff\U0001f000-\U0001faff"
# Marks that enclose the digits after them: formatting characters that are visible.
_ENCLOSING = "\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
_NEEDED = re.compile(
    f"(?<=[{_JOINING}])[\u200c\u200d]|(?<=[{_EMOJI}\ufe0f])\u200d(?=[{_EMOJI}])|[{_ENCLOSING}]"
)
# Printable characters without a shape: fillers, and variation selectors other than one directly
# after the character that it varies.
_SELECTORS = "\u180b-\u180d\u180f\ufe00-\ufe0f\U000e0100-\U000e01ef"
_SHAPELESS = re.compile(
    f"[\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0]|(?<![^\\s{_SELECTORS}])[{_SELECTORS}]"
)
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
_ESCAPES_AND_CHARACTERS = re.compile(r"\\(?:x..|u....|U........|.)|.", re.DOTALL)
_BRACKETS: dict[type, Any] = {
    list: "[]",
    tuple: "()",
    set: "{}",
    frozenset: ("frozenset({", "})"),
    dict: "{}",
}
_DEEPEST = 6
# Of one column: a letter may carry a few marks, which have no width of their own.
_CHARACTERS_PER_COLUMN = 8


def plain(text: str, most: int | None = None) -> str:
    r"""Return text with visible escapes for what would act on a terminal or not be seen.

    These are control characters, line separators, characters that override the direction of text,
    lone surrogates, and others without a shape; joiners that Persian, Indic scripts or emoji need
    are kept.

    Args:
        text: any text.
        most: the display width, in columns, beyond which the text is cut and ends in "…"; None
            for no limit.

    Example:
        >>> print(plain("\x1b[2Jbank\u202egpj\tzero\u200bwidth"))
        \x1b[2Jbank\u202egpj\tzero\u200bwidth
        >>> plain("نامه\u200cها") == "نامه\u200cها"
        True
        >>> plain("Donaudampfschifffahrt", 10), plain("北京大学出版社", 10)
        ('Donaudamp…', '北京大学…')
    """
    if most is None:
        return escape_hidden(text, _escape)
    short = text[: _CHARACTERS_PER_COLUMN * most]
    shown = escape_hidden(short, _escape)
    if len(short) == len(text) and display_width(shown) <= most:
        return shown
    return _cut(shown, most - 1) + "…" if most else ""


def quoted(value: Any, most: int = 100) -> str:
    r"""Return a value as a message quotes it: its ``repr``, on one line, plain and not too long.

    What is too long keeps its beginning and its end, with "…" between them. It takes no more time
    for large values, and never fails. A path is shown as its text, a numpy scalar as a number.

    Args:
        value: what came, of any type.
        most: the number of characters beyond which it is cut.

    Example:
        >>> print(quoted("my\nmodel"), quoted(1.5), quoted([0] * 10_000, most=15))
        'my\nmodel' 1.5 [0, 0, …, 0, 0]
        >>> quoted("x" * 10**6, most=9), quoted(10**5_000)
        ("'xxx…xxx'", '<an integer of 5,001 digits>')
    """
    return shorten(plain(_repr(value, most, 0)), most)


def shorten(text: str, most: int) -> str:
    r"""Return plain text of at most this many characters, without a part in the middle.

    An escape is not cut.

    Example:
        >>> print(shorten("one two three", 9), shorten(r"a\x1b\x1b\x1b", 10))
        one …hree a\x1b…\x1b
    """
    if len(text) <= most:
        return text
    before, after = map(_ESCAPES_AND_CHARACTERS.findall, (text[: 2 * most], text[-2 * most :]))
    head = _within(before, most // 2)
    tail = _within(after[::-1], (most - 1) // 2)[::-1]
    return "".join([*head, "…", *tail])


def plain_lines(text: str) -> str:
    r"""Return lines with visible escapes for all that ``plain`` escapes but the line breaks.

    Example:
        >>> plain_lines("two\nlines\r")
        'two\nlines\\r'
    """
    return "\n".join(plain(line) for line in text.split("\n"))


def escape_hidden(text: str, escape: Callable[[str], str]) -> str:
    """Return text with each character that acts on a terminal, or is not seen, escaped.

    Args:
        text: any text.
        escape: returns what stands for such a character.
    """
    if text.isprintable() and (text.isascii() or not _SHAPELESS.search(text)):
        return text
    hidden = {found.start() for found in _SHAPELESS.finditer(text)}
    needed = {found.start() for found in _NEEDED.finditer(text)}
    return "".join(
        character
        if at in needed or (_is_visible(character) and at not in hidden)
        else escape(character)
        for at, character in enumerate(text)
    )


def display_width(text: str) -> int:
    """Return how many columns of a terminal plain text takes.

    Wide characters (Chinese, Japanese, Korean, most emoji) take two columns; combining marks and
    joiners take none. Of an emoji made of several, all parts count, as many terminals show them.

    Example:
        >>> [display_width(text) for text in ("bank", "北京", "cafe\u0301", "🎸", "\u2764\ufe0f")]
        [4, 4, 4, 2, 2]
    """
    return len(text) if text.isascii() else sum(_widths(text))


def pad(text: str, width: int, *, right: bool = False) -> str:
    """Return text with spaces behind it, or before it, up to a display width.

    Example:
        >>> pad("北京", 6), pad("12", 6, right=True)
        ('北京  ', '    12')
    """
    space = " " * (width - display_width(text))
    return space + text if right else text + space


def wrap(text: str, width: int) -> list[str]:
    """Return text in lines of at most this display width, broken at spaces.

    A word that is longer than a line is cut.

    Example:
        >>> wrap("new york, 北京, Donaudampfschifffahrt", 9)
        ['new york,', '北京,', 'Donaudam…']
    """
    lines: list[str] = []
    for word in text.split(" "):
        short = plain(word, width)
        if lines and display_width(lines[-1]) + 1 + display_width(short) <= width:
            lines[-1] += f" {short}"
        else:
            lines.append(short)
    return lines


def _repr(value: Any, most: int, depth: int) -> str:
    """Return the ``repr`` of a value, of which what is in the middle of much may be missing."""
    numpy = sys.modules.get("numpy")  # the command line prints its help without it
    if numpy is not None and isinstance(value, numpy.number | numpy.bool_ | numpy.str_):
        value = value.item()
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    kind = type(value)
    if kind in (str, bytes, bytearray):
        return repr(value if len(value) <= 2 * most else value[:most] + value[-most:])
    if kind is int and value.bit_length() > 4 * most:
        return f"<an integer of {_n_digits(value):,} digits>"
    if kind in _BRACKETS and value:
        return _repr_of_items(value, most, depth)
    try:
        text = repr(value)
    except Exception:  # whatever somebody's own class raises
        return f"<{kind.__name__}>"
    # An array or a table has many lines.
    return " ".join(
        (text if len(text) <= 20 * most else text[: 10 * most] + text[-10 * most :]).split()
    )


def _repr_of_items(values: Any, most: int, depth: int) -> str:
    left, right = _BRACKETS[type(values)]
    if depth == _DEEPEST:
        return f"{left}…{right}"

    def entry(item: Any) -> str:
        text = _repr(item, most, depth + 1)
        if isinstance(values, dict):
            return f"{text}: {_repr(values[item], most, depth + 1)}"
        return text

    first = _until_long(map(entry, values), most)
    if len(first) < len(values):
        rest = values[len(first) :][::-1] if isinstance(values, list | tuple) else ()
        last = _until_long(map(entry, rest), most)
        gap = [] if len(first) + len(last) == len(values) else ["…"]
        first += gap + last[::-1]
    comma = "," if type(values) is tuple and len(values) == 1 else ""
    return f"{left}{', '.join(first)}{comma}{right}"


def _until_long(texts: Iterable[str], most: int) -> list[str]:
    """Return the first texts, as many as together are just longer than this."""
    taken, length = [], 0
    for text in texts:
        taken.append(text)
        length += len(text)
        if length > most:
            break
    return taken


def _n_digits(number: int) -> int:
    """Return the number of digits, without the digits: Python refuses to print too many."""
    return math.floor(abs(number).bit_length() * math.log10(2)) + 1


def _within(pieces: Sequence[str], most: int) -> Sequence[str]:
    """Return the first pieces that together have at most this length."""
    ends = accumulate(map(len, pieces))
    return pieces[: next((at for at, end in enumerate(ends) if end > most), len(pieces))]


def _is_visible(character: str) -> bool:
    # Python counts all spaces but one as not printable.
    return character.isprintable() or unicodedata.category(character) == "Zs"


def _escape(character: str) -> str:
    number = ord(character)
    if number < 0x100:
        return _SHORT.get(character, f"\\x{number:02x}")
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def _widths(text: str) -> Iterator[int]:
    """Yield how many columns each character adds to those before it."""
    before = 0
    for character in text:
        # A narrow character that is to be shown as an emoji becomes wide.
        before = 1 if character == "\ufe0f" and before == 1 else _character_width(character)
        yield before


def _character_width(character: str) -> int:
    if unicodedata.east_asian_width(character) in "WF":
        return 2
    # Vowels and final consonants of Korean letter by letter join the consonant before them.
    if "\u1160" <= character <= "\u11ff":
        return 0
    return 0 if unicodedata.category(character) in ("Mn", "Me", "Cf") else 1


def _cut(text: str, most: int) -> str:
    """Return the beginning of a text that fits, with the marks of its last letter."""
    widths = accumulate(_widths(text))
    end = next((at for at, width in enumerate(widths) if width > most), len(text))
    return text[:end].rstrip("\u200c\u200d")
