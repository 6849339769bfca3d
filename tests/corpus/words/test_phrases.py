import random

import pytest

from topicgen.corpus.words.phrases import (
    joiner,
    learn_phrases,
    phrase_joiner,
    read_tokens,
    split_tokens,
)

CITY = ["new york rates", "bank in new york", "new york", "bank rates in", "rates bank in"]


def test_pairs_that_stand_together_are_found():
    assert learn_phrases(map(str.split, CITY), min_count=3) == [("new", "york")]
    assert learn_phrases(map(str.split, CITY), min_count=4) == []
    assert learn_phrases([], min_count=1) == []


def test_a_word_with_an_underscore_is_no_phrase():
    documents = [["fund_manager", "x"], ["y", "fund_manager"], ["fund", "z", "manager"]] * 20
    assert ("fund", "manager") not in learn_phrases(documents, min_count=1)


def test_documents_are_read_once_and_their_tokens_kept():
    texts, phrases = read_tokens((text for text in [*CITY, ""]), str.split, min_count=3)
    assert [split_tokens(text) for text in texts] == [text.split() for text in [*CITY, ""]]
    assert phrases == [("new", "york")]


def test_tokens_may_wait_in_a_file(tmp_path):
    documents = ["new york|rates\n", "", "new york|\ud800", "|new york|rates\n"]
    split = [text.split("|") if text else [] for text in documents]
    texts, phrases = read_tokens(documents, lambda text: split.pop(0), 2, tmp_path / "tokens")
    assert list(map(split_tokens, texts)) == [
        ["new york", "rates\n"], [], ["new york", "\ud800"], ["", "new york", "rates\n"],
    ]  # fmt: skip
    assert phrases == [("new york", "rates\n")]
    assert list(tmp_path.iterdir()) == [tmp_path / "tokens"]


def test_phrases_are_joined_as_gensim_joins_them():
    from gensim.models.phrases import Phrases

    rng = random.Random(0)
    documents = [rng.choices("abcdefgh", weights=range(1, 9), k=12) for _ in range(200)]
    model = Phrases(documents, min_count=5, threshold=-0.01, scoring="npmi", delimiter="_")
    join = phrase_joiner([tuple(phrase.split("_")) for phrase in model.export_phrases()])
    joined = [join(tokens) for tokens in documents]
    assert joined == [model[tokens] for tokens in documents]
    assert any("_" in term for terms in joined for term in terms)


@pytest.mark.parametrize(
    ("tokens", "terms"),
    [("", []), ("a", ["a"]), ("a b", ["a_b"]), ("a b c", ["a_b", "c"]), ("a a b", ["a", "a_b"])],
)
def test_phrases_are_joined_from_left_to_right(tokens, terms):
    assert phrase_joiner([("a", "b"), ("b", "c")])(tokens.split()) == terms


def test_ngrams_are_of_phrases():
    join = joiner([("new", "york")], (2, 2))
    assert join(["in", "new", "york", "bank"]) == ["in new_york", "new_york bank"]
    assert joiner([], (1, 1)) is None
