r"""The words of topics: those that are relevant at any setting of the slider.

.. math::
    r_\lambda(w, k) = \lambda \log \beta_{kw} + (1 - \lambda) \log(\beta_{kw} / \bar\beta_w),
    \qquad \bar\beta_w = \sum_k \pi_k \beta_{kw}

with the topics' word distributions :math:`\beta` and their shares :math:`\pi`: 1 ranks the words by
their probability, 0 by how much more probable they are in the topic than elsewhere (Sievert and
Shirley, 2014).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from topicgen.topic_model.word_measures import top_columns

Floats = NDArray[np.float64]

_STEPS = 11
_TINY = 1e-300


class TopicWords(NamedTuple):
    """Words and how probable they are, ready for a page.

    Args:
        columns: the column of each word that is shown for some topic, ascending.
        of_topics: for each topic, places in ``columns``, its top words first.
        overall: the probability of every column in all topics together, shape (n_words,).
        uses: for each word of ``columns``, the share of its uses that comes from each topic, shape
            (n_shown, n_topics).
    """

    columns: NDArray[np.int64]
    of_topics: list[NDArray[np.int64]]
    overall: Floats
    uses: Floats


def relevant_words(
    components: Floats, share: Floats, n: int = 30, order: Floats | None = None
) -> TopicWords:
    """Return the words that are among the n most relevant of a topic at some setting.

    Args:
        components: the topics' word distributions, shape (n_topics, n_words).
        share: of the tokens that come from each topic, shape (n_topics,).
        n: how many words are shown at once.
        order: the scores that order the words of each topic, shape (n_topics, n_words); None for
            their probability. The n first words by this order are always included.

    Example:
        >>> components = np.array([[0.6, 0.3, 0.1], [0.5, 0.0, 0.5]])
        >>> words = relevant_words(components, np.array([0.5, 0.5]), n=1)
        >>> words.columns, [found.tolist() for found in words.of_topics]
        (array([0, 1, 2]), [[0, 1], [0, 2]])
    """
    n = min(n, components.shape[1])
    weights = np.maximum(share, 0) / max(share.sum(), _TINY)
    overall = weights @ components
    with np.errstate(divide="ignore"):
        log_overall = np.log(np.maximum(overall, _TINY))
    order = components if order is None else order
    chosen = []
    for row, rank in zip(components, order, strict=True):
        log_p = np.log(np.maximum(row, _TINY))
        relevant = set(top_columns(rank, n).tolist())
        for part in np.linspace(0, 1, _STEPS):
            relevance = log_p - (1 - part) * log_overall
            relevance[row <= 0] = -np.inf
            relevant |= set(np.argpartition(-relevance, n - 1)[:n].tolist())
        found = np.array(sorted(relevant), dtype=np.int64)
        found = found[row[found] > 0]
        chosen.append(found[np.argsort(-rank[found], kind="stable")])
    columns = np.unique(np.concatenate(chosen))
    joint = weights[:, None] * components[:, columns]
    uses = (joint / np.maximum(joint.sum(0), _TINY)).T
    return TopicWords(columns, [np.searchsorted(columns, found) for found in chosen], overall, uses)
