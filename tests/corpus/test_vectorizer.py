import json
import pickle
import subprocess
import sys
import unicodedata

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.feature_extraction.text import CountVectorizer

from topicgen.corpus import Vectorizer
from topicgen.corpus.words.whole_words import PLAIN_PATTERN

TEXTS = [
    "The bank raised its rates; the banks' 2 funds fell.",
    "Rain fell on Zürich and on the banks of the Limmat.",
    "",
    "Rates, rates, RATES! A naïve fund_manager sold x1 and 3com.",
]
# Words that a pattern of re cuts, and words in two encodings.
OTHER_SCRIPTS = [
    "हिन्दी हिन्दी cafe\u0301 caf\xe9 in\xadfor\xadmation information \u0130stanbul",
    "\u0643\u0650\u062a\u064e\u0627\u0628\u064c \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 "
    "\u2600\ufe0fok हिन्दी",
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
    options = {"stop_words": "english", "token_pattern": PLAIN_PATTERN, **options}
    ours, theirs = Vectorizer(**options), CountVectorizer(**options)
    # A pattern of re is applied to the text as it is.
    for texts in (TEXTS, [*TEXTS, *OTHER_SCRIPTS, *OTHER_SCRIPTS]):
        counts, expected = ours.fit_transform(texts), theirs.fit_transform(texts)
        assert words(ours) == theirs.get_feature_names_out().tolist()
        np.testing.assert_array_equal(counts.toarray(), expected.toarray())
        np.testing.assert_array_equal(ours.transform(texts).toarray(), expected.toarray())


HINDI = ["हिन्दी भारत की भाषा है", "भारत में किताबें पढ़ते हैं", "किताबें और भाषा"] * 3


def test_words_of_hindi_are_whole():
    assert words(Vectorizer(stop_words=None).fit(HINDI)) == [
        "और", "किताबें", "की", "पढ़ते", "भारत", "भाषा", "में", "हिन्दी", "है", "हैं",
    ]  # fmt: skip
    pytest.importorskip("stopwordsiso")
    for form in ("NFC", "NFD"):
        texts = [unicodedata.normalize(form, text) for text in HINDI]
        assert words(Vectorizer(stop_words="hindi").fit(texts)) == [
            "किताबें", "पढ़ते", "भारत", "भाषा", "हिन्दी",
        ]  # fmt: skip


@pytest.mark.parametrize("options", [{}, {"ngram_range": (1, 1), "phrases": 9}, {"urls": "drop"}])
def test_words_are_whole_however_they_are_counted(options):
    vectorizer = Vectorizer(stop_words=None, **options).fit(OTHER_SCRIPTS)
    assert words(vectorizer) == [
        "caf\xe9", "information", "istanbul", "ok", "\u0643\u0650\u062a\u064e\u0627\u0628\u064c",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "हिन्दी",
    ]  # fmt: skip
    assert vectorizer.transform(["cafe\u0301 caf\xe9 CAFE\u0301"]).sum() == 3


def test_words_that_options_list_are_normalised_too():
    vectorizer = Vectorizer(
        stop_words=["cafe\u0301"],
        extra_stop_words=["\u0130stanbul"],
        keep_words=["in\xadfor\xadmation"],
        max_features=1,
    )
    assert words(vectorizer.fit(OTHER_SCRIPTS)) == ["information", "हिन्दी"]
    assert vectorizer.transform(["INFORMATION information"]).toarray().tolist() == [[2, 0]]


def test_lemmas_are_normalised_too(monkeypatch):
    monkeypatch.setattr(
        "topicgen.corpus.words.lemmas.load_lemmatizer", lambda language: lambda word: "Cafe\u0301"
    )
    assert words(Vectorizer(lemmatizer="fr").fit(["caf\xe9s"])) == ["caf\xe9"]


def test_a_run_of_a_million_letters_is_a_word():
    run = "ab" * 500_000
    assert words(Vectorizer(stop_words=None).fit([f"{run} alpha"])) == [run, "alpha"]


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


def test_lemmatizer_joins_forms():
    vectorizer = Vectorizer(lemmatizer="en").fit(["mice mouse went"])
    assert words(vectorizer) == ["go", "mouse"]
    assert words(Vectorizer(lemmatizer="german").fit(["Häuser Haus häusern"]))[0] == "haus"


def test_tokenizer_stands_in_place_of_the_pattern():
    texts = ["I don't, @ibm 2.5"]
    assert words(Vectorizer(tokenizer="nltk:tweet").fit(texts)) == ["2.5", "@ibm"]
    everything = Vectorizer(tokenizer="nltk:tweet", stop_words=None).fit(texts)
    assert words(everything) == ["2.5", "@ibm", "don't", "i"]
    assert words(Vectorizer(tokenizer="shlex:split").fit(["'New York' rose"])) == [
        "new york", "rose",
    ]  # fmt: skip


def test_extra_stop_words_are_dropped_too():
    vectorizer = Vectorizer(extra_stop_words=["Bank"]).fit(["the bank rose"])
    assert words(vectorizer) == ["rose"]
    assert vectorizer.get_stop_words()[-1] == "Bank"


def test_stop_words_of_a_language():
    assert words(Vectorizer(stop_words="de").fit(["der Zins und the bank"])) == [
        "bank", "the", "zins",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "options",
    [
        {"stop_words": ["banks"]},
        {"stemmer": "english", "min_df": 2},
        {"lemmatizer": "en", "max_df": 1},
        {"max_features": 1},
        {"max_features": 1, "phrases": 1},
    ],
)
def test_words_to_keep_are_there_in_any_case(options):
    texts = ["banks rates", "rates", "rates"]
    vectorizer = Vectorizer(keep_words=["Banks", "absent"], **options)
    counts = vectorizer.fit_transform(texts)
    assert "banks" in words(vectorizer)
    assert "absent" not in words(vectorizer)
    assert counts[:, vectorizer.vocabulary_["banks"]].toarray().ravel().tolist() == [1, 0, 0]
    assert (counts != vectorizer.transform(texts)).nnz == 0


@pytest.mark.parametrize("make", [list, iter])
def test_phrases_are_learnt_and_counted(make):
    texts = ["Rates in New York", "new york in rates", "", "rates of a bank in new york", "york"]
    vectorizer = Vectorizer(phrases=3, ngram_range=(1, 2))
    counts = vectorizer.fit_transform(make(texts))
    assert vectorizer.phrases_ == [("new", "york")]
    assert words(vectorizer) == [
        "bank", "bank new_york", "new_york", "new_york rates", "rates", "rates bank",
        "rates new_york", "york",
    ]  # fmt: skip
    np.testing.assert_array_equal(counts.toarray(), vectorizer.transform(texts).toarray())
    assert counts[:, 2].toarray().ravel().tolist() == [1, 1, 0, 1, 0]
    assert words(vectorizer.set_params(phrases=False).fit(texts)) == words(
        Vectorizer(ngram_range=(1, 2)).fit(texts)
    )


def test_phrases_of_no_pair_change_nothing():
    vectorizer, plain = Vectorizer(phrases=True), Vectorizer()
    np.testing.assert_array_equal(
        vectorizer.fit_transform(TEXTS).toarray(), plain.fit_transform(TEXTS).toarray()
    )
    assert vectorizer.phrases_ == plain.phrases_ == []


def test_texts_are_cleaned_first():
    post = "From: a\nTo: b\n\nRates rose, see www.bank.org\n> Bob fell\n-- \nAnn"
    options = {"drop_headers": True, "drop_quotes": True, "drop_footers": True}
    assert words(Vectorizer(urls="mask", **options, stop_words=None).fit([post])) == [
        "rates", "rose", "see", "url",
    ]  # fmt: skip
    assert words(Vectorizer(urls="drop", **options).fit([post])) == ["rates", "rose"]


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [("pattern", ["20", "mp3", "mp4"]), ("drop", ["mp3", "mp4"]), ("mask", ["#", "mp#"])],
)
def test_numbers(numbers, expected):
    vectorizer = Vectorizer(numbers=numbers, token_pattern=r"\w+")
    assert words(vectorizer.fit(["mp3 20 mp4"])) == expected


