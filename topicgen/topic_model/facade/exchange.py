"""A model and its documents in the forms that other packages take."""

from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from topicgen.errors import InputError
from topicgen.evaluation import adapters
from topicgen.topic_model import inference
from topicgen.topic_model.facade.base import Documents, FittedModel
from topicgen.topic_model.last_documents import is_tokens, readable_twice, text_of_row
from topicgen.topic_model.to_bertopic import to_bertopic


class ExchangeMethods(FittedModel):
    """The methods of ``TopicModel`` for pyLDAvis, OCTIS and BERTopic."""

    def to_pyldavis(
        self, X: Documents, *, metadata: Any = None, embeddings: Any = None
    ) -> dict[str, Any]:
        """Return the five arrays that ``pyLDAvis.prepare`` takes, for an interactive map of topics.

        ``pyLDAvis.prepare(**arrays, sort_topics=False, start_index=0)`` numbers the topics as this
        model does. The package pyLDAvis is not needed here (docs/interoperability.md).

        Args:
            X: as in ``transform``.
            metadata: as in ``transform``.
            embeddings: as in ``transform``.

        Returns:
            A dictionary: ``topic_term_dists``, shape (n_components, n_features);
            ``doc_topic_dists``, shape (n_documents, n_components); ``doc_lengths``, the tokens of
            each document that are in the vocabulary; ``vocab``; and ``term_frequency``, the tokens
            of each word.

        Raises:
            InputError: where the documents cannot be used.
            sklearn.exceptions.NotFittedError: before ``fit``.

        Example:
            >>> from topicgen import TopicModel
            >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
            >>> model = TopicModel(n_components=2, random_state=0).fit(docs)
            >>> arrays = model.to_pyldavis(docs)
            >>> dict(zip(arrays["vocab"], arrays["term_frequency"].tolist()))["cats"]
            40
        """
        counts, proportions = self._counts_and_proportions(X, metadata, embeddings)
        return adapters.to_pyldavis(self.components_, proportions, counts, self._words())

    def to_octis(
        self, X: Documents, top_n: int = 10, *, metadata: Any = None, embeddings: Any = None
    ) -> dict[str, Any]:
        """Return the ``model_output`` that the measures of OCTIS score.

        The package OCTIS is not needed here (docs/interoperability.md).

        Args:
            X: as in ``transform``.
            top_n: words per topic: at least the ``topk`` of the measures.
            metadata: as in ``transform``.
            embeddings: as in ``transform``.

        Returns:
            A dictionary: ``topics``, the most probable words of each; ``topic-word-matrix``, shape
            (n_components, n_features); and ``topic-document-matrix``, shape (n_components,
            n_documents).

        Raises:
            InputError: where an argument cannot be used.
            sklearn.exceptions.NotFittedError: before ``fit``.

        Example:
            >>> from topicgen import TopicModel
            >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
            >>> model = TopicModel(n_components=2, random_state=0).fit(docs)
            >>> output = model.to_octis(docs, top_n=1)
            >>> sorted(output["topics"]), output["topic-document-matrix"].shape
            ([['cats'], ['dogs']], (2, 40))
        """
        _, proportions = self._counts_and_proportions(X, metadata, embeddings)
        return adapters.to_octis(self.components_, proportions, self._words(), top_n)

    def to_bertopic(
        self, X: Documents, top_n: int = 10, *, metadata: Any = None, embeddings: Any = None
    ) -> Any:
        """Return a fitted ``bertopic.BERTopic`` with the topics of these documents.

        Its methods, tables and figures then work on this model's topics: the cluster of a document
        is its largest topic, the words of a topic are the most probable ones with their
        probabilities, ``probabilities_`` are the proportions, and the custom labels are this
        model's labels. BERTopic numbers topics anew, the largest first, and leaves out topics that
        are the largest of no document: ``topic_mapper_.get_mappings()`` leads from this model's
        numbers to BERTopic's. The words of ``topics_over_time`` and ``topics_per_class`` are
        BERTopic's own, by c-TF-IDF over this model's vocabulary. The package bertopic has to be
        installed (docs/interoperability.md).

        Args:
            X: texts, as in ``transform``.
            top_n: words per topic.
            metadata: as in ``transform``.
            embeddings: as in ``transform``.

        Raises:
            InputError: where the package bertopic is absent, the model was not fitted to texts, X
                has no texts, or an argument cannot be used.
            sklearn.exceptions.NotFittedError: before ``fit``.
        """
        fitted, X = self._fitted(), readable_twice(X)
        counts, proportions = self._counts_and_proportions(X, metadata, embeddings)
        text = text_of_row(X, self.text_column)
        if text is None:
            raise InputError(
                f"BERTopic needs texts, got {type(X).__name__}; pass the texts of the documents"
            )
        texts = [
            " ".join(one) if is_tokens(one) else str(one)
            for one in map(text, range(counts.shape[0]))
        ]
        return to_bertopic(fitted, texts, counts, proportions, top_n)

    def _words(self) -> list[str]:
        fitted = self._fitted()
        return [fitted.word(column) for column in range(fitted.n_words)]

    def _counts_and_proportions(
        self, X: Documents, metadata: Any, embeddings: Any
    ) -> tuple[csr_matrix, np.ndarray]:
        """Return the words of documents that the model knows, and the proportions of their topics.

        Raises:
            InputError: where the documents cannot be used.
        """
        X = readable_twice(X)
        counts = self._read(X)
        known = self._known(X, metadata, embeddings, counts.shape[0])
        model = self._hierarchy().base
        return counts, inference.infer_proportions(model, counts, self._refinement(), known=known)
