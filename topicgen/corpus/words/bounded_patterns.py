r"""Regular expressions that cannot take forever, whatever the text.

Python's ``re`` tries one way through a pattern after the other. The pattern ``(\w+)+!`` cuts a word
of n letters into parts in 2^n ways, and each is tried before the search moves on. Here a pattern is
taken as an automaton whose states are its characters (Glushkov, 1961), each edge with the number of
ways in which the pattern can take it. Reading any text, the ways that are still open are counted.
Where these never exceed ``MOST_WAYS``, a search from one place in a text takes steps in proportion
to the letters it reads: ``\w\w+``, ``[a-z]+(?:-[a-z]+)*`` and most patterns of words have one way.
It reads no further than a few words where no part that is repeated without end matches white space.
"""

import importlib
import re
import sys
from collections import Counter
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

# The ways through a pattern that may be open at once.
MOST_WAYS = 16
# Beyond these sizes a pattern is not looked into: its text, its automaton, and what that reaches.
_MOST_CHARACTERS, _MOST_STATES, _MOST_CLASSES, _MOST_REACHED = 1000, 300, 24, 2000

_parser: Any = importlib.import_module("re._parser" if sys.version_info >= (3, 11) else "sre_parse")
_compiler: Any = importlib.import_module(
    "re._compiler" if sys.version_info >= (3, 11) else "sre_compile"
)
_ONE_CHARACTER = ("LITERAL", "NOT_LITERAL", "ANY", "IN")

Ways = Counter[int]


class _UnclearError(Exception):
    """Why nothing is said about a pattern."""


class _Part(NamedTuple):
    """A part of a pattern.

    Args:
        first: the states that it may begin with, and in how many ways.
        last: the states that it may end with.
        empty: in how many ways it matches an empty text.
    """

    first: Ways
    last: Ways
    empty: int


@lru_cache(64)
def why_unbounded(pattern: str) -> str | None:
    r"""Return why a pattern may take forever; None where it cannot.

    Args:
        pattern: a valid regular expression.

    Example:
        >>> why_unbounded(r"(?u)\b\w\w+\b"), why_unbounded(r"[a-z]+(?:['-][a-z]+)*")
        (None, None)
        >>> why_unbounded(r"(\w+)+!")
        'which may take forever to match'
        >>> why_unbounded(r"[^;]+;")
        'which may read a whole text again from every place in it'
    """
    if len(pattern) > _MOST_CHARACTERS:
        return f"which is longer than {_MOST_CHARACTERS:,} characters"
    try:
        automaton = _Automaton(pattern)
    except _UnclearError as reason:
        return f"which may take forever to match ({reason})"
    except (RecursionError, OverflowError, re.error):
        return "which is nested too deeply"
    if automaton.crosses_spaces():
        return "which may read a whole text again from every place in it"
    return None if automaton.is_bounded() else "which may take forever to match"


