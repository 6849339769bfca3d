"""Reference texts, read once and block by block: how often a topic's words occur together in them.

Counts are added up over the blocks, so only one block of the texts is held at a time.
"""

import warnings
from array import array
from collections.abc import Generator, Iterable, Iterator, Sequence
from itertools import repeat
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import issparse

from topicgen.arrays import as_matrix
from topicgen.counts import check_counts
from topicgen.errors import InputError, shown
from topicgen.evaluation.checks import check_column_order, check_lists, column_names
from topicgen.evaluation.occurrences import Occurrences
from topicgen.plain import quoted
from topicgen.vocabulary import Words, as_words

Window = int | Literal["document"]

# Tokens in a block: enough to outweigh the overhead of a block, few compared with the texts.
BLOCK = 2**17


class JointCounts(NamedTuple):
    """How often words occur together in groups of documents."""

    joint: list[NDArray[np.float64]]
    """For each topic, the number of virtual documents with both words of a pair, (groups, words,
    words)."""
    n_virtual: NDArray[np.float64]
    """The number of virtual documents in each group (groups,)."""
    n_documents: int

    def probabilities(self) -> list[NDArray[np.float64]]:
        """Return, for each topic, the share of virtual documents with both words (words, words)."""
        return [joint.sum(axis=0) / max(self.n_virtual.sum(), 1) for joint in self.joint]


def joint_counts(
    topics: Sequence[Sequence[str]],
    texts: Any,
    windows: Iterable[Window],
    vocabulary: Words | None = None,
    absent: str = "raise",
    *,
    n_groups: int = 1,
    random: np.random.Generator | None = None,
) -> dict[Window, JointCounts]:
    """Count, for each window, the virtual documents that hold both words of a pair.

    Args:
        topics: each a list of words.
        texts: lists of tokens, a :class:`~topicgen.Corpus`, or counts (documents, vocabulary); an
            iterator is read once, whatever the number of windows.
        windows: tokens in a sliding window, or "document"; on counts only the latter.
        vocabulary: the word of each column, or a mapping between words and columns such as a
            vectorizer's ``vocabulary_``, where texts are a matrix of counts; a data frame's columns
            are its words.
        absent: what to do about words that the texts do not contain: "raise", or "drop" for zeros
            in their rows and columns, with a warning that counts them.
        n_groups: the number of groups of documents that are counted separately.
        random: shuffles the groups of every ``n_groups`` successive documents; without it they
            come in order. The same documents are put into the same groups, whatever the words.

    Returns:
        The counts of each window.

    Raises:
        InputError: with ``absent="raise"``, a word that the texts do not contain (it names the
            first); texts or a vocabulary that cannot be read; a window on counts.

    Example:
        >>> counts = joint_counts([["a", "b"]], [["a", "b", "a"], ["a"]], [2])[2]
        >>> counts.joint[0].tolist(), counts.n_virtual.tolist()  # windows: ab, ba, a
        ([[[3.0, 2.0], [2.0, 2.0]]], [3.0])
    """
    if _is_corpus(texts):
        texts, vocabulary = texts.counts, texts.vocabulary
    index = {word: i for i, word in enumerate(dict.fromkeys(w for topic in topics for w in topic))}
    words = [np.array([index[word] for word in topic]) for topic in topics]
    joint = {
        window: JointCounts(
            [np.zeros((n_groups, len(topic), len(topic))) for topic in topics],
            np.zeros(n_groups),
            0,
        )
        for window in windows
    }
    if are_counts(texts, vocabulary):
        _check_window_on_counts(joint)
        blocks = blocks_of_counts(texts, vocabulary, index)
    else:
        blocks = blocks_of_tokens(texts, index)
    groups = _groups(n_groups, random)
    next(groups)
    n_documents = 0
    for code, length in blocks:
        group = groups.send(length.size)
        n_documents += length.size
        seen = Occurrences(code, length, len(index))
        for window, counts in joint.items():
            runs = seen.runs(None if window == "document" else window)
            counts.n_virtual[:] += np.bincount(group, runs.n_virtual, n_groups)
            for total, topic in zip(counts.joint, words, strict=True):
                if n_groups == 1:
                    total[0] += runs.joint_counts(topic)
                else:
                    total += runs.grouped_counts(topic, group, n_groups)
    _check_seen(topics, next(iter(joint.values()), None), absent)
    return {window: counts._replace(n_documents=n_documents) for window, counts in joint.items()}


