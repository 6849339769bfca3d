import numpy as np
import pytest

from topicgen.errors import InputError
from topicgen.evaluation import classification_accuracy


def test_labels_that_the_topics_tell():
    doc_topic = np.tile([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]], (20, 1))
    assert classification_accuracy(doc_topic, ["a", "b", "c"] * 20) == 1


def test_labels_that_the_topics_do_not_tell():
    """A guess of two equal classes: 400 documents stay within .5 +- .1, 4 standard errors."""
    random = np.random.default_rng(0)
    doc_topic = random.dirichlet(np.ones(5), 400)
    labels = np.repeat([0, 1], 200)
    assert classification_accuracy(doc_topic, labels) == pytest.approx(0.5, abs=0.1)


def test_the_split_is_seeded():
    random = np.random.default_rng(0)
    doc_topic, labels = random.dirichlet(np.ones(5), 60), random.integers(0, 2, 60)
    first = classification_accuracy(doc_topic, labels, random_state=3)
    assert classification_accuracy(doc_topic, labels, random_state=3) == first


HALVES = np.full((6, 2), 0.5)


@pytest.mark.parametrize(
    ("labels", "options", "message"),
    [
        ([0, 1], {}, r"labels of shape \(6,\), one for each row of doc_topic, got \(2,\)"),
        ([0] * 6, {}, "two different labels or more, got 1"),
        ([0, 0, 0, 0, 0, 1], {"folds": 2}, "2 documents or more of every label, .* got 1 of 1"),
        ([0, 1] * 3, {"folds": 1}, "folds to be a whole number from 2, got 1"),
    ],
)
def test_bad_input(labels, options, message):
    with pytest.raises(InputError, match=message):
        classification_accuracy(HALVES, labels, **options)