class _Automaton:
    """The characters of a pattern as states, and in how many ways one may follow another."""

    def __init__(self, pattern: str) -> None:
        parsed = _parser.parse(pattern)
        self.flags = parsed.state.flags
        self.classes: list[np.ndarray] = []
        self._class_of: dict[str, int] = {}
        self.state_class: list[int] = []
        self.follow: list[Ways] = []
        self.start = self._sequence(list(parsed), self.flags)

    def crosses_spaces(self) -> bool:
        """Return whether the pattern can match white space again and again without end."""
        spaces = [i for i, one in enumerate(_all_characters()) if one.isspace()]
        blank = [bool(members[spaces].any()) for members in self.classes]
        for state in range(len(self.follow)):
            if blank[self.state_class[state]] and state in self._reached_from(state):
                return True
        return False

    def _reached_from(self, state: int) -> set[int]:
        reached: set[int] = set()
        waiting = [state]
        while waiting:
            new = self.follow[waiting.pop()].keys() - reached
            reached |= new
            waiting += new
        return reached

    def is_bounded(self) -> bool:
        """Return whether no text leaves more than ``MOST_WAYS`` ways open at once."""
        if not self.classes:
            return True
        # Characters that the same classes have are as one.
        codes = np.zeros(sys.maxunicode + 1, dtype=np.int64)
        for number, members in enumerate(self.classes):
            codes |= members.astype(np.int64) << number
        alphabet = [int(code) for code in np.unique(codes) if code]
        begin = tuple(sorted(self.start.first.items()))
        seen, waiting = {begin}, [begin]
        while waiting:
            open_ways = waiting.pop()
            if sum(ways for _, ways in open_ways) > MOST_WAYS or len(seen) > _MOST_REACHED:
                return False
            for letter in alphabet:
                after: Ways = Counter()
                for state, ways in open_ways:
                    if letter >> self.state_class[state] & 1:
                        for other, edges in self.follow[state].items():
                            after[other] += ways * edges
                reached = tuple(sorted(after.items()))
                if reached not in seen:
                    seen.add(reached)
                    waiting.append(reached)
        return True

    def _sequence(self, items: list[Any], flags: int) -> _Part:
        whole = _Part(Counter(), Counter(), 1)
        for item in items:
            whole = self._joined(whole, self._item(item, flags))
        return whole

    def _joined(self, before: _Part, after: _Part) -> _Part:
        self._connect(before.last, after.first)
        return _Part(
            before.first + _times(after.first, before.empty),
            _times(before.last, after.empty) + after.last,
            before.empty * after.empty,
        )

    def _connect(self, last: Ways, first: Ways) -> None:
        for state, ways in last.items():
            self.follow[state] += _times(first, ways)

    def _item(self, item: tuple[Any, Any], flags: int) -> _Part:
        operation, argument = str(item[0]), item[1]
        if operation in _ONE_CHARACTER:
            return self._character(item, flags)
        if operation == "AT":
            return _Part(Counter(), Counter(), 1)
        if operation == "BRANCH":
            parts = [self._sequence(list(one), flags) for one in argument[1]]
            first: Ways = sum((part.first for part in parts), Counter())
            last: Ways = sum((part.last for part in parts), Counter())
            return _Part(first, last, sum(part.empty for part in parts))
        if operation == "SUBPATTERN":
            _, added, removed, body = argument
            return self._sequence(list(body), (flags | added) & ~removed)
        if operation in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            least, most, body = argument
            return self._repeat(least, most, body, flags)
        if operation == "ATOMIC_GROUP":
            return self._sequence(list(argument), flags)
        if operation in ("ASSERT", "ASSERT_NOT"):
            # What it looks at is not read; a few characters at every place cost little.
            if any(str(inner) not in (*_ONE_CHARACTER, "AT") for inner, _ in argument[1]):
                raise _UnclearError("it looks ahead or back by more than a few characters")
            return _Part(Counter(), Counter(), 1)
        raise _UnclearError("it refers to its own groups")

    def _repeat(self, least: int, most: Any, body: Any, flags: int) -> _Part:
        items = list(body)
        whole = _Part(Counter(), Counter(), 1)
        if str(most) == "MAXREPEAT":
            for _ in range(max(least - 1, 0)):
                whole = self._joined(whole, self._sequence(items, flags))
            part = self._sequence(items, flags)
            self._connect(part.last, part.first)
            empty = part.empty + (least == 0)
            return self._joined(whole, _Part(part.first, part.last, empty))
        optional = _Part(Counter(), Counter(), 1)
        for _ in range(int(most) - least):  # from the last: x(x(x)?)?
            inner = self._joined(self._sequence(items, flags), optional)
            optional = _Part(inner.first, inner.last, inner.empty + 1)
        for _ in range(least):
            whole = self._joined(whole, self._sequence(items, flags))
        return self._joined(whole, optional)

    def _character(self, item: tuple[Any, Any], flags: int) -> _Part:
        key = f"{flags} {item}"
        if key not in self._class_of:
            if len(self.classes) == _MOST_CLASSES:
                raise _UnclearError(f"it has more than {_MOST_CLASSES} classes of characters")
            self._class_of[key] = len(self.classes)
            self.classes.append(_members(item, flags))
        state = len(self.follow)
        if state == _MOST_STATES:
            raise _UnclearError(
                f"it has more than {_MOST_STATES} characters, repeated ones included"
            )
        self.follow.append(Counter())
        self.state_class.append(self._class_of[key])
        return _Part(Counter([state]), Counter([state]), 0)


def _times(ways: Ways, factor: int) -> Ways:
    # One more than is allowed is as good as many more.
    return Counter({s: min(n * factor, MOST_WAYS + 1) for s, n in ways.items() if factor})


@lru_cache(1)
def _all_characters() -> str:
    return "".join(map(chr, range(sys.maxunicode + 1)))


def _members(item: tuple[Any, Any], flags: int) -> np.ndarray:
    """Return which characters match one of a pattern, as ``re`` itself finds it."""
    state = _parser.State()
    state.flags = flags
    body = _parser.SubPattern(state, [item])
    run = _parser.SubPattern(state, [(_parser.MAX_REPEAT, (1, _parser.MAXREPEAT, body))])
    members = np.zeros(sys.maxunicode + 1, dtype=bool)
    for found in _compiler.compile(run, flags).finditer(_all_characters()):
        members[found.start() : found.end()] = True
    return members
