"""Removal of words and phrases that a tokenizer would cut, such as "e-mail" and "royal mail"."""

import re
from collections import defaultdict
from collections.abc import Collection

from topicgen.corpus.words.excerpts import Excerpt, Excerpts
from topicgen.corpus.words.scripts import ALL_WITHOUT_SPACES
from topicgen.corpus.words.whole_words import mark_class

# Characters that are typed for one another.
_ALIKE = {"'": "['\u2019\u02bc]", "\u2019": "['\u2019\u02bc]", "-": "[-\u2010\u2011]"}


def remover(phrases: Collection[str]) -> Excerpts | None:
    """Return the function that puts a space for each phrase in a text, or None without phrases.

    A phrase is found where it stands between other characters than those of words; its spaces may
    be any white space, its apostrophes and hyphens of any form.

    >>> remove = remover(["e-mail", "new york"])
    >>> remove("royal mail and e-mail, new  york, new e-mails")
    'royal mail and  ,  , new e-mails'
    """
    if not phrases:
        return None
    # ``re`` tries one alternative after another: fewer of them where the first word is shared.
    by_first: dict[str, list[str]] = defaultdict(list)
    for phrase in sorted(phrases, key=len, reverse=True):
        first, *others = phrase.split()
        by_first[first].append("".join(rf"\s+{_pattern(word)}" for word in others))
    alternatives = "|".join(
        f"{_pattern(first)}(?:{'|'.join(others)})" for first, others in by_first.items()
    )
    # A letter is in the way, unless it or the phrase is of a script without spaces.
    letter = rf"(?![{ALL_WITHOUT_SPACES}])[\w{mark_class()}]"
    unspaced = rf"[{ALL_WITHOUT_SPACES}]"
    search = re.compile(rf"(?:{alternatives})(?:(?!{letter})|(?<={unspaced}))").search
    # Looked at afterwards: a pattern that begins with letters is found five times as fast.
    is_joined = re.compile(rf"{letter}(?!{unspaced})").match

    def keep(text: str) -> Excerpt:
        kept: list[tuple[int, int]] = []
        end = start = 0
        while found := search(text, start):
            start = found.start() + 1
            if start == 1 or not is_joined(text, start - 2):
                kept.append((end, start - 1))
                end = start = found.end()
        return Excerpt([*kept, (end, len(text))], between=" ")

    return Excerpts([keep])


def _pattern(word: str) -> str:
    return "".join(_ALIKE.get(character, re.escape(character)) for character in word)
