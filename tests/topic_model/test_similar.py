import numpy as np
import pytest

from topicgen import TopicModel, evaluation
from topicgen.corpus import Vectorizer
from topicgen.errors import InputError

DOCS = ["Cats purr and cats sleep in York.", "Dogs bark and dogs run in New York."] * 20


@pytest.fixture(scope="module")
def model():
    vectorizer = Vectorizer(ngram_range=(1, 2), stemmer="english", max_df=1.0)
    return TopicModel(3, vectorizer=vectorizer, random_state=0, max_epochs=20).fit(DOCS)


def test_similarity_is_that_of_the_evaluation(model):
    table = model.similar_topics(1)
    assert table.columns.tolist() == ["topic", "label", "similarity"]
    assert sorted(table["topic"]) == [0, 2]
    assert table["similarity"].is_monotonic_decreasing
    matching = evaluation.match_topics(model.components_, model.components_)
    np.testing.assert_allclose(table["similarity"], matching.all_similarities[1, table["topic"]])
    assert table["label"].tolist() == [model.fitted_.label(topic) for topic in table["topic"]]
    assert len(model.similar_topics(1, 1)) == 1


def test_words_point_to_topics(model):
    by_text, by_word = model.similar_topics("the barking dogs", 3), model.similar_topics("dog", 3)
    columns = [model.vocabulary_.index(word) for word in ("bark", "dog", "bark dog")
               if word in model.vocabulary_]  # fmt: skip
    joint = model.topic_share_[:, None] * model.components_[:, columns]
    expected = (joint / joint.sum(0)).mean(1)
    np.testing.assert_allclose(by_text["similarity"], np.sort(expected)[::-1])
    assert by_text["similarity"].sum() == pytest.approx(1)
    assert by_word["topic"][0] == by_text["topic"][0]
    assert model.similar_topics(["dog"], 3).equals(by_word)
    assert model.similar_topics(["new york"], 1)["topic"][0] == by_word["topic"][0]


def test_unknown_words_are_named(model):
    with pytest.warns(UserWarning, match="ignored: 'elephants'"):
        model.similar_topics(["dogs", "elephants"])
    with pytest.raises(InputError, match="knows no word of 'elephants'"):
        model.similar_topics("elephants")
    for query in ([], [3], [None], {"dogs": 1}, 2.5, 7):
        with pytest.raises(InputError):
            model.similar_topics(query)
    with pytest.raises(InputError, match="n to be a whole number"):
        model.similar_topics(0, n=0)


def test_words_of_counts_have_to_be_known(planted_counts):
    import pandas as pd

    model = TopicModel(2, max_epochs=1, random_state=0).fit(planted_counts)
    assert len(model.similar_topics(0)) == 1
    with pytest.raises(InputError, match="counts without words"):
        model.similar_topics("dogs")
    names = [f"w{number}" for number in range(30)]
    frame = pd.DataFrame(planted_counts.toarray(), columns=names)
    model = TopicModel(2, max_epochs=1, random_state=0).fit(frame)
    assert model.similar_topics("w3 w4 other").equals(model.similar_topics(["w3", "w4"]))
