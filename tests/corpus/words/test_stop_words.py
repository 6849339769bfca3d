import sys

import pytest
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from topicgen.corpus.words.languages import LANGUAGES, language_code
from topicgen.corpus.words.stop_words import stop_word_list, word_list


def test_english_is_the_list_of_scikit_learn():
    assert stop_word_list("english") == sorted(ENGLISH_STOP_WORDS)


def test_stop_words_of_any_collection():
    assert stop_word_list(None) == []
    assert stop_word_list(("b", "a")) == ["b", "a"]
    assert stop_word_list(frozenset("ba")) == ["a", "b"]


def test_stop_words_of_a_language_by_name_and_code():
    german = stop_word_list("german")
    assert german == stop_word_list("de") == stop_word_list("German")
    assert {"und", "über", "nicht"} <= set(german)
    assert german == sorted(german)
    assert len(stop_word_list("en")) > len(stop_word_list("english"))


def test_languages_are_those_of_the_package():
    from stopwordsiso import langs

    assert set(LANGUAGES.values()) == set(langs())
    assert [language_code(name) for name in ("Thai", "TH", "grc")] == ["th", "th", "grc"]


def test_unknown_language_is_refused(refuses):
    with refuses("german or de, greek or el", "got 'klingon'", "pass the words as a list"):
        stop_word_list("klingon")


def test_missing_package_is_named(refuses, monkeypatch):
    monkeypatch.setitem(sys.modules, "stopwordsiso", None)
    with refuses("package stopwordsiso", "'german'", "pip install stopwordsiso"):
        stop_word_list("german")
    assert stop_word_list("english")


@pytest.mark.parametrize("stop_words", [3, iter("ab")])
def test_stop_words_of_another_kind_are_refused(refuses, stop_words):
    with refuses('"english", None or a list', "pass the words as a list"):
        stop_word_list(stop_words)


def test_a_string_is_no_list_of_words(refuses):
    with refuses("keep_words to be None or a list of words", "got 'us'", "as a list"):
        word_list("keep_words", "us")


@pytest.mark.parametrize("words", [["the", 3], {3, 4.5}])
def test_words_that_are_no_strings_are_refused(refuses, words):
    with refuses("stop_words to hold strings", "got", "remove it"):
        stop_word_list(words)
