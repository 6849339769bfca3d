r"""The default definition of a word: whole in every script, and the same however it is encoded.

In a regular expression of ``re``, the vowel signs of Hindi and Arabic, accents that are separate
characters, and the joiners of Persian are not word characters: ``\w+`` cuts a word at each of them.
Here they belong to the word.
"""

import re
import unicodedata
from collections.abc import Callable
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

# All marks are among these characters.
_LONG_RUN = re.compile("[^\0-\u02ff]{256,}")

_in_ascii = re.compile(PLAIN_PATTERN).findall
_beyond_two_bytes = re.compile("[\U00010000-\U0010ffff]").findall


def find_words(text: str) -> list[str]:
    r"""Return the words of a text that ``whole_folding`` has normalised.

    >>> find_words("हिन्दी ☀️weather x1 1x x")
    ['हिन्दी', 'weather', 'x1']
    """
    if text.isascii():
        return _in_ascii(text)
    with_long = any(map(_is_mark, set(_beyond_two_bytes(text))))
    return [word for word in _finder(with_long)(text) if word]


def whole_folding(fold: Callable[[str], str], *, lowercase: bool) -> Callable[[str], str]:
    r"""Return the function that normalises a text so that equal words have equal characters.

    It removes soft hyphens, composes letters with their accents (NFC), and drops the dot that
    Python leaves above the "i" when it lowers "İ".

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
        # Composed after lowering: some small letters compose with a mark where the capital cannot.
        folded = composed(fold(text.replace("\xad", "") if "\xad" in text else text))
        if lowercase and "\u0307" in folded:
            return composed(folded.replace("i\u0307", "i"))
        return folded

    return fold_whole


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


@cache
def _finder(with_long: bool) -> Callable[[str], list[str]]:
    """Return the function that finds words, and an empty string for each other run.

    Args:
        with_long: whether marks with codes beyond two bytes occur. ``re`` compares characters with
            one range of these after another, which makes it several times as slow.
    """
    marks = "".join(f"{chr(a)}-{chr(b)}" for a, b in mark_ranges() if with_long or b < 2**16)
    part, end = rf"[\w{marks}{JOINERS}]", rf"[\w{marks}]"
    return re.compile(rf"[\d_]{part}*|([^\W\d_]{part}*{end})").findall
