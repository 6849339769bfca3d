"""gensim's objects in memory: a Dictionary, and documents as lists of (id, count)."""

from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from topicgen.corpus.corpus import Corpus
from topicgen.corpus.formats import sidecar
from topicgen.corpus.formats.whole_counts import counts_to_write, whole_counts
from topicgen.errors import InputError
from topicgen.extras import needed
from topicgen.vocabulary import as_words


def from_gensim(dictionary: Any, bow: Any) -> Corpus:
    """Return the corpus of a gensim Dictionary and documents as lists of (id, count).

    Raises:
        InputError: where an id has no word, or a count is not whole.

    Example:
        >>> from gensim.corpora import Dictionary
        >>> dictionary = Dictionary([["bank", "rate"], ["rate"]])
        >>> from_gensim(dictionary, [[(0, 1), (1, 2)], []])
        Corpus(2 documents, 2 words, 3 tokens, 1 empty)
    """
    try:
        words = as_words(dictionary.token2id)
    except InputError as error:
        raise InputError(
            f"{error} (in the dictionary; if words were removed from it, call its compactify() and "
            "count the documents again)"
        ) from None
    columns: list[int] = []
    counts: list[float] = []
    indptr = [0]
    for row, document in enumerate(bow):
        for column, count in document:
            if not 0 <= column < len(words):
                raise InputError(
                    f"expected ids of the {len(words)} words in the dictionary, from 0 to "
                    f"{len(words) - 1}, got {column} in document {row}; pass the dictionary that "
                    "the counts were made with"
                )
            columns.append(column)
            counts.append(count)
        indptr.append(len(columns))
    matrix = csr_matrix(
        (np.array(counts, dtype=float if counts else int), np.array(columns, dtype=int), indptr),
        shape=(len(indptr) - 1, len(words)),
    )
    return Corpus(
        counts=whole_counts(matrix, words, "in the documents"),
        vocabulary=words,
        ids=sidecar.numbered(matrix.shape[0]),
    )


def to_gensim(corpus: Corpus) -> tuple[Any, list[list[tuple[int, int]]]]:
    """Return a gensim Dictionary and the documents as lists of (id, count), without ids and labels.

    Raises:
        InputError: where gensim is not installed, or a count is not whole.

    Example:
        >>> dictionary, bow = to_gensim(Corpus([[1, 2]], ["bank", "rate"], ["1"]))
        >>> dictionary[1], bow
        ('rate', [[(0, 1), (1, 2)]])
    """
    with needed("gensim", "gensim's objects need"):
        from gensim.corpora import Dictionary

    counts = counts_to_write(corpus)
    dictionary = Dictionary()
    dictionary.token2id = {word: column for column, word in enumerate(corpus.vocabulary)}
    dictionary.dfs = _positive(counts.getnnz(axis=0))
    dictionary.cfs = _positive(np.asarray(counts.sum(axis=0)).ravel())
    dictionary.num_docs = counts.shape[0]
    dictionary.num_pos = int(counts.sum())
    dictionary.num_nnz = counts.nnz
    bow = [
        list(zip(counts.indices[start:end].tolist(), counts.data[start:end].tolist(), strict=True))
        for start, end in zip(counts.indptr[:-1], counts.indptr[1:], strict=True)
    ]
    return dictionary, bow


def _positive(totals: np.ndarray) -> dict[int, int]:
    return {column: total for column, total in enumerate(totals.tolist()) if total}
