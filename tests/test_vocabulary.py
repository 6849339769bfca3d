import numpy as np
import pandas as pd
import pytest
from gensim.corpora import Dictionary

from topicgen.errors import InputError
from topicgen.vocabulary import as_words

WORDS = ["zebra", "bank", "rain"]


class Getitem:
    """A sequence by ``__getitem__`` alone, as tomotopy's ``used_vocabs`` is."""

    def __getitem__(self, column):
        return WORDS[column]


ORDERED = {
    "list": WORDS,
    "tuple": tuple(WORDS),
    "iterator": iter(WORDS),
    "sequence by __getitem__": Getitem(),
    "array": np.array(WORDS),
    "array of objects": np.array(WORDS, dtype=object),
    "Series": pd.Series(WORDS, index=[7, 3, 5]),
    "string Series": pd.Series(WORDS, dtype="string"),
    "categorical Series": pd.Series(WORDS, dtype="category"),
    "Index": pd.Index(WORDS),
    "word to column": {"bank": 1, "rain": 2, "zebra": 0},
    "word to numpy column": {"rain": np.int64(2), "bank": np.int32(1), "zebra": np.uint8(0)},
    "column to word": {2: "rain", 0: "zebra", 1: "bank"},
}


@pytest.mark.parametrize("vocabulary", ORDERED.values(), ids=ORDERED)
def test_words_are_in_the_order_of_the_columns(vocabulary):
    words = as_words(vocabulary)
    assert words == WORDS
    assert {type(word) for word in words} == {str}


def test_a_dictionary_of_gensim():
    dictionary = Dictionary([["zebra", "lion"], ["bank", "lion"], ["ape"]])
    dictionary.filter_tokens(bad_ids=[dictionary.token2id["lion"]])
    expected = [dictionary[column] for column in range(3)]
    assert sorted(expected) == ["ape", "bank", "zebra"]
    assert as_words(dictionary) == as_words(dictionary.token2id) == expected


def test_words_that_look_like_columns():
    assert as_words({"1": 0, "0": 1}) == ["1", "0"]
    assert as_words([]) == as_words({}) == []


MISTAKES = {
    "set": ({"a", "b"}, "got a set; a set has no order; pass a list"),
    "frozenset": (frozenset("ab"), "got a frozenset; a set has no order"),
    "keys": (
        {"b": 1, "a": 0}.keys(),
        "got dict_keys, which is in the order of insertion; pass the",
    ),
    "values": ({1: "b", 0: "a"}.values(), "got dict_values, which is in the order of insertion"),
    "items": ({"b": 1}.items(), "got dict_items, which"),
    "string": ("bank rain", "as a list of words, got str 'bank rain'; pass the word of each"),
    "bytes": (b"bank", "as a list of words, got bytes"),
    "number": (3, "as a list of words, got int 3"),
    "nothing": (None, "as a list of words, got NoneType"),
    "matrix": (np.array([["a", "b"]]), r"an array of shape \(1, 2\)"),
    "scalar": (np.array("a"), "as a list of words, got ndarray array"),
    "frame": (pd.DataFrame({"word": ["a"]}), r"an array of shape \(1, 1\)"),
    "None": (["a", None], r"got None \(NoneType\) at index 1; pass a string"),
    "NaN": (["a", float("nan")], r"got nan \(float\) at index 1"),
    "NA": (pd.Series(["a", pd.NA], dtype="string"), r"got <NA> \(NAType\) at index 1"),
    "numbers": (range(3), r"got 0 \(int\) at index 0"),
    "bytes in a list": ([b"a"], r"got b'a' \(bytes\) at index 0"),
    "duplicate": (["b", "a", "c", "a", "b"], "got 'a' for the columns 1 and 3; merge"),
    "duplicate in a mapping": ({0: "a", 1: "a"}, "got 'a' for the columns 0 and 1"),
    "column twice": ({"a": 0, "b": 0}, "from 0 to 1 once .* got 0 for 'b', as for 'a'"),
    "column missing": ({"a": 0, "b": 2}, "from 0 to 1 once in a vocabulary of 2 words, got 2 for"),
    "from one": ({"a": 1, "b": 2}, "got 2 for 'b'; renumber the words"),
    "negative": ({-1: "a", 0: "b"}, "got -1 for 'a'"),
    "no columns": (dict.fromkeys("ab"), r"words to columns, got None \(NoneType\) for 'a'; pass"),
    "frequencies": ({"a": 0.5}, r"got 0.5 \(float\) for 'a'"),
    "booleans": ({"a": False}, r"got False \(bool\) for 'a'"),
    "word of a column": ({0: None, 1: "b"}, r"got None \(NoneType\) at index 0"),
}


@pytest.mark.parametrize(("vocabulary", "message"), MISTAKES.values(), ids=MISTAKES)
def test_mistakes(vocabulary, message):
    with pytest.raises(InputError, match=message) as error:
        as_words(vocabulary)
    assert "\n" not in str(error.value)
