import math

import pytest

from topicgen import TopicModel
from topicgen.errors import InputError
from topicgen.topic_model.measure_names import USUAL_MEASURE
from topicgen.topic_model.topics import Topic, Topics


@pytest.fixture(scope="module")
def model(planted_texts):
    return TopicModel(3, seeds={"first": ["qaa"]}, max_epochs=5, random_state=0).fit(planted_texts)


def test_topics_are_a_sequence_the_largest_first(model):
    topics = model.show_topics()
    assert len(topics) == 3
    assert isinstance(topics[0], Topic)
    assert isinstance(topics[:2], Topics)
    shares = [topic.share for topic in topics]
    assert shares == sorted(shares, reverse=True)
    assert [topic.number for topic in topics] == model.get_topic_info()["topic"].tolist()
    for topic in topics:
        assert topic.label == model.fitted_.label(topic.number)
        assert topic.words == model.top_words(10)[topic.number]
        assert topic.weights == model.get_topic(topic.number)[USUAL_MEASURE].tolist()
    assert {topic.name for topic in topics} == {"first", None}
    assert len(model.show_topics(2, 4)) == 2
    assert len(model.show_topics(2, 4)[0].words) == 4


def test_words_may_be_ranked_by_another_measure(model):
    topics = model.show_topics(measure="score")
    assert topics[0].words == model.top_words(10, measure="score")[topics[0].number]
    assert topics[0].weights == model.get_topic(topics[0].number, measure="score")["score"].tolist()
    assert "words by score" in topics._repr_html_()


def test_topics_as_text_and_as_a_frame(model):
    topics = model.show_topics(2, 3)
    lines = repr(topics).splitlines()
    assert lines[0].split() == ["topic", "label", "share", "presence", "amount", "words"]
    assert len(lines) == 3
    assert lines[1].endswith(", ".join(topics[0].words))
    frame = topics.to_frame()
    assert frame.columns.tolist() == list(Topic._fields)
    assert frame["number"].tolist() == [topic.number for topic in topics]


def test_a_table_for_people_who_listen(model, parsed):
    elements = parsed(model.show_topics()._repr_html_()).elements
    assert sum(attributes.get("scope") == "col" for _, attributes in elements) == 6
    assert sum(attributes.get("scope") == "row" for _, attributes in elements) == 3
    assert all(
        attributes.get("aria-hidden") == "true"
        for _, attributes in elements
        if attributes.get("class") == "bar"
    )


def test_hostile_words_and_names(hostile, parsed):
    text = hostile
    topics = Topics([Topic(0, text, text, 0.5, 0.5, math.nan, [text] * 3, [1.0] * 3)])
    found = parsed(topics._repr_html_())
    assert {name for name, _ in found.elements} <= {
        "div", "style", "table", "caption", "thead", "tbody", "tr", "th", "td", "span",
    }  # fmt: skip
    for plain in (repr(topics), repr(topics[0])):
        assert not set(plain) & set("\x1b\x07\x00\u202e\u2066\u200b\ud800")
        assert len(plain) < 600


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 0}, "number of topics from 1, got 0"),
        ({"top_n": 0}, "at least 1 word"),
        ({"measure": "tf-idf"}, "measure must be one of 'probability', .* got 'tf-idf'"),
        ({"measure": "lift", "weight": 0.5}, "weight is for the measures"),
        ({"measure": "frex", "weight": 2}, "expected weight from 0 to 1"),
    ],
)
def test_arguments_are_checked(model, arguments, message):
    with pytest.raises(InputError, match=message):
        model.show_topics(**arguments)
