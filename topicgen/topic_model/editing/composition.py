r"""Topics that are made of parts of other topics.

An edit is a matrix :math:`M` of shape (n_topics before, n_topics after): entry (k, j) is the part
of topic k that goes to the new topic j. Merged topics share a column, a dropped topic has a row of
zeros, and the halves of a split topic have two entries in its row. What adds up over topics
(expected counts, rates, their variances, smoothing, shares) is multiplied by :math:`M`:

.. math:: m'_j = \sum_k m_k M_{kj}, \qquad \frac{m_j'^2}{r'_j} = \sum_k \frac{m_k^2}{r_k} M_{kj} .

For negative binomial counts with the same probability (the same :math:`m_k / r_k`), the shapes
:math:`r` then add up too, and the merged count is exactly the sum of the counts. For others, its
mean and variance are those of the sum.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from topicgen.topic_model.fitted import Weights

Floats = NDArray[np.float64]

_LAYER = "layers.0."
_ENCODER = ".encoder."
# The sum of all pseudo-counts of a new encoder.
_PSEUDO_TOKENS = 5.0
# What today's topics are made of, in terms of the topics that the encoder's guide was trained with.
_PARTS = "encoder.parts"
# What the encoder of the layer above has learnt about its words, which are topics.
_GUIDE_WORDS = f"{_LAYER}model.encoder.guide.words"


def merging(n_topics: int, topics: Sequence[int]) -> Floats:
    """Return the matrix that merges topics into the first of them by number.

    Example:
        >>> merging(3, [2, 0]).tolist()
        [[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]
    """
    matrix = np.eye(n_topics)
    target = min(topics)
    for topic in set(topics) - {target}:
        matrix[topic] = matrix[target]
    return matrix[:, [k for k in range(n_topics) if k == target or k not in topics]]


def dropping(n_topics: int, topics: Iterable[int]) -> Floats:
    """Return the matrix that drops topics."""
    return np.delete(np.eye(n_topics), list(topics), axis=1)


def splitting(n_topics: int, topic: int, share: float, *, place: int) -> Floats:
    """Return the matrix that splits a topic in two.

    Args:
        n_topics: the number of topics before.
        topic: the topic, whose number the first half keeps.
        share: the part of the topic that the first half takes.
        place: the number of the second half.
    """
    matrix = np.insert(np.eye(n_topics), place, 0.0, axis=1)
    matrix[topic, topic + (topic >= place)] = share
    matrix[topic, place] = 1 - share
    return matrix


def numbers_after(matrix: Floats) -> tuple[int | None, ...]:
    """Return the number that each topic has afterwards; None for a topic that is gone."""
    return tuple(int(row.argmax()) if row.any() else None for row in matrix)


class Composition:
    """New topics as parts of the topics of a model.

    Args:
        matrix: M, shape (n_topics before, n_topics after).
        share: each topic's share of the tokens before, shape (n_topics before,).
        words: the word distributions of new topics that are no mixtures of old ones, by number.
    """

    def __init__(
        self, matrix: Floats, share: Floats, words: Mapping[int, Floats] | None = None
    ) -> None:
        self.matrix = matrix
        self.words = dict(words or {})
        self.is_drop = bool((matrix.sum(1) == 0).any())
        # The new topics that are old ones, unchanged, by the number of the old one.
        whole = (matrix == 1).sum(0) == 1
        alone = (matrix > 0).sum(0) == 1
        kept = np.flatnonzero(whole & alone)
        self.unchanged = {int(j): int(matrix[:, j].argmax()) for j in kept if j not in self.words}
        mixed = np.maximum(share, 1e-12)[:, None] * matrix
        self._mixed = mixed / mixed.sum(0)

    def sums(self, values: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return sums over the parts of new topics, of values of shape (..., n_topics)."""
        result: NDArray[np.floating] = (values.astype(np.float64) @ self.matrix).astype(
            values.dtype
        )
        return self._with_unchanged(result, values)

    def scaled_sums(self, values: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return sums that together are what they were: others take over from dropped topics."""
        result = self.sums(values)
        if self.is_drop:
            result = (result * (values.sum() / result.sum())).astype(values.dtype)
        return result

    def averages(self, values: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return averages over the parts, weighted by share, of values of shape (..., n_topics)."""
        result: NDArray[np.floating] = (values.astype(np.float64) @ self._mixed).astype(
            values.dtype
        )
        return self._with_unchanged(result, values)

    def mixtures(self, topics: Floats) -> Floats:
        """Return new word distributions, as shape (n_topics after, n_words)."""
        result: Floats = self._mixed.T @ topics
        for number, words in self.words.items():
            result[number] = words
        return result

    def _with_unchanged(
        self, result: NDArray[np.floating], values: NDArray[np.floating]
    ) -> NDArray[np.floating]:
        for new, old in self.unchanged.items():
            result[..., new] = values[..., old]
        return result


def without_network(weights: Weights) -> dict[str, NDArray[np.generic]]:
    """Return the weights with a new unfolded encoder in the place of a network.

    A network knows only the topics that it was trained with.
    """
    new: dict[str, NDArray[np.generic]] = {
        name: value for name, value in weights.items() if _ENCODER not in f".{name}"
    }
    for name in [name for name in weights if name.endswith("log_word_weight")]:
        of = name.removesuffix("log_word_weight")
        mean = weights[f"{of}prior_mean"].astype(np.float64)
        start = np.log(_PSEUDO_TOKENS * mean / mean.sum())
        new[f"{of}log_pseudo_counts"] = start.astype(weights[name].dtype)
        new[name] = np.zeros_like(weights[name])
    return new


def recomposed(
    weights: Weights, components: Floats, parts: Composition
) -> dict[str, NDArray[np.generic]]:
    """Return the weights of a model with the new topics, but for the masses of its prior.

    Args:
        weights: those of the model before, as ``Hierarchy.weights`` names them.
        components: its topics, shape (n_topics, n_words).
        parts: what the new topics are made of.
    """
    new: dict[str, NDArray[np.generic]] = dict(weights)
    for name in ("prior_mean", "smoothing", "rate_mean"):
        new[name] = parts.scaled_sums(weights[name])
    new["dispersion"] = _shapes(weights["prior_mean"], weights["dispersion"], parts)
    new["rate_shape"] = _shapes(weights["rate_mean"], weights["rate_shape"], parts)
    pseudo_counts = parts.scaled_sums(np.exp(weights["log_pseudo_counts"].astype(np.float64)))
    new["log_pseudo_counts"] = np.log(pseudo_counts).astype(weights["log_pseudo_counts"].dtype)
    if _PARTS in weights:
        before = np.exp(weights["log_pseudo_counts"].astype(np.float64))[:, None] * parts.matrix
        moved = weights[_PARTS] @ (before / before.sum(0))
        new[_PARTS] = moved.astype(weights[_PARTS].dtype)
    free = [
        weights["free"][parts.unchanged[j]] if j in parts.unchanged else [1.0]
        for j in range(parts.matrix.shape[1])
    ]
    new["free"] = np.array(free, dtype=weights["free"].dtype)
    new["topic_logits"] = _logits(weights, parts.mixtures(components), parts)
    for name in weights:
        if name.startswith(("prevalence.", "rate_prevalence.")):
            kind = name.split(".")[1]
            if kind == "coefficients" or kind.startswith("intercepts"):
                new[name] = parts.averages(weights[name])
    if f"{_LAYER}log_dispersion" in weights:
        _recompose_layer(weights, new, parts)
    return new


def _shapes(
    mean: NDArray[np.floating], shape: NDArray[np.floating], parts: Composition
) -> NDArray[np.floating]:
    """Return the shapes with which the means and variances of gamma rates add up."""
    squares = mean.astype(np.float64) ** 2
    added: NDArray[np.floating] = parts.sums(mean.astype(np.float64)) ** 2 / parts.sums(
        squares / shape
    )
    result = added.astype(shape.dtype)
    for new, old in parts.unchanged.items():
        result[new] = shape[old]
    return result


def _logits(weights: Weights, topics: Floats, parts: Composition) -> NDArray[np.floating]:
    before, log_frequency = weights["topic_logits"], weights["log_frequency"].astype(np.float64)
    logits = np.log(np.maximum(topics, 1e-30)) - (
        log_frequency - np.log(np.exp(log_frequency).sum())
    )
    result: NDArray[np.floating] = logits.astype(before.dtype)
    for new, old in parts.unchanged.items():
        result[new] = before[old]
    return result


def _recompose_layer(
    weights: Weights, new: dict[str, NDArray[np.generic]], parts: Composition
) -> None:
    """Set the weights of the layer above the topics, for which topics are words."""
    name = f"{_LAYER}model."
    frequency = np.exp(weights[f"{name}log_frequency"].astype(np.float64))
    logits = (
        weights[f"{name}topic_logits"] * weights[f"{name}free"] + weights[f"{name}log_frequency"]
    )
    above = np.exp(logits - logits.max(1, keepdims=True))
    above = above / above.sum(1, keepdims=True)
    summed, frequency = np.maximum(above @ parts.matrix, 1e-30), frequency @ parts.matrix
    summed, log_frequency = (
        summed / summed.sum(1, keepdims=True),
        np.log(frequency / frequency.sum()),
    )
    dtype = weights[f"{name}topic_logits"].dtype
    new[f"{name}topic_logits"] = (np.log(summed) - log_frequency).astype(dtype)
    new[f"{name}log_frequency"] = log_frequency.astype(dtype)
    for of_words in (f"{name}log_word_weight", f"{_LAYER}log_dispersion"):
        new[of_words] = parts.averages(weights[of_words])
    if _GUIDE_WORDS in weights:
        new[_GUIDE_WORDS] = parts.averages(weights[_GUIDE_WORDS].T).T
