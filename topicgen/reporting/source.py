"""The documents of a report: their counts, and what is known of each besides."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from topicgen.corpus import Corpus
from topicgen.corpus.document import is_token_list
from topicgen.corpus.metadata.frames import choose
from topicgen.counts import check_counts
from topicgen.errors import InputError, listed
from topicgen.models import Known
from topicgen.topic_model.documents import is_text, read_with_lengths, row_labels
from topicgen.topic_model.embedded import embeddings_of
from topicgen.topic_model.text_frames import metadata_of, split_frame, without_ids

if TYPE_CHECKING:
    import pandas as pd
    import torch

    from topicgen.topic_model import TopicModel

Rows = NDArray[np.int64]
# From the numbers of some documents, in ascending order, to their texts.
Texts = Callable[[Rows], Sequence[str]]


class Source(NamedTuple):
    """Documents as counts of a model's words, with what else is known of them.

    Args:
        counts: CSR of shape (n_documents, n_words).
        n_terms: the number of terms of each text, known or not; None where counts came ready.
        ids: of the documents; None where they are numbered.
        labels: of the documents, "" for one without; None where they have none.
        metadata: a row for each document, or None.
        shown: the columns of the metadata that the page shows, or None.
        texts: a function that returns the texts of some documents; None where there are none.
        embeddings: of the documents, standardised, where the model reads some.
    """

    counts: csr_matrix
    n_terms: NDArray[np.int64] | None
    ids: Sequence[str] | None
    labels: Sequence[str] | None
    metadata: "pd.DataFrame | None"
    shown: "pd.DataFrame | None"
    texts: Texts | None
    embeddings: "torch.Tensor | None" = None

    def known(self, model: "TopicModel", rows: Rows) -> Known | None:
        """Return what is known of some documents besides their words, or None."""
        prevalence, covariates = model.fitted_.prevalence, None
        if prevalence is not None and prevalence.is_known(self.metadata):
            assert self.metadata is not None
            covariates = prevalence.read(self.metadata.iloc[rows], len(rows))
        embeddings = None if self.embeddings is None else self.embeddings[rows]
        is_known = covariates is not None or embeddings is not None
        return Known(covariates, embeddings) if is_known else None

    def id(self, row: int) -> str:
        """Return the id of a document; without ids, they are numbered from 1."""
        return str(row + 1) if self.ids is None else str(self.ids[row])


def read_source(
    model: "TopicModel",
    X: Any,
    metadata: Any,
    texts: Any,
    columns: Sequence[str] | None,
    embeddings: Any = None,
) -> Source:
    """Return the documents that a user passes.

    Args:
        model: the model, which counts texts with its own vocabulary.
        X: as in ``TopicModel.transform``.
        metadata: as in ``TopicModel.transform``.
        texts: the texts of documents that come as counts: a sequence with one for each document, or
            a function from row numbers to texts.
        columns: the columns of the metadata that the page shows; None for all.
        embeddings: as in ``TopicModel.transform``.

    Raises:
        InputError: where the documents or what comes with them cannot be used.
    """
    X = _kept(X)
    counts, n_terms = read_with_lengths(model, model.fitted_, X, text_column=model.text_column)
    counts = check_counts(counts, integers=True)
    counts.sort_indices()
    n_documents = counts.shape[0]
    others = metadata_of(X, metadata, model.text_column, n_documents)()
    if texts is None:
        own, _ = split_frame(X, model.text_column)
        texts = own if is_text(own, model.text_column) else None
    ids, _ = row_labels(X, model.text_column)
    labels = X.labels if isinstance(X, Corpus) else None
    shown = without_ids(others, X, model.text_column) if metadata is None else others
    if columns is not None:
        shown = None if listed(columns) == [] else choose(others, columns)
    embedding = model.fitted_.embedding
    vectors = embeddings_of(
        embedding,
        X,
        embeddings,
        n_documents,
        embedder=model.embedder,
        text_column=model.text_column,
    )
    embedded = None
    if embedding is not None and vectors is not None:
        embedded = embedding.standardized(vectors)
    reader = _reader(texts, n_documents)
    return Source(counts, n_terms, ids, labels, others, shown, reader, embedded)


def _kept(X: Any) -> Any:
    """Return documents that can be read twice."""
    is_once = not isinstance(X, Corpus) and hasattr(X, "__next__")
    return list(X) if is_once else X


def _reader(texts: Any, n_documents: int) -> Texts | None:
    if texts is None or callable(texts):
        return texts
    if hasattr(texts, "tolist"):
        texts = texts.tolist()
    elif hasattr(texts, "to_list"):
        texts = texts.to_list()
    texts = list(texts)
    if len(texts) != n_documents:
        raise InputError(
            f"expected {n_documents:,} texts, one for each document, got {len(texts):,}; pass the "
            "texts in the order of the documents"
        )
    return lambda rows: [_text(texts[row]) for row in rows]


def _text(document: Any) -> str:
    if is_token_list(document):
        return " ".join(map(str, document))
    return document if isinstance(document, str) else ""
