"""Topics that are similar to a topic, or that some words come from."""

import warnings
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from topicgen.errors import InputError, shown
from topicgen.evaluation import match_topics
from topicgen.evaluation.checks import check_whole
from topicgen.plain import quoted
from topicgen.topic_model.fitted import Fitted
from topicgen.topic_model.inspection import check_topic

if TYPE_CHECKING:
    import pandas as pd


def similar_table(fitted: Fitted, query: Any, n: int) -> "pd.DataFrame":
    """Return the table of ``TopicModel.similar_topics``.

    Raises:
        InputError: where there is no such topic, or the model knows no word of the query.
    """
    import pandas as pd

    check_whole(n, "n")
    if isinstance(query, str) or (isinstance(query, Iterable) and not isinstance(query, Mapping)):
        similarity = word_topics(fitted, known_words(fitted, query))
        order = np.argsort(-similarity, kind="stable")
    else:
        topic = check_topic(fitted, query)
        similarity = match_topics(fitted.components[[topic]], fitted.components)[2][0]
        order = np.argsort(-similarity, kind="stable")
        order = order[order != topic]
    order = order[:n]
    return pd.DataFrame(
        {
            "topic": order,
            "label": [fitted.label(topic) for topic in order],
            "similarity": similarity[order],
        }
    )


def word_topics(fitted: Fitted, columns: NDArray[np.int64]) -> NDArray[np.float64]:
    r"""Return the probability that a token of some words comes from each topic.

    .. math:: \frac1n \sum_{v} \frac{\pi_k \beta_{kv}}{\sum_j \pi_j \beta_{jv}}

    the mean over the words, with the shares :math:`\pi` of the topics.

    Args:
        fitted: the model.
        columns: of the words, which may repeat.

    Returns:
        Shape (n_topics,), sums to 1.
    """
    joint = fitted.evidence.topic_share[:, None] * fitted.components[:, columns]
    mean: NDArray[np.float64] = (joint / joint.sum(0)).mean(1)
    return mean


def known_words(fitted: Fitted, query: Any) -> NDArray[np.int64]:
    """Return the columns of the words of a query, which are counted as those of documents are.

    Raises:
        InputError: where the model knows none of them.
    """
    words = [query] if isinstance(query, str) else list(query)
    if not words or not all(isinstance(word, str) for word in words):
        raise InputError(
            f"expected the number of a topic, a text or a list of words, got {shown(query)}; pass "
            "for example 'bank rates'"
        )
    found, unknown = [], []
    for word in words:
        columns = _columns(fitted, word)
        found += columns
        unknown += [] if columns else [word]
    if not found:
        raise InputError(
            f"the model knows no word of {shown(query)}; choose words of its vocabulary, such as "
            f"{quoted(fitted.word(int(fitted.components[0].argmax())))}"
        )
    if unknown:
        warnings.warn(
            "the vocabulary lacks these words, which are ignored: "
            f"{', '.join(map(repr, unknown[:10]))}",
            UserWarning,
            stacklevel=2,
        )
    return np.array(found, dtype=np.int64)


def _columns(fitted: Fitted, text: str) -> list[int]:
    """Return the columns of the words of a text, or of a word as it is in the vocabulary."""
    vocabulary = fitted.vocabulary
    if vocabulary is None:
        raise InputError(
            "the model was fitted to counts without words, so it cannot look for words; pass the "
            "number of a topic"
        )
    if text in vocabulary:
        return [vocabulary.index(text)]
    if fitted.vectorizer is not None:
        return [column for _, _, column in fitted.vectorizer.spans(text)]
    place = {word: column for column, word in enumerate(vocabulary)}
    return [place[word] for word in text.split() if word in place]
