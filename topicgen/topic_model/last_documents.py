"""The documents that a model was last fitted to, as they were passed, while they are in memory."""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

from topicgen.corpus import Corpus
from topicgen.errors import InputError
from topicgen.topic_model.documents import is_text
from topicgen.topic_model.fitted import Fitted
from topicgen.topic_model.screening import Screening
from topicgen.topic_model.text_frames import split_frame


class LastDocuments:
    """Documents with what came with them: references to what was passed, and no copies.

    Args:
        X: the documents.
        metadata: what was passed with them.
        embeddings: what was passed with them.
    """

    def __init__(self, X: Any, metadata: Any, embeddings: Any = None) -> None:
        self.X = X
        self.metadata = metadata
        self.embeddings = embeddings
        self._screenings: dict[int, tuple[Fitted, Screening]] = {}

    @classmethod
    def of(cls, X: Any, metadata: Any, embeddings: Any = None) -> "LastDocuments | None":
        """Return documents to remember, or None where they can be read only once."""
        return None if isinstance(X, Iterator) else cls(X, metadata, embeddings)

    def is_of(self, X: Any, metadata: Any, embeddings: Any) -> bool:
        """Return whether these are the documents, with nothing else known of them."""
        own = (self.metadata, metadata), (self.embeddings, embeddings)
        return X is self.X and all(now is None or now is before for before, now in own)

    def screening(self, fitted: Fitted, most: int, screen: Callable[[], Screening]) -> Screening:
        """Return the screening of the documents for a model, from memory where it is the same.

        Args:
            fitted: the model.
            most: how many documents of each topic it keeps.
            screen: returns it.
        """
        of, found = self._screenings.get(most, (None, None))
        if of is not fitted or found is None:
            found = screen()
            self._screenings = {most: (fitted, found)}
        return found


def text_of_row(X: Any, text_column: str) -> Callable[[int], Any] | None:
    """Return the function from a row to its text, or its list of tokens; None where X has counts.

    Args:
        X: documents that can be read more than once.
        text_column: the column of the texts in a data frame.

    Example:
        >>> text_of_row(["a text", "another"], "text")(1)
        'another'
        >>> text_of_row([[1, 0], [0, 2]], "text") is None
        True
    """
    X, _ = split_frame(X, text_column)
    if isinstance(X, Corpus) or not is_text(X, text_column):
        return None
    if hasattr(X, "iloc"):
        return lambda row: X.iloc[row]
    if isinstance(X, Sequence) or (hasattr(X, "shape") and hasattr(X, "__getitem__")):
        return lambda row: X[row]
    documents = list(X)
    return lambda row: documents[row]


def check_documents_given(last: LastDocuments | None) -> LastDocuments:
    """Return the documents of the last fit.

    Raises:
        InputError: where there are none.
    """
    if last is None:
        raise InputError(
            "X is needed here: the documents of the fit are kept only in the process that fitted "
            "the model, and not where they came from a generator; pass the documents"
        )
    return last


def readable_twice(X: Any) -> Any:
    """Return documents that can be read more than once."""
    return X if isinstance(X, Collection) or not isinstance(X, Iterator) else list(X)


def is_tokens(document: Any) -> bool:
    """Return whether a document is a list of tokens, and not a list of documents.

    A list of one string is a document: its text.

    Example:
        >>> is_tokens(["stocks", "rose"]), is_tokens(["stocks rose"]), is_tokens([["stocks"]])
        (True, False, False)
    """
    is_list = isinstance(document, list | tuple) and len(document) > 1
    return is_list and all(isinstance(token, str) for token in document)
