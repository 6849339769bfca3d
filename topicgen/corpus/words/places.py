"""Where the tokens of a text stand in it, for every kind of tokenizer."""

import re
from collections.abc import Callable

from topicgen.corpus.document import split_tokens
from topicgen.corpus.words.scripts import ALL_WITHOUT_SPACES
from topicgen.corpus.words.segmenters import Segmenter
from topicgen.corpus.words.tokenizers import Tokenizer
from topicgen.corpus.words.whole_words import TOKEN_PATTERN, find_places

Place = tuple[int, int]
# A token, and where it stands; None where it was not found.
Placed = tuple[str, Place | None]

# What a tokenizer of one's own returns is looked for so many characters ahead: not all of it, such
# as a lemma, is in the text.
_FAR = 4096

_letter = re.compile(rf"(?![{ALL_WITHOUT_SPACES}])\w").search


def token_places(tokenizer: str | Tokenizer) -> Callable[[str], list[Placed]]:
    r"""Return the function from a text to its tokens and their places.

    The tokens are those of the tokenizer, in its order. A tokenizer that is a function does not say
    where they stand: they are looked for one after the other, first as they are, then in small
    letters, and the place of one that is not found, such as a lemma, is None.

    Args:
        tokenizer: the regular expression of a token, or a function from a text to its tokens.

    Example:
        >>> token_places(r"(?u)\w+")("Rates rose.")
        [('Rates', (0, 5)), ('rose', (6, 10))]
        >>> token_places(lambda text: ["rate", "rise"])("Rates rose.")
        [('rate', (0, 4)), ('rise', None)]
    """
    if tokenizer == TOKEN_PATTERN:
        return lambda text: [(text[start:end], (start, end)) for start, end in find_places(text)]
    if isinstance(tokenizer, str):
        find, group = re.compile(tokenizer).finditer, re.compile(tokenizer).groups
        return lambda text: [
            (found[group], found.span(group)) for found in find(text) if found[group] is not None
        ]
    if tokenizer is split_tokens:
        return _places_of_list
    # A segmenter returns words as they stand, and leaves out only what is no word.
    in_order = isinstance(tokenizer, Segmenter)
    return lambda text: locate(tokenizer(text), text, in_order=in_order)


def locate(tokens: list[str], text: str, *, in_order: bool = False) -> list[Placed]:
    """Return tokens with the places where they are found, one after the other.

    Args:
        tokens: in their order in the text.
        text: where to look for them.
        in_order: whether all of them are in the text; otherwise, a token that comes after words
            that were left out has to be a whole word.

    Example:
        >>> locate(["new", "york", "be"], "New York or Bern")
        [('new', (0, 3)), ('york', (4, 8)), ('be', None)]
    """
    lowered = text.lower()
    if len(lowered) != len(text):
        lowered = text  # places would differ
    placed: list[Placed] = []
    at = 0
    for token in tokens:
        start = _find(token, text, at, in_order)
        if start < 0:
            start = _find(token.lower(), lowered, at, in_order)
        if start < 0 or not token:
            placed.append((token, None))
        else:
            at = start + len(token)
            placed.append((token, (start, at)))
    return placed


def _places_of_list(text: str) -> list[Placed]:
    placed: list[Placed] = []
    start = 0
    for token in split_tokens(text):
        placed.append((token, (start, start + len(token))))
        start += len(token) + 1
    return placed


def _find(token: str, text: str, at: int, in_order: bool) -> int:
    if in_order:
        return text.find(token, at)
    most = at + _FAR + len(token)
    start = text.find(token, at, most)
    if start < 0 or not _letter(text[at:start]):
        return start
    while start >= 0:
        before, after = text[start - 1], text[start + len(token) : start + len(token) + 1]
        if not _letter(before) and not _letter(after):
            return start
        start = text.find(token, start + 1, most)
    return start
