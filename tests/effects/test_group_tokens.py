"""Shares of topics in groups of documents, and whether their intervals hold."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from topicgen.effects.group_tokens import group_tokens, intraclass_correlation


def summed(tokens, groups, clusters=None, n_groups=None, n_tokens=None):
    """Of draws of shape (n_draws, n_documents, n_topics), which come in two blocks."""
    tokens, groups = np.asarray(tokens), np.asarray(groups)
    half = tokens.shape[1] // 2
    blocks = [
        (rows, SimpleNamespace(tokens=tokens[:, rows], proportions=None))
        for rows in (slice(0, half), slice(half, tokens.shape[1]))
    ]
    n_tokens = tokens[0].sum(1).astype(float) if n_tokens is None else n_tokens
    n_groups = groups.max() + 1 if n_groups is None else n_groups
    return group_tokens(blocks, n_tokens, groups, n_groups, clusters)


def test_sums_known_by_hand():
    tokens = [[[4, 1], [0, 5], [2, 0]], [[2, 3], [0, 5], [2, 0]]]
    found = summed(tokens, [0, 0, 2], n_groups=4)
    np.testing.assert_array_equal(found.drawn[0], [[4, 6], [0, 0], [2, 0], [0, 0]])
    np.testing.assert_array_equal(found.tokens, [[3, 7], [0, 0], [2, 0], [0, 0]])
    np.testing.assert_array_equal(found.share[[0, 2]], [[0.3, 0.7], [1, 0]])
    assert found.documents.tolist() == [2, 0, 1, 0]
    assert found.neighbours.tolist() == [5, 0, 2, 0]
    assert found.freedom == 1


def test_groups_without_tokens_have_no_share():
    tokens = np.array([[[3, 1], [0, 0], [1, 3], [2, 2]]])
    found = summed(tokens, [0, 1, 2, 2], n_groups=4)
    low, high = found.interval(0.95)
    for values in (found.share, low, high):
        assert np.isnan(values).all(1).tolist() == [False, True, False, True]
    assert found.documents.tolist() == [1, 0, 2, 0]


def test_independent_tokens_have_the_interval_of_a_binomial_share():
    """Documents of one token, so many that Student's quantile is the normal one."""
    tokens = np.zeros((1, 2_000, 2), int)
    tokens[0, :500, 0] = tokens[0, 500:, 1] = 1
    found = summed(tokens, np.zeros(2_000, int))
    expected = stats.beta.ppf([0.05, 0.95], 500.5, 1_500.5)
    np.testing.assert_allclose([end[0, 0] for end in found.interval(0.9)], expected, rtol=1e-3)


def test_draws_that_differ_widen_the_interval():
    """By their own variance: the total variance of multiple imputation (Rubin, 1987)."""
    random = np.random.default_rng(0)
    here = random.binomial(1, 0.3, (400, 1_000))
    here = np.sort(here, axis=1)[:, random.permutation(1_000)]
    tokens = np.stack([here, 1 - here], -1)
    found = summed(tokens, np.zeros(1_000, int))
    low, high = (end[0, 0] for end in found.interval(0.95))
    variance = 0.21 / 1_000 + here.mean(1).var()
    assert high - low == pytest.approx(2 * 1.96 * variance**0.5, rel=0.03)


def test_the_interval_contains_the_share():
    """Even where all, or none, of the tokens are of the topic."""
    found = summed([[[10, 0], [10, 0], [10, 0]]], [0, 0, 0])
    low, high = found.interval(0.5)
    assert low[0, 0] < 1 == high[0, 0]
    assert low[0, 1] == 0 < high[0, 1]


def test_correlation_of_planted_documents():
    """Beta-binomial tokens with the correlation 1 / (1 + a + b)."""
    random = np.random.default_rng(0)
    groups = np.arange(3_000) % 1_000  # three documents in each
    mean = random.uniform(0.1, 0.3, 1_000)[groups]
    share = random.beta(4 * mean, 4 * (1 - mean))
    length = random.integers(5, 60, 3_000)
    tokens = random.binomial(length, share)
    tokens = np.stack([tokens, length - tokens], -1)[None]
    found = intraclass_correlation(tokens, length.astype(float), groups)
    assert found == pytest.approx(1 / 5, abs=0.02)  # three standard errors


