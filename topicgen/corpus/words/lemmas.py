"""The base form of a word: its stem, or its lemma."""

from collections.abc import Callable

from topicgen.corpus.words.languages import language_code
from topicgen.errors import InputError
from topicgen.extras import needed
from topicgen.plain import quoted

# No word of a language is longer, and both take seconds for a million letters.
_LONGEST = 256


def base_form(
    stemmer: str | None, lemmatizer: str | None, fold: Callable[[str], str]
) -> Callable[[str], str] | None:
    """Return the function from a word to its stem or its lemma, or None where neither is wanted.

    Words of more than 256 characters stay as they are.

    Args:
        stemmer: the language of a stemmer, or None.
        lemmatizer: the language of a lemmatizer, or None.
        fold: what settles the case and the accents of a word. A lemma has its own, as German nouns.

    Raises:
        InputError: where both are given, or the language has none.

    Example:
        >>> base_form(None, "german", str.lower)("häusern")
        'haus'
    """
    if stemmer is not None and lemmatizer is not None:
        raise InputError(
            f"expected a stemmer or a lemmatizer, got both: {quoted(stemmer)} and "
            f"{quoted(lemmatizer)}; leave one out"
        )
    if stemmer is not None:
        stem = load_stemmer(stemmer)
        return lambda word: stem(word) if len(word) <= _LONGEST else word
    if lemmatizer is None:
        return None
    lemmatize = load_lemmatizer(lemmatizer)
    return lambda word: fold(lemmatize(word)) if len(word) <= _LONGEST else word


def load_stemmer(language: str) -> Callable[[str], str]:
    """Return the Snowball stemmer of a language.

    >>> load_stemmer("english")("topics")
    'topic'

    Raises:
        InputError: where there is no stemmer for the language, or nltk is not installed.
    """
    with needed("nltk", "stemmers need"):
        from nltk.stem.snowball import SnowballStemmer

    if language not in SnowballStemmer.languages:
        raise InputError(
            f"expected a stemmer among {', '.join(SnowballStemmer.languages)}, got "
            f"{quoted(language)}; choose one of these, or None"
        )
    stem: Callable[[str], str] = SnowballStemmer(language).stem
    return stem


def load_lemmatizer(language: str) -> Callable[[str], str]:
    """Return the function of the package simplemma that gives a word's lemma in a language.

    >>> load_lemmatizer("en")("mice")
    'mouse'

    Raises:
        InputError: where there are no lemmas of the language, or simplemma is not installed.
    """
    with needed("simplemma", "lemmatizers need"):  # it loads a language's words at the first
        from simplemma import lemmatize
        from simplemma.strategies.dictionaries.dictionary_factory import SUPPORTED_LANGUAGES

    code = language_code(language) if isinstance(language, str) else language
    if code not in SUPPORTED_LANGUAGES:
        raise InputError(
            f"expected a lemmatizer among {', '.join(sorted(SUPPORTED_LANGUAGES))}, got "
            f"{quoted(language)}; choose one of these, or None"
        )
    return lambda word: lemmatize(word, code)
