import numpy as np
import pytest

from topicgen.errors import InputError
from topicgen.evaluation import adjusted_rand_index, normalized_mutual_information, purity


def test_purity_by_hand():
    # Cluster 0 holds a a b, cluster 1 holds b b a c: two and two documents of the commonest.
    assert purity(list("aabbbac"), [0, 0, 0, 1, 1, 1, 1]) == pytest.approx(4 / 7)
    assert purity([1, 1, 2], np.array([0, 1, 2])) == 1
    assert purity([1, 1, 2, 2], [0, 0, 0, 0]) == 0.5


def test_normalized_mutual_information_by_hand():
    assert normalized_mutual_information(list("aabb"), [7, 7, 3, 3]) == pytest.approx(1)
    assert normalized_mutual_information(list("aabb"), [0, 1, 0, 1]) == pytest.approx(0)
    # I = H(L) = log 2, H(C) = log 4: twice log 2 over three times log 2.
    assert normalized_mutual_information(list("aabb"), [0, 1, 2, 3]) == pytest.approx(2 / 3)


def test_adjusted_rand_index_by_hand():
    assert adjusted_rand_index(list("aabb"), [7, 7, 3, 3]) == 1
    # Pairs together: 2 of the labels, 3 of the clusters, 1 of both; expected 2 * 3 / 6 = 1.
    assert adjusted_rand_index(list("aabb"), [0, 0, 0, 1]) == pytest.approx(0)
    # Pairs together: 2, 2 and 0; expected 4 / 6: (0 - 2/3) / (2 - 2/3).
    assert adjusted_rand_index(list("aabb"), [0, 1, 0, 1]) == pytest.approx(-1 / 2)


SCORES = [purity, normalized_mutual_information, adjusted_rand_index]


@pytest.mark.parametrize("score", SCORES)
@pytest.mark.parametrize(
    ("labels", "clusters", "message"),
    [
        ([1, 2, 3], [0, 0], r"got \(3,\) and \(2,\)"),
        ([], [], r"got \(0,\) and \(0,\)"),
        ([[1]], [[0]], r"labels of shape \(documents,\), got \(1, 1\)"),
        ([1.0, np.nan], [0, 0], "labels, got nan at index 1"),
        ([1, 1], [np.nan, 0], "clusters, got nan at index 0"),
    ],
)
def test_bad_assignments(score, labels, clusters, message):
    with pytest.raises(InputError, match=message) as error:
        score(labels, clusters)
    assert "\n" not in str(error.value)
