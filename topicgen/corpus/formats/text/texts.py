"""Counts as texts: each word as often as it occurs, separated by blanks."""

import warnings
from array import array
from collections.abc import Iterable, Iterator

import numpy as np
from scipy.sparse import csr_matrix, vstack

from topicgen.corpus.corpus import Corpus
from topicgen.corpus.formats.text.labels import are_words
from topicgen.corpus.formats.whole_counts import counts_to_write
from topicgen.corpus.wording import quantity
from topicgen.errors import InputError
from topicgen.plain import quoted

# Tokens are many times the counts that they add up to: few are held at once.
_TOKENS_A_PART = 2**20


def count_words(
    texts: Iterable[str], vocabulary: list[str] | None, name: str
) -> tuple[csr_matrix, list[str]]:
    """Count the words of texts, read one at a time.

    Args:
        texts: words separated by blanks.
        vocabulary: the words to count, the others being left out with a warning, or None to count
            all, in alphabetical order.
        name: the source, for a warning.

    Returns:
        The counts, shape (n_documents, n_words), and the word of each column.

    Example:
        >>> counts, words = count_words(["b a b", ""], None, "'corpus.tsv'")
        >>> counts.toarray().tolist(), words
        ([[1, 2], [0, 0]], ['a', 'b'])
    """
    known = {word: column for column, word in enumerate(vocabulary or [])}
    parts: list[csr_matrix] = []
    columns, indptr = array("i"), array("q", [0])
    n_unknown, first_unknown = 0, ""
    for text in texts:
        words = text.split()
        if vocabulary is None:
            columns.extend([known.setdefault(word, len(known)) for word in words])
        else:
            found = [known[word] for word in words if word in known]
            if len(found) < len(words):
                n_unknown += len(words) - len(found)
                first_unknown = first_unknown or next(word for word in words if word not in known)
            columns.extend(found)
        indptr.append(len(columns))
        if len(columns) > _TOKENS_A_PART:
            parts.append(_count(columns, indptr, len(known)))
            columns, indptr = array("i"), array("q", [0])
    parts.append(_count(columns, indptr, len(known)))
    if n_unknown:
        warnings.warn(
            f"left out {quantity(n_unknown, 'token')} in {name} outside the vocabulary, the first "
            f"being {quoted(first_unknown)}",
            UserWarning,
            stacklevel=2,
        )
    for part in parts:
        part.resize(part.shape[0], len(known))
    counts = vstack(parts, format="csr")
    if vocabulary is None:
        vocabulary = sorted(known)
        counts = counts[:, [known[word] for word in vocabulary]]
    return counts, vocabulary


def _count(columns: array, indptr: array, n_words: int) -> csr_matrix:
    counts = csr_matrix(
        (np.ones(len(columns), dtype=np.int64), np.array(columns), np.array(indptr)),
        shape=(len(indptr) - 1, n_words),
    )
    counts.sum_duplicates()
    return counts


def as_texts(corpus: Corpus) -> Iterator[str]:
    """Return the text of each document, its words in the order of the vocabulary.

    Raises:
        InputError: where a count is not whole, or a word has a blank in it.
    """
    counts = counts_to_write(corpus)
    for column, word in enumerate(corpus.vocabulary):
        if not are_words([word]):
            raise InputError(
                f"expected words without blanks, which separate words in this format, got "
                f"{quoted(word)} at column {column}; replace the blank with '_', or choose another "
                "format"
            )
    words = np.array(list(corpus.vocabulary), dtype=object)
    return (
        " ".join(np.repeat(words[counts.indices[start:end]], counts.data[start:end]))
        for start, end in zip(counts.indptr[:-1], counts.indptr[1:], strict=True)
    )
