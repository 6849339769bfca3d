import random

import numpy as np

from topicgen.corpus.counting.byte_words import Words, number_words


def test_equal_words_share_a_number_and_others_do_not():
    pick = random.Random(0)
    # Beginnings of one another, of all lengths around those that are read at once.
    words = ["abcdefgh"[: n % 8] + "x" * n for n in range(40)] + ["a" * n for n in range(1, 40)]
    tokens = [word.encode() for word in pick.choices(words, k=2_000)]
    numbers, where = number_words(Words.of(tokens))
    expected = {}
    first = [
        expected.setdefault(token, number) for token, number in zip(tokens, numbers, strict=True)
    ]
    assert first == numbers.tolist()
    assert len(set(expected.values())) == len(expected) == len(where)
    assert [tokens[i] for i in where] == sorted(expected, key=expected.get)


def test_very_long_words_are_numbered_too():
    stem = b"x" * 250
    words = [stem + b"y" * n for n in (6, 7, 100_000, 7, 6, 0, 100_000)] + [b"x", b"unquestionably"]
    numbers, where = number_words(Words.of(words))
    assert [words[where[number]] for number in numbers] == words
    assert sorted(set(numbers.tolist())) == list(range(len(where))) == list(range(6))


def test_taken_and_concatenated_words_are_the_same():
    words = Words.of([b"the", b"", b"unquestionably", b"bank"])
    taken = words.take(np.array([3, 2, 2, 1]))
    assert taken.as_list() == [b"bank", b"unquestionably", b"unquestionably", b""]
    assert Words.concatenate([taken, words]).as_list() == taken.as_list() + words.as_list()
    assert len(words) == 4


def test_no_words():
    numbers, where = number_words(Words.of([]))
    assert len(numbers) == len(where) == 0
    assert Words.of([]).as_list() == []
