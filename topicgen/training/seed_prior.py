"""The prior on the seed words (seeds) of topics, with a strength that is learnt for each seed."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from topicgen.training.collection import Collection
from topicgen.training.seed_topics import seed_agreement

# The weight of a seed that agrees with the others, as a share of its word's tokens.
_WEIGHT = 1.0
# The odds of a seed being wrong that half agrees with the others, and the least odds, in units of
# the share of its word that its topic has. Near a share of s, the prior alone would hold a share of
# about s * weight / odds: a seed with odds above its weight, which agrees with the others by less
# than a half, loses a word that the documents place elsewhere. One with odds below gets it back.
_USUAL_ODDS, _LEAST_ODDS = 0.3, 0.05
_MOST_DOCUMENTS = 20_000


class SeedPrior:
    r"""A prior by which the tokens of a seed word come from its topic, unless the seed is wrong.

    .. math::
        \log p(\beta) = \sum_{(k, v)} w_{kv}^2 n_v \log(s_{kv} + \epsilon_{kv}), \qquad
        s_{kv} = \frac{\beta_{kv}}{\sum_j \beta_{jv}}, \qquad
        \epsilon_{kv} = \max\Big(.3 \, \frac{1 - w_{kv}}{w_{kv}}, .05\Big),

    with the number of tokens :math:`n_v` of the word v, and the agreement :math:`w_{kv}` of the
    seed with the topic's other seeds (``seed_agreement``). This is a mixture of "the seed is right"
    and "the seed is wrong, and says nothing", with odds :math:`\epsilon` of being wrong. The
    gradient is that of :math:`w^2 n_v` tokens of the word that are known to come from the topic,
    times the strength :math:`s_{kv} / (s_{kv} + \epsilon_{kv})`: the posterior probability that the
    seed is right. So the strength is learnt for each seed. If a seed does not occur with the other
    seeds, and the documents move it to other topics, it loses its strength, and the prior lets go.
    A right seed is held, until its topic has all tokens of the word; then the prior does nothing.

    Args:
        seeds: the columns of the seeds of each topic that has some, from topic 0 up.
        collection: the documents of the training.

    Example:
        >>> from scipy.sparse import csr_matrix
        >>> counts = csr_matrix(np.repeat([[2, 2, 0, 0], [0, 0, 1, 1]], 10, axis=0))
        >>> prior = SeedPrior([np.array([0])], Collection(counts))
        >>> right, wrong = torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.full((2, 2), 0.5)
        >>> bool(prior.log_prob(right) > prior.log_prob(wrong))
        True
    """

    def __init__(self, seeds: Sequence[np.ndarray], collection: Collection) -> None:
        some = collection.at_most(_MOST_DOCUMENTS)
        agreement = np.concatenate([seed_agreement(some, columns) for columns in seeds])
        odds = _USUAL_ODDS * (1 / np.maximum(agreement, 1e-3) - 1)
        columns = np.concatenate(seeds)
        topics = np.repeat(np.arange(len(seeds)), [len(each) for each in seeds])
        weights = _WEIGHT * agreement**2 * collection.word_totals()[columns]
        self._columns, self._topics, self._odds, self._weights = (
            torch.from_numpy(values).to(collection.device)
            for values in (columns, topics, np.maximum(odds, _LEAST_ODDS), weights)
        )

    def log_prob(self, topic_word: Tensor) -> Tensor:
        """Return the log prior in nats, up to a constant, as a tensor without axes."""
        of_seeds = topic_word.index_select(1, self._columns)
        own = of_seeds.gather(0, self._topics.unsqueeze(0)).squeeze(0)
        share = own / of_seeds.sum(0).clamp_min(torch.finfo(own.dtype).tiny)
        return self._weights.to(share) @ (share + self._odds.to(share)).log()


def seed_strength(share: np.ndarray) -> np.ndarray:
    r"""Return the strength of seeds with :math:`\epsilon = .3`, as a share of the largest strength.

    .. math:: \frac{s}{s + \epsilon} (1 + \epsilon)

    Args:
        share: :math:`s`, the probability of each seed in its topic, divided by the sum of its
            probabilities in all topics, shape (n_seeds,).

    Returns:
        Shape (n_seeds,), from 0 to 1.

    Example:
        >>> seed_strength(np.array([0.0, 0.1, 1.0])).round(2)
        array([0.  , 0.32, 1.  ])
    """
    return share / (share + _USUAL_ODDS) * (1 + _USUAL_ODDS)
