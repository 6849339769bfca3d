"""Which of the documents of INPUT a corpus has, where some are left out."""

from array import array
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from topicgen.corpus import Document


class InputRows:
    """Counts the documents of INPUT, and notes which of them are used.

    Attributes:
        n_read: how many documents were read.

    Example:
        >>> from topicgen.corpus import Document
        >>> rows = InputRows()
        >>> documents = rows.counted(Document(text, "") for text in "abcd")
        >>> [document.text for document in rows.noted(d for d in documents if d.text in "bd")]
        ['b', 'd']
        >>> rows.n_read, rows.numbers
        (4, array([1, 3]))
    """

    def __init__(self) -> None:
        self.n_read = 0
        self._choices: list[array[int]] = []

    def counted(self, documents: "Iterable[Document]") -> "Iterator[Document]":
        """Yield all documents of INPUT."""
        for document in documents:
            self.n_read += 1
            yield document

    def noted(self, documents: "Iterable[Document]") -> "Iterator[Document]":
        """Yield the documents that are chosen, one at a time, from those of ``counted``."""
        numbers = array("q")
        self.choose(numbers)  # now, and not when the first document is asked for
        return self._noted(documents, numbers)

    def _noted(
        self, documents: "Iterable[Document]", numbers: "array[int]"
    ) -> "Iterator[Document]":
        for document in documents:
            numbers.append(self.n_read - 1)
            yield document

    def choose(self, numbers: "array[int]") -> None:
        """Note a choice from the documents that are left: their numbers, which may still grow."""
        self._choices.append(numbers)

    @property
    def numbers(self) -> "np.ndarray | None":
        """The numbers of the documents that are left, counted from 0; None if all are."""
        import numpy as np

        found: np.ndarray | None = None
        for choice in self._choices:
            chosen = np.frombuffer(choice, dtype=np.int64) if choice else np.zeros(0, np.int64)
            found = chosen if found is None else found[chosen]
        return None if found is None else found.copy()
