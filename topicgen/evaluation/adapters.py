"""Topics of other packages as plain arrays, and arrays as other packages take them."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topicgen.errors import InputError
from topicgen.evaluation._checks import check_counts, check_distributions


class Topics(NamedTuple):
    """Topics of any model.

    Args:
        topic_word: (topics, words), rows sum to 1.
        vocabulary: the word of each column.
    """

    topic_word: NDArray[np.float64]
    vocabulary: list[str]

    def top_words(self, top_n: int = 10) -> list[list[str]]:
        """Return each topic's most probable words, as coherence and diversity take them."""
        top = np.argsort(-self.topic_word, axis=1, kind="stable")[:, :top_n]
        return [[self.vocabulary[word] for word in topic] for topic in top]


def from_gensim(model: Any) -> Topics:
    """Return the topics of gensim's LdaModel, LdaMulticore, EnsembleLda or Nmf.

    Args:
        model: it has ``get_topics()`` and ``id2word``.

    Raises:
        InputError: where it has not.
    """
    weights = _asked(model, "get_topics", "a model of gensim")()
    words = _asked(model, "id2word", "a model of gensim")
    return _normalised(weights, [words[i] for i in range(np.shape(weights)[1])])


def from_sklearn(model: Any, vocabulary: Any) -> Topics:
    """Return the topics of scikit-learn's LatentDirichletAllocation, NMF or the like.

    Args:
        model: it has ``components_``.
        vocabulary: the word of each column, or the vectorizer that knows them.

    Raises:
        InputError: where the model has none, or the numbers of words differ.

    Example:
        >>> class Model:
        ...     components_ = [[3.0, 1.0], [0.0, 2.0]]
        >>> topics = from_sklearn(Model(), ["bank", "rain"])
        >>> topics.topic_word.tolist(), topics.top_words(1)
        ([[0.75, 0.25], [0.0, 1.0]], [['bank'], ['rain']])
    """
    weights = _asked(model, "components_", "a fitted model of scikit-learn")
    if hasattr(vocabulary, "get_feature_names_out"):
        vocabulary = vocabulary.get_feature_names_out()
    return _normalised(weights, list(map(str, vocabulary)))


def from_tomotopy(model: Any) -> Topics:
    """Return the topics of a model of tomotopy.

    Args:
        model: it has ``k``, ``get_topic_word_dist()`` and ``used_vocabs``.

    Raises:
        InputError: where it has not.
    """
    distribution = _asked(model, "get_topic_word_dist", "a model of tomotopy")
    weights = [distribution(topic) for topic in range(_asked(model, "k", "a model of tomotopy"))]
    return _normalised(weights, list(_asked(model, "used_vocabs", "a model of tomotopy")))


def to_octis(
    topic_word: ArrayLike, doc_topic: ArrayLike, vocabulary: Sequence[str], top_n: int = 10
) -> dict[str, Any]:
    """Return a model's output as OCTIS' measures take it.

    Args:
        topic_word: (topics, words), rows sum to 1.
        doc_topic: (documents, topics), rows sum to 1.
        vocabulary: the word of each column.
        top_n: words listed of each topic.

    Returns:
        A dictionary: "topics", lists of words; "topic-word-matrix", (topics, words); and
        "topic-document-matrix", (topics, documents).

    Raises:
        InputError: rows that are no distributions, or shapes that do not match.
    """
    topics, theta = _matching(topic_word, doc_topic, vocabulary)
    return {
        "topics": topics.top_words(top_n),
        "topic-word-matrix": topics.topic_word,
        "topic-document-matrix": theta.T,
    }


def to_pyldavis(
    topic_word: ArrayLike, doc_topic: ArrayLike, counts: Any, vocabulary: Sequence[str]
) -> dict[str, Any]:
    """Return the five arguments of ``pyLDAvis.prepare``.

    Args:
        topic_word: (topics, words), rows sum to 1.
        doc_topic: (documents, topics), rows sum to 1.
        counts: (documents, words), sparse or dense.
        vocabulary: the word of each column.

    Returns:
        A dictionary: "topic_term_dists", "doc_topic_dists", "doc_lengths", "vocab" and
        "term_frequency".

    Raises:
        InputError: rows that are no distributions, counts that are none, or shapes that do not
            match.

    Example:
        >>> arrays = to_pyldavis([[0.75, 0.25]], [[1.0]], [[2, 1]], ["bank", "rain"])
        >>> arrays["doc_lengths"].tolist(), arrays["term_frequency"].tolist()
        ([3], [2, 1])
    """
    topics, theta = _matching(topic_word, doc_topic, vocabulary)
    x = check_counts(counts)
    if x.shape != (len(theta), len(topics.vocabulary)):
        raise InputError(
            f"expected counts of shape {(len(theta), len(topics.vocabulary))} (rows of doc_topic x "
            f"words), got {x.shape}; pass those of the same documents and vocabulary"
        )
    return {
        "topic_term_dists": topics.topic_word,
        "doc_topic_dists": theta,
        "doc_lengths": np.asarray(x.sum(axis=1)).ravel(),
        "vocab": topics.vocabulary,
        "term_frequency": np.asarray(x.sum(axis=0)).ravel(),
    }


def _matching(
    topic_word: ArrayLike, doc_topic: ArrayLike, vocabulary: Sequence[str]
) -> tuple[Topics, NDArray[np.float64]]:
    topics = Topics(check_distributions(topic_word, "topic_word"), list(vocabulary))
    theta = check_distributions(doc_topic, "doc_topic")
    n_topics, n_words = topics.topic_word.shape
    if len(topics.vocabulary) != n_words:
        raise InputError(
            f"expected a vocabulary of {n_words} words (the columns of topic_word), got "
            f"{len(topics.vocabulary)}; pass the model's own"
        )
    if theta.shape[1] != n_topics:
        raise InputError(
            f"expected doc_topic with {n_topics} columns (the rows of topic_word), got "
            f"{theta.shape[1]}; pass both from one model"
        )
    return topics, theta


def _asked(model: Any, name: str, expected: str) -> Any:
    if not hasattr(model, name):
        raise InputError(
            f"expected {expected} with {name}, got {type(model).__name__} without it; pass a "
            "fitted one, or its arrays"
        )
    return getattr(model, name)


def _normalised(weights: ArrayLike, vocabulary: list[str]) -> Topics:
    array = np.asarray(weights, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] != len(vocabulary):
        raise InputError(
            f"expected topics over {len(vocabulary)} words, one for each of the vocabulary, got "
            f"shape {array.shape}; pass the vocabulary that the model was fitted with"
        )
    good = np.isfinite(array).all(axis=1) & (array >= 0).all(axis=1) & (array.sum(axis=1) > 0)
    if not good.all():
        raise InputError(
            "expected weights from 0, and some above, in every topic, got others in topic "
            f"{int(np.argmin(good))}; leave it out"
        )
    return Topics(array / array.sum(axis=1, keepdims=True), vocabulary)
