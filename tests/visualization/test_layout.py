import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon, pdist, squareform

from topicgen.errors import InputError
from topicgen.visualization.layout import topic_distances, topic_positions


def topics(n, n_words=40, seed=0):
    return np.random.default_rng(seed).dirichlet(np.full(n_words, 0.2), n)


def test_the_distances_are_those_of_scipy():
    beta = topics(7)
    expected = squareform(pdist(beta, lambda p, q: jensenshannon(p, q, base=2)))
    np.testing.assert_allclose(topic_distances(beta), expected, atol=1e-9)


def test_topics_without_a_common_word_are_1_apart():
    assert topic_distances(np.eye(3)).tolist() == (1 - np.eye(3)).tolist()


def test_rows_are_divided_by_their_sums():
    beta = topics(5)
    np.testing.assert_allclose(topic_distances(beta * 7), topic_distances(beta), atol=1e-9)


def test_three_topics_have_a_plane_that_shows_their_distances_exactly():
    beta = topics(3)
    found = squareform(pdist(topic_positions(beta)))
    np.testing.assert_allclose(found, topic_distances(beta), atol=1e-9)


def test_one_topic_is_at_the_centre():
    assert topic_positions([[0.2, 0.8]]).tolist() == [[0, 0]]


def test_two_topics_are_on_the_first_axis():
    found = topic_positions([[0.9, 0.1], [0.1, 0.9]])
    distance = jensenshannon([0.9, 0.1], [0.1, 0.9], base=2)
    np.testing.assert_allclose(found, [[distance / 2, 0], [-distance / 2, 0]], atol=1e-12)


def test_identical_topics_are_at_the_same_place():
    beta = topics(4)
    found = topic_positions(beta[[0, 1, 1, 2, 3]])
    np.testing.assert_allclose(found[1], found[2], atol=1e-7)
    assert topic_positions(beta[[0, 0, 0]]).tolist() == [[0, 0]] * 3


def test_two_groups_of_topics_are_on_two_sides():
    random = np.random.default_rng(1)
    left = np.hstack([random.dirichlet(np.ones(20), 5), np.zeros((5, 20))])
    right = np.hstack([np.zeros((5, 20)), random.dirichlet(np.ones(20), 5)])
    first = topic_positions(np.vstack([left, right]))[:, 0]
    assert len(set(np.sign(first[:5]))) == len(set(np.sign(first[5:]))) == 1
    assert np.sign(first[0]) != np.sign(first[9])


def test_positions_belong_to_topics_not_to_their_order():
    beta, order = topics(30), np.random.default_rng(2).permutation(30)
    np.testing.assert_allclose(
        topic_positions(beta[order]), topic_positions(beta)[order], atol=1e-9
    )


def test_the_farthest_topic_along_an_axis_is_on_its_positive_side():
    found = topic_positions(topics(300))
    assert found.shape == (300, 2)
    farthest = found[np.abs(found).argmax(0), [0, 1]]
    assert (farthest > 0).all()
    np.testing.assert_allclose(found.mean(0), 0, atol=1e-12)
    assert found[:, 0].var() >= found[:, 1].var()


@pytest.mark.parametrize("wrong", [[0.5, 0.5], "topics", [[]], [["a"]], None])
def test_what_is_no_matrix_is_refused(wrong):
    with pytest.raises(InputError, match=r"must be a matrix .* pass model.components_"):
        topic_distances(wrong)


@pytest.mark.parametrize("wrong", [[0.5, -0.5], [0, 0], [np.nan, 1], [np.inf, 1]])
def test_a_row_of_no_probabilities_is_named(wrong):
    with pytest.raises(InputError, match="row 1 is not"):
        topic_positions([[0.5, 0.5], wrong])
