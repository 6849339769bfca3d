import pytest

from topicgen.corpus.analyzer import Analyzer, load_stemmer


def analyzer(stop_words=(), **options):
    return Analyzer(str.lower, str.split, list(stop_words), **options)


def test_stop_words_are_preprocessed_and_tokenised():
    def words(text):
        return text.replace("'", " ").split()

    analyze = Analyzer(str.lower, words, ["The", "don't"])
    assert analyze("THE bank don't") == ["bank"]


def test_stop_word_that_is_no_token_alone_is_dropped_all_the_same():
    analyze = Analyzer(str, lambda text: text.split()[1:], ["the"])
    assert analyze("x the bank") == ["bank"]


def test_stem_comes_after_stop_words_and_before_ngrams():
    analyze = analyzer(["does"], stem=lambda token: token.rstrip("s"), ngram_range=(1, 2))
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
    analyze = analyzer(["the"])
    analyze("the bank")
    analyze("the the")
    assert analyze.n_tokens == 4


def test_stemmer_of_a_language():
    assert load_stemmer("german")("bücher") == "buch"


@pytest.mark.parametrize("language", ["klingon", "", 3])
def test_stemmer_of_an_unknown_language_is_refused(refuses, language):
    with refuses("english", "swedish", f"got {language!r}", "choose one"):
        load_stemmer(language)
