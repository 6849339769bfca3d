import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from topicgen.corpus.words.languages import LANGUAGES, language_code
from topicgen.corpus.words.stop_words import (
    StopWords,
    earlier_stop_words,
    language_names,
    language_words,
    warn_of_codes,
    word_list,
)
from topicgen.corpus.words.supplements import SUPPLEMENTS


def test_english_is_the_list_of_scikit_learn_and_contractions():
    english = language_words(["english"])
    assert english == sorted(ENGLISH_STOP_WORDS.union(SUPPLEMENTS["en"]))
    assert {"don't", "we've", "couldn't", "she'll"} <= set(english)
    assert earlier_stop_words("english") == sorted(ENGLISH_STOP_WORDS)


def test_words_of_languages_by_name_and_code():
    german = language_words(["german"])
    assert german == language_words(["de"]) == earlier_stop_words("de")
    assert {"und", "über", "nicht"} <= set(german)
    assert german == sorted(german)
    assert language_words(["german", "english"]) == sorted({*german, *language_words(["english"])})
    assert len(language_words(["en"])) > len(language_words(["english"]))
    assert language_words([]) == []


def test_languages_are_those_of_the_package():
    from stopwordsiso import langs

    assert set(LANGUAGES.values()) == set(langs())
    assert [language_code(name) for name in ("Thai", "TH", "grc")] == ["th", "th", "grc"]
    assert set(SUPPLEMENTS) <= set(langs())


@pytest.mark.parametrize(
    ("stop_words", "names"),
    [
        ("english", ["english"]),
        (" English ,de,French", ["english", "de", "french"]),
        (["english", "German"], ["english", "german"]),
        (("thai",), ["thai"]),
        (None, []),
        ([], []),
        (["english", "bank"], []),
        (["the", "a"], []),
        (["it", 3], []),
        (3, []),
    ],
)
def test_a_string_names_languages_and_a_collection_where_every_entry_does(stop_words, names):
    assert language_names(stop_words) == names


def test_codes_in_a_list_are_words_and_said_to_be():
    assert language_names(["en", "de"]) == []
    with pytest.warns(UserWarning, match=r"\['en', 'de'\] are taken as words.*string \"en,de\""):
        warn_of_codes(["en", "de"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for stop_words in (["it", "no", "the"], ["english"], "en", None, [], [["a"]], 3):
            warn_of_codes(stop_words)
        for words in (["the", "le"], ["english"], []):
            warn_of_codes(np.array(words, dtype=object))
            warn_of_codes(pd.Series(words, dtype=object))


def test_an_array_or_a_column_is_a_list_of_words():
    for words in (np.array(["the", "le"]), pd.Series(["the", "le"], index=[7, 3])):
        assert word_list("stop_words", words) == ["le", "the"]
    assert language_names(np.array(["English", "german"])) == ["english", "german"]


def test_lists_are_supplemented():
    persian = language_words(["persian"])
    assert {"يك", "یک", "می\u200cکند", "نمی\u200cتوان"} <= set(persian)
    assert {"puisqu'", "qu'"} <= set(language_words(["french"]))
    assert {"这个", "這個", "说", "說"} <= set(language_words(["chinese"]))
    assert {"สามารถ", "ที่"} <= set(language_words(["thai"]))


@pytest.mark.parametrize("name", ["klingon", "english,klingon", "german,,english", ""])
def test_unknown_language_is_refused(refuses, name):
    wrong = name.split(",")[1] if "," in name else name
    with refuses(f"no language {wrong!r}", "german or de, greek or el", "a list of words"):
        language_names(name)


def test_words_of_several_parts_are_left_to_their_parts_where_these_are_stop_words():
    words = language_words(["vietnamese", "indonesian", "french"])
    everywhere, as_written = StopWords.of(words, ["royal mail", "e-mail"])
    assert {"có", "elle", "qu'", "elle-même"} <= set(everywhere)
    assert {"bất kỳ", "pertama-tama"} <= set(as_written)
    assert as_written[-2:] == ["royal mail", "e-mail"]


def test_a_string_is_no_list_of_words(refuses):
    with refuses("keep_words to be None or a list of words", "got 'us'", "as a list"):
        word_list("keep_words", "us")


@pytest.mark.parametrize("words", [["the", 3], {3, 4.5}])
def test_words_that_are_no_strings_are_refused(refuses, words):
    with refuses("stop_words to hold strings", "got", "remove it"):
        word_list("stop_words", words)


def test_words_of_any_collection():
    assert word_list("stop_words", None) == []
    assert word_list("stop_words", ("b", "a")) == ["b", "a"]
    assert word_list("stop_words", frozenset("ba")) == ["a", "b"]