def test_inconsistent_stop_words_are_no_warning_but_are_dropped():
    assert words(Vectorizer(stop_words=["The", "don't"]).fit(["the don't bank"])) == ["bank"]


def test_contractions_leave_nothing_behind():
    text = "I don't think they've seen we'll couldn\u2019t isn\u2019t won't"
    for stop_words in ("english", "en", "english,de", ["English"]):
        kept = words(Vectorizer(stop_words=stop_words).fit([f"mountains {text}"]))
        assert {"mountains"} <= set(kept) <= {"mountains", "seen", "think"}
    assert words(Vectorizer().fit([text])) == ["seen", "think"]
    french = "l\u2019amour qu'il n\u2019est d\u2019abord c'est puisqu\u2019elle jusqu'au lorsqu'on"
    assert words(Vectorizer(stop_words="french").fit([french])) == ["amour"]


def test_stop_words_of_several_languages():
    texts = ["der Zins und the bank avec les taux"]
    for stop_words in ("english,german", ("english", "german"), {"German", "English"}, " de, en"):
        kept = words(Vectorizer(stop_words=stop_words).fit(texts))
        assert kept == ["avec", "bank", "les", "taux", "zins"]


def test_phrases_of_your_own_are_dropped_as_they_are_written():
    texts = ["Royal mail and e-mail, new rates", "the New York bank: new"]
    for options in (
        {"stop_words": ["e-mail", "new york"]},
        {"stop_words": None, "extra_stop_words": ["e-mail", "new york"]},
    ):
        vectorizer = Vectorizer(**options)
        counts = vectorizer.fit_transform(texts)
        kept = ["and", "bank", "mail", "new", "rates", "royal", "the"]
        assert words(vectorizer) == kept
        assert counts.sum(axis=0).tolist() in ([1, 1, 1, 2, 1, 1, 1], [[1, 1, 1, 2, 1, 1, 1]])
        slow = [vectorizer.build_analyzer()(text) for text in texts]
        np.testing.assert_array_equal(
            counts.toarray(), [[terms.count(word) for word in kept] for terms in slow]
        )


