r"""Measures that rank the words of a topic: by probability, or by how exclusive they are to it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicgen.errors import InputError
from topicgen.plain import quoted
from topicgen.topic_model.fitted import Fitted

# The weight of exclusivity in FREX, as in stm's labelTopics, and of probability in relevance, as
# Sievert and Shirley (2014) found best.
_USUAL_WEIGHT = {"frex": 0.5, "relevance": 0.6}
MEASURES = ("probability", "frex", "lift", "relevance", "score")


def word_scores(
    fitted: Fitted, measure: str = "probability", weight: float | None = None
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
