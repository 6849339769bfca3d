r"""Where topics with seed words (seeds) start: at the documents that have these words.

Wrong seeds cost little here, because each seed is first judged by the company it keeps: a seed that
does not occur with the other seeds of its topic hardly counts.
"""

from collections.abc import Sequence

import numpy as np
import torch
from scipy.sparse import csr_matrix
from scipy.special import softmax

from topicgen.models import LatentCountModel
from topicgen.training.collection import Collection
from topicgen.training.initial_topics import (
    MOST_DOCUMENTS,
    clipped,
    cluster_documents,
    log_ratios,
)

_ROUNDS = 10
# A seed counts half if it is this many times as frequent beside the topic's other seeds; a common
# word need not be, as it cannot be more than 1 / p times as frequent.
_USUAL_LIFT = 3.0
# A document belongs to its seeds by half if it has this many, a usual one being worth 1.
_HALF_CLAIMED = 0.6
# The weight of the whole collection in what a topic's documents say of its words, relative to the
# mean tokens of a topic.
_SMOOTHING = 0.03
_FEWEST_DOCUMENTS_PER_CLUSTER = 5
# Words that are not even twice as frequent in a topic start lower still: otherwise a topic with
# seeds may become one of the topics of common words, and its documents go to a topic without seeds.
_COMMON, _LOWERED = np.log(2.0), 2.0


def seed_agreement(counts: csr_matrix, columns: np.ndarray) -> np.ndarray:
    r"""Return how well each seed of a topic agrees with the topic's other seeds, from 0 to 1.

    .. math::
        w_v = \frac{l_v^2}{l_v^2 + \min(3^2, 1 / p(v))}, \qquad
        l_v = \frac{\sum_{u \ne v} w_u i_u \, p(v \mid u)}{p(v) \sum_{u \ne v} w_u i_u}, \qquad
        i_u = -\log p(u),

    iterated, where :math:`p(v)` is the share of the documents with the word v, and
    :math:`p(v \mid u)` that among the documents with the word u. A seed is right if it occurs with
    the seeds that are right.

    Args:
        counts: CSR of shape (n_documents, n_words).
        columns: the columns of the seeds of one topic, shape (n_seeds,).

    Returns:
        Shape (n_seeds,), from 0 to 1; 1 for a single seed.

    Example:
        >>> counts = csr_matrix(np.repeat([[1, 1, 0], [0, 0, 1], [0, 0, 0]], 9, axis=0))
        >>> seed_agreement(counts, np.array([0, 1, 2])).round(1)
        array([0.7, 0.7, 0. ])
    """
    if len(columns) == 1:
        return np.ones(1)
    present = (counts[:, columns] > 0).astype(np.float64)
    together = (present.T @ present).toarray()
    n_with = together.diagonal() + 0.5
    p = n_with / (counts.shape[0] + 1)
    p_given = (together + p) / (n_with + 0.5)[:, None]  # of the column's word, given the row's
    np.fill_diagonal(p_given, 0.0)
    weights, rarity = np.ones(len(columns)), -np.log(p)
    usual = np.minimum(_USUAL_LIFT, p**-0.5)
    for _ in range(_ROUNDS):
        votes = weights * rarity
        lift = (votes @ p_given) / np.maximum(votes.sum() - votes, 1e-12) / p
        weights = lift**2 / (lift**2 + usual**2)
    return weights


