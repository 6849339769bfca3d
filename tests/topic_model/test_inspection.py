import numpy as np
import pandas as pd
import pytest

from topicgen import TopicModel
from topicgen.errors import InputError
from topicgen.topic_model.inspection import check_topic, check_topics

DOCS = ["Cats purr and cats sleep.", "Dogs bark and dogs run."] * 20
PLACES = {"place": ["home", "home", "wood", "wood"] * 10}


@pytest.fixture(scope="module")
def model():
    model = TopicModel(2, content="place", random_state=0, max_epochs=5)
    model.fit(DOCS, metadata=PLACES)
    model.rename({0: "buses", 1: "roads"})
    return model


def test_a_topic_is_found_by_number_and_by_name(model):
    assert check_topic(model.fitted_, "roads") == 1
    assert check_topic(model.fitted_, np.int64(1)) == 1
    assert check_topics(model.fitted_, "roads") == [1]
    assert check_topics(model.fitted_, ["roads", 0, 1, "buses"]) == [1, 0]
    assert check_topics(model.fitted_, None) == [0, 1]


@pytest.mark.parametrize(
    "ask",
    [
        lambda model, topic: model.get_topic(topic, 3),
        lambda model, topic: model.get_topic(topic, 3, given={"place": "wood"}),
        lambda model, topic: model.representative_documents(topic, n=1),
        lambda model, topic: model.representative_documents([topic], n=1),
    ],
)
def test_a_name_gives_what_its_number_gives(model, ask):
    pd.testing.assert_frame_equal(ask(model, "roads"), ask(model, 1))
    with pytest.raises(InputError, match="named 'rods'; the names are 'buses', 'roads'"):
        ask(model, "rods")


def test_without_names_a_number_is_asked_for():
    model = TopicModel(2, random_state=0, max_epochs=1).fit(DOCS)
    with pytest.raises(InputError, match="no names; pass a number from 0 to 1"):
        model.get_topic("buses")
