"""What the terms of a collection say about options that do not suit its language."""

import re
import warnings
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from topicgen.corpus.counting.lexicon import SortedTerms
from topicgen.corpus.words.languages import LANGUAGES, language_code
from topicgen.corpus.words.scripts import IDEOGRAPHS, KANA, WITHOUT_SPACES
from topicgen.corpus.words.segmenters import SEGMENTERS
from topicgen.extras import install

# Longer than nearly all words of a script, and shorter than most clauses, in characters.
_LONGEST_WORD = {"Chinese": 4, "Japanese": 4}
_LONGEST_WORD_OF_OTHERS = 10

# Of the ideographs and kana of a Japanese text, a third or more are kana.
_LEAST_KANA = 0.1

_N_COMMONEST = 20
_LEAST_STOP_WORDS = 8
_N_SHOWN = 5
# Of a text's words, the commonest are a quarter or more where stop words are among them, somewhat
# less where some of these are affixes, and otherwise a tenth or less. To read the lists of all
# languages takes some 30 ms, which a small collection of English can do without.
_LEAST_SHARE = 0.11


def warn_of_clauses(lexicons: Sequence[SortedTerms]) -> None:
    """Warn where most letters are in clauses that were taken for words, for want of spaces.

    The terms of a script are found by their order, so a collection without any takes no time.

    Args:
        lexicons: the terms of the collection.
    """
    letters: Counter[str] = Counter()
    clauses: list[str] = []
    n_unspaced_tokens = 0
    for lexicon in lexicons:
        for script, first, stop in _parts_without_spaces(lexicon.terms):
            longest = _LONGEST_WORD.get(script, _LONGEST_WORD_OF_OTHERS)
            frequencies = lexicon.tokens[first:stop].tolist()
            n_unspaced_tokens += sum(frequencies)
            for term, tokens in zip(lexicon.terms[first:stop], frequencies, strict=True):
                if len(term) > longest:
                    letters[script] += tokens * len(term)
                    clauses.append(term)
    in_clauses = letters.total()
    n_others = sum(int(lexicon.tokens.sum()) for lexicon in lexicons) - n_unspaced_tokens
    # Other words have two letters or more, so that few clauses among many need no closer look.
    if in_clauses > 2 * n_others and in_clauses > _n_letters(lexicons) / 2:
        warnings.warn(_advice(_language(letters, clauses)), UserWarning, stacklevel=2)


def warn_of_stop_words(lexicons: Sequence[SortedTerms], languages: Sequence[str]) -> None:
    """Warn where the commonest words are stop words of another language than those left out.

    Args:
        lexicons: the terms of the collection, without stop words.
        languages: those of the stop words, by name or code; none where the user chose no language.
    """
    n_tokens = sum(int(lexicon.tokens.sum()) for lexicon in lexicons)
    commonest = _commonest(lexicons) if languages else Counter()
    if len(commonest) < _N_COMMONEST or commonest.total() < _LEAST_SHARE * n_tokens:
        return
    from stopwordsiso import stopwords  # here, as it reads the words of all languages

    used = {language_code(language) for language in languages}
    found = {
        name: [word for word in commonest if word in stopwords(code)]
        for name, code in LANGUAGES.items()
        if code not in used
    }
    name, words = max(found.items(), key=lambda pair: sum(commonest[word] for word in pair[1]))
    if len(words) < _LEAST_STOP_WORDS:
        return
    shown = ", ".join(f'"{word}"' for word in words[:_N_SHOWN])
    both = ",".join([*languages, name])
    warnings.warn(
        f"the commonest words ({shown}, ...) are stop words of {name.title()}; use --stop-words "
        f'{name} (in Python stop_words="{name}"), or {both} if the documents are in both',
        UserWarning,
        stacklevel=2,
    )


def _parts_without_spaces(terms: Sequence[str]) -> Iterator[tuple[str, int, int]]:
    """Yield the scripts without spaces, and where the terms that begin with their letters are."""
    for script, ranges in WITHOUT_SPACES.items():
        for first, last in re.findall(r"(.)(?:-(.))?", ranges):
            start = bisect_left(terms, first)
            stop = bisect_left(terms, chr(ord(last or first) + 1), lo=start)
            if start < stop:
                yield script, start, stop


def _n_letters(lexicons: Sequence[SortedTerms]) -> int:
    sizes = (np.fromiter(map(len, terms), np.int64, len(terms)) for terms, *_ in lexicons)
    return sum(int(lexicon.tokens @ n) for lexicon, n in zip(lexicons, sizes, strict=True))


def _language(letters: Counter[str], clauses: Sequence[str]) -> str:
    """Return the language of most clauses; Japanese is told from Chinese by its kana."""
    language = letters.most_common(1)[0][0]
    if language not in _LONGEST_WORD:
        return language
    text = "".join(clauses)
    n_kana, n_ideographs = (len(re.findall(f"[{of}]", text)) for of in (KANA, IDEOGRAPHS))
    return "Japanese" if n_kana > _LEAST_KANA * (n_kana + n_ideographs) else "Chinese"


def _advice(language: str) -> str:
    problem = (
        f"most of the text is {language}, which is written without spaces between words, so whole "
        "clauses were counted as words"
    )
    for name, package in SEGMENTERS.items():
        if package.language == language:
            return (
                f'{problem}; use --tokenizer {name} (in Python tokenizer="{name}"), which needs '
                f"{install(name)}"
            )
    return f"{problem}; use a tokenizer of your own, --tokenizer module:function"


def _commonest(lexicons: Sequence[SortedTerms]) -> Counter[str]:
    """Return the most frequent terms and how often they occur, the most frequent first."""
    found: Counter[str] = Counter()
    for lexicon in lexicons:
        # A term that is frequent in the collection is so in its parts.
        for place in np.argsort(-lexicon.tokens, kind="stable")[: 10 * _N_COMMONEST].tolist():
            found[lexicon.terms[place]] += int(lexicon.tokens[place])
    return Counter(dict(found.most_common(_N_COMMONEST)))
