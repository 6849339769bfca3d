"""What a document is: the record that readers yield, and the text that the vectorizer takes."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from itertools import chain, count, islice
from typing import Any, NamedTuple

from topicgen.errors import InputError
from topicgen.plain import quoted

# Between the tokens of a document, where they are held as one string. No token has it, as a token
# may have the space or the underscore.
SEPARATOR = "\x1f"


class Document(NamedTuple):
    """A document: its text, its id and, if the source has one, its label.

    >>> Document("Stocks rose.", id="business/001.txt", label="business").label
    'business'
    >>> Document("Stocks rose.", id="1").with_metadata({"year": 1999}).metadata
    {'year': 1999}
    """

    text: str
    id: str
    label: str | None = None

    @property
    def metadata(self) -> Mapping[str, Any] | None:
        """What else is known of the document, by name; None where nothing is."""
        return None

    def with_metadata(self, metadata: Mapping[str, Any] | None) -> "Document":
        """Return the document with what else is known of it, by name."""
        return self if metadata is None else _DocumentOf(metadata, self)


class _DocumentOf(Document):
    """A document with metadata, which are no part of the tuple."""

    _metadata: Mapping[str, Any]

    def __new__(cls, metadata: Mapping[str, Any], document: Document) -> "_DocumentOf":
        new = cls._make(document)
        new._metadata = metadata
        return new

    @property
    def metadata(self) -> Mapping[str, Any]:
        return self._metadata

    def _replace(self, **parts: Any) -> "Document":  # type: ignore[override]
        return Document(*self)._replace(**parts).with_metadata(self._metadata)

    def __repr__(self) -> str:
        return f"{Document(*self)!r}.with_metadata({self._metadata!r})"


def with_ids_after(before: str, documents: Iterable[Document]) -> Iterator[Document]:
    """Yield documents with ids that begin with the name of their source.

    >>> [document.id for document in with_ids_after("news.txt:", [Document("Stocks rose.", "1")])]
    ['news.txt:1']
    """
    for document in documents:
        named = Document(document.text, before + document.id, document.label)
        yield named.with_metadata(document.metadata)


def texts_of(documents: Iterable[Document], take: Callable[[Document], None]) -> Iterator[str]:
    """Yield the texts of documents, and pass each document to a function."""
    for document in documents:
        take(document)
        yield document.text


def check_are_documents(documents: Iterable[Document]) -> Iterator[Document]:
    """Yield documents.

    Raises:
        InputError: at anything that is not a Document.
    """
    for index, document in enumerate(documents):
        if not isinstance(document, Document):
            raise InputError(
                f"expected topicgen.corpus.Document, got {type(document).__name__} at index "
                f"{index}; wrap each text: Document(text, id)"
            )
        yield document


def is_token_list(document: Any) -> bool:
    """Return whether a document is tokens in their order, in a list or in anything of its kind.

    What can be read only once is not: a second look at the document would find it empty.

    >>> is_token_list(["stocks", "rose"]), is_token_list("stocks rose"), is_token_list({"stocks"})
    (True, False, False)
    """
    is_other = isinstance(document, str | bytes | bytearray | Iterator | Mapping | Set | Document)
    return isinstance(document, Iterable) and not is_other


def check_documents(documents: Any) -> tuple[Iterator[str], bool]:
    """Return documents as strings, each checked when it is read, and whether they are token lists.

    The tokens of a list become one string, which ``split_tokens`` cuts again. The first document
    decides what all of them have to be.

    >>> texts, are_token_lists = check_documents([["stocks", "rose"], []])
    >>> [split_tokens(text) for text in texts], are_token_lists
    ([['stocks', 'rose'], []], True)
    >>> list(check_documents(["Stocks rose.", None])[0])  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    topicgen.errors.InputError: expected documents of type str, got None (NoneType) at index 1; ...

    Raises:
        InputError: where the documents are not a one-dimensional iterable of strings, or of lists
            of strings.
    """
    kind = type(documents).__name__
    if isinstance(documents, (str, bytes)) or not isinstance(documents, Iterable):
        remedy = "put it in a list"
        if hasattr(documents, "counts"):
            remedy = "it is counted already, so give it to the model, without a vectorizer"
        raise InputError(f"expected an iterable of documents, got one {kind}; {remedy}")
    # A data frame, say, would yield the names of its columns.
    if getattr(documents, "ndim", 1) != 1:
        raise InputError(
            f"expected a one-dimensional iterable of documents, got a {kind} with "
            f"{getattr(documents, 'ndim', 0)} dimensions; pass the column that holds the texts"
        )
    iterator = iter(documents)
    first = list(islice(iterator, 1))
    are_token_lists = any(map(is_token_list, first))
    check = _joined if are_token_lists else _text
    return map(check, count(), chain(first, iterator)), are_token_lists


def split_tokens(text: str) -> list[str]:
    """Return the tokens that were joined by ``SEPARATOR``."""
    return text.split(SEPARATOR) if text else []


def _text(index: int, document: Any) -> str:
    if isinstance(document, Document):
        raise InputError(
            f"expected documents of type str, got a Document at index {index}; pass its text, or "
            "all of them to Corpus.from_documents"
        )
    if not isinstance(document, str):
        raise InputError(
            f"expected documents of type str, got {quoted(document)} "
            f"({type(document).__name__}) at index {index}; decode bytes, and drop or fill missing "
            "documents"
        )
    return document


def _joined(index: int, document: Any) -> str:
    if not is_token_list(document):
        raise InputError(
            f"expected lists of tokens, like the first document, got "
            f"{quoted(document)} ({type(document).__name__}) at index {index}; pass texts or "
            "lists of tokens alone, and an empty list for a missing document"
        )
    tokens = list(document)
    try:
        text = SEPARATOR.join(tokens)
    except TypeError:
        strange = next(token for token in tokens if not isinstance(token, str))
        raise InputError(
            f"expected tokens of type str, got {quoted(strange)} ({type(strange).__name__}) "
            f"in the document at index {index}; pass strings"
        ) from None
    if text.count(SEPARATOR) > max(len(tokens) - 1, 0):
        raise InputError(
            f"expected tokens without the character {SEPARATOR!r}, got one with it in the document "
            f"at index {index}; replace it"
        )
    return text
