"""The words of topics in groups of documents."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from topicgen.effects.group_words import PRIOR_TOKENS, most_probable, responsible, words_of_groups

TOPICS = np.array([[0.6, 0.2, 0.1, 0.1], [0.1, 0.1, 0.2, 0.6]])


def test_responsibilities_known_by_hand():
    counts = csr_matrix([[2, 0, 0, 1], [0, 3, 0, 0]])
    found = responsible(counts, np.array([[0.5, 0.5], [0.8, 0.2]]), TOPICS)
    first, last, second = 2 * 0.6 / 0.7, 0.1 / 0.7, 3 * 0.16 / 0.18
    np.testing.assert_allclose(
        found, [[first, second, 0, last], [2 - first, 3 - second, 0, 1 - last]]
    )


def test_every_token_is_counted_once(monkeypatch):
    """Also if the entries come in parts."""
    random = np.random.default_rng(0)
    counts = csr_matrix(random.poisson(0.5, (50, 4)))
    proportions = random.dirichlet([1, 1], 50).astype(np.float32)
    whole = responsible(counts, proportions, TOPICS)
    monkeypatch.setattr("topicgen.effects.group_words._PRODUCTS", 6)
    np.testing.assert_allclose(responsible(counts, proportions, TOPICS), whole)
    np.testing.assert_allclose(whole.sum(0), counts.toarray().sum(0), rtol=1e-6)


def test_groups_are_shrunk_to_their_topics():
    counts = csr_matrix([[0, 0, 100, 0], [0, 0, 0, 7]])
    proportions = np.array([[1.0, 0.0], [0.0, 1.0]])
    first, empty, last = words_of_groups(counts, proportions, TOPICS, np.array([0, 2]), 3)
    np.testing.assert_allclose(first[0], (TOPICS[0] * PRIOR_TOKENS + [0, 0, 100, 0]) / 200)
    np.testing.assert_allclose(empty, TOPICS)
    np.testing.assert_allclose(last[1], (TOPICS[1] * PRIOR_TOKENS + [0, 0, 0, 7]) / 107)
    for words in (first, last):
        np.testing.assert_allclose(words.sum(1), 1)


@pytest.mark.parametrize("n", [1, 2, 4, 9])
def test_most_probable_words(n):
    expected = np.array([[0, 1, 2, 3], [3, 2, 0, 1]])[:, :n]
    shifts = np.array([0.002, 0.001, 0, -0.001])
    np.testing.assert_array_equal(most_probable(TOPICS + shifts, n), expected)