def seeded_topics(
    counts: csr_matrix,
    seeds: Sequence[np.ndarray],
    n_topics: int,
    random: np.random.Generator,
    device: torch.device | str = "cpu",
) -> np.ndarray:
    """Return the log ratio of each starting topic's word frequencies to those of all documents.

    Documents are claimed by the seeds that they have; the other documents form clusters. One step
    of expectation maximisation for a mixture of multinomials then assigns each document to the
    topics with its words, even if it has none of their seeds.

    Args:
        counts: CSR of shape (n_documents, n_words).
        seeds: the columns of the seeds of each topic that has some.
        n_topics: how many topics in all; with few documents there are fewer clusters.
        random: seeds the clustering.
        device: where to compute the clusters.

    Returns:
        Shape (n_rows, n_words), the topics with seeds first; ``len(seeds) <= n_rows <= n_topics``.

    Example:
        >>> counts = csr_matrix(np.repeat([[2, 2, 0, 0], [0, 0, 1, 1]], 10, axis=0))
        >>> start = seeded_topics(counts, [np.array([3])], 2, np.random.default_rng(0))
        >>> start.shape, bool(start[0, 2] > start[0, 0])
        ((2, 4), True)
    """
    sample = csr_matrix(counts[np.diff(counts.indptr) > 0], dtype=np.float64)
    claims = _claims(sample, seeds)
    loose = np.flatnonzero(claims.sum(1) < 0.5)
    n_clusters = min(n_topics - len(seeds), len(loose) // _FEWEST_DOCUMENTS_PER_CLUSTER)
    labels = np.zeros(len(loose), dtype=np.int64)
    if n_clusters > 1 and min(sample.shape) > 2:
        labels = cluster_documents(
            sample[loose], n_clusters, int(random.integers(2**31 - 1)), device
        )
    n_clusters = min(n_clusters, labels.max(initial=-1) + 1)
    belonging = np.hstack([claims, np.zeros((len(claims), n_clusters))])
    if n_clusters:
        belonging[loose, len(seeds) + labels] = 1 - claims[loose].sum(1)
    words = clipped(sample)
    start = log_ratios(_words_of(_reassigned(words, belonging), words), sample)
    with_seeds = start[: len(seeds)]
    with_seeds[with_seeds < _COMMON] -= _LOWERED
    return start


def start_at_seeds(
    model: LatentCountModel,
    collection: Collection,
    seeds: Sequence[np.ndarray],
    random: np.random.Generator,
) -> None:
    """Move a new model's random topics to those of ``seeded_topics``, as many as there are.

    The first topics are those with seeds, in order. With more than 20,000 documents, the topics
    start from a random 20,000 of them.

    Args:
        model: new; changed in place.
        collection: the documents of the training.
        seeds: the columns of the seeds of each topic that has some.
        random: chooses the documents, and seeds the clustering.
    """
    sample = collection.sample(MOST_DOCUMENTS, random)
    n_topics = len(model.topic_logits)
    start = torch.from_numpy(seeded_topics(sample, seeds, n_topics, random, collection.device))
    with torch.no_grad():
        # A little noise, so that no two topics start the same.
        model.topic_logits[: len(start)].mul_(0.1).add_(start)


def _claims(counts: csr_matrix, seeds: Sequence[np.ndarray]) -> np.ndarray:
    """Return how far each document belongs to each topic's seeds; rows sum to less than 1."""
    n_with = np.bincount(counts.indices, minlength=counts.shape[1])
    rarity = np.log((counts.shape[0] + 1) / (n_with + 0.5))
    weights = np.zeros((counts.shape[1], len(seeds)))
    for topic, columns in enumerate(seeds):
        agreement = seed_agreement(counts, columns)
        agreement /= agreement.max()
        usual = np.log(2) * (agreement @ rarity[columns]) / agreement.sum()  # has it once
        weights[columns, topic] = agreement * rarity[columns] / max(usual, 1e-12)
    squares = (counts.log1p() @ weights) ** 2
    share: np.ndarray = squares / (squares.sum(1, keepdims=True) + _HALF_CLAIMED**2)
    return share


def _reassigned(words: csr_matrix, belonging: np.ndarray) -> np.ndarray:
    """Return the posterior of each document's topic, given the words of what belongs to each."""
    frequency = np.asarray(words.sum(0)).ravel() + 0.5
    frequency /= frequency.sum()
    n_pseudo = _SMOOTHING * words.sum() / belonging.shape[1]
    of_topics = _words_of(belonging, words) + n_pseudo * frequency
    lift = of_topics / of_topics.sum(1, keepdims=True) / frequency
    log_share = np.log(belonging.sum(0) + 0.5)
    posterior: np.ndarray = softmax(words @ np.log(lift).T + log_share, axis=1)
    return posterior


def _words_of(belonging: np.ndarray, words: csr_matrix) -> np.ndarray:
    result: np.ndarray = (words.T @ belonging).T
    return result
