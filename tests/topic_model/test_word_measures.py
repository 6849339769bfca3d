from types import SimpleNamespace

import numpy as np
import pytest

from topicgen import TopicModel, evaluation
from topicgen.errors import InputError
from topicgen.topic_model.measure_names import USUAL_MEASURE
from topicgen.topic_model.word_measures import ranking, top_columns, word_scores

# Two topics of shares 3/4 and 1/4: the whole is (.5, .3, .2).
FITTED = SimpleNamespace(
    components=np.array([[0.6, 0.4, 0.0], [0.2, 0.0, 0.8]]),
    evidence=SimpleNamespace(topic_share=np.array([0.75, 0.25])),
    weights={"free": np.ones((2, 1))},
)


def test_values_by_hand():
    np.testing.assert_allclose(
        word_scores(FITTED, "lift"), [[1.2, 4 / 3, 0], [0.4, 0, 4]], rtol=1e-12
    )
    score = word_scores(FITTED, "score")
    np.testing.assert_allclose(score[0], [0.6 * np.log(1.2), 0.4 * np.log(4 / 3), 0])
    relevance = word_scores(FITTED, "relevance", 0.25)
    assert relevance[0, 0] == pytest.approx(0.25 * np.log(0.6) + 0.75 * np.log(1.2))
    assert relevance[0, 2] == -np.inf
    np.testing.assert_array_equal(word_scores(FITTED, "probability"), FITTED.components)


def test_the_weight_of_relevance_goes_from_lift_to_probability():
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(word_scores(FITTED, "relevance", 1), np.log(FITTED.components))
        expected = np.log(word_scores(FITTED, "lift"))
    np.testing.assert_allclose(word_scores(FITTED, "relevance", 0), expected)


def test_frex_is_that_of_the_evaluation():
    np.testing.assert_array_equal(
        word_scores(FITTED, "frex"), evaluation.frex(FITTED.components, 0.5)
    )
    np.testing.assert_array_equal(
        word_scores(FITTED, "frex", 0.9), evaluation.frex(FITTED.components, 0.9)
    )


def test_tables_of_a_model(planted_texts):
    model = TopicModel(3, max_epochs=5, random_state=0).fit(planted_texts)
    for measure in ("frex", "lift", "relevance", "score"):
        table = model.get_topic(1, 6, measure=measure)
        assert table.columns.tolist() == ["word", "probability", measure]
        assert table[measure].is_monotonic_decreasing
        assert table["word"].tolist() == model.top_words(6, measure=measure)[1]
    assert model.get_topic(1, 4, measure="probability").columns.tolist() == ["word", "probability"]
    with pytest.raises(InputError, match=r"measure='lift' with given"):
        model.get_topic(1, measure="lift", given={"party": "Con"})


@pytest.mark.parametrize(
    ("measure", "weight", "message"),
    [
        ("best", None, "measure must be one of"),
        (None, None, "measure must be one of"),
        ("score", 0.5, "weight is for the measures 'frex' and 'relevance', got 0.5"),
        ("relevance", -0.1, "expected weight from 0 to 1"),
    ],
)
def test_measures_are_checked(measure, weight, message):
    with pytest.raises(InputError, match=message):
        word_scores(FITTED, measure, weight)


def order(fitted, measure):
    return [top_columns(row, 3).tolist() for row in ranking(fitted, measure)]


def test_words_that_say_nothing_of_a_topic_come_last_by_their_probability():
    assert order(FITTED, "score") == [[1, 0, 2], [2, 0, 1]]
    assert order(FITTED, "probability") == [[0, 1, 2], [2, 0, 1]]


def test_an_only_topic_and_a_background_are_ranked_by_probability():
    only = SimpleNamespace(
        components=np.array([[0.2, 0.5, 0.3]]),
        evidence=SimpleNamespace(topic_share=np.array([1 - 1e-9])),
        weights={"free": np.ones((1, 1))},
    )
    assert order(only, "score") == [[1, 2, 0]]
    background = SimpleNamespace(**{**vars(FITTED), "weights": {"free": np.array([[0.0], [1.0]])}})
    assert order(background, "score") == [[0, 1, 2], [2, 0, 1]]


def test_all_lists_are_ranked_by_the_usual_measure(planted_texts):
    model = TopicModel(3, max_epochs=5, random_state=0).fit(planted_texts)
    fitted, words = model.fitted_, model.top_words(5)
    assert words == model.top_words(5, measure=USUAL_MEASURE)
    for k in range(3):
        assert model.get_topic(k, 5)["word"].tolist() == words[k]
        assert fitted.label(k) == ", ".join(words[k][:3])
    by_number = {topic.number: topic.words for topic in model.show_topics(top_n=5)}
    assert [by_number[k] for k in range(3)] == words
    info = model.get_topic_info(5).set_index("topic")
    assert info["words"].sort_index().tolist() == words
