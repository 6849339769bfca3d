"""Lists of words: those to drop, of languages or one by one, and those to keep."""

import re
import warnings
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from topicgen.corpus.words.english import ENGLISH_STOP_WORDS
from topicgen.corpus.words.languages import LANGUAGES, language_code
from topicgen.corpus.words.supplements import supplemented
from topicgen.errors import InputError, shown
from topicgen.plain import quoted


class StopWords(NamedTuple):
    """Words to drop.

    Args:
        everywhere: of languages; where a tokenizer cuts one, as "don't" into "don", each token is
            dropped wherever it is.
        as_written: where a tokenizer cuts one, as "royal mail", its words stay elsewhere.
    """

    everywhere: list[str]
    as_written: list[str]

    @classmethod
    def of(cls, of_languages: Iterable[str], own: Iterable[str]) -> "StopWords":
        """Return stop words.

        Args:
            of_languages: what ``language_words`` returned.
            own: the user's own.

        Example:
            >>> everywhere, as_written = StopWords.of(
            ...     ["don't", "per que", "que", "per", "por fin"], own=["royal mail"]
            ... )
            >>> everywhere, as_written
            (["don't", 'per', 'per que', 'que'], ['por fin', 'royal mail'])
        """
        words = set(of_languages)
        written = {
            word
            for word in words
            # "per que" may as well be cut where both parts are stop words themselves.
            if not words.issuperset(filter(None, re.split(r"[\s-]+", word)))
            and re.search(r"\w[\s-]+\w", word)
        }
        return cls(sorted(words - written), [*sorted(written), *own])


def language_names(stop_words: object) -> list[str]:
    """Return the languages that ``stop_words`` names, or none where it holds words itself.

    A string names languages, by names or codes and with commas between several. In any other
    collection each entry is a word, unless every one is the English name of a language; codes do
    not count, because "it", "no" and "so" are words too.

    >>> language_names("english, de"), language_names(["English", "German"])
    (['english', 'de'], ['english', 'german'])
    >>> language_names(["the", "german"]), language_names(None)
    ([], [])

    Raises:
        InputError: where a string names no language.
    """
    if isinstance(stop_words, str):
        names = [name.strip().lower() for name in stop_words.split(",")]
        for name in names:
            if language_code(name) not in LANGUAGES.values():
                listing = ", ".join(f"{name} or {code}" for name, code in LANGUAGES.items())
                raise InputError(
                    f"stop_words has no language {quoted(name)} (it was {shown(stop_words)}); pass "
                    "None, a list of words, or one or several, separated by commas, of these "
                    f"languages: {listing}"
                )
        return names
    if not isinstance(stop_words, Collection):
        return []
    entries = [entry.lower() for entry in stop_words if isinstance(entry, str)]
    if len(entries) < len(stop_words) or not all(entry in LANGUAGES for entry in entries):
        return []
    return entries


def warn_of_codes(stop_words: object) -> None:
    """Warn where ``stop_words`` holds words that are all codes of languages."""
    if isinstance(stop_words, str) or not isinstance(stop_words, Collection) or not len(stop_words):
        return
    codes = [*LANGUAGES, *LANGUAGES.values()]
    if not language_names(stop_words) and all(word in codes for word in stop_words):
        listed = ",".join(stop_words)
        warnings.warn(
            f"the stop_words {shown(stop_words)} are taken as words; for the stop words of these "
            f'languages pass the string "{listed}"',
            UserWarning,
            stacklevel=2,
        )


def language_words(names: Iterable[str]) -> list[str]:
    """Return the stop words of languages, sorted.

    Args:
        names: of ``language_names``. "english" is scikit-learn's list with contractions; any other
            name or code, "en" included, is the list of the package stopwordsiso, supplemented.

    Example:
        >>> {"und", "the", "don't"} <= set(language_words(["english", "german"]))
        True
    """
    words: set[str] = set()
    for name in names:
        code = language_code(name)
        listed = ENGLISH_STOP_WORDS if name == "english" else _list_of(code)
        words.update(supplemented(code, listed))
    return sorted(words)


def earlier_stop_words(stop_words: str | Collection[str] | None) -> list[str]:
    """Return the stop words as earlier versions did, whose recipes do not hold them.

    >>> len(earlier_stop_words("english")), earlier_stop_words(["english"])
    (318, ['english'])
    """
    if not isinstance(stop_words, str):
        return word_list("stop_words", stop_words)
    return sorted(ENGLISH_STOP_WORDS if stop_words == "english" else _list_of(stop_words))


def _list_of(language: str) -> Collection[str]:
    from stopwordsiso import stopwords  # here, as it reads the words of all languages

    words: Collection[str] = stopwords(language_code(language))
    return words


def word_list(name: str, words: Collection[str] | None, others: str = "") -> list[str]:
    """Return an option's words as a list, sorted unless they have an order of their own.

    Args:
        name: of the option, for the error.
        words: any collection of strings, or None for no words.
        others: what else the option can be, for the error.

    Raises:
        InputError: where they are neither a collection of strings nor None.

    Example:
        >>> word_list("keep_words", {"us", "it"}), word_list("keep_words", None)
        (['it', 'us'], [])
    """
    if words is None:
        return []
    if isinstance(words, str) or not isinstance(words, Collection):
        raise InputError(
            f"expected {name} to be {others}None or a list of words, got {quoted(words)}; pass the "
            "words as a list"
        )
    for word in words:
        if not isinstance(word, str):
            raise InputError(
                f"expected {name} to hold strings, got {quoted(word)} ({type(word).__name__}); "
                "remove it"
            )
    return list(words) if isinstance(words, Sequence) else sorted(words)
