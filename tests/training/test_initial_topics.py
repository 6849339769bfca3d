import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from topicgen.evaluation import normalized_mutual_information
from topicgen.training import cluster_topics


def clusters(counts, n_topics, seed=0):
    return cluster_topics(csr_matrix(counts), n_topics, np.random.default_rng(seed))


def test_planted_clusters_are_found(planted_counts):
    logits = clusters(planted_counts, 3)
    assert logits.shape == (3, 30)
    # Which topic has most of each word: those of a topic of ten words each.
    assert normalized_mutual_information(np.arange(30) // 10, logits.argmax(0)) == 1
    assert (logits.max(0) > 0.5).all()
    assert (logits.min(0) < -0.5).all()


def test_rows_are_the_log_ratio_to_the_whole_collection():
    """By hand: in documents of one word, a cluster has but that and the background's twentieth."""
    counts = np.repeat([[1, 0, 0], [0, 1, 0], [0, 0, 1]], 20, axis=0)
    # 20 words and 1 of the background, a third of each, of 21.
    own, other = (20 + 1 / 3) / 21 * 3, (1 / 3) / 21 * 3
    expected = np.log(np.where(np.eye(3), own, other))
    logits = clusters(counts, 3)
    np.testing.assert_allclose(logits[logits.argmax(0)], expected, rtol=1e-9)


def test_one_topic_is_the_whole_collection(planted_counts):
    np.testing.assert_array_equal(clusters(planted_counts, 1), np.zeros((1, 30)))


def test_a_cluster_has_five_documents_at_least(planted_counts):
    assert len(clusters(planted_counts[:14], 20)) == 2
    assert len(clusters(planted_counts[:9], 20)) == 0


@pytest.mark.parametrize(
    "counts",
    [np.eye(4), np.ones((50, 1)), np.ones((50, 2)), np.zeros((50, 9)), np.zeros((0, 9))],
    ids=["few documents", "one word", "two words", "no words", "no documents"],
)
def test_too_little_gives_no_rows(counts):
    assert clusters(counts, 2).shape == (0, counts.shape[1])


def test_documents_that_are_all_alike_give_no_more_than_their_words():
    logits = clusters(np.tile([1, 2, 0, 3], (40, 1)), 3)
    assert len(logits) <= 1
    np.testing.assert_allclose(logits[:, [0, 1, 3]], 0, atol=0.1)


def test_fewer_kinds_of_documents_than_topics():
    logits = clusters(np.repeat([[2, 2, 0, 0], [0, 0, 1, 1]], 20, axis=0), 4)
    assert 2 <= len(logits) <= 4
    assert np.isfinite(logits).all()


def test_documents_without_words_are_left_out(planted_counts):
    padded = csr_matrix((np.zeros(0), np.zeros(0, int), np.zeros(41, int)), shape=(40, 30))
    both = np.vstack([padded.toarray(), planted_counts.toarray()])
    np.testing.assert_array_equal(clusters(both, 3), clusters(planted_counts, 3))


def test_the_same_seed_gives_the_same_and_the_counts_are_left_alone(planted_counts):
    before = planted_counts.copy()
    np.testing.assert_array_equal(clusters(planted_counts, 5), clusters(planted_counts, 5))
    assert not np.array_equal(clusters(planted_counts, 5), clusters(planted_counts, 5, seed=1))
    assert (before != planted_counts).nnz == 0


def test_threads_leave_the_warning_filters_as_they_were():
    """Documents of two kinds, in four clusters: k-means warns of it, and no thread lets it out."""
    counts, before = np.repeat([[2, 2, 0, 0], [0, 0, 1, 1]], 20, axis=0), list(warnings.filters)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: clusters(counts, 4), range(12)))
    assert warnings.filters == before
    for logits in found:
        np.testing.assert_array_equal(logits, found[0])
