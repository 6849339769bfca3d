"""The options of the tokens: each checked, and returned as the code uses it."""

from collections.abc import Callable, Collection, Sequence
from numbers import Integral

from topicgen.corpus.words.phrases import MIN_COUNT
from topicgen.corpus.words.whole_words import whole_folding
from topicgen.errors import InputError
from topicgen.plain import quoted

NUMBERS = ("pattern", "drop", "mask")

ACCENTS = ("ascii", "unicode")


def ngram_sizes(ngram_range: Sequence[int]) -> tuple[int, int]:
    """Return the least and the greatest number of tokens in a term.

    >>> ngram_sizes([1, 2])
    (1, 2)

    Raises:
        InputError: where they are not two integers, 1 <= least <= greatest.
    """
    sizes = list(ngram_range) if isinstance(ngram_range, Sequence) else []
    if [type(size) for size in sizes] == [int, int] and 1 <= sizes[0] <= sizes[1]:
        return sizes[0], sizes[1]
    raise InputError(
        "expected ngram_range to be two integers, 1 <= least <= greatest, got "
        f"{quoted(ngram_range)}; (1, 1) counts single words"
    )


def folding(
    lowercase: bool, strip_accents: str | None, *, whole: bool = False
) -> Callable[[str], str]:
    """Return the function that normalises the case and the accents of a text or a word.

    Args:
        lowercase: whether to lower the case.
        strip_accents: None, "ascii" or "unicode".
        whole: whether to normalise for whole words as well, see ``whole_folding``.

    Example:
        >>> folding(lowercase=True, strip_accents="unicode")("Zürich")
        'zurich'

    Raises:
        InputError: where ``strip_accents`` is not one of scikit-learn's names.
    """
    if whole:
        return whole_folding(folding(lowercase, strip_accents), lowercase=lowercase)
    if strip_accents is None:
        return str.lower if lowercase else str
    if strip_accents not in ACCENTS:
        raise InputError(
            'expected strip_accents to be None, "ascii" or "unicode", got '
            f"{quoted(strip_accents)}; choose one of these"
        )
    from sklearn.feature_extraction import text as sklearn_text

    strip: Callable[[str], str] = getattr(sklearn_text, f"strip_accents_{strip_accents}")
    return (lambda text: strip(text.lower())) if lowercase else strip


def least_count(phrases: bool | int) -> int:
    """Return how often a phrase must occur, or 0 where no phrases are looked for.

    >>> least_count(False), least_count(True), least_count(50)
    (0, 10, 50)

    Raises:
        InputError: where it is neither a boolean nor an integer from 1.
    """
    if isinstance(phrases, bool):
        return MIN_COUNT if phrases else 0
    if isinstance(phrases, Integral) and int(phrases) >= 1:
        return int(phrases)
    raise InputError(
        "expected phrases to be False, True or how often a phrase must occur (an integer from 1), "
        f"got {quoted(phrases)}; True means {MIN_COUNT}"
    )


def choice(name: str, value: str, among: Collection[str]) -> str:
    """Return an option's value, which is one of a few words.

    >>> choice("numbers", "drop", NUMBERS)
    'drop'

    Raises:
        InputError: where it is another.
    """
    if isinstance(value, str) and value in among:
        return value
    names = ", ".join(repr(one) for one in among)
    raise InputError(
        f"expected {name} to be one of {names}, got {quoted(value)}; choose one of these"
    )


def flag(name: str, value: bool) -> bool:
    """Return an option's value, which is true or false.

    >>> flag("drop_quotes", True)
    True

    Raises:
        InputError: where it is neither.
    """
    if isinstance(value, bool):
        return value
    raise InputError(
        f"expected {name} to be True or False, got {quoted(value)}; choose one of these"
    )
