import json
import pickle

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import CountVectorizer

from topicgen.corpus import Vectorizer

TEXTS = [
    "The bank raised its rates; the banks' 2 funds fell.",
    "Rain fell on Zürich and on the banks of the Limmat.",
    "",
    "Rates, rates, RATES! A naïve fund_manager sold x1 and 3com.",
]


def words(vectorizer):
    return vectorizer.get_feature_names_out().tolist()


def test_tokens_begin_with_a_letter_and_have_two_characters():
    assert words(Vectorizer().fit(TEXTS)) == [
        "bank", "banks", "fell", "fund_manager", "funds", "limmat", "naïve", "rain", "raised",
        "rates", "sold", "x1", "zürich",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"lowercase": False, "stop_words": None},
        {"ngram_range": (1, 3), "strip_accents": "unicode"},
        {"ngram_range": (2, 2), "min_df": 0.25},
        {"max_df": 1, "token_pattern": r"(?u)\b\w\w+\b"},
        {"stop_words": ["bank", "rates"]},
    ],
)
def test_counts_are_those_of_scikit_learn(options):
    ours = Vectorizer(**options)
    defaults = {"stop_words": "english", "token_pattern": ours.token_pattern}
    theirs = CountVectorizer(**{**defaults, **options})
    counts, expected = ours.fit_transform(TEXTS), theirs.fit_transform(TEXTS)
    assert words(ours) == theirs.get_feature_names_out().tolist()
    np.testing.assert_array_equal(counts.toarray(), expected.toarray())
    np.testing.assert_array_equal(ours.transform(TEXTS).toarray(), expected.toarray())


def test_counts_are_canonical_int64_csr():
    vectorizer = Vectorizer()
    for counts in (vectorizer.fit_transform(TEXTS), vectorizer.transform(TEXTS)):
        assert isinstance(counts, csr_matrix)
        assert counts.dtype == np.int64
        assert counts.has_canonical_format


def test_generator_is_read_once():
    counts = Vectorizer().fit_transform(text for text in TEXTS)
    np.testing.assert_array_equal(counts.toarray(), Vectorizer().fit_transform(TEXTS).toarray())


def test_auto_thresholds_are_kept():
    vectorizer = Vectorizer().fit(["common rare", *["common red", "common blue"] * 50])
    assert (vectorizer.min_df_, vectorizer.max_df_) == (2, 0.5)
    assert (vectorizer.min_df, vectorizer.max_df) == ("auto", "auto")
    assert words(vectorizer) == ["blue", "red"]


def test_max_features_keeps_the_most_frequent():
    assert words(Vectorizer(max_features=2).fit(["bb bb bb aa aa cc cc"])) == ["aa", "bb"]


def test_stemmer_joins_forms():
    vectorizer = Vectorizer(stemmer="english").fit(["banks bank banking"])
    assert words(vectorizer) == ["bank"]


def test_inconsistent_stop_words_are_no_warning_but_are_dropped():
    assert words(Vectorizer(stop_words=["The", "don't"]).fit(["the don't bank"])) == ["bank"]


def test_it_is_a_scikit_learn_estimator():
    stop_words = ["the"]
    vectorizer = Vectorizer(stop_words=stop_words, ngram_range=[1, 2], stemmer="english")
    assert vectorizer.get_params()["stop_words"] is stop_words
    assert set(vectorizer.get_params()) == {
        "stop_words", "min_df", "max_df", "max_features", "token_pattern", "lowercase",
        "strip_accents", "ngram_range", "stemmer",
    }  # fmt: skip
    copy = clone(vectorizer.fit(TEXTS))
    assert copy.get_params() == vectorizer.get_params()
    assert not hasattr(copy, "vocabulary_")
    assert repr(Vectorizer(stemmer="german")) == "Vectorizer(stemmer='german')"
    loaded = pickle.loads(pickle.dumps(vectorizer))
    np.testing.assert_array_equal(
        loaded.transform(TEXTS).toarray(), vectorizer.transform(TEXTS).toarray()
    )
    assert vectorizer.inverse_transform(vectorizer.transform(["rates"]))[0].tolist() == ["rate"]


def test_transform_before_fit_is_refused():
    with pytest.raises(NotFittedError):
        Vectorizer().transform(TEXTS)
    with pytest.raises(NotFittedError):
        Vectorizer().to_config()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"stop_words": {"bank", "Its"}, "ngram_range": (1, 2)},
        {"stop_words": None, "stemmer": "english", "lowercase": False},
        {"strip_accents": "ascii", "token_pattern": r"\w+", "min_df": np.int64(1)},
        {"max_df": np.float64(0.5), "max_features": np.int64(7)},
    ],
)
def test_recipe_through_json_transforms_the_same(options):
    fitted = Vectorizer(**options).fit(TEXTS)
    config = json.loads(json.dumps(fitted.to_config()))
    loaded = Vectorizer.from_config(config, words(fitted))
    new = [*TEXTS, "Naïve banks raised its unseen words, the Bank fell."]
    np.testing.assert_array_equal(loaded.transform(new).toarray(), fitted.transform(new).toarray())
    assert loaded.to_config() == config
    assert words(loaded) == words(fitted)
    assert isinstance(loaded.ngram_range, tuple)


def test_recipe_with_unknown_options_is_refused(refuses):
    config = {**Vectorizer().fit(TEXTS).to_config(), "phrases": True}
    with refuses("this version's Vectorizer", "got phrases", "version that wrote it"):
        Vectorizer.from_config(config, ["a"])


def test_only_stop_words_left_is_refused(refuses):
    with refuses("other than stop words", "2 documents with 5 tokens", "stop_words"):
        Vectorizer().fit(["this is the", "and that"])


def test_no_tokens_are_refused(refuses):
    with refuses("got 2 documents with 0 tokens", "token_pattern"):
        Vectorizer().fit(["123 456", "!"])


def test_no_documents_are_refused(refuses):
    with refuses("got 0 documents", "add documents"):
        Vectorizer().fit([])


def test_nothing_left_by_the_thresholds_is_refused(refuses):
    with refuses(
        "in 3 to 2 documents (min_df=3, max_df=1.0)",
        "none in 2 documents with 3 tokens",
        "lower min_df or raise max_df",
    ):
        Vectorizer(min_df=3).fit(["bank fund", "bank"])


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"token_pattern": "("}, "token_pattern"),
        ({"stop_words": "german"}, "stop_words"),
        ({"ngram_range": (2, 1)}, "ngram_range"),
        ({"stemmer": "klingon"}, "stemmer"),
        ({"strip_accents": "utf"}, "strip_accents"),
        ({"min_df": 0}, "min_df"),
        ({"max_df": "often"}, "max_df"),
        ({"max_features": 0}, "max_features"),
    ],
)
def test_bad_options_are_refused_before_documents_are_read(refuses, options, name):
    def documents():
        raise AssertionError
        yield

    with refuses(name):
        Vectorizer(**options).fit(documents())


@pytest.mark.parametrize("method", ["fit", "fit_transform", "transform"])
def test_bad_documents_are_refused(refuses, method):
    vectorizer = Vectorizer().fit(TEXTS)
    with refuses("got one str", "list"):
        getattr(vectorizer, method)("one text")
    with refuses("got None (NoneType) at index 1"):
        getattr(vectorizer, method)(["bank", None])
