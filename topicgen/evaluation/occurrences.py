"""Where words occur together: the counts behind every coherence measure.

A *virtual document* is a whole document, or what a window shows as it slides over a document token
by token. A word is present in runs of consecutive virtual documents, and only the runs are kept:
how often a topic's words occur together follows from where their runs begin and end.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


class Runs(NamedTuple):
    """Runs ``[start, stop)`` of virtual documents that hold each word, disjoint and in order.

    Word ``i`` has the runs ``indptr[i]:indptr[i + 1]``. A virtual document is identified by
    the place of its first token; a document's places end before ``document_end`` (documents,).
    """

    indptr: Integers
    start: Integers
    stop: Integers
    n_virtual: Integers
    """Virtual documents in each document (documents,)."""
    document_end: Integers

    def joint_counts(self, words: Integers) -> NDArray[np.float64]:
        """Return how many virtual documents hold both of two words; one alone on the diagonal.

        Example:
            >>> code, length = np.array([0, 1, 0, 0]), np.array([3, 1])  # a b a, and a
            >>> Occurrences(code, length, n_words=2).runs(2).joint_counts(np.array([0, 1]))
            array([[3., 2.],
                   [2., 2.]])
        """
        state, _, times = self._states(words)
        return (state.T * times) @ state

    def grouped_counts(
        self, words: Integers, group: Integers, n_groups: int
    ) -> NDArray[np.float64]:
        """Return the joint counts of each group of documents (groups, words, words).

        Args:
            words: as in ``joint_counts``.
            group: the group of each document (documents,).
            n_groups: how many groups there are.

        Example:
            >>> code, length = np.array([0, 1, 0, 0]), np.array([3, 1])  # a b a, and a
            >>> runs = Occurrences(code, length, n_words=2).runs(2)
            >>> runs.grouped_counts(np.array([0, 1]), np.array([1, 0]), n_groups=2)
            array([[[1., 0.],
                    [0., 0.]],
            <BLANKLINE>
                   [[2., 2.],
                    [2., 2.]]])
        """
        state, place, times = self._states(words)
        some = np.flatnonzero((times > 0) & state.any(axis=1))
        state, times = state[some], times[some]
        groups = group[np.searchsorted(self.document_end, place[some], side="right")]
        order = np.argsort(groups, kind="stable")
        state, times = state[order], times[order]
        ends = np.searchsorted(groups[order], np.arange(n_groups + 1))
        counts = np.zeros((n_groups, len(words), len(words)))
        for g in np.flatnonzero(np.diff(ends)):
            part = slice(ends[g], ends[g + 1])
            counts[g] = (state[part].T * times[part]) @ state[part]
        return counts

    def _states(self, words: Integers) -> tuple[NDArray[np.float64], Integers, Integers]:
        """Return which words are present (states, words), from where, and for how long."""
        parts = [slice(self.indptr[i], self.indptr[i + 1]) for i in words]
        starts = np.concatenate([self.start[part] for part in parts])
        stops = np.concatenate([self.stop[part] for part in parts])
        column = np.repeat(np.arange(len(words)), [part.stop - part.start for part in parts])

        # Between two neighbouring boundaries nothing changes: one state, weighted by its length.
        boundary = np.concatenate([starts, stops])
        order = np.argsort(boundary)
        present = np.zeros((order.size, len(words)))
        change = np.where(order < starts.size, 1.0, -1.0)
        present[np.arange(order.size), np.tile(column, 2)[order]] = change
        state = np.cumsum(present, axis=0, out=present)[:-1]
        boundary = boundary[order]
        return state, boundary[:-1], np.diff(boundary)


class Occurrences:
    """Where some words occur in the tokens of a block of documents, word by word.

    Args:
        code: every token's word (tokens,), document after document; -1 for any other word.
        length: tokens of each document (documents,).
        n_words: how many words there are.
    """

    def __init__(self, code: NDArray[np.int32], length: Integers, n_words: int) -> None:
        self.length = length
        self.n_words = n_words
        place = np.flatnonzero(code >= 0)
        self.place = place[np.argsort(code[place], kind="stable")]
        self.word = code[self.place].astype(np.int64)
        end = np.cumsum(length)
        document = np.searchsorted(end, self.place, side="right")
        self.first = (end - length)[document]
        self.end = end[document]

    def runs(self, window: int | None) -> Runs:
        """Return the runs of each word in windows of ``window`` tokens (``None``: whole documents).

        A document shorter than the window is one virtual document, and so is an empty one.
        """
        size = int(self.length.max(initial=1)) if window is None else window

        # A virtual document is named by the place of its first token. A token enters at the right
        # edge. The word leaves with the first of its copies to reach the left edge, though others
        # stay inside: gensim's bookkeeping, kept so that values can be compared. Tokens that leave
        # together make one run, which the earliest of them opens.
        enters = np.maximum(self.first, self.place - size + 1)
        total = int(self.length.sum())
        leaves = np.searchsorted(self.word * total + self.place, self.word * total + enters)
        opens = np.diff(leaves, prepend=-1) > 0
        leaves = leaves[opens]
        last = np.maximum(self.first, self.end - size)[opens]
        return Runs(
            np.searchsorted(self.word[opens], np.arange(self.n_words + 1)),
            enters[opens],
            np.minimum(self.place[leaves], last) + 1,
            np.maximum(self.length - size + 1, 1),
            np.cumsum(self.length),
        )
