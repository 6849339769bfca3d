r"""The default definition of a word: whole in every script, and the same however it is encoded.

In a regular expression of ``re``, the vowel signs of Hindi and Arabic, accents that are separate
characters, and the joiners of Persian are not word characters: ``\w+`` cuts a word at each of them.
Here they belong to the word.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain, groupby

# A letter, then one or more letters, digits, underscores, combining marks or joiners. The notation
# \p is that of Unicode's regular expressions (UTS #18). ``re`` refuses it, so this string cannot be
# mistaken for a pattern of a user's own, and a recipe that holds it says what was counted.
TOKEN_PATTERN = r"[^\W\d_][\w\p{M}\p{Join_C}]+"

# Equivalent in ASCII text. It was the default of earlier versions, and is found in their recipes.
PLAIN_PATTERN = r"(?u)\b[^\W\d_]\w+\b"

# Zero width non-joiner and joiner: part of a word between its letters, but not at its end.
JOINERS = "\u200c\u200d"

# All others hold ideographs only, or nothing.
_PLANES_WITH_MARKS = (0, 1, 14)

# Characters that are no part of a spelling: those without width, which hyphenate a word, forbid a
# break in it or set its direction (UAX 29: words go on across them, WB4); the line that stretches
# an Arabic word; and the Armenian signs of stress, exclamation and question, which follow a vowel.
_IGNORED = (
    "\xad\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
    "\u0640\u055b\u055c\u055e"
)

# Ligatures, Arabic letters by their place in a word, letters and digits of half or full width, and
# the selectors of a variant of the character before them.
_SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_PRESENTATION = re.compile(
    f"[{_SELECTORS}\ufb00-\ufdff\ufe70-\ufefc\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uffdc]"
)
_is_selector = re.compile(f"[{_SELECTORS}]").match
# In UTF-8 each of these begins with one of these bytes, which are found much faster.
_FIRST_BYTES = (b"\xef", b"\xf3\xa0")

# Signs within words that other languages put between them, where they stand, and what they become.
# Ukrainian and Belarusian have an apostrophe, which Unicode has as a letter, as it has the Catalan
# "l\u00b7" before an "l". Hebrew writes acronyms and foreign sounds with or without its signs,
# which are also typed as quotes. Between Latin letters, a joiner tells which ligature to set. In
# UTF-8 one of the bytes occurs where the sign does.
_WITHIN_WORDS = (
    ("'\u2019", (b"\xd0", b"\xd1"), "['\u2019](?<=[\u0400-\u052f].)(?=[\u0400-\u052f])", "\u02bc"),
    (
        JOINERS,
        (b"\xe2\x80\x8c", b"\xe2\x80\x8d"),
        f"[{JOINERS}](?<=[A-Za-z\u00c0-\u024f].)(?=[A-Za-z\u00c0-\u024f])",
        "",
    ),
    ("\u00b7", (b"l\xc2\xb7l",), "l\u00b7(?=l)", "\u0140"),
    ("\u00b7", (b"L\xc2\xb7L",), "L\u00b7(?=L)", "\u013f"),
    (
        "'\"\u2019\u201d\u05f3\u05f4",
        (b"\xd7",),
        "['\"\u2019\u201d\u05f3\u05f4](?<=[\u0591-\u05ea].)(?=[\u05d0-\u05ea])",
        "",
    ),
)

# The vowel am of Thai and Lao typed as two characters, a tone mark between or before them. It looks
# the same, but Unicode does not call it so.
_AM = ("\u0e4d", re.compile("\u0e4d([\u0e48-\u0e4b]?)\u0e32"), "\\1\u0e33")
_LAO_AM = ("\u0ecd", re.compile("\u0ecd([\u0ec8-\u0ecb]?)\u0eb2"), "\\1\u0eb3")

# All marks are among these characters.
_LONG_RUN = re.compile("[^\0-\u02ff]{256,}")

_in_ascii = re.compile(PLAIN_PATTERN)
_ignored = re.compile(f"[{_IGNORED}]")
_beyond_two_bytes = re.compile("[\U00010000-\U0010ffff]").findall


def find_words(text: str) -> list[str]:
    r"""Return the words of a text that ``whole_folding`` has normalised.

    >>> find_words("हिन्दी ☀️weather x1 1x x")
    ['हिन्दी', 'weather', 'x1']
    """
    if text.isascii():
        return _in_ascii.findall(text)
    return [word for word in _finder_for(text).findall(text) if word]


def find_places(text: str) -> Iterator[tuple[int, int]]:
    """Yield the start and the end of each word that ``find_words`` finds.

    >>> list(find_places("हिन्दी ☀️weather"))
    [(0, 6), (9, 16)]
    """
    if text.isascii():
        yield from (word.span() for word in _in_ascii.finditer(text))
    else:
        yield from (run.span(1) for run in _finder_for(text).finditer(text) if run[1])


def whole_folding(fold: Callable[[str], str], *, lowercase: bool) -> Callable[[str], str]:
    r"""Return the function that normalises a text so that equal words have equal characters.

    It removes soft hyphens and others that are no part of a spelling, writes out ligatures and
    other presentation forms (``plain_letters``), keeps Ukrainian, Catalan and Hebrew words whole,
    composes letters with their accents (NFC) and the vowel am of Thai and Lao, and drops the dot
    that Python leaves above the "i" when it lowers "İ".

    Args:
        fold: the function that normalises case and accents.
        lowercase: whether ``fold`` lowers the case.

    Example:
        >>> whole_folding(str.lower, lowercase=True)("\u0130stanbul cafe\u0301 in\xadfor\xadmation")
        'istanbul café information'
    """

    def fold_whole(text: str) -> str:
        if text.isascii():
            return fold(text)
        if any(character in text for character in _IGNORED):
            text = _ignored.sub("", text)
        # Composed after lowering: some small letters compose with a mark where the capital cannot.
        folded = _joined(composed(plain_letters(fold(text))))
        for sign, typed, am in (_AM, _LAO_AM):
            if sign in folded:
                folded = typed.sub(am, folded)
        if lowercase and "\u0307" in folded:
            return composed(folded.replace("i\u0307", "i"))
        return folded

    return fold_whole


def plain_letters(text: str) -> str:
    r"""Return a text with the letters that ligatures and other presentation forms stand for.

    These are the characters of Unicode's blocks of presentation forms and of half and full width,
    which texts have from PDF files and old encodings. Other compatibility characters stay: NFKC
    would make "x²" "x2", "windows™" "windowstm", and cut the Thai vowel "ำ" in two. Selectors of a
    variant of a character are removed.

    >>> plain_letters("o\ufb03ce \uff27\uff30\uff34 x²")
    'office GPT x²'
    """
    encoded = text.encode("utf-8", "surrogatepass")
    if not any(first in encoded for first in _FIRST_BYTES):
        return text
    return _PRESENTATION.sub(lambda form: _plain(form[0]), text)


@cache
def _plain(form: str) -> str:
    if _is_selector(form):
        return ""
    # A vowel sign that stands alone is written with a space.
    return unicodedata.normalize("NFKC", form).lstrip(" ")


def _joined(text: str) -> str:
    """Return a text with the signs within words as ``_WITHIN_WORDS`` has them."""
    for signs, first_bytes, pattern, joined in _WITHIN_WORDS:
        if any(sign in text for sign in signs):
            encoded = text.encode("utf-8", "surrogatepass")
            if any(first in encoded for first in first_bytes):
                text = re.sub(pattern, joined, text)
    return text


def composed(text: str) -> str:
    r"""Return a text in NFC, in time proportional to its length.

    Python sorts the marks of a letter by insertion, which would take hours for a million of them;
    sorted beforehand, they take no time.

    >>> composed("cafe\u0301") == "caf\u00e9"
    True
    """
    if unicodedata.is_normalized("NFC", text):
        return text
    return unicodedata.normalize("NFC", _LONG_RUN.sub(_in_order, text))


@cache
def mark_ranges() -> list[tuple[int, int]]:
    """Return the first and the last code of each run of combining marks (Mn, Mc and Me)."""
    codes = chain.from_iterable(range(p << 16, p + 1 << 16) for p in _PLANES_WITH_MARKS)
    marks = [code for code in codes if _is_mark(chr(code))]
    runs = (list(run) for _, run in groupby(enumerate(marks), lambda pair: pair[1] - pair[0]))
    return [(run[0][1], run[-1][1]) for run in runs]


def mark_class(*, beyond_two_bytes: bool = True) -> str:
    """Return combining marks as ranges of a regular expression.

    Args:
        beyond_two_bytes: whether marks of such codes are among them. ``re`` compares characters
            with one range of these after another, which makes it several times as slow.
    """
    runs = ((chr(first), chr(last)) for first, last in mark_ranges())
    return "".join(f"{a}-{b}" for a, b in runs if beyond_two_bytes or b < "\U00010000")


def _in_order(run: re.Match[str]) -> str:
    """Return the characters of a run, the marks of each letter in canonical order."""
    of_letters = groupby(run[0], lambda character: unicodedata.combining(character) > 0)
    return "".join(
        chain.from_iterable(
            sorted(some, key=unicodedata.combining) if are_marks else some
            for are_marks, some in of_letters
        )
    )


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M"


def _finder_for(text: str) -> re.Pattern[str]:
    return _finder(any(map(_is_mark, set(_beyond_two_bytes(text)))))


@cache
def _finder(with_long: bool) -> re.Pattern[str]:
    """Return the pattern of words, its group, and of other runs, where the group is empty.

    Args:
        with_long: whether marks with codes beyond two bytes occur.
    """
    marks = mark_class(beyond_two_bytes=with_long)
    part, end = rf"[\w{marks}{JOINERS}]", rf"[\w{marks}]"
    return re.compile(rf"[\d_]{part}*|([^\W\d_]{part}*{end})")
