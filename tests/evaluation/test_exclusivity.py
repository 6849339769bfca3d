import numpy as np
import pytest

from topicgen.errors import InputError
from topicgen.evaluation import exclusivity, frex

TOPICS = [[0.5, 0.3, 0.2, 0.0], [0.1, 0.3, 0.2, 0.4]]


def test_frex_by_hand():
    # Exclusive to topic 0: 5/6, 1/2, 1/2, 0, so ranks 4, 2.5, 2.5, 1 of 4; frequent: 4, 3, 2, 1.
    w = 0.25
    expected = [
        1.0,
        1 / (w / (2.5 / 4) + (1 - w) / (3 / 4)),
        1 / (w / (2.5 / 4) + (1 - w) / (2 / 4)),
        1 / 4,
    ]
    np.testing.assert_allclose(frex(TOPICS, weight=w)[0], expected)


def test_weights_at_the_ends_are_the_ranks_alone():
    np.testing.assert_allclose(frex(TOPICS, weight=0)[0], [1, 3 / 4, 2 / 4, 1 / 4])
    np.testing.assert_allclose(frex(TOPICS, weight=1)[0], [1, 2.5 / 4, 2.5 / 4, 1 / 4])


def test_exclusivity_is_the_mean_of_the_most_probable_words():
    scores = frex(TOPICS)
    expected = (scores[0, 0] + scores[0, 1] + scores[1, 3] + scores[1, 1]) / 4
    assert exclusivity(TOPICS, top_n=2) == pytest.approx(expected)


def test_topics_of_their_own_are_more_exclusive_than_equal_ones():
    own = np.kron(np.eye(3), np.full((1, 4), 0.25))
    assert exclusivity(own, top_n=4) > exclusivity(np.full((3, 12), 1 / 12), top_n=4)


def test_a_word_of_no_topic_has_a_rank():
    assert np.isfinite(frex([[1.0, 0.0], [1.0, 0.0]])).all()


@pytest.mark.parametrize(
    ("topic_word", "options", "message"),
    [
        ([[0.5, 0.6]], {}, "rows of topic_word that sum to 1, got a sum of 1.1 at row 0"),
        ([[0.5, np.nan]], {}, "probabilities in topic_word, got nan at row 0, column 1"),
        ([[0.5, 0.5]], {"weight": 1.5}, "weight from 0 to 1, got 1.5"),
        ([[0.5, 0.5]], {"top_n": 3}, "top_n to be a whole number from 1 to 2, got 3"),
    ],
)
def test_bad_input(topic_word, options, message):
    with pytest.raises(InputError, match=message):
        exclusivity(topic_word, **options)
