"""pyLDAvis makes its page of our arrays."""

import json
import re

import numpy as np
import pytest

pyldavis = pytest.importorskip("pyLDAvis", reason="pyLDAvis is not installed: pip install pyLDAvis")


@pytest.fixture(scope="module")
def prepared(model, planted_texts):
    arrays = model.to_pyldavis(planted_texts)
    return pyldavis.prepare(**arrays, sort_topics=False, start_index=0, n_jobs=1)


def data_of(page):
    """The data in a page."""
    return json.loads(re.search(r"var ldavis\w*_data = (\{.*?\});", page)[1])


def test_the_page_holds_our_words_and_topics_in_order(model, prepared):
    data = data_of(pyldavis.prepared_data_to_html(prepared))
    assert data["topic.order"] == data["mdsDat"]["topics"] == [0, 1, 2]
    rows = list(zip(data["tinfo"]["Category"], data["tinfo"]["Term"], strict=True))
    of_topics = [{word for category, word in rows if category == f"Topic{k}"} for k in range(3)]
    for of_topic, top in zip(of_topics, model.top_words(10), strict=True):
        assert set(top) <= of_topic <= set(model.vocabulary_)


def test_the_areas_are_the_tokens_of_the_topics(model, planted_texts, planted_counts, prepared):
    proportions, lengths = model.transform(planted_texts), planted_counts.sum(1).A1
    shares = 100 * lengths @ proportions / lengths.sum()
    np.testing.assert_allclose(prepared.topic_coordinates["Freq"], shares, rtol=1e-6)


def test_ranked_by_probability_the_words_are_ours(model, prepared):
    for k in range(3):
        terms = prepared.sorted_terms(k, 1)
        ours = model.get_topic(k, 30, measure="probability")
        assert terms["Term"].head(10).tolist() == ours["word"].head(10).tolist()
        found = dict(zip(terms["Term"], np.exp(terms["logprob"]), strict=True))
        expected = dict(zip(ours["word"], ours["probability"], strict=True))
        assert found == pytest.approx(expected, rel=1e-3)  # it rounds


def test_documents_with_words_and_topics_that_do_not_occur(model, planted_texts):
    """pyLDAvis takes the frequencies from the topics, so that 0 tokens of a word do no harm."""
    arrays = model.to_pyldavis([planted_texts[0], "unheard of", ""])
    assert arrays["doc_lengths"].tolist() == [40, 0, 0]
    assert 0 in arrays["term_frequency"]
    prepared = pyldavis.prepare(**arrays, n_jobs=1)
    assert np.isfinite(prepared.topic_info[["Freq", "logprob", "loglift"]]).all(axis=None)


def test_a_model_of_counts_has_numbers_for_words(planted_counts):
    from topicgen import TopicModel

    model = TopicModel(3, max_epochs=1, random_state=0).fit(planted_counts)
    prepared = pyldavis.prepare(**model.to_pyldavis(planted_counts), n_jobs=1)
    assert set(prepared.topic_info["Term"]) <= set(map(str, range(30)))
