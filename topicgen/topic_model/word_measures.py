r"""Measures that rank the words of a topic: by probability, or by how exclusive they are to it."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from topicgen.errors import InputError
from topicgen.plain import quoted
from topicgen.topic_model.measure_names import MEASURES, USUAL_MEASURE

# The weight of exclusivity in FREX, as in stm's labelTopics, and of probability in relevance, as
# Sievert and Shirley (2014) found best.
_USUAL_WEIGHT = {"frex": 0.5, "relevance": 0.6}
# A word has to be this much more probable in a topic than elsewhere; less is rounding.
_LEAST_LOG_LIFT = 1e-6


class WithTopics(Protocol):
    """The attributes of ``Fitted`` that words are ranked by."""

    @property
    def components(self) -> NDArray[np.float64]:
        """The topics, shape (n_topics, n_words)."""

    @property
    def weights(self) -> Mapping[str, NDArray[Any]]:
        """The weights; "free" is 0 for a topic that is fixed to the whole collection."""

    @property
    def evidence(self) -> Any:
        """What holds ``topic_share``, shape (n_topics,)."""


class WithWords(WithTopics, Protocol):
    """The same with words."""

    def word(self, column: int) -> str:
        """Return the word of a column."""


def ranking(
    fitted: WithTopics, measure: str = USUAL_MEASURE, weight: float | None = None
) -> NDArray[np.float64]:
    """Return what the words of each topic are ordered by, shape (n_topics, n_words).

    These are the values of ``word_scores``, except that by "score" the words that are no more
    probable in the topic than in the whole collection come last, the most probable first. So do all
    words of a background topic, and of a model's only topic.

    Args and raises are those of ``word_scores``.
    """
    scores = word_scores(fitted, measure, weight)
    if measure != "score":
        return scores
    is_background = fitted.weights["free"] == 0
    return _informative_first(np.where(is_background, 0.0, scores), fitted.components)


def leading_words(
    fitted: WithWords, n: int, measure: str = USUAL_MEASURE, weight: float | None = None
) -> list[list[str]]:
    """Return the first n words of each topic by ``ranking``, the best first.

    Args and raises are those of ``word_scores``; n is at least 1.
    """
    tops = (top_columns(of_topic, n) for of_topic in ranking(fitted, measure, weight))
    return [[fitted.word(column) for column in columns.tolist()] for columns in tops]


def top_columns(scores: NDArray[np.float64], n: int) -> NDArray[np.int64]:
    """Return the columns of the n highest scores of a topic; ties go to the first column."""
    n = min(n, len(scores))
    candidates = np.flatnonzero(scores >= np.partition(scores, -n)[-n])
    columns: NDArray[np.int64] = candidates[np.argsort(-scores[candidates], kind="stable")][:n]
    return columns


def distinctive_columns(
    topics: NDArray[np.float64], whole: NDArray[np.float64], n: int
) -> NDArray[np.int64]:
    """Return the n words that most distinguish each topic from the whole, the best first.

    Args:
        topics: distributions over words, shape (n_topics, n_words).
        whole: the distribution of the collection, shape (n_words,), above 0 where a topic is.
        n: words per topic.

    Example:
        >>> distinctive_columns(np.array([[0.5, 0.5, 0.0]]), np.array([0.5, 0.25, 0.25]), 2)
        array([[1, 0]])
    """
    scores = _informative_first(score(topics, whole), topics)
    return np.stack([top_columns(of_topic, n) for of_topic in scores])


def word_scores(
    fitted: WithTopics, measure: str = USUAL_MEASURE, weight: float | None = None
) -> NDArray[np.float64]:
    r"""Return the score of each word for each topic, shape (n_topics, n_words).

    With the topics :math:`\beta`, their shares :math:`\pi` and the distribution of the whole
    collection :math:`\bar\beta = \sum_k \pi_k \beta_k`:

    - "probability": :math:`\beta_{kv}`;
    - "frex": the harmonic mean of the word's ranks by exclusivity (weight w, .5) and by frequency;
    - "lift": :math:`\beta_{kv} / \bar\beta_v`, which favours rare words;
    - "relevance": :math:`\lambda \log \beta_{kv} + (1 - \lambda) \log(\beta_{kv} / \bar\beta_v)`,
      with the weight :math:`\lambda`, .6;
    - "score": :math:`\beta_{kv} \log(\beta_{kv} / \bar\beta_v)`, the word's part of the divergence
      of the topic from the collection.

    Args:
        fitted: the model.
        measure: one of these.
        weight: from 0 to 1, for "frex" and "relevance".

    Raises:
        InputError: where there is no such measure, or it has no weight or one out of range.

    Source: Bischof and Airoldi (2012) and Roberts, Stewart and Tingley (2019) (FREX); Taddy (2012)
    (lift); Sievert and Shirley (2014) (relevance).
    """
    check_measure(measure, weight)
    topics = fitted.components
    if measure == "probability":
        return topics
    weight = _USUAL_WEIGHT.get(measure, 0.5) if weight is None else weight
    if measure == "frex":
        from topicgen.evaluation.exclusivity import frex  # scipy, which a saved model needs not

        return frex(topics, weight)
    whole = fitted.evidence.topic_share @ topics
    if measure == "relevance":
        return _relevance(topics, whole, weight)
    return _lift(topics, whole) if measure == "lift" else score(topics, whole)


def check_measure(measure: Any, weight: Any) -> None:
    """Check the name of a measure, and its weight.

    Raises:
        InputError: see ``word_scores``.
    """
    if not isinstance(measure, str) or measure not in MEASURES:
        raise InputError(
            f"measure must be one of {', '.join(map(repr, MEASURES))}, got {quoted(measure)}"
        )
    if weight is None:
        return
    if measure not in _USUAL_WEIGHT:
        raise InputError(
            f"weight is for the measures 'frex' and 'relevance', got {quoted(weight)} with "
            f"{quoted(measure)}; leave it out"
        )
    from topicgen.evaluation.checks import check_fraction

    check_fraction(weight, "weight", usual=_USUAL_WEIGHT[measure], ends=True)


def score(topics: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    r"""Return :math:`p \log(p / \bar p)`, each word's part of a topic's divergence from the whole.

    Args:
        topics: distributions over words, shape (n_topics, n_words).
        whole: the distribution of the collection, shape (n_words,), above 0 where a topic is.

    Example:
        >>> score(np.array([[0.5, 0.5, 0.0]]), np.array([0.5, 0.25, 0.25])).round(2)
        array([[0.  , 0.35, 0.  ]])
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(topics > 0, topics * np.log(topics / whole), 0.0)


def _informative_first(
    scores: NDArray[np.float64], topics: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return values in whose order words that speak for a topic come first, by their score."""
    # Probabilities less 1 are below any score above 0, and keep their order.
    return np.where(scores > _LEAST_LOG_LIFT * topics, scores, topics - 1)


def _lift(topics: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    lift: NDArray[np.float64] = topics / np.maximum(whole, np.finfo(float).tiny)
    return lift


def _relevance(
    topics: NDArray[np.float64], whole: NDArray[np.float64], weight: float
) -> NDArray[np.float64]:
    with np.errstate(divide="ignore", invalid="ignore"):
        relevance = np.log(topics) - (1 - weight) * np.log(whole)
    # A word that a topic does not have is not relevant to it.
    return np.where(topics > 0, relevance, -np.inf)
