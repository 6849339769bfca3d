"""The passage of a document that shows a topic, with the words that come from it."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

# Letters and digits, with the apostrophes and hyphens inside a word.
_WORD = re.compile(r"[^\W_]+(?:['’ʼ\-][^\W_]+)*")
_SPACE = re.compile(r"\s+")
_WORDS = 55  # of a passage
_TO_SENTENCE = 90  # characters before a passage, to begin it with a sentence
_LEAST = 0.5  # a word is highlighted if the topic is as probable as this

Analyze = Callable[[str], Sequence[str]]


class Passage(NamedTuple):
    """A part of a text.

    Args:
        parts: pieces of the text in turn, every second one highlighted: the first is not.
        is_cut: whether text was left out before it, and behind it.
    """

    parts: list[str]
    is_cut: tuple[bool, bool]


def find_passage(text: str, weights: Mapping[str, float], analyze: Analyze) -> Passage:
    """Return the passage in which the words of a topic weigh most.

    Args:
        text: of the document.
        weights: the probability that a word of the document comes from the topic, by word.
        analyze: the terms of a piece of text, as the model counts them.

    Example:
        >>> passage = find_passage("Banks raised rates.", {"rates": 0.9}, lambda w: [w.lower()])
        >>> passage.parts
        ['Banks raised ', 'rates', '.']
    """
    text = _SPACE.sub(" ", text).strip()
    words = list(_WORD.finditer(text))
    if not words:
        return Passage([text[:300]], (False, len(text) > 300))
    hits = [_hits(word, weights, analyze) for word in words]
    value = [sum(weight for _, _, weight in found) for found in hits]
    first = _best_window(value, _WORDS)
    last = min(first + _WORDS, len(words)) - 1
    start = words[first].start()
    if first:
        before = text[max(start - _TO_SENTENCE, 0) : start]
        ends = [match.end() for match in re.finditer(r"[.!?。！？] ?", before)]
        start = start - len(before) + ends[-1] if ends else start
    else:
        start = 0
    stop = len(text) if last == len(words) - 1 else words[last].end()
    stop = min(stop, words[last].end() + 40)
    parts, at = [], start
    for found in hits[: last + 1]:
        for begin, end, weight in found:
            if begin >= at and end <= stop and weight >= _LEAST:
                parts += [text[at:begin], text[begin:end]]
                at = end
    return Passage([*parts, text[at:stop]], (start > 0, stop < len(text)))


def _hits(
    word: "re.Match[str]", weights: Mapping[str, float], analyze: Analyze
) -> list[tuple[int, int, float]]:
    """Return where the terms of a written word begin and end, with the weight of each."""
    known = [(term, weights[term]) for term in analyze(word[0]) if term in weights]
    if len(known) < 2:
        return [(word.start(), word.end(), weight) for _, weight in known]
    # Without spaces between words, a run of letters holds several.
    found, at, lowered = [], 0, word[0].lower()
    for term, weight in known:
        place = lowered.find(term, at)
        if place >= 0:
            found.append((word.start() + place, word.start() + place + len(term), weight))
            at = place + len(term)
    return found


def _best_window(values: Sequence[float], length: int) -> int:
    """Return the start of the window with the largest sum, the first of several."""
    if len(values) <= length:
        return 0
    total = best = sum(values[:length])
    start = 0
    for place in range(1, len(values) - length + 1):
        total += values[place + length - 1] - values[place - 1]
        if total > best + 1e-9:
            best, start = total, place
    return start
