import pytest

from topicgen.corpus.options import check_accents, ngram_sizes, stop_word_list, tokenizer


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("(", "missing )"),
        (None, "must be string"),
        ("(a)(b)", "several groups"),
        (r"\w*", "matches an empty text"),
    ],
)
def test_bad_token_pattern_is_refused(refuses, pattern, problem):
    with refuses("token_pattern", repr(pattern), problem, "correct it"):
        tokenizer(pattern)


def test_one_group_of_a_token_pattern_is_the_token():
    assert tokenizer(r"#(\w+)")("a #b #c") == ["b", "c"]


def test_stop_words_of_any_collection():
    assert stop_word_list(None) == []
    assert stop_word_list(("b", "a")) == ["b", "a"]
    assert stop_word_list(frozenset("ba")) == ["a", "b"]
    assert "the" in stop_word_list("english")


@pytest.mark.parametrize("stop_words", ["german", 3, iter("ab")])
def test_stop_words_of_another_kind_are_refused(refuses, stop_words):
    with refuses('"english", None or a list', "pass the words as a list"):
        stop_word_list(stop_words)


@pytest.mark.parametrize("words", [["the", 3], {3, 4.5}])
def test_stop_words_that_are_no_strings_are_refused(refuses, words):
    with refuses("stop_words to be strings", "got", "among them"):
        stop_word_list(words)


@pytest.mark.parametrize(
    "ngram_range", [(0, 1), (2, 1), (1,), (1, 2, 3), (1.0, 2), (True, 2), 1, None, "12"]
)
def test_bad_ngram_range_is_refused(refuses, ngram_range):
    with refuses("ngram_range", "1 <= least <= greatest", repr(ngram_range), "(1, 1)"):
        ngram_sizes(ngram_range)


def test_bad_strip_accents_is_refused(refuses):
    with refuses("strip_accents", "got 'utf'", "choose one"):
        check_accents("utf")
