"""What a document is: the record that readers yield, and the text that the vectorizer takes."""

import reprlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from topicgen.errors import InputError


class Document(NamedTuple):
    """A document: its text, its id and, if the source has one, its label.

    >>> Document("Stocks rose.", id="business/001.txt", label="business").label
    'business'
    """

    text: str
    id: str
    label: str | None = None


def texts_of(
    documents: Iterable[Document], take_name: Callable[[str, str | None], None]
) -> Iterator[str]:
    """Yield the texts of documents, and pass on the id and label of each.

    Raises:
        InputError: at anything that is not a Document.
    """
    for index, document in enumerate(documents):
        if not isinstance(document, Document):
            raise InputError(
                f"expected topicgen.corpus.Document, got {type(document).__name__} at index "
                f"{index}; wrap each text: Document(text, id)"
            )
        take_name(document.id, document.label)
        yield document.text


def check_documents(documents: Any) -> Iterator[str]:
    """Yield documents, and make sure that they are strings.

    >>> list(check_documents(["Stocks rose.", None]))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    topicgen.errors.InputError: expected documents of type str, got None (NoneType) at index 1; ...

    Raises:
        InputError: where the documents are not a one-dimensional iterable of strings.
    """
    kind = type(documents).__name__
    if isinstance(documents, (str, bytes)) or not isinstance(documents, Iterable):
        raise InputError(f"expected an iterable of documents, got one {kind}; put it in a list")
    # A data frame, say, would yield the names of its columns.
    if getattr(documents, "ndim", 1) != 1:
        raise InputError(
            f"expected a one-dimensional iterable of documents, got a {kind} with "
            f"{getattr(documents, 'ndim', 0)} dimensions; pass the column that holds the texts"
        )
    for index, text in enumerate(documents):
        if not isinstance(text, str):
            raise InputError(
                f"expected documents of type str, got {reprlib.repr(text)} "
                f"({type(text).__name__}) at index {index}; decode bytes, and drop or fill missing "
                "documents"
            )
        yield text
