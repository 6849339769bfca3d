"""Words that occur together more often than by chance, such as New York: found and joined."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

from topicgen.corpus.document import SEPARATOR
from topicgen.extras import needed

MIN_COUNT = 10
THRESHOLD = 0.5
# Words and pairs counted at a time, in about half a gigabyte; past it gensim forgets the rarest.
_MOST_COUNTED = 2**22

Phrase = tuple[str, str]
Join = Callable[[list[str]], list[str]]
# The first token of each term, and the one after its last.
Groups = Callable[[list[str]], list[tuple[int, int]]]


def learn_phrases(documents: Iterable[list[str]], min_count: int) -> list[Phrase]:
    """Return the pairs of neighbouring words whose NPMI is above THRESHOLD, in alphabetical order.

    Args:
        documents: the tokens of each; read once.
        min_count: how often a pair must occur.

    Raises:
        InputError: where gensim is not installed; no document has been read then.

    Source: G. Bouma, Normalized (Pointwise) Mutual Information in Collocation Extraction (2009).

    Example:
        >>> documents = ["rates in new york", "new york in rates", "in rates"]
        >>> learn_phrases(map(str.split, documents), min_count=2)
        [('new', 'york')]
    """
    with needed("gensim", "phrases need"):
        from gensim.models.phrases import Phrases

    model = Phrases(
        documents,
        min_count=min_count,
        threshold=THRESHOLD,
        max_vocab_size=_MOST_COUNTED,
        delimiter=SEPARATOR,
        scoring="npmi",
    )
    pairs = (phrase.split(SEPARATOR) for phrase in model.export_phrases())
    return sorted((first, second) for first, second in pairs)


def read_tokens(
    documents: Iterable[str],
    tokenize: Callable[[str], list[str]],
    min_count: int,
    path: Path | None = None,
) -> tuple[Iterable[str], list[Phrase]]:
    """Return the tokens of each document as one string, for ``split_tokens``, and the phrases.

    The phrases are known only after the last document, and documents may come only once. A string
    takes about a byte a character, less than the counts of its tokens will.

    Args:
        documents: the texts; read once.
        tokenize: text to tokens.
        min_count: how often a phrase must occur.
        path: a file to write the strings to, where they are too many for memory.

    Example:
        >>> from topicgen.corpus.document import split_tokens
        >>> texts, phrases = read_tokens(["new york", "in new york", ""], str.split, min_count=2)
        >>> [split_tokens(text) for text in texts], phrases
        ([['new', 'york'], ['in', 'new', 'york'], []], [('new', 'york')])
    """
    texts: list[str] = []

    def token_lists(keep: Callable[[str], object]) -> Iterator[list[str]]:
        for text in documents:
            tokens = tokenize(text)
            keep(SEPARATOR.join(tokens))
            yield tokens

    if path is None:
        phrases = learn_phrases(token_lists(texts.append), min_count)
        return texts, phrases
    with path.open("w", encoding="ascii") as lines:
        # JSON, as a token may hold a line break, or half of a surrogate pair.
        phrases = learn_phrases(
            token_lists(lambda text: lines.write(f"{json.dumps(text)}\n")), min_count
        )
    return _read_lines(path), phrases


def _read_lines(path: Path) -> Iterator[str]:
    with path.open(encoding="ascii") as lines:
        yield from map(json.loads, lines)


def joiner(phrases: Collection[Phrase], ngram_range: tuple[int, int]) -> Join | None:
    """Return the function from a text's tokens to its terms, or None where these are the same.

    Args:
        phrases: the pairs to join by "_".
        ngram_range: the least and the greatest number of tokens, or phrases, in a term.

    Example:
        >>> joiner([("new", "york")], (1, 2))(["in", "new", "york"])
        ['in', 'new_york', 'in new_york']
    """
    if ngram_range == (1, 1):
        return phrase_joiner(phrases) if phrases else None
    if not phrases:
        return ngram_joiner(*ngram_range)
    in_phrases, in_ngrams = phrase_joiner(phrases), ngram_joiner(*ngram_range)
    return lambda tokens: in_ngrams(in_phrases(tokens))


def phrase_joiner(phrases: Collection[Phrase]) -> Join:
    """Return the function that joins phrases, from left to right, without overlaps.

    >>> phrase_joiner([("a", "b"), ("b", "c")])("x a b c".split())
    ['x', 'a_b', 'c']
    """
    pairs = frozenset(phrases)

    def join(tokens: list[str]) -> list[str]:
        # As gensim's FrozenPhrases, which cannot be made from a list and loads all of gensim.
        terms: list[str] = []
        waiting = None
        for token in tokens:
            if waiting is None:
                waiting = token
            elif (waiting, token) in pairs:
                terms.append(f"{waiting}_{token}")
                waiting = None
            else:
                terms.append(waiting)
                waiting = token
        return terms if waiting is None else [*terms, waiting]

    return join


def ngram_joiner(least: int, most: int) -> Join:
    """Return the function that lists n-grams, the longer ones after the shorter.

    >>> ngram_joiner(1, 2)(["a", "b", "c"])
    ['a', 'b', 'c', 'a b', 'b c']
    """

    def join(tokens: list[str]) -> list[str]:
        return [
            " ".join(tokens[start : start + size])
            for size in range(least, most + 1)
            for start in range(len(tokens) - size + 1)
        ]

    return join


def grouper(phrases: Collection[Phrase], ngram_range: tuple[int, int]) -> Groups:
    """Return the function that says which tokens make each of the terms of ``joiner``.

    Args:
        phrases: the pairs to join by "_".
        ngram_range: the least and the greatest number of tokens, or phrases, in a term.

    Example:
        >>> grouper([("new", "york")], (1, 2))(["in", "new", "york"])
        [(0, 1), (1, 3), (0, 3)]
    """
    pairs, (least, most) = frozenset(phrases), ngram_range

    def group(tokens: list[str]) -> list[tuple[int, int]]:
        parts, start = [], 0
        while start < len(tokens):
            stop = start + 1 + (tuple(tokens[start : start + 2]) in pairs)
            parts.append((start, stop))
            start = stop
        return [
            (parts[first][0], parts[first + size - 1][1])
            for size in range(least, most + 1)
            for first in range(len(parts) - size + 1)
        ]

    return group
