"""What is left of a text, and where each character of it comes from in the text before.

Counting needs only the text that is left; showing words where they stand needs the places too.
Whatever changes a text says which parts it keeps, so that both follow from one function.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import NamedTuple

import numpy as np

# Longer pieces are cut: characters are compared one prefix after another, in quadratic time.
_CHARACTERS_A_PIECE = 64

_pieces = re.compile(rf"\s+|\S{{1,{_CHARACTERS_A_PIECE}}}").findall


class Part(NamedTuple):
    """A part of a changed text, and the part of the text before that it comes from.

    Parts of the same length have one character for each; of others only their ends belong together.

    Args:
        start: in the changed text.
        end: likewise.
        source: the start in the text before.
        source_end: the end there.
    """

    start: int
    end: int
    source: int
    source_end: int

    @property
    def is_unchanged(self) -> bool:
        """Whether each character comes from one."""
        return self.end - self.start == self.source_end - self.source


class Alignment:
    """Where the characters of a changed text come from.

    Args:
        parts: of the changed text, one after another, without gaps.

    Example:
        >>> alignment = Alignment([Part(0, 4, 10, 14), Part(4, 5, 14, 20)])
        >>> alignment.source(1, 3), alignment.source(3, 5)
        ((11, 13), (13, 20))
    """

    def __init__(self, parts: Iterable[Part]) -> None:
        self._parts: list[Part] = []
        for part in parts:
            last = self._parts[-1] if self._parts else None
            if last and last.is_unchanged and part.is_unchanged and last.source_end == part.source:
                self._parts[-1] = Part(last.start, part.end, last.source, part.source_end)
            elif part.end > part.start:
                self._parts.append(part)
            elif last:  # what left nothing belongs to the character before it
                self._parts[-1:] = [*_without_last_character(last, part.source_end)]
        self._starts = [part.start for part in self._parts]

    def source(self, start: int, end: int) -> tuple[int, int]:
        """Return the start and the end, in the text before, of what comes from start to end."""
        first = self._parts[bisect_right(self._starts, start) - 1]
        last = self._parts[bisect_right(self._starts, end - 1) - 1]
        begin = first.source + (start - first.start if first.is_unchanged else 0)
        stop = last.source_end - (last.end - end if last.is_unchanged else 0)
        return begin, stop


def _without_last_character(part: Part, source_end: int) -> list[Part]:
    """Return a part with more text behind its last character."""
    if not part.is_unchanged or part.end - part.start == 1:
        return [part._replace(source_end=source_end)]
    cut, source = part.end - 1, part.source_end - 1
    return [Part(part.start, cut, part.source, source), Part(cut, part.end, source, source_end)]


class Excerpt(NamedTuple):
    """What is kept of a text, in its order, and what stands between the parts afterwards.

    Example:
        >>> kept = Excerpt([(0, 4), (9, 15)], between=" ")
        >>> kept.of("see (a.b) there"), kept.alignment().source(6, 11)
        ('see   there', (10, 15))
    """

    parts: list[tuple[int, int]]
    between: str = ""

    def of(self, text: str) -> str:
        """Return what is kept of a text."""
        return self.between.join([text[start:end] for start, end in self.parts])

    def alignment(self) -> Alignment:
        """Return where the characters of what is kept come from."""
        aligned, at = [], 0
        for (start, end), (following, _) in pairwise([*self.parts, (-1, -1)]):
            aligned.append(Part(at, at := at + end - start, start, end))
            if following >= 0 and self.between:
                aligned.append(Part(at, at := at + len(self.between), end, following))
        return Alignment(aligned)


Keep = Callable[[str], Excerpt]


class Excerpts:
    """A function from a text to what is left of it after some steps.

    Args:
        steps: functions from a text to what is kept of it, each of what the one before has left.

    Example:
        >>> first_line = Excerpts([lambda text: Excerpt([(0, text.index("."))])])
        >>> first_line("Rates rose. They fell.")
        'Rates rose'
    """

    def __init__(self, steps: Iterable[Keep]) -> None:
        self.steps = list(steps)

    def __call__(self, text: str) -> str:
        """Return what is left of a text."""
        for keep in self.steps:
            text = keep(text).of(text)
        return text

    def kept(self, text: str) -> list[tuple[int, int]]:
        """Return the parts of a text that are left: the start and the end of each.

        Example:
            >>> Excerpts([lambda text: Excerpt([(5, 9), (10, 14)], " ")]).kept("Ann: rose fell")
            [(5, 14)]
        """
        places = np.arange(len(text))
        for keep in self.steps:
            parts, between = kept = keep(text)
            rows = []
            for (start, end), (following, _) in pairwise([*parts, (-1, -1)]):
                rows.append(places[start:end])
                if following >= 0:
                    is_own = text[end:following] == between
                    rows.append(places[end:following] if is_own else np.full(len(between), -1))
            places = np.concatenate([*rows, places[:0]])
            text = kept.of(text)
        places = places[places >= 0]
        edges = np.flatnonzero(np.diff(places) != 1) + 1
        return [(int(run[0]), int(run[-1]) + 1) for run in np.split(places, edges) if len(run)]

    def aligned(self, text: str) -> tuple[str, list[Alignment]]:
        """Return what is left of a text, and the alignment of each step with the text before it."""
        alignments = []
        for keep in self.steps:
            kept = keep(text)
            text = kept.of(text)
            alignments.append(kept.alignment())
        return text, alignments


def align_folded(text: str, fold: Callable[[str], str]) -> tuple[str, Alignment | None]:
    r"""Return a text whose case and accents are folded, and where its characters come from.

    The alignment is None where the text cannot be folded word by word.

    Args:
        text: any text.
        fold: a function from a text to another, in which each letter stays in its place.

    Example:
        >>> align_folded("né on", lambda text: text[::-1])
        ('no én', None)
        >>> folded, alignment = align_folded("STRASSE \ufb01n", lambda t: t.replace("\ufb01", "fi"))
        >>> folded[8:11], alignment.source(8, 11)
        ('fin', (8, 10))
    """
    folded = fold(text)
    if text.isascii() and len(folded) == len(text):
        return folded, Alignment([Part(0, len(text), 0, len(text))])
    pieces = _pieces(text)
    changed = list(map(fold, pieces))
    if "".join(changed) != folded:
        return folded, None
    parts, start, source = [], 0, 0
    for piece, new in zip(pieces, changed, strict=True):
        of_piece = [Part(0, len(new), 0, len(piece))]
        if len(new) != len(piece):
            of_piece = _by_prefixes(piece, new, fold)
        for part in of_piece:
            places = zip(part, (start, start, source, source), strict=True)
            parts.append(Part(*(place + offset for place, offset in places)))
        start, source = start + len(new), source + len(piece)
    return folded, Alignment(parts)


def _by_prefixes(piece: str, folded: str, fold: Callable[[str], str]) -> list[Part]:
    """Return the parts of a piece: what each further character adds to the folded text."""
    ends = [len(fold(piece[:size])) for size in range(len(piece) + 1)]
    ends[-1] = len(folded)
    # A mark may shorten what is before it.
    for size in range(len(ends) - 2, -1, -1):
        ends[size] = min(ends[size], ends[size + 1])
    return [
        Part(start, end, source, source + 1) for source, (start, end) in enumerate(pairwise(ends))
    ]
