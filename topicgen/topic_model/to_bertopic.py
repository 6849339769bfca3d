"""A fitted model's topics, and those of some documents, as an object of BERTopic."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import CountVectorizer

from topicgen.corpus import Vectorizer
from topicgen.errors import InputError
from topicgen.extras import needed
from topicgen.topic_model.fitted import Fitted
from topicgen.topic_model.inspection import words_of_topics


def to_bertopic(
    fitted: Fitted,
    texts: Sequence[str],
    counts: csr_matrix,
    proportions: np.ndarray,
    top_n: int,
) -> Any:
    """Return a BERTopic whose clusters are the documents' largest topics; see ``TopicModel``.

    Args:
        fitted: the model.
        texts: of the documents.
        counts: of their words, shape (n_documents, n_words).
        proportions: of their topics, shape (n_documents, n_topics).
        top_n: words per topic.

    Raises:
        InputError: where the package bertopic is absent, top_n is below 1, the model was fitted to
            counts, or the texts have no words that it knows.
    """
    if fitted.vocabulary is None or fitted.vectorizer is None:
        raise InputError(
            "BERTopic counts the words of texts, but this model was fitted to counts; fit it to "
            "texts"
        )
    base, embedder, reduction, cluster = _classes()
    # BERTopic divides by the frequency of each word.
    words = [fitted.word(column) for column in np.flatnonzero(counts.sum(0)).tolist()]
    if not words:
        raise InputError(
            "expected texts with words that the model knows, got none; pass texts of the kind that "
            "it was fitted to"
        )
    counter = CountVectorizer(analyzer=_WordsOf(fitted.vectorizer), vocabulary=words)
    # Topics that are given take the place of embeddings, their reduction and their clusters.
    # BERTopic takes all but ASCII out of texts that it takes for English.
    model = base(
        language="multilingual",
        top_n_words=top_n,
        vectorizer_model=counter,
        embedding_model=embedder(),
        umap_model=reduction(),
        hdbscan_model=cluster(),
    )
    model.fit(list(texts), y=proportions.argmax(1).tolist())
    # It numbers the topics anew, the largest first, and knows those with documents alone.
    numbers = {int(new): int(old) for old, new in model.topic_mapper_.get_mappings().items()}
    ours = [numbers[new] for new in range(len(numbers))]
    model.topic_representations_ = {
        new: list(zip(of_topic["word"], of_topic["probability"], strict=True))
        for new, of_topic in enumerate(words_of_topics(fitted, ours, top_n, "probability"))
    }
    model.probabilities_ = proportions[:, ours]
    model.set_topic_labels([fitted.label(topic) for topic in ours])
    return model


class _WordsOf:
    """Returns the words of a text as a vectorizer counts them; BERTopic's ``save`` pickles it."""

    def __init__(self, vectorizer: Vectorizer) -> None:
        self._vectorizer = vectorizer
        self._analyze = vectorizer.build_analyzer()

    def __call__(self, text: str) -> list[str]:
        return list(self._analyze(text))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._vectorizer,)


def _classes() -> tuple[Any, ...]:
    """Return BERTopic and its parts that do nothing.

    Raises:
        InputError: where the package is absent.
    """
    # BERTopic changes which warnings are shown.
    with needed("bertopic", "to_bertopic needs"), warnings.catch_warnings():
        from bertopic import BERTopic
        from bertopic.backend import BaseEmbedder
        from bertopic.cluster import BaseCluster
        from bertopic.dimensionality import BaseDimensionalityReduction
    return BERTopic, BaseEmbedder, BaseDimensionalityReduction, BaseCluster
