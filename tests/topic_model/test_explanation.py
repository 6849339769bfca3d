import numpy as np
import pytest

from topicgen import TopicModel
from topicgen.corpus import Corpus
from topicgen.errors import InputError
from topicgen.topic_model.explanation import Explanation
from topicgen.topic_model.responsibilities import responsibilities

DOCS = ["Cats purr, and cats sleep.", "Dogs bark, and dogs run."] * 20
TEXT = "My cats purr & dogs bark; <b>cats</b> sleep."


@pytest.fixture(scope="module")
def model():
    return TopicModel(2, random_state=0, max_epochs=20).fit(DOCS)


def test_rows_sum_to_counts_and_columns_to_the_posterior(model):
    explained = model.explain(TEXT)
    table = explained.to_frame()
    assert table.columns.tolist() == ["word", "count", "topic", "label", "tokens"]
    of_words = table.groupby("word")
    np.testing.assert_allclose(of_words["tokens"].sum(), of_words["count"].first(), rtol=1e-9)
    assert of_words["count"].first().to_dict() == {
        "bark": 1, "cats": 2, "dogs": 1, "purr": 1, "sleep": 1,
    }  # fmt: skip
    # The tokens are drawn: their mean of 160 draws has an error of about .05 here.
    posterior = model.posterior([TEXT])
    np.testing.assert_allclose(explained.tokens.sum(0), posterior.tokens[0], atol=0.25)
    assert table["tokens"].is_monotonic_decreasing
    assert explained.topics["tokens"].sum() == pytest.approx(6)


def test_expected_tokens_are_the_mean_over_draws():
    """By hand: of the first word 3/4 and 1/4 for the two draws, of the second 1/2 and 1."""
    proportions = np.array([[0.5, 0.5], [0.5 / 5, 4.5 / 5]])
    topics = np.array([[0.3, 0.2], [0.1, 0.2]])
    first = [(0.75 + 0.03 / 0.12) / 2, (0.25 + 0.09 / 0.12) / 2]
    second = [(0.5 + 0.1) / 2, (0.5 + 0.9) / 2]
    np.testing.assert_allclose(responsibilities(proportions, topics), [first, second])


def test_a_word_that_no_topic_has_says_nothing():
    found = responsibilities(np.array([[0.25, 0.75]]), np.array([[0.0], [0.0]]))
    np.testing.assert_allclose(found, [[0.25, 0.75]])


def test_one_document_of_any_kind(model):
    expected = model.explain("cats purr").tokens
    counts = model.vectorizer_.transform(["cats purr"])
    corpus = Corpus(counts, model.vocabulary_, ["a"])
    for doc in (["cats purr"], ["cats", "purr"], counts, corpus, iter(["cats purr"])):
        explained = model.explain(doc)
        np.testing.assert_array_equal(explained.tokens, expected)
        assert (explained.text is None) == (doc is counts or doc is corpus)
    for doc in ([["cats"], ["dogs"]], counts[[0, 0]]):
        with pytest.raises(InputError, match="one document, got 2"):
            model.explain(doc)


def test_no_document_is_refused(model):
    with pytest.raises(InputError, match="got an empty collection"):
        model.explain([])


def test_a_document_without_known_words(model):
    explained = model.explain("nothing known")
    assert explained.to_frame().empty
    assert "0 tokens" in repr(explained)
    assert "nothing known" in explained._repr_html_()


def test_words_are_marked_by_number_line_and_colour(model, parsed):
    explained = model.explain(TEXT)
    shown = explained._repr_html_()
    assert "&lt;b&gt;" in shown
    assert "<b>" not in shown
    marks = [attributes for name, attributes in parsed(shown).elements if name == "mark"]
    assert [mark["title"].split()[1] for mark in marks if "title" in mark]
    assert shown.count("<sub>") == 6
    assert "border-bottom-style: solid" in shown
    assert len(repr(explained).splitlines()) <= 4


def test_hostile_text_is_shown_as_text(hostile, parsed):
    text = hostile
    explained = Explanation(
        [text], np.array([2.0]), np.array([[1.5, 0.5]]), [text, text], text, [(0, len(text), 0)]
    )
    found = parsed(explained._repr_html_())
    assert {name for name, _ in found.elements} <= {
        "div", "style", "table", "caption", "thead", "tbody", "tr", "th", "td", "span", "p", "mark",
        "sub", "small",
    }  # fmt: skip
    plain = repr(explained)
    assert not set(plain) & set("\x1b\x07\x00\u202e\u2066\u200b\ud800")
    assert len(plain) < 2_000
