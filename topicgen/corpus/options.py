"""The options of the tokens: each checked, and returned in the form that the code uses."""

import re
from collections.abc import Callable, Collection, Sequence

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from topicgen.errors import InputError


def tokenizer(token_pattern: str) -> Callable[[str], list[str]]:
    r"""Return the function that finds all matches of a token pattern in a text.

    >>> tokenizer(r"\w+")("Rates rose.")
    ['Rates', 'rose']

    Raises:
        InputError: where the pattern is malformed, has groups to choose from, or matches nothing.
    """
    try:
        pattern = re.compile(token_pattern)
    except (TypeError, re.error) as error:
        problem = str(error)
    else:
        if pattern.groups <= 1 and not pattern.search(""):
            return pattern.findall
        problem = "it has several groups" if pattern.groups > 1 else "it matches an empty text"
    raise InputError(
        f"expected token_pattern to be the regular expression of a token, got {token_pattern!r}: "
        f"{problem}; correct it, or leave it out"
    )


def stop_word_list(stop_words: str | Collection[str] | None) -> list[str]:
    """Return the stop words as a list, sorted where their order means nothing.

    >>> stop_word_list({"the", "a"}), len(stop_word_list("english"))
    (['a', 'the'], 318)

    Raises:
        InputError: where they are neither "english", a collection of strings, nor None.
    """
    if stop_words is None:
        return []
    if isinstance(stop_words, str) and stop_words == "english":
        return sorted(ENGLISH_STOP_WORDS)
    if isinstance(stop_words, str) or not isinstance(stop_words, Collection):
        raise InputError(
            f'expected stop_words "english", None or a list of words, got {stop_words!r}; pass '
            "the words as a list"
        )
    for word in stop_words:
        if not isinstance(word, str):
            raise InputError(
                f"expected stop_words to be strings, got {word!r} ({type(word).__name__}) among "
                "them; remove it"
            )
    return list(stop_words) if isinstance(stop_words, Sequence) else sorted(stop_words)


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
        f"expected ngram_range to be two integers, 1 <= least <= greatest, got {ngram_range!r}; "
        "(1, 1) counts single words"
    )


def check_accents(strip_accents: str | None) -> None:
    """Raise an error where ``strip_accents`` is not one of scikit-learn's names.

    Raises:
        InputError: see above.
    """
    if strip_accents not in (None, "ascii", "unicode"):
        raise InputError(
            f'expected strip_accents None, "ascii" or "unicode", got {strip_accents!r}; choose '
            "one of these"
        )
