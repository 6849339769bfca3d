import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix, hstack

from topicgen.models import PRIORS, LatentCountModel, count_atoms
from topicgen.training import Collection, seeded_topics, start_at_seeds
from topicgen.training.seed_topics import seed_agreement


def start(counts, seeds, n_topics, seed=0):
    columns = [np.array(each) for each in seeds]
    return seeded_topics(csr_matrix(counts), columns, n_topics, np.random.default_rng(seed))


def topic_of(logits):
    """Which topic has most of each word."""
    return logits.argmax(0)


def test_a_seed_counts_by_the_company_it_keeps(planted_counts):
    weights = seed_agreement(planted_counts, np.array([0, 1, 2, 3, 12, 25]))
    assert (weights[:4] > 0.4).all()
    assert (weights[4:] < 0.05).all()


def test_agreement_by_hand():
    """One word in 4 of 19 documents, another in these and 4 more."""
    counts = csr_matrix(np.repeat([[1, 1], [0, 1], [0, 0]], (4, 4, 11), axis=0))
    p = 4.5 / 20, 8.5 / 20
    lifts = (4 + p[0]) / 9 / p[0], (4 + p[1]) / 5 / p[1]
    weights = [lift**2 / (lift**2 + 1 / each) for lift, each in zip(lifts, p, strict=True)]
    found = seed_agreement(counts, np.array([0, 1]))
    assert found == pytest.approx(np.array(weights))


@pytest.mark.parametrize("columns", [[4], [29]])
def test_a_single_seed_is_taken_at_its_word(planted_counts, columns):
    assert seed_agreement(planted_counts, np.array(columns)) == [1]


def test_topics_start_at_their_seeds_in_order(planted_counts):
    logits = start(planted_counts, [[21, 22], [3, 4]], 3)
    assert logits.shape == (3, 30)
    np.testing.assert_array_equal(topic_of(logits), np.repeat([1, 2, 0], 10))


def test_half_of_the_seeds_may_be_wrong(planted_counts):
    logits = start(planted_counts, [[21, 22, 1, 11], [3, 4, 15, 28], [14, 16, 5, 25]], 3)
    np.testing.assert_array_equal(topic_of(logits), np.repeat([1, 2, 0], 10))


@pytest.mark.parametrize("n_topics", [1, 2])
def test_all_topics_may_have_seeds(planted_counts, n_topics):
    logits = start(planted_counts, [[0, 1], [10]][:n_topics], n_topics)
    assert logits.shape == (n_topics, 30)
    assert np.isfinite(logits).all()


@pytest.mark.parametrize(
    "counts",
    [np.eye(4), np.ones((50, 1)), np.ones((50, 2)), np.ones((1, 3))],
    ids=["few documents", "one word", "two words", "one document"],
)
def test_too_little_gives_the_topics_with_seeds(counts):
    logits = start(counts, [[0]], 3)
    assert 1 <= len(logits) <= 3
    assert np.isfinite(logits).all()


def test_a_seed_that_no_document_has(planted_counts):
    padded = hstack([planted_counts, csr_matrix((120, 1))])
    logits = start(padded, [[30]], 3)
    assert np.isfinite(logits).all()


def test_the_same_seed_gives_the_same_and_the_counts_are_left_alone(planted_counts):
    before = planted_counts.copy()
    first, again = (start(planted_counts, [[0, 1]], 5) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert (before != planted_counts).nnz == 0


def test_a_model_is_moved_there(planted_counts):
    mean = torch.full((4,), 2.5)
    model = LatentCountModel(
        PRIORS["negative_binomial"](mean, count_atoms(40).float()), torch.ones(30)
    )
    random = model.topic_logits.detach().clone()
    seeds = [np.array([21, 22])]
    start_at_seeds(model, Collection(planted_counts), seeds, np.random.default_rng(0))
    logits = seeded_topics(planted_counts, seeds, 4, np.random.default_rng(0))
    moved = model.topic_logits.detach()[: len(logits)].numpy()
    np.testing.assert_allclose(moved, 0.1 * random[: len(logits)].numpy() + logits, rtol=1e-4)
