r"""Topics of an earlier model: where new topics start, and a prior that holds them near there."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from topicgen.evaluation import match_topics
from topicgen.models import LatentCountModel
from topicgen.training.collection import Collection

# What a token of the earlier documents counts, where these are not more than those of the training.
EARLIER_TOKEN = 1.0

# A frozen topic has no words but those that it had.
_IMPOSSIBLE = -30.0


@dataclass(frozen=True, eq=False)
class FormerTopics:
    """Topics of an earlier model that some of the topics of a new model start at.

    Args:
        topics: which of the new topics start at one, shape (n,); the others are new.
        columns: the columns of the words that the earlier model knew, shape (n_shared,).
        logits: of the earlier topics at these words, as differences from the earlier collection,
            shape (n, n_shared), in the order of ``topics``.
        log_frequency: of these words in the earlier collection, shape (n_shared,).
        tokens: the tokens of each topic in the earlier documents, shape (n,).
        log_pseudo_counts: those of the earlier encoder, shape (n,).
        log_word_weight: likewise, shape (n_shared,).
        frozen: which of the new topics stay where they start.
        n_seeded: how many of the first new topics have seeds, at which they start where no earlier
            topic is theirs.
        is_same: whether the words are those of the earlier model, in the same order.
    """

    topics: NDArray[np.int64]
    columns: NDArray[np.int64]
    logits: Tensor
    log_frequency: Tensor
    tokens: Tensor
    log_pseudo_counts: Tensor
    log_word_weight: Tensor
    frozen: tuple[int, ...]
    n_seeded: int
    is_same: bool

    @property
    def log_topic_word(self) -> Tensor:
        """The log distribution of each topic over the shared words, shape (n, n_shared)."""
        return (self.logits + self.log_frequency).log_softmax(-1)


def start_at_former(model: LatentCountModel, former: FormerTopics) -> None:
    r"""Move topics that start at clusters to earlier topics, as far as there are earlier ones.

    With the frequency :math:`f` of a word among the shared words, and :math:`f'` in the earlier
    collection, :math:`w_{kv} = w'_{kv} + \log f'_v - \log f_v`, so that a topic has the
    distribution over the shared words that it had. All new words together have the share in it that
    they have in the collection. Topics without an earlier one start at the clusters that are least
    like earlier topics. Frozen topics get no new words.

    Args:
        model: new, its topics at clusters or seeds; changed in place.
        former: the earlier topics.
    """
    columns = torch.from_numpy(former.columns)
    topics = torch.from_numpy(former.topics)
    with torch.no_grad():
        if former.is_same and former.frozen:
            model.log_frequency.copy_(former.log_frequency)
        _start_new_topics(model, former)
        now = model.log_frequency[columns].double()
        before = former.log_frequency.double()
        shift = before.log_softmax(-1) - now.log_softmax(-1)
        logits = former.logits.double() + shift
        # The logits of words that the topic has as often as the collection.
        usual = (logits + now.log_softmax(-1)).logsumexp(-1, keepdim=True)
        moved = usual.expand(-1, model.topic_logits.shape[1]).clone()
        is_frozen = torch.isin(topics, torch.tensor(former.frozen, dtype=torch.long))
        moved[is_frozen] += _IMPOSSIBLE
        moved[:, columns] = logits
        model.topic_logits[topics] = moved.to(model.topic_logits)
        model.log_pseudo_counts[topics] = former.log_pseudo_counts.to(model.log_pseudo_counts)
        model.log_word_weight[columns] = former.log_word_weight.to(model.log_word_weight)
    model.freeze(former.frozen)


def _start_new_topics(model: LatentCountModel, former: FormerTopics) -> None:
    """Start the topics that are new at the clusters that are least like the earlier topics."""
    at_clusters = np.flatnonzero(model.free.squeeze(1).numpy() > 0)
    at_clusters = at_clusters[at_clusters >= former.n_seeded]
    new = np.setdiff1d(at_clusters, former.topics)
    earlier = np.isin(former.topics, at_clusters)
    if not len(new) or not earlier.any():
        return
    columns = torch.from_numpy(former.columns)
    clusters = (model.topic_logits + model.log_frequency)[at_clusters][:, columns]
    matching = match_topics(
        former.log_topic_word.double().exp().numpy()[earlier],
        clusters.double().softmax(-1).numpy(),
    )
    unlike = np.setdiff1d(at_clusters, at_clusters[matching.pairs[:, 1]])
    model.topic_logits[new] = model.topic_logits[unlike].clone()


class FormerPrior:
    r"""A prior that holds topics near earlier ones, as if the earlier documents were there too.

    .. math::
        \log p(\beta) = \alpha \sum_k n_k \sum_v \beta'_{kv} \log \beta_{kv}

    with the earlier topics :math:`\beta'`, their tokens :math:`n_k`, and all distributions over the
    words that the earlier model knew. This is the likelihood of the earlier documents, given the
    topics of their tokens, to the power of :math:`\alpha`: a power prior (Ibrahim and Chen, 2000).

    Args:
        former: the earlier topics.
        collection: the documents of the training. :math:`\alpha` is 1 or, where the earlier
            documents have more tokens than these, as much less.
    """

    def __init__(self, former: FormerTopics, collection: Collection) -> None:
        self._topics, self._columns = (
            torch.from_numpy(numbers).to(collection.device)
            for numbers in (former.topics, former.columns)
        )
        n_tokens = min(float(former.tokens.sum()), collection.sum_of_powers(1.0))
        weight = EARLIER_TOKEN * n_tokens / float(former.tokens.sum())
        expected = weight * former.tokens.unsqueeze(-1) * former.log_topic_word.exp()
        self._expected = expected.to(collection.device, collection.dtype)

    def log_prob(self, model: LatentCountModel) -> Tensor:
        """Return the log prior in nats, up to a constant, as a tensor without axes."""
        logits = (model.topic_logits * model.free).index_select(0, self._topics)
        logits = logits.index_select(1, self._columns) + model.log_frequency[self._columns]
        return (self._expected * logits.log_softmax(-1)).sum()
