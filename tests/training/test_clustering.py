import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix, random_array
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from topicgen.training import cluster_topics, generator
from topicgen.training.clustering import k_means, leading_vectors

CPU = torch.device("cpu")


def test_leading_vectors_are_those_of_the_singular_value_decomposition():
    rng = np.random.default_rng(0)
    left, right = (
        np.linalg.qr(rng.normal(size=(80, 12)))[0],
        np.linalg.qr(rng.normal(size=(50, 12)))[0],
    )
    values = 2.0 ** -np.arange(12)
    matrix = csr_matrix(left * values @ right.T)
    found = leading_vectors(matrix, 5, CPU, generator(0, "cpu")).double().numpy()
    np.testing.assert_allclose(np.linalg.norm(found, axis=0), values[:5], rtol=1e-4)
    np.testing.assert_allclose(
        np.abs((found / values[:5] * left[:, :5]).sum(0)), np.ones(5), rtol=1e-4
    )


def test_no_more_vectors_than_there_are_words():
    matrix = csr_matrix(random_array((30, 4), density=0.5, rng=np.random.default_rng(0)))
    assert leading_vectors(matrix, 3, CPU, generator(0, "cpu")).shape == (30, 3)


@pytest.fixture(scope="module")
def points():
    rng = np.random.default_rng(1)
    centres = 6 * rng.normal(size=(12, 4))
    return torch.from_numpy(np.repeat(centres, 20, 0) + rng.normal(size=(240, 4))).float()


def inertia(points, labels):
    parts = [points[labels == k] for k in labels.unique()]
    return sum(((part - part.mean(0)) ** 2).sum().item() for part in parts)


def test_k_means_is_as_good_as_that_of_scikit_learn(points):
    ours = k_means(points, 12, 10, generator(0, "cpu"))
    theirs = KMeans(12, n_init=10, random_state=0).fit(points.numpy())
    assert inertia(points, ours) == pytest.approx(theirs.inertia_, rel=1e-3)
    assert adjusted_rand_score(ours, theirs.labels_) > 0.99


def test_the_best_of_several_starts_is_taken(points):
    several = inertia(points, k_means(points, 12, 20, generator(0, "cpu")))
    single = [inertia(points, k_means(points, 12, 1, generator(s, "cpu"))) for s in range(5)]
    assert several <= min(single) * 1.001


def test_points_that_are_alike_leave_clusters_empty():
    points = torch.tensor([[0.0], [1.0]]).repeat(10, 1)
    labels = k_means(points, 5, 3, generator(0, "cpu"))
    assert len(labels.unique()) == 2
    assert adjusted_rand_score(labels, np.arange(20) % 2) == 1


def test_a_seed_gives_the_same_clusters(points):
    first, again = (k_means(points, 12, 3, generator(7, "cpu")) for _ in range(2))
    assert torch.equal(first, again)


def test_topics_start_at_the_same_clusters_on_a_gpu(planted_counts, monkeypatch):
    """Where the device is no CPU the clusters are found by torch; here on the "meta" of one."""

    class Elsewhere:
        type = "elsewhere"

    monkeypatch.setattr(torch, "device", lambda name: Elsewhere)
    monkeypatch.setattr(
        "topicgen.training.initial_topics.generator", lambda seed, device: generator(seed, "cpu")
    )
    monkeypatch.setattr(
        "topicgen.training.initial_topics.leading_vectors",
        lambda matrix, n, device, random: leading_vectors(matrix, n, CPU, random),
    )
    found = cluster_topics(planted_counts, 3, np.random.default_rng(0), "elsewhere")
    assert sorted(found.reshape(3, 3, 10).mean(-1).argmax(-1).tolist()) == [0, 1, 2]
