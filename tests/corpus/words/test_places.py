import pytest

from topicgen.corpus.words.places import locate, token_places
from topicgen.corpus.words.tokenizers import load_tokenizer, pattern_tokenizer
from topicgen.corpus.words.whole_words import TOKEN_PATTERN

TEXT = "Don't panic: हिन्दी words, x1 and 1x, the New York's rates rose 2.5%!"


@pytest.mark.parametrize("pattern", [TOKEN_PATTERN, r"(?u)\b\w\w+\b", r"(\w+)e|x(?=1)", r"\w"])
def test_tokens_of_patterns(pattern):
    placed = token_places(pattern)(TEXT)
    assert [token for token, _ in placed] == [
        token for token in pattern_tokenizer(pattern)(TEXT) if token
    ]
    assert all(TEXT[slice(*place)] == token for token, place in placed)


@pytest.mark.parametrize("name", ["nltk:wordpunct", "nltk:treebank", "nltk:tweet", "nltk:toktok"])
def test_tokens_of_functions(name):
    tokenize = load_tokenizer(name)
    placed = token_places(tokenize)(TEXT)
    assert [token for token, _ in placed] == tokenize(TEXT)
    assert all(TEXT[slice(*place)] == token for token, place in placed)


def test_what_is_not_in_the_text_does_not_hide_what_follows():
    tokens = ["rate", "be", "low", "because", "rate", "be", "high"]
    text = "Rates are low because rates are high"
    assert [place for _, place in locate(tokens, text)] == [
        (0, 4), None, (10, 13), (14, 21), (22, 26), None, (32, 36),
    ]  # fmt: skip


def test_words_far_ahead_are_not_looked_for():
    text = "bank " + "x" * 9_000 + " rate"
    assert locate(["bank", "rate"], text) == [("bank", (0, 4)), ("rate", None)]
    assert locate(["bank", "rate"], text, in_order=True)[1] == ("rate", (9_006, 9_010))


def test_empty_tokens_have_no_place():
    assert locate(["", "bank"], "bank") == [("", None), ("bank", (0, 4))]
