"""The most typical passage of a text for a topic."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from topicgen.corpus.words.scripts import ALL_WITHOUT_SPACES

USUAL_LENGTH = 40

# A word with what is written next to it, a part of a very long one, such as a URL, or, in scripts
# without spaces, two characters.
_units = re.compile(
    rf"[{ALL_WITHOUT_SPACES}]{{1,2}}|(?:(?![{ALL_WITHOUT_SPACES}])\S){{1,24}}"
).finditer
# Full stops, also of Chinese, Hindi and Arabic, with the quotes and brackets that close after them.
_ends_sentence = re.compile(
    "[.!?\u2026\u3002\uff01\uff1f\u0964\u061f]['\"\u201d\u2019\u00bb)\\]]*$"
).search
_is_abbreviation = re.compile(r"\W*(?:(?:\w\.)+|(?:Mr|Mrs|Ms|Dr|Prof|St|Jr|No|vs|etc|cf)\.)$").match
_breaks = re.compile(r"\n\s*\n").search

Weighted = tuple[int, int, float]
"""The start and the end of a word in a text, and its weight."""


class Passage(NamedTuple):
    """A part of a text, and the words in it that belong to a topic.

    Args:
        text: the part, with a single space for each white space, and an ellipsis where it begins or
            ends within a sentence.
        spans: the start and the end, in ``text``, of each word that the model counts, and its
            expected tokens of the topic, from 0 to 1.
        start: where the part starts in the whole text.
        end: where it ends there.
    """

    text: str
    spans: list[Weighted]
    start: int
    end: int


class _Unit(NamedTuple):
    start: int
    end: int
    ends_sentence: bool


def best_passage(
    text: str,
    words: Sequence[Weighted],
    length: int = USUAL_LENGTH,
    *,
    values: Sequence[float] | None = None,
    parts: Sequence[tuple[int, int]] | None = None,
) -> Passage:
    """Return the passage of at most so many words with the largest value.

    It is made of whole sentences, unless a sentence is longer than that. Of passages of the same
    value it is the first.

    Args:
        text: of a document.
        words: where the words that the model counts stand in it, and the expected tokens of the
            topic for each.
        length: the most words, separated by white space, of a passage; in scripts without spaces,
            two characters count as a word.
        values: what each of the words is worth; by default its expected tokens.
        parts: the parts of the text that a passage may be from; by default all of it.

    Example:
        >>> text = "It rained. The bank raised its rates. Nobody knew why."
        >>> passage = best_passage(text, [(15, 19, 0.9), (31, 36, 0.8)], length=6)
        >>> passage.text, [passage.text[start:end] for start, end, _ in passage.spans]
        ('The bank raised its rates.', ['bank', 'rates'])
    """
    units = [
        unit
        for start, end in ([(0, len(text))] if parts is None else parts)
        for unit in _split(text, start, end)
    ]
    if not units:
        return Passage("", [], 0, 0)
    worth = [weight for _, _, weight in words] if values is None else values
    first, last = _window(units, [start for start, _, _ in words], worth, length)
    begins = first == 0 or units[first - 1].ends_sentence
    return _passage(text, units[first : last + 1], words, whole=(begins, units[last].ends_sentence))


def _split(text: str, start: int, end: int) -> list[_Unit]:
    found = [unit.span() for unit in _units(text, start, end)]
    units = []
    for number, (begin, stop) in enumerate(found):
        last = number + 1 == len(found)
        after = "" if last else text[stop : found[number + 1][0] + 1]
        units.append(_Unit(begin, stop, last or _is_end(text[begin:stop], after)))
    return units


def _is_end(run: str, after: str) -> bool:
    """Return whether a sentence ends with a run; after it come spaces and the next character."""
    if _breaks(after):
        return True
    if not _ends_sentence(run[-4:]) or _is_abbreviation(run[-8:]):
        return False
    # What is as wide as an ideograph needs no space behind it.
    return run[-1] > "\u2fff" or (after[0].isspace() and not after[-1].islower())


def _window(
    units: list[_Unit], places: Sequence[int], values: Sequence[float], length: int
) -> tuple[int, int]:
    """Return the first and the last unit of the best passage."""
    starts = [unit.start for unit in units]
    of_units = [0.0] * len(units)
    for place, value in zip(places, values, strict=True):
        at = bisect_right(starts, place) - 1
        if at >= 0 and place < units[at].end:
            of_units[at] += value
    sums = [0.0, *accumulate(of_units)]
    ends = [number for number, unit in enumerate(units) if unit.ends_sentence]
    best, found, n_equal = -1.0, (0, 0), 0
    sentence = 0
    for number, end in enumerate(ends):
        is_long = end - sentence >= length
        n_equal = 0  # windows of this sentence, one after another, that are as good as the best
        for first in range(sentence, end - length + 2 if is_long else sentence + 1):
            last = min(first + length, len(units)) - 1
            if not is_long:
                last = ends[bisect_right(ends, last, lo=number) - 1]
            value = sums[last + 1] - sums[first]
            if value > best * (1 + 1e-9):
                best, found, n_equal = value, (first, last), 1
            elif first == found[0] + n_equal and value >= best * (1 - 1e-9) > 0:
                n_equal += 1
        if n_equal > 1:  # with as much of the sentence before the words as after them
            found = found[0] + n_equal // 2, found[1] + n_equal // 2
        sentence = end + 1
    return found


def _passage(
    text: str, units: list[_Unit], words: Sequence[Weighted], *, whole: tuple[bool, bool]
) -> Passage:
    """Return the passage of some units."""
    begins, ends = whole
    pieces: list[str] = [] if begins else ["… "]
    at = sum(map(len, pieces))
    places: list[int] = []  # of the units, in the passage
    before = units[0].start
    for start, end, _ in units:
        if start > before:
            pieces.append(" ")
            at += 1
        places.append(at)
        pieces.append(text[start:end])
        at += end - start
        before = end
    if not ends:
        pieces.append(" …")
    starts = [start for start, _, _ in units]
    spans = []
    for start, end, weight in sorted(words):
        first = bisect_right(starts, start) - 1
        last = bisect_right(starts, end - 1) - 1
        if first >= 0 and start < units[first].end:
            stop = min(end, units[last].end)
            begin = places[first] + start - starts[first]
            spans.append((begin, places[last] + stop - starts[last], weight))
    return Passage("".join(pieces), spans, units[0].start, units[-1].end)
