"""Removal of words and phrases that a tokenizer would cut, such as "e-mail" and "royal mail"."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection

from topicgen.corpus.words.scripts import ALL_WITHOUT_SPACES
from topicgen.corpus.words.whole_words import mark_class

# Characters that are typed for one another.
_ALIKE = {"'": "['\u2019\u02bc]", "\u2019": "['\u2019\u02bc]", "-": "[-\u2010\u2011]"}


def remover(phrases: Collection[str]) -> Callable[[str], str] | None:
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
    # Beside letters that are written without spaces there is no space to wait for.
    letters = rf"(?![{ALL_WITHOUT_SPACES}])[\w{mark_class()}]"
    before = rf"(?:(?<!\w)|(?<=[{ALL_WITHOUT_SPACES}]))"
    pattern = re.compile(rf"{before}(?:{alternatives})(?!{letters})")
    return lambda text: pattern.sub(" ", text)


def _pattern(word: str) -> str:
    return "".join(_ALIKE.get(character, re.escape(character)) for character in word)
