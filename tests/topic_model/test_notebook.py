import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn import config_context
from sklearn.pipeline import make_pipeline

from topicgen import TopicModel
from topicgen.corpus import Corpus, Vectorizer

OWN = {
    "div", "style", "p", "b", "span", "table", "caption", "thead", "tbody", "tr", "th", "td", "ul",
    "li", "details", "summary", "pre",
}  # fmt: skip


@pytest.fixture(scope="module")
def model():
    words = [f"word{number}" for number in range(5_000)]
    documents = [words[row * 50 : row * 50 + 100] * 2 for row in range(99)] * 2
    vectorizer = Vectorizer(stop_words=None, min_df=1)
    return TopicModel(25, vectorizer=vectorizer, max_epochs=1, random_state=0).fit(documents)


def test_no_repr_lists_the_vocabulary(model):
    assert len(model.vocabulary_) == 5_000
    shown = [
        model, model.fitted_, model.fitted_.evidence, model.vectorizer_, model.diagnostics_,
        model.posterior(csr_matrix(np.ones((2, model.n_features_in_)))), model.simulate([3, 4]),
    ]  # fmt: skip
    for value in shown:
        assert len(repr(value)) < 1_000, type(value)
    assert repr(model.fitted_).startswith("Fitted(25 topics, 198 documents, 5,000 words, ")
    assert repr(model.simulate([3, 4])).endswith("words, 25 topics, 7 tokens)")
    for value in shown[:2]:
        assert len(value._repr_html_()) < 15_000


def test_a_fitted_model_shows_its_topics(model, parsed):
    found = parsed(model._repr_html_())
    assert {name for name, _ in found.elements} <= OWN
    assert "25 topics" in found.text
    assert "and 5 smaller topics" in found.text
    assert "max_epochs=1" in found.text
    bundle = model._repr_mimebundle_()
    assert bundle["text/html"] == model._repr_html_()
    assert bundle["text/plain"] == repr(model)


def test_what_is_not_fitted_and_pipelines_show_the_diagram_of_scikit_learn(model):
    for estimator in (TopicModel(3), make_pipeline(Vectorizer(), TopicModel(3))):
        assert "sk-top-container" in estimator._repr_html_()
        assert "sk-top-container" in estimator._repr_mimebundle_()["text/html"]
    assert "sk-top-container" in make_pipeline(model)._repr_html_()
    with config_context(display="text"):
        assert not hasattr(model, "_repr_html_")
        assert "text/html" not in model._repr_mimebundle_()


def test_hostile_words_are_shown_as_text(hostile, parsed):
    words, as_pandas_has_it = [hostile, "bank", "rate"], hostile.replace("\ud800", "")
    corpus = Corpus(
        np.array([[3, 1, 0], [0, 1, 3]] * 15),
        words,
        [f"{hostile}{row}" for row in range(30)],
        labels=[hostile] * 30,
        source=hostile,
        metadata={as_pandas_has_it: [as_pandas_has_it] * 30},
    )
    model = TopicModel(2, max_epochs=1, random_state=0).fit(corpus)
    for value in (model, corpus, model.fitted_, model.show_topics(), model.explain(corpus[:1])):
        found = parsed(value._repr_html_())
        assert {name for name, _ in found.elements} <= OWN | {"mark", "sub", "small"}
        assert not set(found.text) & set("\x1b\x07\x00\u202e\u2066\u200b\ud800")
        assert len(found.text) < 20_000
        assert not set(repr(value)) & set("\x1b\x07\x00\u202e\u2066\u200b\ud800")


def test_a_corpus_shows_its_labels_and_metadata(parsed):
    corpus = Corpus([[1, 2], [0, 3]], ["bank", "rate"], ["a", "b"], ["news", "news"],
                    metadata={"year": [1999, 2004]})  # fmt: skip
    text = parsed(corpus._repr_html_()).text
    assert "2 documents · 2 words · 6 tokens · 0 empty" in text
    assert "news (2)" in text
    assert "year" in text
    assert "1999" in text
