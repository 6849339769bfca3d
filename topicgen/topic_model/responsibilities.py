"""Which topics the words of a document come from."""

import numpy as np
from numpy.typing import NDArray

_TINY = np.finfo(float).tiny


def responsibilities(
    proportions: NDArray[np.floating], topics: NDArray[np.float64]
) -> NDArray[np.float64]:
    r"""Return the probability that a token of each word comes from each topic.

    .. math::
        r_{vk} = E\left[\frac{\theta_k \beta_{kv}}{\sum_j \theta_j \beta_{jv}}\right],

    the mean over draws of the proportions; given these, it is exact, whether words come in bursts
    or not.

    Args:
        proportions: draws of a document's topic proportions, shape (n_draws, n_topics).
        topics: the probabilities of some words in each topic, shape (n_topics, n_words).

    Returns:
        Shape (n_words, n_topics), rows sum to 1.

    Example:
        >>> responsibilities(np.array([[0.5, 0.5]]), np.array([[0.3, 0.1], [0.1, 0.1]])).round(2)
        array([[0.75, 0.25],
               [0.5 , 0.5 ]])
    """
    words = topics.T
    found = np.zeros(words.shape)
    for drawn in proportions.astype(np.float64):
        joint = words * drawn
        total = joint.sum(1, keepdims=True)
        # A word that no topic of the document has says nothing of its topics.
        found += np.where(total > 0, joint / np.maximum(total, _TINY), drawn)
    result: NDArray[np.float64] = found / found.sum(1, keepdims=True)
    return result