def test_fewer_draws_are_kept_of_many_documents(monkeypatch):
    random = np.random.default_rng(0)
    tokens = random.multinomial(20, [0.5, 0.5], (6, 40))
    whole = summed(tokens, np.arange(40) % 4)
    monkeypatch.setattr("topicgen.effects.group_tokens._MOST_NUMBERS", 100)  # of a single draw
    few = summed(tokens, np.arange(40) % 4)
    np.testing.assert_array_equal(few.drawn, whole.drawn)
    first = intraclass_correlation(tokens[:1], np.full(40, 20.0), np.arange(40) % 4)
    np.testing.assert_allclose(few.correlation, first)


def test_a_single_document_is_worth_a_single_token():
    found = summed([[[80, 20]]], [0])
    assert found.freedom == 0
    low, high = found.interval(0.95)
    np.testing.assert_allclose([low[0, 0], high[0, 0]], stats.beta.ppf([0.025, 0.975], 1.3, 0.7))


def test_groups_of_single_documents_differ_as_documents_do():
    random = np.random.default_rng(0)
    tokens = random.multinomial(20, [0.5, 0.5], 100)[None]
    found = summed(tokens, np.arange(100))
    assert found.freedom == 99
    assert found.correlation.max() < 0.05
    low, high = found.interval(0.95)
    assert (high - low).max() < 0.6


def test_clusters_are_taken_to_be_alike():
    """Ten documents of the same words say no more than one that is ten times as long."""
    random = np.random.default_rng(0)
    of_authors = np.minimum(random.multinomial(50, [0.3, 0.7], 40) * [3, 1], 50)
    of_authors[:, 1] = 50 - of_authors[:, 0]
    copies = np.repeat(of_authors, 10, axis=0)[None]
    authors = np.repeat(np.arange(40), 10)
    whole = summed(10 * of_authors[None], np.arange(40) // 20)
    parts = summed(copies, np.arange(400) // 200, authors)
    np.testing.assert_allclose(parts.interval(0.9), whole.interval(0.9))
    alone = summed(copies, np.arange(400) // 200)
    assert (
        np.ptp(alone.interval(0.9), axis=0)[0, 0] < 0.6 * np.ptp(whole.interval(0.9), axis=0)[0, 0]
    )


def test_tokens_elsewhere():
    tokens = np.array([[[4, 1], [0, 5], [2, 8]]])
    found = summed(tokens, [0, 1, 2]).elsewhere()
    np.testing.assert_array_equal(found.tokens, [[2, 13], [6, 9], [4, 6]])
    assert found.total.tolist() == [15, 15, 10]
    assert found.documents.tolist() == [2, 2, 2]
    np.testing.assert_allclose(found.neighbours, [125 / 15, 125 / 15, 5])


@pytest.mark.parametrize("size", [1, 2, 5, 20, 100])
def test_intervals_cover(size):
    """Topics that fill few documents; 95% intervals of groups with shares of their own.

    Over 4 x 60 groups the coverage of a topic has a standard error of .014 to .02; .91 to .99
    is exceeded by chance in less than 2% of the runs of all five tests.
    """
    random = np.random.default_rng(size)
    covered = []
    for _ in range(4):
        mean = random.beta(2, 12, 60)
        groups = np.repeat(np.arange(60), size)
        share = random.beta(0.5 * mean[groups], 0.5 * (1 - mean[groups]))
        length = random.integers(5, 40, len(groups))
        tokens = random.binomial(length, share)
        found = summed(np.stack([tokens, length - tokens], -1)[None], groups)
        low, high = found.interval(0.95)
        covered.append(((low[:, 0] <= mean) & (mean <= high[:, 0])).mean())
    assert 0.91 <= np.mean(covered) <= 0.99
