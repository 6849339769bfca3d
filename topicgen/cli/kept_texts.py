"""Texts that are kept on disk while documents are counted, to be read again later."""

import tempfile
from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import IO

from topicgen.corpus import Document
from topicgen.corpus.document import SEPARATOR

# Passages are taken from this many characters at the start of a text.
_MOST_CHARACTERS = 200_000


class KeptTexts:
    """The beginnings of texts, in a temporary file that lives as long as the ``with`` block.

    Standard input can be read only once, and a large collection does not fit into memory.

    Example:
        >>> with KeptTexts() as texts:
        ...     _ = list(texts.watch([Document("Stocks rose.", "1"), Document("Rain fell.", "2")]))
        ...     texts.read([1])
        ['Rain fell.']
    """

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 (closed by __exit__)
        self._ends = array("q", [0])

    def __enter__(self) -> "KeptTexts":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def __len__(self) -> int:
        return len(self._ends) - 1

    def watch(self, documents: Iterable[Document]) -> Iterator[Document]:
        """Yield documents, and keep their texts."""
        for document in documents:
            text = document.text[:_MOST_CHARACTERS].replace(SEPARATOR, " ")
            written = self._file.write(text.encode("utf-8", "surrogatepass"))
            self._ends.append(self._ends[-1] + written)
            yield document

    def read(self, rows: Iterable[int]) -> Sequence[str]:
        """Return the texts of some documents, by their numbers."""
        texts = []
        for row in rows:
            start, end = self._ends[row], self._ends[row + 1]
            self._file.seek(start)
            texts.append(self._file.read(end - start).decode("utf-8", "surrogatepass"))
        return texts
