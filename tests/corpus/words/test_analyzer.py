import pytest

from topicgen.corpus.words.analyzer import Analyzer
from topicgen.corpus.words.whole_words import TOKEN_PATTERN


def analyzer(**options):
    return Analyzer(str.split, **options)


def test_stop_words_are_folded_and_tokenised():
    analyze = Analyzer(r"[a-z]+", stop_words=["The", "don't"])
    assert analyze("THE bank don't") == ["bank"]


def test_stop_word_that_is_no_token_alone_is_dropped_all_the_same():
    analyze = Analyzer(lambda text: text.split()[1:], stop_words=["the"])
    assert analyze("x the bank") == ["bank"]


@pytest.mark.parametrize(
    ("pattern", "terms"),
    [
        (r"(?u)\b[^\W\d_]\w+\b", ["royal", "mail", "and", "rates", "etc", "new"]),
        (r"\S+", ["royal", "mail", "and", "rates", "etc.", "new"]),
    ],
)
def test_written_stop_words_leave_their_parts_elsewhere(pattern, terms):
    analyze = Analyzer(pattern, written_stop_words=["E-Mail", "new york", "up", "don't", "x-ray"])
    text = "Royal mail and e-mail up rates don\u2019t X-ray etc. New  York new"
    assert analyze(text) == terms
    assert not analyze.only_folds


def test_written_stop_words_that_are_tokens_are_stop_words():
    analyze = Analyzer(r"(?u)\b\w\w+\b", written_stop_words=["Bank", "etc.", "'tis", "...", ""])
    assert analyze.only_folds
    assert {"bank", "etc", "tis"} <= analyze.stop_words
    assert analyze("bank etc tis rates") == ["rates"]


def test_apostrophe_of_stop_words_may_be_a_letter():
    analyze = Analyzer(TOKEN_PATTERN, stop_words=["don't"])
    assert analyze("don\u02bct Don\u02bcT hawai\u02bci") == ["hawai\u02bci"]


def test_apostrophes_of_stop_words_are_of_both_forms():
    analyze = analyzer(stop_words=["don't"])
    assert analyze("don't don\u2019t don") == ["don"]


def test_texts_are_counted_as_they_are_tokenised():
    analyze = analyzer()
    analyze.tokens("a b")
    analyze("a")
    assert analyze.n_documents == 2


def test_stem_comes_after_stop_words_and_before_ngrams():
    analyze = analyzer(
        stop_words=["does"], stem=lambda token: token.rstrip("s"), ngram_range=(1, 2)
    )
    assert analyze("does banks doe") == ["bank", "doe", "bank doe"]


@pytest.mark.parametrize(
    ("ngram_range", "terms"),
    [
        ((1, 1), ["a", "b", "c"]),
        ((1, 2), ["a", "b", "c", "a b", "b c"]),
        ((2, 3), ["a b", "b c", "a b c"]),
        ((4, 5), []),
    ],
)
def test_ngrams(ngram_range, terms):
    assert analyzer(ngram_range=ngram_range)("a b c") == terms


def test_tokens_are_counted_before_stop_words():
    analyze = analyzer(stop_words=["the"])
    analyze("the bank")
    analyze("the the")
    assert analyze.n_tokens == 4


def test_text_is_cleaned_then_lowered_then_stripped_of_accents():
    analyze = analyzer(
        clean=lambda text: text.replace("X", "ß"), strip_accents="unicode", lowercase=True
    )
    assert analyze("X Zürich x") == ["ß", "zurich", "x"]
    assert analyzer(lowercase=False)("Zürich") == ["Zürich"]


def test_words_to_keep_are_neither_dropped_nor_changed():
    analyze = analyzer(
        stop_words=["us", "it"],
        keep_words=["US", "2019s"],
        numbers="mask",
        stem=lambda token: token.rstrip("s"),
    )
    assert analyze("us it banks 2019s 2020s") == ["us", "bank", "2019s", "#"]


@pytest.mark.parametrize(
    ("numbers", "terms"),
    [
        ("pattern", ["x1", "3.5%", "2019", "1990s", "12:30", "_7", "mp3", "-", "١٢"]),
        ("drop", ["x1", "1990s", "mp3", "-"]),
        ("mask", ["x#", "#.#%", "#", "#s", "#:#", "_#", "mp#", "-", "#"]),
    ],
)
def test_numbers(numbers, terms):
    assert analyzer(numbers=numbers)("x1 3.5% 2019 1990s 12:30 _7 mp3 - ١٢") == terms


def test_steps_make_the_terms():
    analyze = analyzer(
        clean=str.strip, stop_words=["the"], phrases=[("new", "york")], ngram_range=(1, 2)
    )
    text = " the New York bank "
    assert analyze.preprocess(text) == "the new york bank"
    tokens = analyze.tokenize(analyze.preprocess(text))
    kept = [word for word in map(analyze.normalise, tokens) if word is not None]
    assert kept == ["new", "york", "bank"]
    assert analyze(text) == analyze.terms(tokens) == analyze.join(kept)
    assert analyze(text) == ["new_york", "bank", "new_york bank"]


def test_what_there_is_not_to_do_is_none():
    analyze = analyzer()
    assert (analyze.clean, analyze.join, analyze.token_pattern) == (None, None, None)
    assert Analyzer("[a-z]+").token_pattern == "[a-z]+"


def test_a_word_is_normalised_once():
    seen = []
    analyze = analyzer(stem=lambda token: seen.append(token) or token)
    analyze("bank bank")
    analyze("bank")
    assert seen == ["bank"]


@pytest.mark.parametrize("word", ["C++", "R", "don't"])
def test_words_to_keep_that_no_token_is_are_refused(refuses, word):
    with refuses(
        "word of keep_words to match token_pattern",
        repr(word.lower()),
        "change the pattern",
        "leave",
    ):
        Analyzer(r"\b\w\w+\b", keep_words=[word])


def test_ngrams_and_phrases_are_words_to_keep():
    analyze = Analyzer(r"[a-z]+", keep_words=["new york", "new_york"])
    assert analyze.keep_words == {"new york", "new_york"}
