"""Where words occur together: the probabilities behind every coherence measure.

A *virtual document* is a whole document, or what a window shows as it slides over one, token by
token. A word is present in runs of consecutive virtual documents, and the runs are all we keep: a
topic's joint probabilities follow from where its words' runs begin and end.
"""

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicgen.errors import InputError
from topicgen.evaluation._checks import check_counts, check_lists


@dataclass(frozen=True)
class Occurrences:
    """Runs ``[start, stop)`` of virtual documents that hold each word, disjoint and in order.

    Word ``i = index[word]`` has the runs ``indptr[i]:indptr[i + 1]``.
    """

    index: dict[str, int]
    indptr: NDArray[np.int64]
    start: NDArray[np.int64]
    stop: NDArray[np.int64]
    n_virtual: int

    def __contains__(self, word: str) -> bool:
        i = self.index.get(word)
        return i is not None and bool(self.indptr[i] < self.indptr[i + 1])

    def joint_probability(self, words: Sequence[str]) -> NDArray[np.float64]:
        """Probabilities (words, words) that a virtual document holds both; alone on the diagonal.

        Example:
            >>> seen = in_windows([["a", "b", "a"], ["a"]], ["a", "b"], window=2)
            >>> seen.joint_probability(["a", "b"])  # windows: ab, ba, a
            array([[1.        , 0.66666667],
                   [0.66666667, 0.66666667]])
        """
        ids = [self.index[word] for word in words]
        runs = [slice(self.indptr[i], self.indptr[i + 1]) for i in ids]
        starts = np.concatenate([self.start[run] for run in runs])
        stops = np.concatenate([self.stop[run] for run in runs])
        column = np.repeat(np.arange(len(words)), [run.stop - run.start for run in runs])

        # Between two neighbouring boundaries nothing changes: one state, weighted by its length.
        boundary = np.concatenate([starts, stops])
        order = np.argsort(boundary)
        present = np.zeros((order.size, len(words)))
        change = np.where(order < starts.size, 1.0, -1.0)
        present[np.arange(order.size), np.tile(column, 2)[order]] = change
        state = np.cumsum(present, axis=0, out=present)[:-1]
        return (state.T * np.diff(boundary[order])) @ state / self.n_virtual


def in_counts(counts: Any, vocabulary: Sequence[str], words: Iterable[str]) -> Occurrences:
    """Occurrences in whole documents, from counts (documents, vocabulary), which keep no order."""
    matrix = check_counts(counts, "texts")
    if len(vocabulary) != matrix.shape[1]:
        raise InputError(
            f"expected vocabulary with {matrix.shape[1]} words (the columns of texts), got "
            f"{len(vocabulary)}; pass the vocabulary that made the counts"
        )
    column = {word: i for i, word in enumerate(vocabulary)}
    known = [word for word in words if word in column]
    documents = matrix[:, [column[word] for word in known]].tocsc()
    start = documents.indices.astype(np.int64)
    return Occurrences(
        {word: i for i, word in enumerate(known)},
        documents.indptr.astype(np.int64),
        start,
        start + 1,
        matrix.shape[0],
    )


def in_windows(
    texts: Iterable[Sequence[str]], words: Iterable[str], window: int | None
) -> Occurrences:
    """Occurrences in windows of ``window`` tokens (``None``: whole documents) of token lists.

    A document shorter than the window is one virtual document, and so is an empty one.
    """
    index = {word: i for i, word in enumerate(words)}
    code, length = _encode(texts, index)
    size = max(code.size, 1) if window is None else window
    end = np.cumsum(length)

    # Tokens that matter, word by word; a virtual document is named by the place of its first token.
    place = np.flatnonzero(code >= 0)
    place = place[np.argsort(code[place], kind="stable")]
    word = code[place].astype(np.int64)
    document = np.searchsorted(end, place, side="right")
    first = (end - length)[document]
    last = np.maximum(first, end[document] - size)

    # A token enters at the right edge. The word leaves with the first of its copies to reach the
    # left edge, though others stay inside: gensim's bookkeeping, kept so that values can be
    # compared. Tokens that leave together make one run, which the earliest of them opens.
    enters = np.maximum(first, place - size + 1)
    leaves = np.searchsorted(word * code.size + place, word * code.size + enters)
    opens = np.diff(leaves, prepend=-1) > 0
    return Occurrences(
        index,
        np.searchsorted(word[opens], np.arange(len(index) + 1)),
        enters[opens],
        np.minimum(place[leaves], last)[opens] + 1,
        int(np.maximum(length - size + 1, 1).sum()),
    )


def _encode(
    texts: Iterable[Sequence[str]], index: dict[str, int]
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Every token's number in ``index`` (-1: none), end to end, and each document's length."""
    code, length = array("i"), array("q")
    for text in check_lists(texts, "texts"):
        before = len(code)
        code.extend(map(index.get, text, repeat(-1)))
        length.append(len(code) - before)
    return np.frombuffer(code, dtype=np.int32), np.frombuffer(length, dtype=np.int64)
