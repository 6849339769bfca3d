r"""How the words of a topic differ between groups of documents.

In group g, word v is :math:`\rho_{gkv}` times as frequent among the tokens of topic k as in all
groups together:

.. math::
    \frac{n_{gkv}}{\varphi_{kv}} \sim
    \operatorname{Poisson}\Big(\rho_{gkv} \frac{n_{gk} \beta_{kv}}{\varphi_{kv}}\Big), \qquad
    \rho_{gkv} \sim \operatorname{Gamma}(\tau_k^{-2}, \tau_k^{-2}) ,

so the log probability of a word in a group is that in the topic plus a deviation, shrunk towards 0.
Tokens count for less where they come in bursts: :math:`\varphi_{kv}` is the ratio of the variance
of a word's tokens over documents to that of independent tokens. The standard deviation
:math:`\tau_k` of the ratios has a flat prior and is integrated out; where groups do not differ, it
is near 0, and their words are those of the topic. It is the same for all words of a topic. A
Dirichlet prior around the topic would expect rare words to differ much more than frequent ones,
which real texts do not show, so it would miss real differences (scripts/study_content.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special
from scipy.sparse import csr_matrix

from topicgen.effects.group_words import inverse_odds
from topicgen.errors import shown

Floats = NDArray[np.float64]

# Words that are kept of each topic.
_MOST_KEPT = 500

# Rounds in which the tokens of a group are divided among the topics by the group's own words.
_ROUNDS = 3

# The weight of the topic's burstiness in that of a word, in tokens.
_USUAL_TOKENS = 10.0

# The weight of the topic as it was learnt in that of all groups together, in tokens.
_LEARNT_TOKENS = 100.0

# Words with fewer tokens from a topic say nothing about its precision.
_FEWEST_TOKENS = 0.5

_NEGLIGIBLE = 1e-6

# From standard deviations of 1.4, so that the absence of a rare word says little, to .001.
_LOG_PRECISIONS = np.linspace(np.log(0.5), np.log(1e6), 40)


@dataclass(frozen=True, eq=False)
class Content:
    r"""The words of topics in groups of documents: posterior gamma distributions of :math:`\rho`.

    Args:
        column: the metadata column of the groups.
        levels: the names of the groups.
        words: the columns of the words that are kept of each topic, shape (n_topics, n_kept).
        shape: of the gamma distributions, shape (n_groups, n_topics, n_kept).
        rate: of the gamma distributions, likewise.
    """

    column: str
    levels: list[Any]
    words: NDArray[np.int32]
    shape: NDArray[np.float32]
    rate: NDArray[np.float32]

    @property
    def ratio(self) -> Floats:
        """The expected ratios, shape (n_groups, n_topics, n_kept)."""
        return self.shape.astype(np.float64) / self.rate

    def interval(self, group: int, topic: int, level: float) -> Floats:
        """Return the ends of the intervals of the log ratios (natural), shape (2, n_kept)."""
        shares = np.array([(1 - level) / 2, (1 + level) / 2])[:, None]
        shape, rate = (of[group, topic].astype(np.float64) for of in (self.shape, self.rate))
        quantiles: Floats = special.gammaincinv(shape, shares) / rate
        return np.log(np.maximum(quantiles, np.finfo(float).tiny))

    def evidence(self) -> Floats:
        """Return about how many standard deviations the log ratios are away from 0."""
        return _evidence(self.shape.astype(np.float64), self.rate)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays by name."""
        return {"words": self.words, "shape": self.shape, "rate": self.rate}

    def to_config(self) -> dict[str, Any]:
        """Return what else ``from_parts`` needs, ready for JSON."""
        return {"column": self.column, "levels": self.levels}

    @classmethod
    def from_parts(cls, config: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> "Content":
        """Return what ``to_config`` and ``to_arrays`` gave.

        Raises:
            KeyError, ValueError: where they do not fit together.
        """
        column, levels = config["column"], config["levels"]
        plain = isinstance(levels, list) and all(
            isinstance(level, str | bool | int | float) for level in levels
        )
        if not isinstance(column, str) or not plain or len(set(levels)) < len(levels):
            raise ValueError(f"the groups {shown(levels)} of {shown(column)}")
        content = cls(column, levels, **arrays)
        expected = (len(content.levels), *content.words.shape)
        for array in (content.shape, content.rate):
            if array.shape != expected:
                raise ValueError(f"content of shape {array.shape}, expected {expected}")
        return content


class _Tokens(NamedTuple):
    """Expected tokens of each topic and word.

    Args:
        of_words: n, in each group, shape (n_groups, n_topics, n_words).
        variance: the sums over documents of their squared deviations from the group's words, over
            all groups, shape (n_topics, n_words).
        usual: what these would be for independent tokens, likewise.
    """

    of_words: Floats
    variance: Floats
    usual: Floats


def fit_content(
    counts: csr_matrix,
    proportions: NDArray[np.floating],
    topics: Floats,
    groups: NDArray[np.int64],
    column: str,
    levels: Sequence[Any],
) -> Content:
    r"""Return the words of topics in groups of documents.

    Args:
        counts: CSR of shape (n_documents, n_words).
        proportions: expected, of the topics in each document, shape (n_documents, n_topics).
        topics: :math:`\beta` as it was learnt, shape (n_topics, n_words).
        groups: the number of each document's group, shape (n_documents,).
        column: the metadata column of the groups.
        levels: the names of the groups.

    Example:
        >>> random = np.random.default_rng(0)
        >>> groups = np.arange(200) % 2
        >>> words = np.array([[0.5, 0.3, 0.2], [0.5, 0.1, 0.4]])[groups]
        >>> counts = csr_matrix([random.multinomial(20, p) for p in words])
        >>> topic = np.array([[0.5, 0.2, 0.3]])
        >>> content = fit_content(counts, np.ones((200, 1)), topic, groups, "side", ["a", "b"])
        >>> content.words[0].tolist(), content.ratio[:, 0].round(1).tolist()
        ([0, 1, 2], [[1.0, 1.5, 0.7], [1.0, 0.5, 1.3]])
    """
    n_groups, n_topics = len(levels), len(topics)
    of_groups = np.repeat(topics[None], n_groups, axis=0)
    for _ in range(_ROUNDS):
        tokens = _tokens_of(counts, proportions, of_groups, groups)
        found = [_posterior_of(tokens, topics, topic) for topic in range(n_topics)]
        for topic, (base, shape, rate) in enumerate(found):
            words = base * shape / rate
            of_groups[:, topic] = words / words.sum(1, keepdims=True)
    kept = np.stack([_kept(*of) for of in found])
    distributions = [
        np.stack([arrays[which][:, words] for arrays, words in zip(found, kept, strict=True)], 1)
        for which in (1, 2)
    ]
    of_kept = (of.astype(np.float32) for of in distributions)
    return Content(column, list(levels), kept.astype(np.int32), *of_kept)


def _tokens_of(
    counts: csr_matrix,
    proportions: NDArray[np.floating],
    of_groups: Floats,
    groups: NDArray[np.int64],
) -> _Tokens:
    of_words = np.zeros_like(of_groups)
    variance, usual = np.zeros_like(of_groups[0]), np.zeros_like(of_groups[0])
    for group, topics in enumerate(of_groups):
        rows = np.flatnonzero(groups == group)
        theta = proportions[rows].astype(np.float64)
        odds = inverse_odds(counts[rows], theta, topics)
        here = (odds.T @ theta).T * topics
        of_documents = theta * (odds @ topics.T)
        total = here.sum(1, keepdims=True)
        word = here / np.maximum(total, np.finfo(float).tiny)
        # The sum over documents of (n_dkv - n_dk word_kv)^2, without an array of that size.
        squares = (odds.multiply(odds).T @ theta**2).T * topics**2
        products = (odds.T @ (theta * of_documents)).T * topics
        variance += squares - 2 * word * products + word**2 * (of_documents**2).sum(0)[:, None]
        usual += total * word * (1 - word)
        of_words[group] = here
    return _Tokens(of_words, variance, usual)


def _posterior_of(tokens: _Tokens, topics: Floats, topic: int) -> tuple[Floats, Floats, Floats]:
    """Return a topic's words in all groups, and the gamma distributions of their ratios."""
    n = tokens.of_words[:, topic]
    total = n.sum(1, keepdims=True)
    base = n.sum(0) + _LEARNT_TOKENS * topics[topic]
    base /= base.sum()
    variance, usual = tokens.variance[topic], tokens.usual[topic]
    typical = max(variance.sum() / max(usual.sum(), 1e-300), 1.0)
    bursts = (variance + _USUAL_TOKENS * typical) / (usual + _USUAL_TOKENS)
    bursts = np.maximum(bursts, 1.0)
    observed, expected = n / bursts, total * base / bursts
    weights = precision_weights(observed, expected, total)
    shape, rate = _mixture(observed, expected, weights)
    return base, shape, rate


def precision_weights(observed: Floats, expected: Floats, total: Floats) -> Floats:
    r"""Return the posterior probabilities of a grid of precisions, :math:`\tau^{-2}`.

    The words of all groups together are estimated from the same tokens, which brings the observed
    tokens of a group with the share :math:`p_g` closer to the expected ones by
    :math:`\sqrt{1 - p_g}`; this is undone.

    Args:
        observed: tokens of each word in each group, shape (n_groups, n_words).
        expected: those of groups that do not differ, likewise.
        total: the tokens of each group, shape (n_groups, 1).
    """
    known = observed.sum(0) >= _FEWEST_TOKENS
    mean = expected[:, known]
    others = np.sqrt(np.maximum(1 - total / max(total.sum(), 1e-300), 1e-2))
    here = np.maximum(mean + (observed[:, known] - mean) / others, 0.0)
    # On a grid of the log precision, a flat prior of tau is in proportion to it.
    log_weights = [_log_likelihood(np.exp(x), here, mean) - x / 2 for x in _LOG_PRECISIONS]
    weights: Floats = special.softmax(log_weights)
    return weights


def _log_likelihood(shape: float, observed: Floats, expected: Floats) -> float:
    """Return the log likelihood of negative binomial tokens, without what does not vary."""
    rising = special.gammaln(shape + observed) - special.gammaln(shape)
    # Of a large shape: shape log(shape) - (shape + observed) log(shape + expected), stably.
    scaled = -shape * np.log1p(expected / shape) - observed * np.log(shape + expected)
    return float((rising + scaled).sum())


def _mixture(observed: Floats, expected: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Return the gamma distributions with the moments of the mixture over precisions."""
    mean, square = np.zeros_like(observed), np.zeros_like(observed)
    for weight, precision in zip(weights, np.exp(_LOG_PRECISIONS), strict=True):
        if weight > _NEGLIGIBLE:
            shape, rate = precision + observed, precision + expected
            mean += weight * shape / rate
            square += weight * (shape / rate**2 + (shape / rate) ** 2)
    variance = np.maximum(square - mean**2, 1e-12)
    return mean**2 / variance, mean / variance


def _kept(base: Floats, shape: Floats, rate: Floats) -> NDArray[np.int64]:
    """Return the words to keep, in ascending order: the most probable, and those that differ."""
    n_words = len(base)
    if n_words <= _MOST_KEPT:
        return np.arange(n_words)
    half = _MOST_KEPT // 2
    probable = (base * np.maximum(shape / rate, 1)).max(0)
    differs = np.abs(_evidence(shape, rate)).max(0)
    first = np.argpartition(-probable, half - 1)[:half]
    differs[first] = -np.inf
    return np.sort(np.concatenate([first, np.argpartition(-differs, half - 1)[:half]]))


def _evidence(shape: Floats, rate: NDArray[np.floating]) -> Floats:
    found: Floats = np.log(shape / rate) * np.sqrt(shape)
    return found
