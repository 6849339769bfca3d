"""Seed words: which topics have names, and which words of the vocabulary are theirs."""

import warnings
from collections.abc import Collection, Mapping, Set
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import numpy as np

from topicgen.errors import InputError, shown
from topicgen.plain import plain, quoted

_EXAMPLE = "such as {'economy': ['growth', 'tax*']}"
# A pattern that matches this share of the vocabulary, and more than two words, says nothing.
_MOST_MATCHED = 0.5
_MOST_LISTED = 10


@dataclass(frozen=True)
class SeedWords:
    """The names of the first topics, and the seeds of each as words of the vocabulary.

    Args:
        words: the words of each topic that has a name, in the order of the topics.

    Example:
        >>> vocabulary = ["growth", "tax", "taxes", "virus"]
        >>> SeedWords.of({"economy": ["growth", "tax*"], "health": ["virus"]}, vocabulary).words
        {'economy': ['growth', 'tax', 'taxes'], 'health': ['virus']}
    """

    words: Mapping[str, list[str]]

    def __repr__(self) -> str:
        shown = ", ".join(f"{name!r}: {len(words)} words" for name, words in self.words.items())
        return f"SeedWords({shown})"

    @classmethod
    def of(
        cls, seeds: Mapping[str, Any], vocabulary: list[str] | None, *, warn: bool = True
    ) -> "SeedWords":
        """Return the words of the vocabulary that seeds stand for.

        A seed with ``*``, ``?`` or ``[...]`` is a pattern; see ``fnmatch``.

        Args:
            seeds: a list of words and patterns for each name, as ``checked_seeds`` returns it.
            vocabulary: the word of each column, or None.
            warn: whether to warn about seeds that match no word.

        Raises:
            InputError: where there is no vocabulary, a topic has no seed in it, or a pattern
                matches half of it.
        """
        if vocabulary is None:
            raise InputError(
                "seeds need a vocabulary, but the counts came without words; pass texts, a Corpus "
                "or a data frame of counts with a column for each word"
            )
        known = set(vocabulary)
        missing: list[str] = []
        words: dict[str, list[str]] = {}
        for name, listed in seeds.items():
            found: dict[str, None] = {}  # a set that keeps the order
            for seed in listed:
                matches = [seed] if seed in known else _matches(seed, name, vocabulary)
                found |= dict.fromkeys(matches)
                if not matches:
                    missing.append(_described(seed, name, known))
            if not found:
                raise InputError(
                    f"none of the seeds of {quoted(name)} is in the vocabulary of "
                    f"{len(vocabulary):,} words, got {shown(list(listed))}; choose words that the "
                    "documents have"
                )
            words[name] = list(found)
        if missing and warn:
            some = ", ".join(missing[:_MOST_LISTED])
            more = f" and {len(missing) - _MOST_LISTED} more" if len(missing) > _MOST_LISTED else ""
            warnings.warn(
                f"seeds that are not in the vocabulary are ignored: {some}{more}; check their "
                "spelling, or how the vectorizer counts words",
                UserWarning,
                stacklevel=2,
            )
        return cls(words)

    def columns(self, vocabulary: list[str]) -> list[np.ndarray]:
        """Return the columns of the seeds of each topic that has a name."""
        column = {word: number for number, word in enumerate(vocabulary)}
        return [np.array([column[word] for word in each]) for each in self.words.values()]

    def names(self, n_topics: int) -> list[str | None]:
        """Return the name of each topic, None for those without seeds."""
        return [*self.words, *[None] * (n_topics - len(self.words))]


def checked_seeds(seeds: Any, n_components: int, *, background: bool = False) -> dict[str, Any]:
    """Return seeds as lists of words by the name of their topic.

    Raises:
        InputError: where they are of another kind, a list is empty, or there are more of them than
            topics that can have seeds.
    """
    if not isinstance(seeds, Mapping):
        raise InputError(
            f"seeds must be a mapping from names of topics to lists of words, {_EXAMPLE}, got "
            f"{shown(seeds)}; leave it out for topics without seeds"
        )
    if not seeds:
        raise InputError(
            f"seeds must name at least one topic, {_EXAMPLE}, got {shown(seeds)}; leave it out for "
            "topics without seeds"
        )
    checked = {
        checked_name(name, "seeds"): _checked_list(name, each) for name, each in seeds.items()
    }
    n_free = n_components - background
    if len(checked) > n_free:
        besides = " besides the background" if background else ""
        raise InputError(
            f"seeds name {len(checked)} topics, but n_components = {n_components} allows "
            f"{n_free}{besides}; raise n_components, or leave some out"
        )
    return checked


def checked_name(name: Any, argument: str) -> str:
    """Return the name of a topic, which is a single line of text.

    Args:
        name: what was given.
        argument: what the argument is called that it was given in.

    Raises:
        InputError: where it is something else.
    """
    if not isinstance(name, str) or not name.strip():
        raise InputError(
            f"topic names must be strings that are not blank, got {shown(name)} in {argument}; "
            "choose another name"
        )
    if plain(name) != name:
        raise InputError(
            "topic names must be a single line without control characters, got "
            f"{shown(name)} in {argument}; choose another name"
        )
    return str.__str__(name)


def _checked_list(name: str, words: Any) -> list[str]:
    if isinstance(words, str | bytes | Mapping) or not isinstance(words, Collection):
        raise InputError(
            f"seeds[{quoted(name)}] must be a list of words, {_EXAMPLE}, got {shown(words)}; put "
            "the words in a list"
        )
    # A set has another order in every process, and with it sums would be rounded differently.
    listed = sorted(words, key=str) if isinstance(words, Set) else list(words)
    if not listed:
        raise InputError(
            f"seeds[{quoted(name)}] must have at least one word, got an empty list; add one"
        )
    for number, word in enumerate(listed):
        if not isinstance(word, str) or not word:
            raise InputError(
                f"seeds[{quoted(name)}] must be a list of words, got {shown(word)} at index "
                f"{number}; make it a string"
            )
    return list(map(str.__str__, listed))


def _matches(seed: str, name: str, vocabulary: list[str]) -> list[str]:
    if not any(character in seed for character in "*?["):
        return []
    matches = [word for word in vocabulary if fnmatchcase(word, seed)]
    if len(matches) > 2 and len(matches) >= _MOST_MATCHED * len(vocabulary):
        raise InputError(
            f"the pattern {quoted(seed)} in seeds[{quoted(name)}] matches {len(matches):,} of the "
            f"{len(vocabulary):,} words, too many to tell a topic by; make it longer"
        )
    return matches


def _described(seed: str, name: str, known: set[str]) -> str:
    lower = seed.lower()
    hint = f" (the vocabulary has {quoted(lower)})" if lower in known else ""
    return f"{quoted(seed)} of {quoted(name)}{hint}"