def _groups(
    n_groups: int, random: np.random.Generator | None
) -> Generator[NDArray[np.int64], int, None]:
    """Yield the groups of as many documents as are sent, however these are split into blocks."""
    given = ready = np.zeros(0, dtype=np.int64)
    while True:
        n = yield given
        rounds = max(0, -(-(n - ready.size) // n_groups))
        more = np.tile(np.arange(n_groups), (rounds, 1))
        if random is not None:
            more = random.permuted(more, axis=1)
        ready = np.concatenate([ready, more.ravel()])
        given, ready = ready[:n], ready[n:]


def are_counts(texts: Any, vocabulary: Words | None) -> bool:
    """Return whether texts are counts, which keep no order of words, rather than token lists."""
    known = vocabulary is not None or column_names(texts) is not None
    return known or issparse(texts) or _is_corpus(texts)


def _is_corpus(texts: Any) -> bool:
    return hasattr(texts, "counts") and hasattr(texts, "vocabulary")


def blocks_of_tokens(
    texts: Iterable[Sequence[str]], index: dict[str, int]
) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int64]]]:
    """Yield each token's number in ``index`` (-1 for other words), and each document's length."""
    code, length = array("i"), array("q")
    for i, text in enumerate(check_lists(texts, "texts")):
        before = len(code)
        try:
            code.extend(map(index.get, text, repeat(-1)))
        except TypeError:  # a list or an array in place of a word
            raise InputError(
                f"expected texts[{i}] as a list of words, got {shown(text)}; pass a list of lists, "
                "each text split into words"
            ) from None
        length.append(len(code) - before)
        if len(code) + len(length) >= BLOCK:  # many empty documents are long as well
            yield np.frombuffer(code, dtype=np.int32), np.frombuffer(length, dtype=np.int64)
            code, length = array("i"), array("q")
    yield np.frombuffer(code, dtype=np.int32), np.frombuffer(length, dtype=np.int64)


def blocks_of_counts(
    counts: Any, vocabulary: Words | None, index: dict[str, int]
) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int64]]]:
    """Yield blocks as those of tokens: each document's words, once each and in no order."""
    vocabulary = column_names(counts) if vocabulary is None else vocabulary
    if vocabulary is None:
        raise InputError(
            "expected vocabulary together with a matrix of counts, got none; pass vocabulary=, the "
            "word of each column"
        )
    words = as_words(vocabulary)
    check_column_order(counts, words, "texts")
    matrix = as_matrix(counts, "texts")
    n_documents, n_words = matrix.shape
    if len(words) != n_words:
        raise InputError(
            f"expected vocabulary with {n_words} words (the columns of texts), got "
            f"{len(words)}; pass the vocabulary that made the counts"
        )
    number = np.fromiter(map(index.get, words, repeat(-1)), np.int32, n_words)
    n_rows = max(1, BLOCK * n_documents // max(matrix.size, 1))
    for start in range(0, n_documents, n_rows):
        block = check_counts(matrix[start : start + n_rows], "texts", first_row=start)
        yield number[block.indices], np.diff(block.indptr).astype(np.int64)


def _check_window_on_counts(windows: Iterable[Window]) -> None:
    for window in windows:
        if window != "document":
            raise InputError(
                f"expected window='document' on counts, which keep no order of words, got {window};"
                " pass lists of tokens to slide a window over them"
            )


def _check_seen(topics: Sequence[Sequence[str]], counts: JointCounts | None, absent: str) -> None:
    unseen = [
        (k, i)
        for k, joint in enumerate(counts.joint if counts else [])
        for i, times in enumerate(joint.sum(axis=0).diagonal())
        if not times
    ]
    if not unseen:
        return
    k, i = unseen[0]
    if absent == "raise":
        raise InputError(
            f"expected topics of words that the texts contain, got {quoted(topics[k][i])} at "
            f"topics[{k}][{i}], which is in none of them; leave it out or pass texts that contain "
            "it"
        )
    warnings.warn(
        f"expected texts with all words of the topics, got none with {len(unseen):,} of them, "
        f"first {quoted(topics[k][i])}; the coherences are computed from the other words",
        UserWarning,
        stacklevel=4,
    )
