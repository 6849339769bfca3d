"""Counts that are whole numbers, as every format needs them."""

from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from topicgen.corpus.corpus import Corpus
from topicgen.corpus.reading import streams
from topicgen.counts import check_counts


def whole_counts(counts: Any, vocabulary: list[str], where: str) -> csr_matrix:
    """Return counts, checked, as integers.

    Args:
        counts: shape (n_documents, n_words), sparse or dense, of any number type.
        vocabulary: the words, to name one in an error.
        where: where the counts come from, as an error says it.

    Raises:
        InputError: where one is not a whole number from 0.

    Example:
        >>> whole_counts([[0, 0.5]], ["bank", "rate"], "in 'bow.npz'")
        Traceback (most recent call last):
        topicgen.errors.InputError: expected whole, non-negative counts in 'bow.npz', got 0.5 at ...
    """
    csr = csr_matrix(check_counts(counts, f"counts {where}", vocabulary=vocabulary, integers=True))
    return csr if csr.dtype in (np.int32, np.int64) else csr.astype(np.int64)


def counts_to_write(corpus: Corpus) -> csr_matrix:
    """Return a corpus's counts as integers.

    Raises:
        InputError: where one is not a whole number.
    """
    return whole_counts(corpus.counts, corpus.vocabulary, "of the corpus")


def in_file(path: Any) -> str:
    """Return where counts come from, for ``whole_counts``."""
    return f"in {streams.display_name(path)}"
