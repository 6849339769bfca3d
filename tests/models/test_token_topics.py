"""Statistical tests are seeded; each would fail for one seed in a thousand if all is right."""

import numpy as np
import pytest
import torch
from scipy import stats
from scipy.sparse import csr_matrix

from topicgen.models import token_topics
from topicgen.models.sparse import SparseCounts
from topicgen.models.token_topics import TokenTopics

P_VALUE = 1e-3
TOPICS = torch.tensor([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6]])


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def topics_of(rows, steadiness=None, topics=TOPICS):
    counts = SparseCounts.from_csr(csr_matrix(np.array(rows, dtype=float)))
    return TokenTopics(
        counts, topics.T.contiguous(), None if steadiness is None else torch.tensor(steadiness)
    )


def test_every_token_has_a_topic():
    drawn, own = topics_of([[3, 0, 2], [0, 0, 0], [0, 1, 40]]).draw(
        torch.rand(3, 2, generator=generator()), generator=generator()
    )
    assert drawn.sum(1).tolist() == [5, 0, 41]
    assert own is drawn


def test_topics_have_their_probabilities():
    n, rates = 3_000, torch.tensor([[2.0, 1.0]])
    drawn, _ = topics_of([[0, 2, 0]] * n).draw(rates.expand(n, 2), generator=generator())
    p = 2 * 0.2 / (2 * 0.2 + 0.3)
    times = np.bincount(drawn[:, 0].int(), minlength=3)
    assert stats.chisquare(times, n * stats.binom(2, p).pmf(range(3))).pvalue > P_VALUE


def test_parts_do_not_matter(monkeypatch):
    rows = np.random.default_rng(0).poisson(1.0, (50, 3))
    rates = torch.rand(50, 2, generator=generator())
    whole, _ = topics_of(rows).draw(rates, generator=generator(1))
    monkeypatch.setattr(token_topics, "_CACHED", 6)
    in_parts, _ = topics_of(rows).draw(rates, generator=generator(1))
    torch.testing.assert_close(whole, in_parts)


def test_a_topic_without_rate_gets_no_token():
    drawn, _ = topics_of([[5, 5, 5]]).draw(torch.tensor([[0.0, 1.0]]), generator=generator())
    assert drawn.tolist() == [[0, 15]]


def test_repetitions_are_as_many_as_a_restaurant_has():
    n, count, steadiness, rates = 2_000, 6, 0.8, torch.tensor([[2.0, 1.0]])
    drawn, own = topics_of([[0, count, 0]] * n, steadiness).draw(
        rates.expand(n, 2), generator=generator()
    )
    assert (drawn.sum(1) == count).all()
    shape = steadiness * (2 * 0.2 + 0.3)
    chances = shape / (shape + np.arange(count))
    sums = own.sum(1).numpy()
    assert sums.min() == 1
    error = np.sqrt((chances * (1 - chances)).sum() / n)
    assert abs(sums.mean() - chances.sum()) < stats.norm.isf(P_VALUE / 2) * error


def test_a_single_table_has_a_single_topic():
    drawn, own = topics_of([[0, 30, 0]] * 20, 1e-6).draw(torch.ones(20, 2), generator=generator())
    assert (own.sum(1) == 1).all()
    assert ((drawn == 30) | (drawn == 0)).all()
    assert torch.equal(drawn > 0, own > 0)


def test_topics_move_to_what_was_drawn():
    topics = topics_of([[3, 0, 2], [0, 4, 0]], topics=torch.eye(3)[:2] + 1e-9)
    topics.draw(torch.tensor([[1.0, 0.0], [0.0, 1.0]]), generator=generator())
    topics.update_topics(torch.full((3, 2), 1 / 3), 3.0)
    expected = torch.tensor([[4 / 8, 1 / 8, 3 / 8], [1 / 7, 5 / 7, 1 / 7]])
    torch.testing.assert_close(topics.word_topic.T, expected)


def test_documents_without_words():
    drawn, _ = topics_of([[0, 0, 0]]).draw(torch.ones(1, 2), generator=generator())
    assert drawn.tolist() == [[0, 0]]


@pytest.mark.parametrize("n_topics", [1, 300])
def test_any_number_of_topics(n_topics):
    topics = torch.full((n_topics, 3), 1 / 3)
    drawn, _ = topics_of([[1, 2, 3]], topics=topics).draw(
        torch.ones(1, n_topics), generator=generator()
    )
    assert drawn.sum() == 6


