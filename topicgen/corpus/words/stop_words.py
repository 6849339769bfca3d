"""Lists of words: those to drop, by language or one by one, and those to keep."""

from collections.abc import Collection, Sequence

from topicgen.corpus.words.english import ENGLISH_STOP_WORDS
from topicgen.corpus.words.languages import LANGUAGES, language_code
from topicgen.errors import InputError


def stop_word_list(stop_words: str | Collection[str] | None) -> list[str]:
    """Return the stop words as a list, sorted unless they have an order of their own.

    Args:
        stop_words: "english", scikit-learn's list; the name or the code of another language, as
            "german" or "de", or "en", the list of the package stopwordsiso; words; or None.

    Raises:
        InputError: where they are none of these, or stopwordsiso is not installed.

    Example:
        >>> stop_word_list({"the", "a"}), len(stop_word_list("english"))
        (['a', 'the'], 318)
        >>> "und" in stop_word_list("german")
        True
    """
    if not isinstance(stop_words, str):
        return word_list("stop_words", stop_words, 'a language such as "english", ')
    if stop_words == "english":
        return sorted(ENGLISH_STOP_WORDS)
    code = language_code(stop_words)
    if code not in LANGUAGES.values():
        listing = ", ".join(f"{name} or {code}" for name, code in LANGUAGES.items())
        raise InputError(
            f"expected stop_words to be a language ({listing}), None or a list of words, got "
            f"{stop_words!r}; choose a language, or pass the words as a list"
        )
    try:
        # Loaded here because it reads the words of all languages.
        from stopwordsiso import stopwords
    except ImportError:
        raise InputError(
            f"the stop words {stop_words!r} need the package stopwordsiso, which is not installed; "
            'pip install stopwordsiso, or use "english" or a list of words'
        ) from None
    return sorted(stopwords(code))


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
            f"expected {name} to be {others}None or a list of words, got {words!r}; pass the words "
            "as a list"
        )
    for word in words:
        if not isinstance(word, str):
            raise InputError(
                f"expected {name} to hold strings, got {word!r} ({type(word).__name__}); remove it"
            )
    return list(words) if isinstance(words, Sequence) else sorted(words)
