import random

import numpy as np
import pytest

from topicgen.corpus.counting.byte_words import WordNumbers, Words


@pytest.mark.parametrize("size", [2_000, 100, 1])
def test_equal_words_share_a_number_and_others_do_not(size):
    pick = random.Random(0)
    # Beginnings of one another, of all lengths around those that are read at once.
    words = ["abcdefgh"[: n % 8] + "x" * n for n in range(1, 80)] + ["a" * n for n in range(1, 80)]
    words += ["abcdefghijklmnopqr"[a:b] for a in range(18) for b in range(a + 1, 19)]
    tokens = [word.encode() for word in pick.choices(words, k=2_000)]
    numbers = WordNumbers()
    found = np.concatenate(
        [numbers.of(Words.of(tokens[start : start + size])) for start in range(0, 2_000, size)]
    ).tolist()
    assert len({*zip(tokens, found, strict=True)}) == len({*tokens}) == len({*found})
    assert max(found) < len(numbers)


def test_very_long_words_are_numbered_too():
    stem = b"x" * 50
    words = [stem + b"y" * n for n in (13, 14, 15, 100_000, 15, 14, 0, 100_000)]
    words += [b"x", b"unquestionably", stem]
    numbers = WordNumbers()
    found = numbers.of(Words.of(words)).tolist()
    assert len({*zip(words, found, strict=True)}) == len({*words}) == len({*found})
    assert numbers.of(Words.of(words)).tolist() == found


def test_taken_words_are_the_same():
    words = Words.of([b"the", b"a", b"unquestionably", b"bank"])
    assert words.take(np.array([3, 2, 2, 1])) == [
        b"bank",
        b"unquestionably",
        b"unquestionably",
        b"a",
    ]


def test_no_words():
    assert len(WordNumbers().of(Words.of([]))) == 0
    assert Words.of([]).take(np.zeros(0, dtype=np.int64)) == []
