"""The embeddings of documents that a fitted model is asked about."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from topicgen.corpus import Corpus, Document
from topicgen.errors import InputError
from topicgen.topic_model.documents import is_text
from topicgen.topic_model.embeddings import Embedding, Vectors, read_embeddings
from topicgen.topic_model.text_frames import split_frame


def embeddings_of(
    embedding: Embedding | None,
    X: Any,
    embeddings: Any,
    n_documents: int,
    *,
    embedder: Callable[[list[str]], Any] | None,
    text_column: str,
) -> Vectors | None:
    """Return the embeddings of documents; None where the model reads none.

    Args:
        embedding: how the model standardises embeddings; None where it reads none.
        X: the documents.
        embeddings: what the user passed with them, or None.
        n_documents: how many documents there are.
        embedder: the function that embeds texts where nothing was passed, or None.
        text_column: the column of the texts in a data frame.

    Raises:
        InputError: where they are missing, not of the kind of those of the fit, or given to a model
            that was fitted without any.
    """
    if embedding is None:
        if embeddings is not None:
            raise InputError(
                "the model reads no embeddings, as it was fitted without, or with a network and "
                "then edited; leave them out, or fit a model with embeddings"
            )
        return None
    embeddings = embedder if embeddings is None else embeddings
    if embeddings is None:
        raise InputError(
            f"the model was fitted with embeddings of {embedding.n_dimensions:,} dimensions and "
            "needs those of the documents; pass embeddings=..., from the same sentence encoder, or "
            "set the parameter embedder, which is not saved with a model"
        )
    texts = partial(texts_to_embed, X, text_column)
    return read_embeddings(embeddings, n_documents, texts, embedding.n_dimensions)


def texts_to_embed(X: Any, text_column: str) -> list[str]:
    """Return the texts of documents, for a function that embeds texts; "" where one is missing.

    Raises:
        InputError: where they are counts or lists of tokens, or can be read only once.
    """
    what = "a function can only embed texts"
    if isinstance(X, Iterator):
        raise InputError(
            f"{what} that can be read twice, got a {type(X).__name__}; pass a list of texts"
        )
    texts, _ = split_frame(X, text_column)
    is_corpus = isinstance(texts, Corpus)
    if is_corpus or not is_text(texts, text_column):
        raise InputError(
            f"{what}, got {'a Corpus' if is_corpus else 'counts'}; pass the embeddings as an array "
            "with a row for each document"
        )
    return [_text(document, what) for document in texts]


def _text(document: Any, what: str) -> str:
    if isinstance(document, Document):
        return document.text
    if isinstance(document, str):
        return document
    if isinstance(document, bytes) or (isinstance(document, Iterable) and len(list(document))):
        raise InputError(
            f"{what}, got a document of type {type(document).__name__}; pass the embeddings as an "
            "array with a row for each document"
        )
    return ""
