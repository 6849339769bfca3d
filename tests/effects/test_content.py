"""Words of topics in groups of documents, against what was planted."""

import numpy as np
import pytest
from scipy import stats
from scipy.sparse import csr_matrix

from topicgen.effects.content import Content, fit_content, precision_weights

N_DOCUMENTS, N_TOPICS, N_WORDS = 800, 3, 200


def drawn(random, words, *, length=50, bursts=False):
    """Return documents of two groups, their proportions, and their groups."""
    groups = np.arange(N_DOCUMENTS) % len(words)
    proportions = random.dirichlet(np.full(words.shape[1], 0.3), N_DOCUMENTS)
    rows = []
    for theta, group in zip(proportions, groups, strict=True):
        row = np.zeros(words.shape[2])
        for n, p in zip(random.multinomial(length, theta), words[group], strict=True):
            here = random.gamma(20 * p + 1e-12) if bursts else p
            row += random.multinomial(n, here / here.sum())
        rows.append(row)
    return csr_matrix(np.array(rows)), proportions, groups


def fitted(random, deviation, **options):
    topics = random.dirichlet(np.full(N_WORDS, 0.3), N_TOPICS)
    words = topics * np.exp(random.normal(0, deviation, (2, *topics.shape)))
    words /= words.sum(2, keepdims=True)
    counts, proportions, groups = drawn(random, words, **options)
    return fit_content(counts, proportions, topics, groups, "group", ["a", "b"]), words


def intervals(content, level=0.95):
    n_groups, n_topics, _ = content.shape.shape
    return np.moveaxis(
        [[content.interval(g, k, level) for k in range(n_topics)] for g in range(n_groups)], 2, 0
    )


@pytest.mark.parametrize("bursts", [False, True])
def test_groups_that_do_not_differ_have_the_words_of_the_topic(bursts):
    """Of 1,200 intervals of 95%, none excludes 0, although words come in bursts."""
    content, _ = fitted(np.random.default_rng(0), 0.0, bursts=bursts)
    low, high = intervals(content)
    assert ((low <= 0) & (high >= 0)).all()
    np.testing.assert_allclose(content.ratio, 1, atol=0.1)


@pytest.mark.parametrize("bursts", [False, True])
def test_planted_differences_are_found(bursts):
    """The 95% intervals of 1,200 log ratios: the coverage has a standard error of .006."""
    content, words = fitted(np.random.default_rng(0), 0.6, bursts=bursts)
    low, high = intervals(content)
    true = np.log(words / words.mean(0))
    assert content.words.tolist() == [list(range(N_WORDS))] * N_TOPICS
    assert 0.93 < ((low <= true) & (true <= high)).mean() <= 1
    differ = (low > 0) | (high < 0)
    assert differ.mean() > 0.1
    assert (np.sign(true) == np.sign(low + high))[differ].mean() > 0.98
    estimated = np.log(content.ratio)
    frequent = words.min(0) > 0.005
    assert np.corrcoef(estimated[:, frequent].ravel(), true[:, frequent].ravel())[0, 1] > 0.8


def test_levels_nest():
    content, _ = fitted(np.random.default_rng(1), 0.6)
    wide, narrow = intervals(content, 0.99), intervals(content, 0.5)
    assert (wide[0] < narrow[0]).all()
    assert (narrow[1] < wide[1]).all()


def test_the_precision_of_planted_ratios():
    """Gamma ratios with the standard deviation .3, from 3,000 words of 60 tokens in each group."""
    random = np.random.default_rng(0)
    ratio = random.gamma(1 / 0.09, 0.09, (2, 3_000))
    observed = random.poisson(60 * ratio).astype(float)
    expected = np.repeat(observed.mean(0)[None], 2, 0)
    weights = precision_weights(observed, expected, observed.sum(1, keepdims=True))
    grid = np.exp(np.linspace(np.log(0.5), np.log(1e6), 40))
    assert weights.sum() == pytest.approx(1)
    assert (weights * grid**-0.5).sum() == pytest.approx(0.3, abs=0.04)


