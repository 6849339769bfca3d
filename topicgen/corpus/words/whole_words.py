r"""Words as they are by default: whole in every script, and the same however they are encoded.

For ``re``, a vowel sign of Hindi or Arabic, an accent apart from its letter, and what joins or
parts the letters of Persian are no word characters, and cut their word. Here they belong to it.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from itertools import chain, groupby

# A letter, then one or more letters, digits, underscores, combining marks or joiners. ``re`` does
# not know \p, the notation of Unicode's regular expressions: no pattern of its own can mean this.
TOKEN_PATTERN = r"[^\W\d_][\w\p{M}\p{Join_C}]+"

# What it finds in ASCII. Earlier versions had it as their default, and it is in their recipes.
PLAIN_PATTERN = r"(?u)\b[^\W\d_]\w+\b"

# Zero width non-joiner and joiner: inside a word only, not at its end.
JOINERS = "\u200c\u200d"

# All others hold ideographs, or nothing.
_PLANES_WITH_MARKS = (0, 1, 14)

_in_ascii = re.compile(PLAIN_PATTERN).findall
_beyond_two_bytes = re.compile("[\U00010000-\U0010ffff]").search


def find_words(text: str) -> list[str]:
    r"""Return the words of a text that ``whole_folding`` has made even.

    >>> find_words("हिन्दी ☀️weather x1 1x x")
    ['हिन्दी', 'weather', 'x1']
    """
    if text.isascii():
        return _in_ascii(text)
    found = _finder(0x10FFFF if _beyond_two_bytes(text) else 0xFFFF)(text)
    return [word for word in found if word]


def whole_folding(fold: Callable[[str], str], *, lowercase: bool) -> Callable[[str], str]:
    r"""Return a function that folds texts so that equal words have equal characters.

    It removes soft hyphens, composes letters and their accents (NFC), and drops the dot that
    Python leaves above the i of a lowered İ.

    Args:
        fold: what settles case and accents.
        lowercase: whether that lowers the case.

    Example:
        >>> whole_folding(str.lower, lowercase=True)("\u0130stanbul cafe\u0301 in\xadfor\xadmation")
        'istanbul café information'
    """

    def fold_whole(text: str) -> str:
        if text.isascii():
            return fold(text)
        # Composed last: a small letter may take a mark that its capital has to leave apart.
        folded = compose("NFC", fold(text.replace("\xad", "") if "\xad" in text else text))
        if lowercase and "\u0307" in folded:
            return compose("NFC", folded.replace("i\u0307", "i"))
        return folded

    compose = unicodedata.normalize
    return fold_whole


@cache
def mark_ranges() -> list[tuple[int, int]]:
    """Return the first and the last code of each run of combining marks (Mn, Mc and Me)."""
    codes = chain.from_iterable(range(p << 16, p + 1 << 16) for p in _PLANES_WITH_MARKS)
    marks = [code for code in codes if unicodedata.category(chr(code))[0] == "M"]
    runs = (list(run) for _, run in groupby(enumerate(marks), lambda pair: pair[1] - pair[0]))
    return [(run[0][1], run[-1][1]) for run in runs]


@cache
def _finder(last: int) -> Callable[[str], list[str]]:
    """Return the search for words among characters up to the last; "" where a number begins.

    ``re`` compares a character beyond two bytes with one range after another, so that the search
    without these is several times as fast.
    """
    marks = "".join(f"{chr(a)}-{chr(b)}" for a, b in mark_ranges() if b <= last)
    part, end = rf"[\w{marks}{JOINERS}]", rf"[\w{marks}]"
    return re.compile(rf"[\d_]{part}*|([^\W\d_]{part}*{end})").findall
