import numpy as np
import pytest

from topicgen.corpus.words.options import choice, flag, folding, least_count, ngram_sizes


@pytest.mark.parametrize(
    "ngram_range", [(0, 1), (2, 1), (1,), (1, 2, 3), (1.0, 2), (True, 2), 1, None, "12"]
)
def test_bad_ngram_range_is_refused(refuses, ngram_range):
    with refuses("ngram_range", "1 <= least <= greatest", repr(ngram_range), "(1, 1)"):
        ngram_sizes(ngram_range)


@pytest.mark.parametrize(
    ("lowercase", "strip_accents", "folded"),
    [
        (True, None, "zürich ß"),
        (False, None, "Zürich ß"),
        (True, "unicode", "zurich ß"),
        (False, "ascii", "Zurich "),
    ],
)
def test_case_and_accents(lowercase, strip_accents, folded):
    assert folding(lowercase, strip_accents)("Zürich ß") == folded


def test_bad_strip_accents_is_refused(refuses):
    with refuses("strip_accents", "got 'utf'", "choose one"):
        folding(True, "utf")


def test_least_count_of_phrases():
    assert [least_count(phrases) for phrases in (False, True, 1, np.int64(7))] == [0, 10, 1, 7]


@pytest.mark.parametrize("phrases", [0, -1, 2.5, "auto", None])
def test_bad_phrases_are_refused(refuses, phrases):
    with refuses("phrases to be False, True or how often", f"got {phrases!r}", "True means 10"):
        least_count(phrases)


@pytest.mark.parametrize("value", ["keeps", None, ["keep"]])
def test_bad_choice_is_refused(refuses, value):
    with refuses("urls to be one of 'keep', 'drop'", f"got {value!r}", "choose one"):
        choice("urls", value, ("keep", "drop"))


@pytest.mark.parametrize("value", ["yes", 1, None])
def test_what_is_no_flag_is_refused(refuses, value):
    with refuses("drop_quotes to be True or False", f"got {value!r}", "choose one"):
        flag("drop_quotes", value)