def test_what_a_group_of_tokens_says_by_hand():
    """Of a single word that differs, with the precision known: a gamma posterior."""
    content = Content(
        "side",
        ["a"],
        np.array([[4, 7]], np.int32),
        shape=np.array([[[30.0, 5.0]]], np.float32),
        rate=np.array([[[20.0, 5.0]]], np.float32),
    )
    np.testing.assert_allclose(content.ratio, [[[1.5, 1.0]]])
    low, high = content.interval(0, 0, 0.9)
    np.testing.assert_allclose(low, np.log(stats.gamma.ppf(0.05, [30, 5]) / [20, 5]), rtol=1e-6)
    np.testing.assert_allclose(high, np.log(stats.gamma.ppf(0.95, [30, 5]) / [20, 5]), rtol=1e-6)
    np.testing.assert_allclose(content.evidence(), [[[np.log(1.5) * 30**0.5, 0.0]]], rtol=1e-6)


def test_tokens_are_divided_by_the_words_of_the_group():
    """A word that only one group uses for a topic goes to that topic, in this group."""
    random = np.random.default_rng(0)
    base = np.kron(np.eye(2), np.ones(20)) / 20 * 0.9 + 0.1 / 40
    words = np.stack([base, base])
    words[1, 0, 39] = 0.3  # a word of the second topic
    words /= words.sum(2, keepdims=True)
    counts, proportions, groups = drawn(random, words)
    topics = words.mean(0)
    content = fit_content(counts, proportions, topics, groups, "group", ["a", "b"])
    low, high = intervals(content)
    assert high[0, 0, 39] < 0 < low[1, 0, 39]
    assert (low[0, 1, 39] < 0 < high[0, 1, 39]) or abs(np.log(content.ratio[0, 1, 39])) < 0.3


def test_few_words_of_a_large_vocabulary_are_kept():
    random = np.random.default_rng(0)
    topics = random.dirichlet(np.full(3_000, 0.05), 1)
    words = np.stack([topics, topics])
    rare = int(np.argsort(-topics[0])[400])
    words[1, 0, rare] = 0.02
    words /= words.sum(2, keepdims=True)
    counts, proportions, groups = drawn(random, words)
    content = fit_content(counts, proportions, topics, groups, "group", ["a", "b"])
    kept = content.words[0]
    assert len(kept) == len(set(kept)) == 500
    assert np.isin(np.argsort(-topics[0])[:200], kept).all()
    place = kept.tolist().index(rare)
    assert np.abs(content.evidence()[1, 0]).argmax() == place
    assert content.ratio[1, 0, place] > 1.5


def test_parts_come_back_and_are_checked():
    content, _ = fitted(np.random.default_rng(0), 0.3)
    again = Content.from_parts(content.to_config(), content.to_arrays())
    np.testing.assert_array_equal(again.ratio, content.ratio)
    assert (again.column, again.levels) == ("group", ["a", "b"])
    with pytest.raises(ValueError, match=r"content of shape \(2, 3, 200\), expected \(3, 3, 200\)"):
        Content.from_parts({"column": "group", "levels": ["a", "b", "c"]}, content.to_arrays())


def test_a_topic_without_tokens_in_a_group():
    counts = csr_matrix([[5, 5, 0, 0], [0, 0, 5, 5]] * 20)
    proportions = np.array([[1.0, 0.0], [0.0, 1.0]] * 20)
    topics = np.array([[0.5, 0.4, 0.05, 0.05], [0.05, 0.05, 0.5, 0.4]])
    content = fit_content(counts, proportions, topics, np.arange(40) % 2, "group", ["a", "b"])
    low, high = intervals(content)
    for values in (content.ratio, low, high):
        assert np.isfinite(values).all()
    assert ((low[1, 0] < 0) & (high[1, 0] > 0)).all()
