"""Segmenters, which find words in languages that are written without spaces between words."""

import re
import warnings
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import Any, NamedTuple

from topicgen.corpus.words.scripts import ALL_WITHOUT_SPACES, IDEOGRAPHS, KANA, WITHOUT_SPACES
from topicgen.corpus.words.whole_words import JOINERS, find_words, mark_class
from topicgen.extras import needed
from topicgen.plain import quoted

Cut = Callable[[str], list[str]]

# Clauses are shorter. Some packages take quadratic time in a run's length, or fail at a surrogate.
_CHARACTERS_A_RUN = 256
_SURROGATES = re.compile("[\ud800-\udfff]")

_PIECES_IN_MEMORY = 2**17


class Segmenter:
    """A function from a text to its words, using a package for a language without spaces.

    The pieces that the package returns are split again, like texts with spaces, so that the usual
    definition of a word applies: two or more characters that start with a letter, without
    punctuation and numbers. A single ideograph may be a word. Words in scripts other than those of
    the language and ASCII are not shown to the package, which may cut them into letters.

    Args:
        name: one of SEGMENTERS.

    Raises:
        InputError: where the package is not installed.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self._cut = _load(name)
        self._foreign = _foreign_words(SEGMENTERS[name].scripts)
        self._words_of = lru_cache(_PIECES_IN_MEMORY)(_words_of)

    def __call__(self, text: str) -> list[str]:
        """Return the words of a text that ``whole_folding`` has normalised."""
        if not _unspaced()(text):
            return find_words(text)
        words: list[str] = []
        for part in _parts(_SURROGATES.sub(" ", text)):
            end = 0
            for word in self._foreign(part):
                if not word[0].isascii():
                    words += self._words(part[end : word.start()])
                    words += find_words(word[0])
                    end = word.end()
            words += self._words(part[end:])
        return words

    @staticmethod
    def can_cut(word: str) -> bool:
        """Return whether a word has characters of a script without spaces."""
        return _unspaced()(word) is not None

    def _words(self, part: str) -> list[str]:
        if not _unspaced()(part):
            return find_words(part)
        return [word for piece in self._cut(part) for word in self._words_of(piece)]


class Package(NamedTuple):
    """A package that segments texts.

    Args:
        language: in English.
        scripts: the characters that it cuts, apart from ASCII, as ranges of a regular expression.
        load: returns its function from a text to the pieces of that text.
    """

    language: str
    scripts: str
    load: Callable[[], Cut]


def _jieba() -> Cut:
    import jieba

    tokenizer = jieba.Tokenizer()
    # This is what its own initialisation does, except that it would also write a cache to the
    # temporary folder, trust any cache it finds there, and print to standard error.
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(tokenizer.get_dict_file())
    tokenizer.initialized = True
    cut: Cut = tokenizer.lcut
    return cut


def _janome() -> Cut:
    from janome.tokenizer import Tokenizer

    tokenizer = Tokenizer(wakati=True)
    return lambda text: [str(piece) for piece in tokenizer.tokenize(text, wakati=True)]


def _pythainlp() -> Cut:
    from pythainlp.tokenize import word_tokenize

    return lambda text: list(word_tokenize(text, engine="newmm"))


def _khmercut() -> Cut:
    from khmercut import tokenize

    cut: Cut = tokenize
    return cut


def _laonlp() -> Cut:
    from laonlp.tokenize import word_tokenize

    cut: Cut = word_tokenize
    return cut


# All of them run offline, with dictionaries that come in the package.
SEGMENTERS = {
    "jieba": Package("Chinese", IDEOGRAPHS, _jieba),
    "janome": Package("Japanese", IDEOGRAPHS + KANA, _janome),
    "pythainlp": Package("Thai", WITHOUT_SPACES["Thai"], _pythainlp),
    "khmercut": Package("Khmer", WITHOUT_SPACES["Khmer"], _khmercut),
    "laonlp": Package("Lao", WITHOUT_SPACES["Lao"], _laonlp),
}


def _load(name: str) -> Cut:
    package = SEGMENTERS[name]
    # Some of them warn at import about things that a user cannot change.
    with needed(name, f"the tokenizer {quoted(name)} needs"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return package.load()


def _parts(text: str) -> list[str]:
    """Return a text in parts, with overlong runs separated, and cut if they have no spaces."""
    parts, end = [], 0
    for run in _long_runs()(text):
        parts.append(text[end : run.start()])
        for stretch in _stretches()(run[0]):
            size = _CHARACTERS_A_RUN if _unspaced()(stretch) else len(stretch)
            parts += [stretch[start : start + size] for start in range(0, len(stretch), size)]
        end = run.end()
    return [*parts, text[end:]]


def _words_of(piece: str) -> list[str]:
    return [piece] if len(piece) == 1 and _ideograph()(piece) else find_words(piece)


def _foreign_words(scripts: str) -> Callable[[str], Iterator[re.Match[str]]]:
    """Return the function that finds words without characters of some scripts."""
    letters, marks = rf"[^\W{scripts}]", rf"[{mark_class()}{JOINERS}]"
    return re.compile(rf"{letters}+(?:{marks}+{letters}*)*").finditer


# Compiling these takes longer than counting a small text, and few texts need them.


@cache
def _unspaced() -> Callable[[str], Any]:
    return re.compile(f"[{ALL_WITHOUT_SPACES}]").search


@cache
def _ideograph() -> Callable[[str], Any]:
    return re.compile(f"[{IDEOGRAPHS}]").match


@cache
def _stretches() -> Callable[[str], list[str]]:
    return re.compile(f"[{ALL_WITHOUT_SPACES}]+|[^{ALL_WITHOUT_SPACES}]+").findall


@cache
def _long_runs() -> Callable[[str], Iterator[re.Match[str]]]:
    return re.compile(rf"[\w{ALL_WITHOUT_SPACES}]{{{_CHARACTERS_A_RUN + 1},}}").finditer
