import numpy as np
import pytest

from topicgen.topic_model.editing.composition import (
    Composition,
    dropping,
    merging,
    numbers_after,
    recomposed,
    splitting,
)

SHARE = np.array([0.5, 0.3, 0.2])


def test_the_merged_topic_takes_the_lowest_number():
    assert merging(4, [3, 1]).tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 1, 0]]
    assert numbers_after(merging(4, [3, 1])) == (0, 1, 2, 1)


def test_a_dropped_topic_has_no_number():
    assert numbers_after(dropping(4, [0, 2])) == (None, 0, None, 1)


def test_the_second_half_takes_the_place_that_is_asked_for():
    assert splitting(3, 1, 0.7, place=3).tolist() == [
        [1, 0, 0, 0],
        [0, 0.7, 0, pytest.approx(0.3)],
        [0, 0, 1, 0],
    ]
    assert splitting(3, 0, 0.6, place=2)[2].tolist() == [0, 0, 0, 1]
    assert numbers_after(splitting(3, 1, 0.7, place=3)) == (0, 1, 2)


def test_unchanged_topics_are_known_by_their_old_numbers():
    assert Composition(merging(3, [0, 1]), SHARE).unchanged == {1: 2}
    assert Composition(dropping(3, [1]), SHARE).unchanged == {0: 0, 1: 2}
    halves = {1: np.ones(2) / 2, 3: np.ones(2) / 2}
    parts = Composition(splitting(3, 1, 0.7, place=3), SHARE, halves)
    assert parts.unchanged == {0: 0, 2: 2}


def test_words_of_a_merged_topic_are_the_mixture_by_share():
    topics = np.array([[1.0, 0.0], [0.0, 1.0], [0.5, 0.5]])
    mixed = Composition(merging(3, [0, 1]), SHARE).mixtures(topics)
    np.testing.assert_allclose(mixed, [[0.625, 0.375], [0.5, 0.5]])


def test_sums_together_stay_what_they_were_when_a_topic_is_dropped():
    parts = Composition(dropping(3, [2]), SHARE)
    np.testing.assert_allclose(parts.scaled_sums(np.array([1.0, 1.0, 2.0])), [2.0, 2.0])


@pytest.fixture
def weights(model):
    return model.fitted_.weights


def with_rates(weights, mean, shape):
    new = dict(weights)
    new["rate_mean"], new["rate_shape"] = (np.array(x, dtype=np.float32) for x in (mean, shape))
    return new


def test_negative_binomials_of_one_probability_add_exactly(weights, model):
    """NB(2, p) + NB(3, p) = NB(5, p): shapes and means add up."""
    weights = with_rates(weights, mean=[4.0, 6.0, 1.0, 1.0], shape=[2.0, 3.0, 1.0, 1.0])
    parts = Composition(merging(4, [0, 1]), np.full(4, 0.25))
    new = recomposed(weights, model.components_, parts)
    assert new["rate_mean"][0] == 10.0
    assert new["rate_shape"][0] == pytest.approx(5.0, rel=1e-6)


def test_other_negative_binomials_keep_mean_and_variance(weights, model):
    weights = with_rates(weights, mean=[4.0, 6.0, 1.0, 1.0], shape=[0.5, 3.0, 1.0, 1.0])
    parts = Composition(merging(4, [0, 1]), np.full(4, 0.25))
    new = recomposed(weights, model.components_, parts)
    variance = new["rate_mean"][0] ** 2 / new["rate_shape"][0]
    assert variance == pytest.approx(4.0**2 / 0.5 + 6.0**2 / 3.0, rel=1e-6)


def test_halves_of_a_topic_add_up_to_it(weights, model):
    parts = Composition(splitting(4, 1, 0.3, place=4), np.full(4, 0.25))
    halves = recomposed(weights, model.components_, parts)
    back = Composition(merging(5, [1, 4]), np.array([0.25, 0.075, 0.25, 0.25, 0.175]))
    again = recomposed(halves, np.vstack([model.components_, model.components_[1]]), back)
    for name in ("rate_mean", "rate_shape", "prior_mean", "dispersion", "smoothing"):
        np.testing.assert_allclose(again[name], weights[name], rtol=1e-5, err_msg=name)


def test_unchanged_topics_keep_every_bit(weights, model):
    new = recomposed(weights, model.components_, Composition(merging(4, [1, 3]), np.full(4, 0.25)))
    for name in ("topic_logits", "rate_mean", "rate_shape", "prior_mean", "log_pseudo_counts"):
        assert new[name][0].tobytes() == weights[name][0].tobytes(), name
        assert new[name][2].tobytes() == weights[name][2].tobytes(), name
