"""Topics of other packages as plain arrays, and arrays as other packages take them."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.exceptions import NotFittedError

from topicgen.arrays import as_array
from topicgen.counts import check_counts
from topicgen.errors import InputError
from topicgen.evaluation.checks import (
    check_column_order,
    check_distributions,
    check_order,
    check_whole,
    sums,
)
from topicgen.vocabulary import Words, as_words


class Topics(NamedTuple):
    """Topics of any model.

    Args:
        topic_word: (topics, words), rows sum to 1.
        vocabulary: the word of each column, or a mapping between words and columns.
    """

    topic_word: NDArray[np.float64]
    vocabulary: Words

    def top_words(self, top_n: int = 10) -> list[list[str]]:
        """Return each topic's most probable words, as coherence and diversity take them.

        ``TopicModel.top_words(n, measure="probability")`` ranks words in the same way. Its default,
        relevance, raises coherence and diversity: compare models by one measure.

        Raises:
            InputError: rows that are not distributions, a vocabulary that is not one or is of
                another length, or ``top_n`` below 1.
        """
        check_whole(top_n, "top_n")
        words = as_words(self.vocabulary)
        topic_word = _check_topic_word(self.topic_word, words)
        top = np.argsort(-topic_word, axis=1, kind="stable")[:, :top_n]
        return [[words[column] for column in topic] for topic in top]


def from_gensim(model: Any) -> Topics:
    """Return the topics of gensim's LdaModel, LdaMulticore, EnsembleLda, HdpModel or Nmf.

    Args:
        model: a trained model, with ``get_topics()`` and ``id2word``.

    Raises:
        InputError: a model without these, one that has not been trained, or one with negative
            weights such as LsiModel.
    """
    get_topics = _attribute(model, "get_topics", "a model of gensim")
    words = _attribute(model, "id2word", "a model of gensim")
    if getattr(model, "num_updates", None) == 0:
        raise _untrained(model)
    try:
        weights = get_topics()
    except (AttributeError, TypeError):  # gensim's answer before training
        raise _untrained(model) from None
    n_words = np.shape(weights)[1]
    try:
        # By column: id2word may be a dictionary, a Dictionary, or what only makes up words.
        vocabulary = [words[column] for column in range(n_words)]
    except (KeyError, TypeError) as error:
        raise InputError(
            f"expected a word for each of the {n_words} columns in id2word of {_kind(model)}, got "
            f"{type(words).__name__} without {error}; train it with the Dictionary that made its "
            "corpus"
        ) from None
    return _normalised(weights, vocabulary)


def from_sklearn(model: Any, vocabulary: Any) -> Topics:
    """Return the topics of scikit-learn's LatentDirichletAllocation, NMF or the like.

    Args:
        model: a fitted model, with ``components_``.
        vocabulary: the word of each column, a mapping between words and columns such as
            ``vectorizer.vocabulary_``, or the fitted vectorizer itself.

    Raises:
        InputError: a model or a vectorizer that has not been fitted, a vocabulary that is not one,
            or one of another length or order than the model was fitted with.

    Example:
        >>> class Model:
        ...     components_ = [[3.0, 1.0], [0.0, 2.0]]
        >>> topics = from_sklearn(Model(), {"rain": 1, "bank": 0})
        >>> topics.topic_word.tolist(), topics.top_words(1)
        ([[0.75, 0.25], [0.0, 1.0]], [['bank'], ['rain']])
    """
    weights = _attribute(model, "components_", "a fitted model of scikit-learn")
    if hasattr(vocabulary, "get_feature_names_out"):
        try:
            vocabulary = vocabulary.get_feature_names_out()
        except NotFittedError:
            raise InputError(
                f"expected a fitted vectorizer, got {_kind(vocabulary)} that has not been fitted; "
                "pass the vectorizer that counted the model's documents"
            ) from None
    words = as_words(vocabulary)
    if hasattr(model, "feature_names_in_"):  # it was fitted to a data frame
        fitted = list(map(str, model.feature_names_in_))
        check_order(words, fitted, "the vocabulary", "the model's own columns")
    return _normalised(weights, words)


def from_tomotopy(model: Any) -> Topics:
    """Return the topics of a model of tomotopy, those of an HDP or HLDA that are still live.

    Args:
        model: a trained model, with ``k``, ``get_topic_word_dist()`` and ``used_vocabs``.

    Raises:
        InputError: a model without these, one that has not been trained, or one with several kinds
            of topics (PAModel, HPAModel, MGLDAModel) or topics that change in time (DTModel).
    """
    distribution = _attribute(model, "get_topic_word_dist", "a model of tomotopy")
    words = _attribute(model, "used_vocabs", "a model of tomotopy")
    n_topics = _attribute(model, "k", "a model of tomotopy")
    # Asked for a distribution before training, tomotopy ends the process.
    if len(words) == 0 or getattr(model, "global_step", None) == 0:
        raise _untrained(model)
    if any(hasattr(model, name) for name in ("k1", "k_g", "num_timepoints")):
        raise InputError(
            f"expected a model of tomotopy with one kind of topics, got {_kind(model)}; choose the "
            "topics with its get_topic_word_dist, and pass them on as Topics(topic_word, "
            "model.used_vocabs)"
        )
    is_live = getattr(model, "is_live_topic", lambda topic: True)
    return _normalised([distribution(k) for k in range(n_topics) if is_live(k)], as_words(words))


def to_octis(
    topic_word: ArrayLike, doc_topic: ArrayLike, vocabulary: Words, top_n: int = 10
) -> dict[str, Any]:
    """Return a model's output as OCTIS' measures take it.

    Args:
        topic_word: (topics, words), rows sum to 1.
        doc_topic: (documents, topics), rows sum to 1.
        vocabulary: the word of each column, or a mapping between words and columns.
        top_n: how many words of each topic to list.

    Returns:
        A dictionary: "topics", lists of words; "topic-word-matrix", (topics, words); and
        "topic-document-matrix", (topics, documents).

    Raises:
        InputError: rows that are not distributions, a vocabulary that is not one, or shapes or
            columns that do not match.
    """
    topics, theta = _matching(topic_word, doc_topic, vocabulary)
    return {
        "topics": topics.top_words(top_n),
        "topic-word-matrix": topics.topic_word,
        "topic-document-matrix": theta.T,
    }


def to_pyldavis(
    topic_word: ArrayLike, doc_topic: ArrayLike, counts: Any, vocabulary: Words
) -> dict[str, Any]:
    """Return the five arguments of ``pyLDAvis.prepare``.

    Args:
        topic_word: (topics, words), rows sum to 1.
        doc_topic: (documents, topics), rows sum to 1.
        counts: (documents, words), sparse or dense.
        vocabulary: the word of each column, or a mapping between words and columns.

    Returns:
        A dictionary: "topic_term_dists", "doc_topic_dists", "doc_lengths", "vocab" and
        "term_frequency".

    Raises:
        InputError: rows that are not distributions, counts or a vocabulary that are not such, or
            shapes or columns that do not match.

    Example:
        >>> arrays = to_pyldavis([[0.75, 0.25]], [[1.0]], [[2, 1]], ["bank", "rain"])
        >>> arrays["doc_lengths"].tolist(), arrays["term_frequency"].tolist()
        ([3], [2, 1])
    """
    topics, theta = _matching(topic_word, doc_topic, vocabulary)
    check_column_order(counts, as_words(vocabulary), "counts")
    x = check_counts(counts)
    if x.shape != (len(theta), len(topics.vocabulary)):
        raise InputError(
            f"expected counts of shape {(len(theta), len(topics.vocabulary))} (rows of doc_topic x "
            f"words), got {x.shape}; pass the counts of the same documents and vocabulary"
        )
    return {
        "topic_term_dists": topics.topic_word,
        "doc_topic_dists": theta,
        "doc_lengths": sums(x, axis=1),
        "vocab": topics.vocabulary,
        "term_frequency": sums(x, axis=0),
    }


def _matching(
    topic_word: ArrayLike, doc_topic: ArrayLike, vocabulary: Words
) -> tuple[Topics, NDArray[np.float64]]:
    words = as_words(vocabulary)
    beta = _check_topic_word(topic_word, words)
    theta = check_distributions(doc_topic, "doc_topic")
    if theta.shape[1] != len(beta):
        raise InputError(
            f"expected doc_topic with {len(beta)} columns (the rows of topic_word), got "
            f"{theta.shape[1]}; pass both from one model"
        )
    return Topics(beta, words), theta


def _check_topic_word(topic_word: ArrayLike, words: list[str]) -> NDArray[np.float64]:
    check_column_order(topic_word, words, "topic_word")
    beta = check_distributions(topic_word, "topic_word")
    if len(words) != beta.shape[1]:
        raise InputError(
            f"expected a vocabulary of {beta.shape[1]} words (the columns of topic_word), got "
            f"{len(words)}; pass the model's own"
        )
    return beta


def _attribute(model: Any, name: str, expected: str) -> Any:
    try:
        return getattr(model, name)
    except (AttributeError, NotFittedError):
        raise InputError(
            f"expected {expected} with {name}, got {_kind(model)} without it; fit the model first, "
            "or pass another package's topics as Topics(topic_word, vocabulary)"
        ) from None


def _untrained(model: Any) -> InputError:
    return InputError(
        f"expected a trained model, got {_kind(model)} that has not been trained; train it first"
    )


def _kind(model: Any) -> str:
    return type(model).__name__


def _normalised(weights: ArrayLike, vocabulary: Any) -> Topics:
    words = as_words(vocabulary)
    array = as_array(weights, "the model's topics", "weights (topics x words)").astype(np.float64)
    if array.ndim != 2 or array.shape[1] != len(words):
        raise InputError(
            f"expected topics over {len(words)} words, one for each of the vocabulary, got "
            f"shape {array.shape}; pass the vocabulary that the model was fitted with"
        )
    if not len(array):
        raise InputError("expected at least one topic, got a model without any; train it longer")
    good = np.isfinite(array).all(axis=1) & (array >= 0).all(axis=1) & (array.sum(axis=1) > 0)
    if not good.all():
        raise InputError(
            "expected finite weights from 0 upwards in every topic, not all of them 0, got others "
            f"in topic {int(np.argmin(good))}; leave that topic out and pass the rest as "
            "Topics(topic_word, vocabulary)"
        )
    return Topics(array / array.sum(axis=1, keepdims=True), words)
