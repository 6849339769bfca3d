import numpy as np
import pytest
from scipy.sparse import csr_matrix

from topicgen.errors import InputError
from topicgen.topic_model.editing.halves import find_halves


def planted(n, first, random):
    """Return documents of one of two topics each, and the mixture of the two."""
    topics = np.array([[0.4, 0.4, 0.0, 0.0, 0.2], [0.0, 0.0, 0.4, 0.4, 0.2]])
    of = (np.arange(n) >= first * n).astype(int)
    counts = np.stack([random.multinomial(10, topics[topic]) for topic in of])
    return csr_matrix(counts), topics, first * topics[0] + (1 - first) * topics[1]


@pytest.mark.parametrize("first", [0.5, 0.8])
def test_two_planted_halves_are_found(first):
    counts, topics, mixture = planted(200, first, np.random.default_rng(0))
    halves = find_halves(counts, mixture, np.random.default_rng(1))
    assert halves.share == pytest.approx(first, abs=0.05)
    order = [0, 1] if first > 0.5 or halves.words[0, 0] > halves.words[0, 2] else [1, 0]
    np.testing.assert_allclose(halves.words, topics[order], atol=0.06)


def test_words_without_tokens_keep_their_probability():
    counts, _, mixture = planted(60, 0.5, np.random.default_rng(0))
    counts = csr_matrix((counts.data, counts.indices, counts.indptr), (60, 6))
    topic = np.append(0.9 * mixture, 0.1)
    halves = find_halves(counts, topic, np.random.default_rng(1))
    np.testing.assert_allclose(halves.words[:, 5], 0.1)
    np.testing.assert_allclose(halves.words.sum(1), 1)


def test_too_few_documents():
    counts, _, mixture = planted(9, 0.5, np.random.default_rng(0))
    with pytest.raises(InputError, match="only 9 documents have 2 or more tokens of the topic"):
        find_halves(counts, mixture, np.random.default_rng(1))


def test_the_same_random_source_gives_the_same_halves():
    counts, _, mixture = planted(40, 0.5, np.random.default_rng(0))
    one, two = (find_halves(counts, mixture, np.random.default_rng(1)) for _ in range(2))
    assert one.words.tobytes() == two.words.tobytes()
