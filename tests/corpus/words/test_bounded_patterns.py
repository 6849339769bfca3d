"""Patterns that a stranger's folder may use, and those that it may not."""

import time

import pytest

from topicgen.corpus.words.bounded_patterns import why_unbounded
from topicgen.corpus.words.foreign import Foreign
from topicgen.corpus.words.tokenizers import pattern_tokenizer
from topicgen.corpus.words.whole_words import PLAIN_PATTERN, TOKEN_PATTERN
from topicgen.errors import InputError

REAL = [
    PLAIN_PATTERN,
    r"(?u)\b\w\w+\b",
    r"[a-zA-Z]{3,}",
    r"\w+(?:-\w+)*",
    r"[a-z]+(?:'[a-z]+)?",
    r"\w[\w'-]*\w",
    r"\d+(?:\.\d+)?|\w+",
    r"\w+-\w+|\w+",
    r"[@#]?\w+",
    r"\S+",
    r"(?i)[a-z]+(?:-[a-z]+)*",
    r"[^\W\d_]+",
    r"(?<!\S)[a-z]+(?!\S)",
    r"[a-z]{2,30}",
    r"\b[a-zA-Z][a-zA-Z0-9_-]{1,}\b",
    r"(?:[A-Z]\.)+|\w+",
    r"[\u4e00-\u9fff]+|[a-z]+",
    r"\$?\d+(?:,\d{3})*(?:\.\d+)?%?|\w+(?:['-]\w+)*",
    r"https?://\S+|(?:\w+)",
]
HOSTILE = [
    r"(a+)+$",
    r"(\w+)+!",
    r"(?:a?){30}a{30}",
    r"(\w*)*x",
    r"\w*\w*\w*\w*\w*\w*\w*\w*!",
    r"(a|a)*b",
    r"(a|aa)+$",
    r"(?:|){30}x",
    r"(.*a){12}",
    r"(x+x+)+y",
    r"(?:\w+\s?)+!",
    r"(a)\1+",
    r"(?=.*b)a",
    r"(?:a{0,100}){0,100}",
    r"[\s\S]+(?!)",
    r"[^;]+;",
    r"(?i:(k|\u212a)+)+!",
    "a" * 2000,
]


@pytest.mark.parametrize("pattern", REAL)
def test_patterns_of_words_are_bounded(pattern: str) -> None:
    assert why_unbounded(pattern) is None
    assert pattern_tokenizer(Foreign(pattern))("a-b c") == pattern_tokenizer(pattern)("a-b c")


@pytest.mark.parametrize("pattern", HOSTILE)
def test_patterns_that_may_take_forever_are_refused(pattern: str) -> None:
    assert why_unbounded(pattern) is not None
    start = time.monotonic()
    with pytest.raises(InputError, match="--allow-code") as caught:
        pattern_tokenizer(Foreign(pattern))
    assert time.monotonic() - start < 5  # it has not been tried
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_a_pattern_of_ones_own_is_not_looked_into() -> None:
    assert pattern_tokenizer(r"(?:[ab]|a)+")("ab c") == ["ab"]


def test_the_default_pattern_of_a_folder_is_the_default() -> None:
    assert pattern_tokenizer(Foreign(TOKEN_PATTERN)) is pattern_tokenizer(TOKEN_PATTERN)


def test_a_pattern_nested_too_deeply_is_one_line() -> None:
    with pytest.raises(InputError):
        pattern_tokenizer(Foreign("(" * 500 + "a" + ")" * 499))
    with pytest.raises(InputError, match="correct it"):
        pattern_tokenizer("(?:" * 5000 + "a" + ")" * 5000)