def test_token_lists_are_dropped_as_they_are_written():
    documents = [["New York", "new", "york", "don't", "the"], ["bank", "new"]]
    fitted = Vectorizer(stop_words=None, extra_stop_words=["New York"]).fit(documents)
    assert words(fitted) == ["bank", "don't", "new", "the", "york"]
    assert words(Vectorizer().fit(documents)) == ["New York", "bank", "new", "york"]


def test_proportions_are_exact():
    texts = ["common"] * 93 + ["common rare"] * 7
    options = {"stop_words": None, "max_df": 1.0}
    assert words(Vectorizer(min_df=0.07, **options).fit(texts)) == ["common", "rare"]
    assert words(Vectorizer(min_df=np.float32(0.07), **options).fit(texts)) == ["common", "rare"]
    assert words(Vectorizer(min_df=0.0701, **options).fit(texts)) == ["common"]
    assert words(Vectorizer(stop_words=None, min_df=1, max_df=0.07).fit(texts)) == ["rare"]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"stemmer": "english"},
        {"lemmatizer": "en"},
        {"phrases": 1},
        {"ngram_range": (1, 2)},
        {"token_pattern": r"\w+", "numbers": "mask", "urls": "drop"},
        {"token_pattern": r"[a-z]+"},
        {"tokenizer": "nltk:tweet"},
        {"tokenizer": "nltk:word"},
        {"extra_stop_words": ["royal mail", "e-mail"]},
        {"strip_accents": "unicode", "stop_words": "vietnamese"},
    ],
    ids=lambda options: "-".join(options),
)
@pytest.mark.parametrize("run", ["ab", "é", "1", "_", "a'", "क\u093f"])
def test_a_run_of_many_characters_is_read_at_once(options, run):
    text = f"alpha {run * 300_000} beta"
    # What takes the square of the time would take hours.
    fitted = Vectorizer(**options).fit([text])
    assert all(any(word in term for term in fitted.vocabulary_) for word in ("alpha", "beta"))


def test_it_is_a_scikit_learn_estimator():
    stop_words = ["the"]
    vectorizer = Vectorizer(stop_words=stop_words, ngram_range=[1, 2], stemmer="english")
    assert vectorizer.get_params()["stop_words"] is stop_words
    assert set(vectorizer.get_params()) == {
        "stop_words", "min_df", "max_df", "max_features", "token_pattern", "lowercase",
        "strip_accents", "ngram_range", "stemmer", "lemmatizer", "tokenizer", "extra_stop_words",
        "keep_words", "phrases", "numbers", "urls", "drop_headers", "drop_quotes", "drop_footers",
    }  # fmt: skip
    assert clone(Vectorizer(tokenizer=str.split)).tokenizer is str.split
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


def test_only_stop_words_left_is_refused(refuses):
    with refuses("other than stop words", "2 documents with 5 tokens", "stop_words"):
        Vectorizer().fit(["this is the", "and that"])


def test_no_tokens_are_refused(refuses):
    with refuses("in 2 documents with 0 tokens", "token_pattern"):
        Vectorizer().fit(["123 456", "!"])


def test_no_documents_are_refused(refuses):
    with refuses("in 0 documents", "add documents"):
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
        ({"stop_words": "klingon"}, "stop_words"),
        ({"ngram_range": (2, 1)}, "ngram_range"),
        ({"stemmer": "klingon"}, "stemmer"),
        ({"strip_accents": "utf"}, "strip_accents"),
        ({"lemmatizer": "klingon"}, "lemmatizer"),
        ({"lemmatizer": "en", "stemmer": "english"}, "stemmer or a lemmatizer"),
        ({"tokenizer": "words"}, "tokenizer"),
        ({"tokenizer": "nltk:tweet", "token_pattern": "a"}, "tokenizer or a token_pattern"),
        ({"extra_stop_words": "the"}, "extra_stop_words"),
        ({"keep_words": ["C++"]}, "keep_words"),
        ({"phrases": 0}, "phrases"),
        ({"numbers": "keep"}, "numbers"),
        ({"urls": "pattern"}, "urls"),
        ({"drop_headers": "yes"}, "drop_headers"),
        ({"drop_quotes": None}, "drop_quotes"),
        ({"drop_footers": 1}, "drop_footers"),
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


def test_packages_of_options_are_loaded_where_used():
    code = (
        "import sys; from topicgen.corpus import Vectorizer; Vectorizer().fit(['bank'])\n"
        "print({'nltk', 'gensim', 'simplemma', 'stopwordsiso', 'torch'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "set()\n"
