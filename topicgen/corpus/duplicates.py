"""Documents that repeat an earlier one: they are counted, and dropped on request."""

from array import array
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from itertools import compress
from typing import Any

import numpy as np

from topicgen.corpus.document import Document

# The most documents compared together, and the characters after which a group is complete.
_GROUP, _CHARACTERS = 4096, 2**20


class Duplicates:
    """Watches documents pass, and counts those that repeat the text of an earlier one.

    Texts are the same if they differ only in white space at either end; blank texts are not
    compared. Texts are compared by a 64-bit hash: among a million different texts, the probability
    that any two have the same hash is 3e-8. Memory is 8 bytes per document.

    Args:
        drop: whether to drop the repeated ones.

    Attributes:
        kept: the numbers of the documents that are not dropped, counted from 0, where some may be.

    Example:
        >>> duplicates = Duplicates(drop=True)
        >>> documents = [Document("Rain.", "a"), Document("Sun.", "b"), Document("Rain. ", "c")]
        >>> [document.id for document in duplicates.watch(documents)], duplicates.found()
        (['a', 'b'], {'duplicates': 1, 'duplicates_dropped': 1})
    """

    def __init__(self, *, drop: bool = False) -> None:
        self.drop = drop
        self.kept = array("q")
        self._n_dropped = self._n_taken = 0
        self._hashes = array("q")
        self._seen = _Seen()

    def watch(self, documents: Iterable[Document]) -> Iterator[Document]:
        """Yield the documents, without the repeated ones if they are to be dropped."""
        yield from self._first_ones(documents) if self.drop else self._all(documents)

    def take(self, hashes: np.ndarray) -> np.ndarray:
        """Return which documents are kept, by their hashes, 0 of a blank."""
        if not self.drop:
            self._hashes.frombytes(hashes[hashes != 0].tobytes())
            return np.ones(len(hashes), dtype=bool)
        is_kept = self._seen.are_new(hashes) | (hashes == 0)
        self.kept.frombytes((self._n_taken + np.flatnonzero(is_kept)).astype(np.int64).tobytes())
        self._n_taken += len(hashes)
        self._n_dropped += len(hashes) - int(is_kept.sum())
        return is_kept

    def found(self) -> dict[str, int]:
        """Return how many documents repeat an earlier one, and how many of them were dropped."""
        if self.drop:
            return {"duplicates": self._n_dropped, "duplicates_dropped": self._n_dropped}
        hashes = np.sort(np.frombuffer(self._hashes, dtype=np.int64))
        return {
            "duplicates": int(np.count_nonzero(hashes[1:] == hashes[:-1])),
            "duplicates_dropped": 0,
        }

    def _all(self, documents: Iterable[Document]) -> Iterator[Document]:
        add = self._hashes.append
        for document in documents:
            yield document
            if content := _content(document.text):
                add(hash(content))

    def _first_ones(self, documents: Iterable[Document]) -> Iterator[Document]:
        for group in in_groups(documents):
            contents = [_content(document.text) for document in group]
            hashes = [hash(content) if content else 0 for content in contents]
            yield from compress(group, self.take(np.array(hashes, dtype=np.int64)).tolist())


def stable_hashes(texts: Iterable[str]) -> np.ndarray:
    """Return a hash of the content of each text that is the same in every process, 0 of a blank.

    >>> one, two, blank, other = stable_hashes(["Rain.", " Rain.", " ", "Sun."]).tolist()
    >>> one == two != other, blank
    (True, 0)
    """
    contents = (text.strip().encode("utf-8", "surrogatepass") for text in texts)
    return np.array(
        [
            int.from_bytes(blake2b(content, digest_size=8).digest(), "little", signed=True)
            if content
            else 0
            for content in contents
        ],
        dtype=np.int64,
    )


class _Seen:
    """The hashes seen so far, in sorted arrays, each at least twice as long as the next."""

    def __init__(self) -> None:
        self._runs: list[np.ndarray] = []

    def are_new(self, hashes: np.ndarray) -> np.ndarray:
        """Return which hashes are not among those seen, nor before them, and add these."""
        distinct, first = np.unique(hashes, return_index=True)
        is_new = np.ones(len(distinct), dtype=bool)
        for run in self._runs:
            places = np.minimum(np.searchsorted(run, distinct), len(run) - 1)
            is_new &= run[places] != distinct
        self._add(distinct[is_new])
        result = np.zeros(len(hashes), dtype=bool)
        result[first[is_new]] = True
        return result

    def _add(self, run: np.ndarray) -> None:
        while self._runs and len(self._runs[-1]) < 2 * len(run):
            # Stable sorts recognise what is sorted, and only merge it.
            run = np.sort(np.concatenate([self._runs.pop(), run]), kind="stable")
        if len(run):
            self._runs.append(run)


def _content(text: Any) -> str | tuple[str, ...]:
    """Return what has to be the same: a text without white space at its ends, or the tokens."""
    return text.strip() if isinstance(text, str) else tuple(text)


def in_groups(documents: Iterable[Document]) -> Iterator[list[Document]]:
    """Yield documents in groups of a size that is worth to be compared together."""
    group: list[Document] = []
    n_characters = 0
    for document in documents:
        group.append(document)
        n_characters += len(document.text)
        if len(group) == _GROUP or n_characters >= _CHARACTERS:
            yield group
            group, n_characters = [], 0
    if group:
        yield group
