"""The same documents as each of several models reads them."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.utils.validation import check_is_fitted

from topicgen.corpus import Corpus
from topicgen.errors import InputError
from topicgen.plain import quoted
from topicgen.topic_model.documents import is_text, read_known
from topicgen.topic_model.embedded import embeddings_of
from topicgen.topic_model.embeddings import Vectors
from topicgen.topic_model.text_frames import split_frame

if TYPE_CHECKING:
    from topicgen.topic_model import TopicModel


class Reading(NamedTuple):
    """Documents as a model reads them."""

    model: "TopicModel"
    counts: csr_matrix
    """(documents, the model's words)."""
    log_likelihood: NDArray[np.float64]
    """(documents,), of document completion, in nats."""
    n_tokens: NDArray[np.float64]
    """(documents,), the number of hidden tokens that ``log_likelihood`` covers."""
    topics: list[list[str]]
    """The top words of each topic."""

    @property
    def vocabulary(self) -> list[str]:
        """The word of each column, or its number where the model knows no words."""
        return self.model.vocabulary_ or list(map(str, range(self.counts.shape[1])))

    def same_tokens(self, other: "Reading") -> bool:
        """Return whether both count the same words in every document, column by column."""
        if self.counts is other.counts:
            return True
        if self.vocabulary != other.vocabulary:
            return False
        return self.counts.shape == other.counts.shape and not (self.counts != other.counts).nnz


def read(
    models: "Mapping[Any, TopicModel]", X: Any, top_n: int, embeddings: Any = None
) -> dict[Hashable, Reading]:
    """Return the reading of each model, by its name.

    Args:
        models: fitted models, by name.
        X: texts, a ``Corpus``, or counts. Texts are counted once for all models that read them
            alike; from a corpus, each model takes its own words.
        top_n: words listed of each topic.
        embeddings: of the documents, or a function that embeds texts, for the models that read
            embeddings; None where each of these has its own ``embedder``.

    Raises:
        InputError: documents that a model cannot read, embeddings that are missing or that no model
            reads, or only some models that know their words.
        sklearn.exceptions.NotFittedError: at a model that has not been fitted.
    """
    for model in models.values():
        check_is_fitted(model, "components_")
    nameless = [name for name, model in models.items() if model.vocabulary_ is None]
    if 0 < len(nameless) < len(models):
        raise InputError(
            f"expected either all models or none to know their words, got {quoted(nameless[0])} "
            "without a vocabulary; fit it to texts or a Corpus"
        )
    for model in models.values():
        X, _ = split_frame(X, model.text_column)
    if embeddings is not None and all(one.fitted_.embedding is None for one in models.values()):
        raise InputError("none of the models reads embeddings; leave them out")
    X = list(X) if isinstance(X, Iterator) else X
    counted = _count(list(models.values()), X)
    found: dict[Hashable, Reading] = {}
    for (name, model), counts in zip(models.items(), counted, strict=True):
        vectors = _embeddings(model, X, embeddings, counts.shape[0])
        scores = model.document_log_likelihood(counts, embeddings=vectors)
        found[name] = Reading(model, counts, *scores, model.top_words(top_n))
    return found


def _embeddings(model: "TopicModel", X: Any, embeddings: Any, n_documents: int) -> Vectors | None:
    """Return the embeddings of the documents, where the model reads some."""
    embedding = model.fitted_.embedding
    return embeddings_of(
        embedding,
        X,
        None if embedding is None else embeddings,
        n_documents,
        embedder=model.embedder,
        text_column=model.text_column,
    )


def _count(models: "Sequence[TopicModel]", X: Any) -> list[csr_matrix]:
    counted: list[csr_matrix] = []
    of_text = is_text(X)
    for i, model in enumerate(models):
        alike = (counted[j] for j in range(i) if of_text and _read_alike(model, models[j]))
        counts = next(alike, None)
        if counts is None:
            known = isinstance(X, Corpus) and model.vocabulary_ is not None
            own = X.with_vocabulary(model.vocabulary_) if known else X
            counts = read_known(model, model.fitted_, own)
        counted.append(counts)
    return counted


def _read_alike(model: "TopicModel", other: "TopicModel") -> bool:
    if model.vectorizer_ is None or other.vectorizer_ is None:
        return False
    if model.vocabulary_ != other.vocabulary_:
        return False
    try:
        return model.vectorizer_.to_config() == other.vectorizer_.to_config()
    except InputError:  # a tokenizer that has no name to compare
        return False
