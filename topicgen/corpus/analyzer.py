"""From a text to its terms: tokens without stop words, stemmed, joined into n-grams."""

from collections.abc import Callable
from functools import lru_cache

from topicgen.errors import InputError


class Analyzer:
    """A function from a text to the list of its terms, which counts the tokens it has seen.

    Args:
        preprocess: text to text, as lower case.
        tokenize: text to tokens.
        stop_words: tokens to drop. They are preprocessed and tokenised too, so that "The" drops
            "the", and "don't" drops the token that it leaves, "don".
        stem: token to token; applied after the stop words are dropped.
        ngram_range: the least and the greatest number of tokens in a term.

    Example:
        >>> analyze = Analyzer(str.lower, str.split, ["The"], ngram_range=(1, 2))
        >>> analyze("The old bank")
        ['old', 'bank', 'old bank']
        >>> analyze.n_tokens
        3
    """

    def __init__(
        self,
        preprocess: Callable[[str], str],
        tokenize: Callable[[str], list[str]],
        stop_words: list[str],
        stem: Callable[[str], str] | None = None,
        ngram_range: tuple[int, int] = (1, 1),
    ) -> None:
        self.preprocess = preprocess
        self.tokenize = tokenize
        words = [preprocess(word) for word in stop_words]
        self.stop_words = frozenset(words).union(*map(tokenize, words))
        self.stem = stem
        self.ngram_range = ngram_range
        self.n_tokens = 0

    def __call__(self, text: str) -> list[str]:
        """Return the terms of a text, in its order, the longer n-grams after the shorter."""
        tokens = self.tokenize(self.preprocess(text))
        self.n_tokens += len(tokens)
        tokens = [token for token in tokens if token not in self.stop_words]
        if self.stem is not None:
            tokens = [self.stem(token) for token in tokens]
        least, most = self.ngram_range
        if most == 1:
            return tokens
        return [
            " ".join(tokens[start : start + size])
            for size in range(least, most + 1)
            for start in range(len(tokens) - size + 1)
        ]


def load_stemmer(language: str) -> Callable[[str], str]:
    """Return the Snowball stemmer of a language, with a memory of the words it has stemmed.

    >>> load_stemmer("english")("topics")
    'topic'

    Raises:
        InputError: where there is no stemmer for the language.
    """
    # Loaded here because nltk is slow to import and few models stem.
    from nltk.stem.snowball import SnowballStemmer

    if language not in SnowballStemmer.languages:
        raise InputError(
            f"expected a stemmer among {', '.join(SnowballStemmer.languages)}, got {language!r}; "
            "choose one of these, or None"
        )
    # Words recur: most of the calls are answered from memory, which a bound keeps to ~100 MB.
    return lru_cache(maxsize=2**19)(SnowballStemmer(language).stem)
