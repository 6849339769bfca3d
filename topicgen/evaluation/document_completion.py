"""Document completion: show a model half of each document, score it on the other half."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topicgen.counts import check_counts
from topicgen.evaluation.checks import sums
from topicgen.evaluation.perplexity import log_likelihood, perplexity
from topicgen.evaluation.token_draws import draw_halves
from topicgen.randomness import RandomSource, numpy_generator

# Entries divided at once, whole documents: keeps what is held besides the halves small.
_BLOCK = 2**17


def split_tokens(counts: Any, random_state: RandomSource = 0) -> tuple[Any, Any]:
    """Divide each document's tokens at random into two halves, ``observed + held_out == counts``.

    Of N_d tokens, floor(N_d / 2) are observed, drawn without replacement; two tokens of one word
    may part. A document of a single token has it held out and nothing observed; an empty document
    is empty in both. Time and memory grow with the non-zero counts, however large they are.

    Args:
        counts: (documents, vocabulary) whole numbers, sparse or dense.
        random_state: the seed, numpy's ``Generator`` or ``RandomState``, or None for other halves
            in every call; the same seed, counts and version of numpy give the same halves.

    Returns:
        ``(observed, held_out)``, both CSR of the shape and dtype of ``counts``; 64-bit integers
        where that dtype does not hold every half exactly.

    Raises:
        InputError: counts that are not whole numbers >= 0, naming the first row and column, or
            that add up to more than 2**53; a ``random_state`` of another kind.

    Source: Wallach, Murray, Salakhutdinov and Mimno (2009), document completion.

    Example:
        >>> observed, held_out = split_tokens([[4, 1], [0, 1]])
        >>> observed.sum(axis=1).tolist(), held_out.sum(axis=1).tolist()
        ([2, 0], [3, 1])
    """
    matrix = check_counts(counts, integers=True)
    random = numpy_generator(random_state)
    data, indptr = matrix.data, matrix.indptr
    seen = np.empty(matrix.nnz, _dtype_of_halves(data))
    for rows in _row_blocks(indptr):
        entries = slice(indptr[rows.start], indptr[rows.stop])
        document = np.repeat(np.arange(rows.stop - rows.start), np.diff(indptr)[rows])
        seen[entries] = draw_halves(data[entries].astype(np.int64), document, random)
    return _with_data(matrix, seen), _with_data(matrix, data.astype(seen.dtype, copy=False) - seen)


def _dtype_of_halves(data: NDArray[Any]) -> np.dtype[Any]:
    """Return the dtype of counts, where it has all whole numbers up to the largest of them."""
    if data.dtype.kind != "f" or data.max(initial=0) <= 2 / np.finfo(data.dtype).eps:
        return data.dtype
    return np.dtype(np.int64)


def _row_blocks(indptr: NDArray[Any]) -> Iterator[slice]:
    """Yield slices of rows with about ``_BLOCK`` entries each, and at least one row."""
    n_rows, start = indptr.size - 1, 0
    while start < n_rows:
        last = int(np.searchsorted(indptr, indptr[start] + _BLOCK, side="right")) - 1
        stop = min(max(last, start + 1), n_rows)
        yield slice(start, stop)
        start = stop


def _with_data(matrix: Any, data: NDArray[Any]) -> Any:
    """Return a matrix with other entries, without those that are 0."""
    kept = data > 0
    indptr = np.concatenate([[0], np.cumsum(kept)])[matrix.indptr].astype(matrix.indptr.dtype)
    parts = data[kept], matrix.indices[kept], indptr
    return type(matrix)(parts, shape=matrix.shape)


def completion_perplexity(doc_topic: ArrayLike, topic_word: ArrayLike, held_out: Any) -> float:
    r"""Corpus-level perplexity per held-out token.

    .. math::
        \exp\Bigl(-\frac{\sum_{dw} x_{dw} \log(\theta_d \beta_w)}{\sum_{dw} x_{dw}}\Bigr)

    Args:
        doc_topic: theta, (documents, topics), inferred from the *observed* halves alone.
        topic_word: beta, (topics, vocabulary).
        held_out: x, (documents, vocabulary), the other halves; see :func:`split_tokens`.

    Returns:
        The perplexity; ``inf`` when the model gives a held-out word probability 0.

    Raises:
        InputError: as :func:`log_likelihood` and :func:`perplexity`.

    Example:
        A model that knows nothing is as perplexed as the vocabulary is large.

        >>> completion_perplexity([[1.0]], [[0.25] * 4], [[2, 0, 1, 5]])
        4.0
    """
    x = check_counts(held_out, "held_out")
    return perplexity(log_likelihood(doc_topic, topic_word, x), sums(x, axis=1)).corpus