def test_topics_of_many_tokens_have_the_same_probabilities():
    # Each word alone: the first has its topics drawn at once, the others one by one.
    n, rates = 3_000, torch.tensor([[2.0, 1.0]])
    drawn, own = topics_of([[9, 0, 0]] * n).draw(rates.expand(n, 2), generator=generator())
    assert own is drawn
    assert drawn.sum(1).unique().tolist() == [9]
    p = 2 * 0.7 / (2 * 0.7 + 0.1)
    times = np.bincount(drawn[:, 1].int(), minlength=10)
    chances = n * stats.binom(9, 1 - p).pmf(range(10))
    times, chances = (np.append(x[:4], x[4:].sum()) for x in (times, chances))
    assert stats.chisquare(times, chances).pvalue > P_VALUE


def test_a_word_with_millions_of_tokens_needs_no_memory_for_each():
    topics = topics_of([[10_000_000, 2, 0], [0, 0, 3]])
    drawn, _ = topics.draw(torch.ones(2, 2), generator=generator())
    assert drawn.sum(1).tolist() == [10_000_002, 3]
    assert abs(float(drawn[0, 0]) / 10_000_002 - 0.875) < 4 * (0.875 * 0.125 / 1e7) ** 0.5
    assert len(topics._further) == 3


def test_topics_move_to_words_with_many_tokens_too():
    topics = topics_of([[1_000, 0, 2]])
    drawn, _ = topics.draw(torch.tensor([[1.0, 0.0]]), generator=generator())
    assert drawn.tolist() == [[1_002, 0]]
    topics.update_topics(torch.full((3, 2), 1 / 3), 3.0)
    expected = torch.tensor([[1_001.0, 1.0, 3.0], [1.0, 1.0, 1.0]])
    torch.testing.assert_close(topics.word_topic.T, expected / expected.sum(-1, keepdim=True))


def test_drawn_topics_are_dirichlet():
    """Many topics with the same tokens are as many draws of the same posterior."""
    n, weight = 1_500, 6.0
    base = torch.tensor([0.5, 0.3, 0.2])
    drawn = topics_of([[4, 2, 0]], topics=torch.ones(1, 3) / 3)
    drawn.draw(torch.ones(1, 1), generator=generator())
    shares, random = [], generator(1)
    for _ in range(n):
        drawn.draw_topics(base[:, None], weight, generator=random)
        shares.append(drawn.word_topic[:, 0])
    shares = torch.stack(shares).numpy()
    np.testing.assert_allclose(shares.sum(1), 1.0, rtol=1e-5)
    weights = np.array([4.0, 2.0, 0.0]) + weight * base.numpy()
    for word in range(3):
        law = stats.beta(weights[word], weights.sum() - weights[word])
        assert stats.kstest(shares[:, word], law.cdf).pvalue > P_VALUE


def test_drawn_topics_keep_the_mass_of_the_words_that_occur():
    base = torch.tensor([[0.4, 0.1], [0.3, 0.2], [0.1, 0.2]])  # other words have the rest
    topics = topics_of([[4, 2, 1], [0, 0, 90]])
    topics.draw(torch.ones(2, 2), generator=generator())
    before = topics.tokens_of_words(base)
    assert before.sum() == 97
    topics.draw_topics(base, 5.0, generator=generator())
    torch.testing.assert_close(topics.word_topic.sum(0), base.sum(0))
    assert (topics.word_topic > 0).all()
    assert torch.equal(topics.tokens_of_words(base), before)


def test_topics_without_tokens_are_drawn_around_their_base():
    base = torch.tensor([[0.7, 1.0], [0.3, 0.0]])
    topics = topics_of([[3, 3]], topics=torch.tensor([[0.5, 0.5], [0.5, 0.5]]))
    topics.draw(torch.tensor([[1.0, 0.0]]), generator=generator())
    topics.draw_topics(base, 1e6, generator=generator())
    torch.testing.assert_close(topics.word_topic, base, atol=5e-3, rtol=0)
    assert torch.isfinite(topics.word_topic).all()


def test_the_same_seed_draws_the_same_topics():
    topics, found = topics_of([[3, 1, 2]]), []
    topics.draw(torch.ones(1, 2), generator=generator())
    state = torch.random.get_rng_state()
    for _ in range(2):
        topics.draw_topics(TOPICS.T, 2.0, generator=generator(3))
        found.append(topics.word_topic)
    assert torch.equal(*found)
    assert torch.equal(torch.random.get_rng_state(), state)
