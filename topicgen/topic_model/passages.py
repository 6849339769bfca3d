"""The part of a text that shows a topic best."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

from topicgen.corpus.words.scripts import ALL_WITHOUT_SPACES

USUAL_LENGTH = 40

# A run without spaces or, in scripts that have none, about a word of two characters.
_units = re.compile(rf"[{ALL_WITHOUT_SPACES}]{{1,2}}|(?:(?![{ALL_WITHOUT_SPACES}])\S)+").finditer
# Full stops, also of Chinese, Hindi and Arabic, with the quotes and brackets that close after them.
_ends_sentence = re.compile(
    "[.!?\u2026\u3002\uff01\uff1f\u0964\u061f]['\"\u201d\u2019\u00bb)\\]]*$"
).search
_is_abbreviation = re.compile(r"\W*(?:(?:\w\.)+|(?:Mr|Mrs|Ms|Dr|Prof|St|Jr|No|vs|etc|cf)\.)$").match
_breaks = re.compile(r"\n\s*\n").search

# Of a longer run, such as a URL, a passage has the beginning.
_LONGEST_RUN = 60

Weighted = tuple[int, int, float]
"""The start and the end of a word in a text, and its weight."""


class Passage(NamedTuple):
    """A part of a text, and the words in it that belong to a topic.

    Args:
        text: the part, with a single space for each white space; an ellipsis stands where it begins
            or ends within a sentence, and for the rest of very long words.
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


def best_passage(text: str, words: Sequence[Weighted], length: int = USUAL_LENGTH) -> Passage:
    """Return the passage of at most so many words with the largest weight.

    It is made of whole sentences, unless a sentence is longer than that. Of passages of the same
    weight it is the first.

    Args:
        text: of a document.
        words: where the words that the model counts stand in it, and the expected tokens of the
            topic for each.
        length: the most words, separated by white space, of a passage; in scripts without spaces,
            two characters count as a word.

    Example:
        >>> text = "It rained. The bank raised its rates. Nobody knew why."
        >>> passage = best_passage(text, [(15, 19, 0.9), (31, 36, 0.8)], length=6)
        >>> passage.text, [passage.text[start:end] for start, end, _ in passage.spans]
        ('The bank raised its rates.', ['bank', 'rates'])
    """
    units = _split(text)
    if not units:
        return Passage("", [], 0, 0)
    first, last = _window(units, words, length)
    begins = first == 0 or units[first - 1].ends_sentence
    return _passage(text, units[first : last + 1], words, whole=(begins, units[last].ends_sentence))


def _split(text: str) -> list[_Unit]:
    found = [unit.span() for unit in _units(text)]
    units = []
    for number, (start, end) in enumerate(found):
        last = number + 1 == len(found)
        after = "" if last else text[end : found[number + 1][0] + 1]
        units.append(_Unit(start, end, last or _is_end(text[start:end], after)))
    return units


def _is_end(run: str, after: str) -> bool:
    """Return whether a sentence ends with a run; after it come spaces and the next character."""
    if _breaks(after):
        return True
    if not _ends_sentence(run[-4:]) or _is_abbreviation(run[-8:]):
        return False
    # What is as wide as an ideograph needs no space behind it.
    return run[-1] > "\u2fff" or (after[0].isspace() and not after[-1].islower())


def _window(units: list[_Unit], words: Sequence[Weighted], length: int) -> tuple[int, int]:
    """Return the first and the last unit of the best passage."""
    starts = [unit.start for unit in units]
    weights = [0.0] * len(units)
    for start, _, weight in words:
        weights[max(bisect_right(starts, start) - 1, 0)] += weight
    sums = [0.0, *accumulate(weights)]
    # The last unit before each place that ends a sentence, and the first unit of its sentence.
    ends = [number for number, unit in enumerate(units) if unit.ends_sentence]
    best, found = -1.0, (0, 0)
    sentence = 0
    for number, end in enumerate(ends):
        is_long = end - sentence >= length
        for first in range(
            sentence, max(end - length + 2, sentence + 1) if is_long else sentence + 1
        ):
            last = min(first + length, len(units)) - 1
            if not is_long:
                last = ends[bisect_right(ends, last, lo=number) - 1]
            weight = sums[last + 1] - sums[first]
            if weight > best * (1 + 1e-9):
                best, found = weight, (first, last)
        sentence = end + 1
    return found


def _passage(
    text: str, units: list[_Unit], words: Sequence[Weighted], *, whole: tuple[bool, bool]
) -> Passage:
    """Return the passage of some units."""
    begins, ends = whole
    pieces: list[str] = [] if begins else ["… "]
    at = sum(map(len, pieces))
    places: list[tuple[int, int, int]] = []  # the start and the end in the text, and in the passage
    before = None
    for start, end, _ in units:
        if before is not None and start > before:
            pieces.append(" ")
            at += 1
        shown = min(end, start + _LONGEST_RUN)
        places.append((start, shown, at))
        pieces.append(text[start:shown])
        at += shown - start
        if shown < end:
            pieces.append("…")
            at += 1
        before = end
    if not ends:
        pieces.append(" …")
    starts = [start for start, _, _ in places]
    spans = []
    for start, end, weight in sorted(words):
        if not units[0].start <= start < units[-1].end:
            continue
        first = places[bisect_right(starts, start) - 1]
        last = places[bisect_right(starts, end - 1) - 1]
        begin = first[2] + start - first[0]
        stop = last[2] + min(end, last[1]) - last[0]
        if start < first[1] and stop > begin:
            spans.append((begin, stop, weight))
    return Passage("".join(pieces), spans, units[0].start, units[-1].end)
