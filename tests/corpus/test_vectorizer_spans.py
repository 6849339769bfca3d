"""Words are shown where they are counted."""

import shlex

import numpy as np
import pytest

from topicgen.corpus import Vectorizer
from topicgen.errors import InputError

TEXTS = [
    "The bank raised its rates; the banks' 2 funds fell, New York said. Don't!",
    "From: ann@example.org\nSubject: rates\n\nBob writes:\n> Rates rose.\nRates of New York fell: "
    "see http://bank.org/rates?x=1, or www.rates.com.\n-- \nAnn, Bank of New York",
    "",
    "Rates, RATES! A naïve fund_manager sold x1, 3com and 2.5% of the Royal  Mail by e-mail.",
    "हिन्दी cafe\u0301 caf\xe9 CAFE\u0301 in\xadfor\xadmation information \u0130stanbul \ufb01nance",
    "\u0643\u0650\u062a\u064e\u0627\u0628\u064c \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 "
    "\u2600\ufe0fok об'єкт об\u02bcєкт col\u00b7lega ΟΔΥΣΣΕΥΣ straße häusern \ud800 the end",
    "北京大学出版社出版了一本新书。GPT 和银行 the bank",
    "x" * 5000 + " new york \x1b[2J bank\x00rates \u202e",
]  # fmt: skip

CLEANING = {"drop_headers": True, "drop_quotes": True, "drop_footers": True}
RECIPES = [
    {},
    {"lowercase": False, "stop_words": None},
    {"strip_accents": "unicode"},
    {"strip_accents": "ascii", "token_pattern": r"(?u)\b\w\w+\b"},
    {"token_pattern": r"(?u)\b(\w+)s\b"},
    {"stemmer": "english"},
    {"lemmatizer": "de"},
    {"numbers": "mask", "token_pattern": r"(?u)\b\w+\b"},
    {"numbers": "drop", "token_pattern": r"(?u)\b\w+\b"},
    {"urls": "drop"},
    {"urls": "mask", "stop_words": None},
    CLEANING,
    {**CLEANING, "urls": "mask", "strip_accents": "unicode", "ngram_range": (1, 2)},
    {"extra_stop_words": ["royal mail", "e-mail", "said"]},
    {"extra_stop_words": ["royal mail", "new york"], "ngram_range": (2, 3)},
    {"ngram_range": (1, 3)},
    {"phrases": 2},
    {"phrases": 2, "ngram_range": (1, 2), "stemmer": "english"},
    {"keep_words": ["the"]},
    {"tokenizer": "jieba"},
    {"tokenizer": "janome"},
    {"tokenizer": "nltk:wordpunct"},
    {"tokenizer": "nltk:tweet"},
    {"tokenizer": "nltk:treebank", "phrases": 2},
    {"tokenizer": "shlex:split"},
]


def counted(spans, n_words):
    return np.bincount([column for _, _, column in spans], minlength=n_words)


@pytest.mark.parametrize("recipe", RECIPES, ids=str)
@pytest.mark.filterwarnings("ignore:expected")
def test_columns_of_spans_are_the_counts(recipe):
    texts = TEXTS if recipe.get("tokenizer") != "shlex:split" else TEXTS[3:4] + TEXTS[6:7]
    given = recipe.get("tokenizer")
    if given in ("jieba", "janome"):
        pytest.importorskip(given)
    options = {"min_df": 1, "max_df": 1.0, **recipe}
    vectorizer = Vectorizer(**options).fit([*texts, *texts])
    n_words = len(vectorizer.vocabulary_)
    recipe = vectorizer.to_config()
    loaded = Vectorizer.from_config(recipe, vectorizer.vocabulary_, trust_recipe=True)
    find = loaded.build_span_finder()
    for text, counts in zip(texts, vectorizer.transform(texts).toarray(), strict=True):
        spans = find(text)
        assert counted(spans, n_words).tolist() == counts.tolist(), text[:40]
        assert all(0 <= start < end <= len(text) for start, end, _ in spans)
        assert spans == vectorizer.spans(text)


def shown(vectorizer, text):
    words = vectorizer.get_feature_names_out()
    return [(text[start:end], words[column]) for start, end, column in vectorizer.spans(text)]


def test_words_are_found_as_they_are_written():
    vectorizer = Vectorizer(min_df=1).fit([TEXTS[4]])
    assert shown(vectorizer, TEXTS[4]) == [
        ("हिन्दी", "हिन्दी"),
        ("cafe\u0301", "café"),
        ("café", "café"),
        ("CAFE\u0301", "café"),
        ("in\xadfor\xadmation", "information"),
        ("information", "information"),
        ("\u0130stanbul", "istanbul"),
        ("\ufb01nance", "finance"),
    ]


def test_what_is_dropped_has_no_words_and_what_is_masked_is_shown():
    vectorizer = Vectorizer(**CLEANING, urls="mask", min_df=1).fit(TEXTS)
    assert shown(vectorizer, TEXTS[1]) == [
        ("Rates", "rates"),
        ("New", "new"),
        ("York", "york"),
        ("fell", "fell"),
        ("http://bank.org/rates?x=1,", "url"),
        ("www.rates.com.", "url"),
    ]
    start, _, _ = vectorizer.spans(TEXTS[1])[0]
    assert start == TEXTS[1].index("Rates of New York")


def test_phrases_and_ngrams_cover_their_words():
    vectorizer = Vectorizer(phrases=2, ngram_range=(1, 2), min_df=1).fit([*TEXTS, *TEXTS])
    found = shown(vectorizer, "rates of New  York fell")
    assert ("New  York", "new_york") in found
    assert ("rates of New  York", "rates new_york") in found


def test_tokens_of_lists_stand_with_a_space_between():
    vectorizer = Vectorizer(stop_words=["the"]).fit([["the", "new york", "bank"], []])
    document = ["bank", "the", "new york"]
    assert shown(vectorizer, " ".join(document)) == [("bank", "bank")]
    text, words = " ".join(document), vectorizer.get_feature_names_out()
    found = [(text[a:b], words[column]) for a, b, column in vectorizer.spans(document)]
    assert found == [("bank", "bank"), ("new york", "new york")]


def lemmas(text):
    return ["be" if word in ("is", "are") else word.lower() for word in text.split()]


def test_what_is_not_in_the_text_is_left_out():
    text = "rates are low because rates are high"
    vectorizer = Vectorizer(tokenizer=lemmas, stop_words=None).fit([text])
    assert shown(vectorizer, text) == [
        ("rates", "rates"), ("low", "low"), ("because", "because"), ("rates", "rates"),
        ("high", "high"),
    ]  # fmt: skip


def test_a_function_from_another_library():
    vectorizer = Vectorizer(tokenizer=shlex.split).fit(["'New York' rose"])
    assert shown(vectorizer, "'NEW YORK' rose") == [("NEW YORK", "new york"), ("rose", "rose")]


def test_one_document_is_asked_for():
    with pytest.raises(InputError, match="got 3"):
        Vectorizer().fit(["bank"]).spans(3)
