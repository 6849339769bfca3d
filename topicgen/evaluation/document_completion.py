"""Document completion: show a model half of each document, score it on the other half."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from sklearn.utils import check_random_state

from topicgen.evaluation._checks import check_counts
from topicgen.evaluation.perplexity import log_likelihood, perplexity


def split_tokens(
    counts: Any, random_state: int | np.random.RandomState | None = 0
) -> tuple[Any, Any]:
    """Divide each document's tokens at random in two halves, ``observed + held_out == counts``.

    Of N_d tokens, floor(N_d / 2) are observed, drawn without replacement; two tokens of one word
    may part. A document of a single token has it held out and nothing observed; an empty document
    is empty in both.

    Args:
        counts: (documents, vocabulary) whole numbers, sparse or dense.
        random_state: the seed; the same seed and counts give the same halves on every machine.

    Returns:
        ``(observed, held_out)``, both CSR of the shape and dtype of ``counts``.

    Raises:
        InputError: counts that are not whole numbers >= 0; it names the first row and column.

    Source: Wallach, Murray, Salakhutdinov and Mimno (2009), document completion.

    Example:
        >>> observed, held_out = split_tokens([[4, 1], [0, 1]])
        >>> observed.sum(axis=1).tolist(), held_out.sum(axis=1).tolist()
        ([2, 0], [3, 1])
    """
    matrix = check_counts(counts, integers=True)
    rng = check_random_state(random_state)
    amounts = matrix.data.astype(np.int64)
    entry = np.repeat(np.arange(matrix.nnz), amounts)
    row = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr))[entry]

    # Tokens shuffled within their document: the first half of each is observed.
    shuffled = entry[np.lexsort((rng.random_sample(entry.size), row))]
    lengths = np.bincount(row, minlength=matrix.shape[0])
    rank = np.arange(entry.size) - (np.cumsum(lengths) - lengths)[row]
    seen = np.bincount(shuffled[rank < lengths[row] // 2], minlength=matrix.nnz)

    observed, held_out = matrix.copy(), matrix.copy()
    observed.data = seen.astype(matrix.dtype)
    held_out.data = (amounts - seen).astype(matrix.dtype)
    observed.eliminate_zeros()
    held_out.eliminate_zeros()
    return observed, held_out


def completion_perplexity(doc_topic: ArrayLike, topic_word: ArrayLike, held_out: Any) -> float:
    """Corpus-level perplexity per held-out token, exp(-sum_dw x_dw log(theta_d . beta_w) / sum x).

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
    n_tokens = np.asarray(x.sum(axis=1)).ravel()
    return perplexity(log_likelihood(doc_topic, topic_word, x), n_tokens).corpus
