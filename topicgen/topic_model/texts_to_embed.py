"""The texts of documents, for a function of the user's that embeds texts."""

from collections.abc import Iterable, Iterator
from typing import Any

from topicgen.corpus import Corpus, Document
from topicgen.errors import InputError
from topicgen.topic_model.documents import is_text
from topicgen.topic_model.text_frames import split_frame


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
    if is_corpus or not is_text(texts):
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
