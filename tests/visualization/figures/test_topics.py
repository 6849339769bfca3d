import pytest
from sklearn.exceptions import NotFittedError

from topicgen import TopicModel
from topicgen.errors import InputError
from topicgen.visualization.figures.topics import choose, fitted_of, heading, topics_of_model


def label(k):
    return f"label {k}"


def test_the_first_are_shown_and_it_is_said():
    shown = choose(None, [4, 2, 0, 1, 3], 2, label, "largest")
    assert shown.numbers == [4, 2]
    assert shown.headings == ["4 label 4", "2 label 2"]
    assert shown.note == "the 2 largest of 5 topics"


def test_nothing_is_said_of_all():
    assert choose(None, [1, 0], 2, label, "largest").note is None


def test_those_asked_for_come_in_their_order_once():
    shown = choose([3, 1, 3], [0, 1, 2, 3], 1, label, "largest")
    assert shown.numbers == [3, 1]
    assert shown.note is None


def test_labels_may_be_given():
    shown = choose({3: "banks", 1: "tariff"}, [0, 1, 2, 3], 9, label, "largest")
    assert shown.headings == ["3 banks", "1 tariff"]


@pytest.mark.parametrize(
    ("topics", "message"),
    [
        ([9], r"topics has 9, which is not the number of a topic here; the 4 topics are 0, 1, 2, "),
        (["bank"], "topics has 'bank'"),
        ([True], "topics has True"),
        ([1.5], r"topics has 1\.5"),
        ([], "topics is empty"),
        ({}, "topics is empty"),
        (3, r"topics must be numbers, .* got 3; use for example \[0, 3\]"),
        ("12", "topics must be numbers"),
    ],
)
def test_what_is_no_topic_is_refused(topics, message):
    with pytest.raises(InputError, match=message):
        choose(topics, [0, 1, 2, 3], 9, label, "largest")


def test_headings():
    assert heading(3, "bank, rate") == "3 bank, rate"
    assert heading(3, "") == "topic 3"


def test_the_largest_of_a_model_and_their_names(model_of):
    model = model_of(3, names=("money", None, None))
    shown = topics_of_model(model, None, 2)
    assert shown.numbers == [0, 1]
    assert shown.headings[0] == "0 money"
    assert shown.headings[1] == f"1 {model.label(1)}"


def test_what_is_no_fitted_model_is_refused(trained):
    assert fitted_of(trained) is trained.fitted_
    with pytest.raises(NotFittedError):
        fitted_of(TopicModel())
    with pytest.raises(InputError, match="expected a fitted TopicModel, got 'model'; pass what"):
        fitted_of("model")
