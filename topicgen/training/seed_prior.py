"""The prior on the seed words of topics, with a strength for each word that is learnt."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

# The weight of a seed, as a share of its word's tokens in the documents.
_WEIGHT = 0.2
# The odds of a seed being wrong, in units of the share of its word that its topic has. They are
# above the weight so that a wrong seed fades: near a share of s, the prior alone would hold a share
# of about s * _WEIGHT / _ODDS_WRONG, less than s.
_ODDS_WRONG = 0.25


class SeedPrior:
    r"""A prior by which the tokens of a seed word come from its topic, unless the seed is wrong.

    .. math::
        \log p(\beta) = \rho \sum_{(k, v)} n_v \log(s_{kv} + \epsilon), \qquad
        s_{kv} = \frac{\beta_{kv}}{\sum_j \beta_{jv}},

    a mixture of "the seed is right" and "it is wrong, and says nothing". Its gradient is that of
    :math:`\rho n_v` tokens of the word whose topic is known, times the strength
    :math:`s_{kv} / (s_{kv} + \epsilon)`: the posterior probability that the seed is right. So the
    strength is learnt for each word. A word that the documents take out of the topic loses it, and
    with it the prior lets go; a right one is held, and no more once the topic has all of it.

    Args:
        seeds: the columns of the seeds of each topic that has some, from topic 0 up.
        word_totals: :math:`n`, how often each word occurs, shape (n_words,).
        device: where the topics are.

    Example:
        >>> prior = SeedPrior([np.array([0])], np.array([10.0, 10.0]))
        >>> right, wrong = torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.full((2, 2), 0.5)
        >>> bool(prior.log_prob(right) > prior.log_prob(wrong))
        True
    """

    def __init__(
        self,
        seeds: Sequence[np.ndarray],
        word_totals: np.ndarray,
        device: torch.device | str = "cpu",
    ) -> None:
        columns = np.concatenate(seeds)
        topics = np.repeat(np.arange(len(seeds)), [len(each) for each in seeds])
        weights = _WEIGHT * word_totals[columns]
        self._columns = torch.from_numpy(columns).to(device)
        self._topics = torch.from_numpy(topics).to(device)
        self._weights = torch.from_numpy(weights).to(device)

    def log_prob(self, topic_word: Tensor) -> Tensor:
        """Return the log prior in nats, up to a constant, as a tensor without axes."""
        of_seeds = topic_word[:, self._columns]
        own = of_seeds.gather(0, self._topics.unsqueeze(0)).squeeze(0)
        share = own / of_seeds.sum(0).clamp_min(torch.finfo(own.dtype).tiny)
        return self._weights.to(share) @ (share + _ODDS_WRONG).log()


def seed_strength(share: np.ndarray) -> np.ndarray:
    r"""Return the learnt strength of seeds, :math:`s / (s + \epsilon)` scaled to be 1 at most.

    Args:
        share: :math:`s`, the part of the seed's word that its topic has among all topics.

    Example:
        >>> seed_strength(np.array([0.0, 0.1, 1.0])).round(2)
        array([0. , 0.4, 1. ])
    """
    return share / (share + _ODDS_WRONG) * (1 + _ODDS_WRONG)
