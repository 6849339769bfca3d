"""Perplexity: between how many equally likely words a model hesitates at each token."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topicgen.counts import check_counts
from topicgen.errors import InputError
from topicgen.evaluation.checks import (
    check_column_order,
    check_distributions,
    check_each,
    check_fraction,
    check_lengths,
    check_numbers,
    check_whole,
    column_names,
)
from topicgen.evaluation.ratio import MOST_RESAMPLES, bootstrap_ratio, error_of_mean, ratio_of_sums
from topicgen.randomness import RandomSource, numpy_generator

# Gathered probabilities held at once (32 MB of float64), whatever the size of the corpus.
_GATHERED = 2**22


class Perplexity(NamedTuple):
    """A perplexity in the two ways the literature averages it; 1 is perfect, V is a blind guess."""

    corpus: float
    r"""Each token weighs the same: :math:`\exp(-\sum_d \log p(d) / \sum_d N_d)`. The usual one."""
    per_document: float
    r"""Each document weighs the same: :math:`\exp(-\text{mean}_d(\log p(d) / N_d))`."""
    standard_error: float
    """Of ``corpus``, over other documents from the same source. With few documents, +- 1.96 times
    this is not a 95% interval: see :func:`perplexity_interval`."""
    per_document_standard_error: float
    """Of ``per_document``."""


def log_likelihood(doc_topic: ArrayLike, topic_word: ArrayLike, counts: Any) -> NDArray[np.float64]:
    r"""Log-probability of each document's words.

    .. math::
        \log p(d) = \sum_w x_{dw} \log(\theta_d \beta_w)

    Only the words present are scored, a bounded number at a time. The multinomial coefficient is
    left out: words are scored in their order, as perplexity asks.

    Args:
        doc_topic: theta, (documents, topics), rows sum to 1.
        topic_word: beta, (topics, vocabulary), rows sum to 1.
        counts: x, (documents, vocabulary), sparse or dense.

    Returns:
        (documents,), in nats. A present word of probability 0 makes it ``-inf``; a document
        without words has 0.

    Raises:
        InputError: shapes or columns that do not match, counts that are not such, rows that do not
            sum to 1.

    Example:
        >>> log_likelihood([[0.5, 0.5]], [[1.0, 0.0], [0.0, 1.0]], [[3, 1]]) / np.log(2)
        array([-4.])
    """
    x = check_counts(counts)
    probability = word_probabilities(doc_topic, topic_word, counts, x)
    with np.errstate(divide="ignore"):  # log 0 = -inf is the documented answer
        weighted = x.data * np.log(probability)
    return sum_entries(weighted, x)


def word_probabilities(
    doc_topic: ArrayLike, topic_word: ArrayLike, counts: Any, checked: Any
) -> NDArray[np.float64]:
    """Return theta_d . beta_w at each entry of counts, gathered a bounded number at a time.

    Args:
        doc_topic: theta, (documents, topics), rows sum to 1.
        topic_word: beta, (topics, vocabulary), rows sum to 1.
        counts: (documents, vocabulary), as they were passed.
        checked: the same as ``check_counts`` returns them.

    Raises:
        InputError: as :func:`log_likelihood`.
    """
    theta = check_distributions(doc_topic, "doc_topic")
    beta = check_distributions(topic_word, "topic_word")
    check_column_order(counts, column_names(topic_word), "counts")
    if theta.shape[1] != beta.shape[0]:
        raise InputError(
            f"expected doc_topic with {beta.shape[0]} columns (the rows of topic_word), got "
            f"{theta.shape[1]}; pass both from one model"
        )
    if checked.shape != (theta.shape[0], beta.shape[1]):
        raise InputError(
            f"expected counts of shape {(theta.shape[0], beta.shape[1])} (rows of doc_topic x "
            f"columns of topic_word), got {checked.shape}; vectorise with the model's own "
            "vocabulary"
        )
    word_topic = np.ascontiguousarray(beta.T)
    rows, columns = entry_rows(checked), checked.indices
    probability = np.empty(checked.nnz)
    step = max(1, _GATHERED // beta.shape[0])
    for begin in range(0, checked.nnz, step):
        part = slice(begin, begin + step)
        probability[part] = np.einsum("nk,nk->n", theta[rows[part]], word_topic[columns[part]])
    return probability


def entry_rows(x: Any) -> NDArray[np.int64]:
    """Return the row of each entry of a CSR matrix."""
    return np.repeat(np.arange(x.shape[0]), np.diff(x.indptr))


def sum_entries(entries: NDArray[np.float64], x: Any) -> NDArray[np.float64]:
    """Return the sum over each row of other entries in the place of those of a CSR matrix."""
    return np.bincount(entry_rows(x), weights=entries, minlength=x.shape[0]).astype(np.float64)


def perplexity(log_prob: ArrayLike, n_tokens: ArrayLike) -> Perplexity:
    r"""Perplexity from log-probabilities (or lower bounds such as the ELBO) of documents.

    Documents without tokens are left out of both averages. Documents are what varies in the
    standard errors: with :math:`r = \sum_d \log p(d) / \sum_d N_d` and n documents of mean length
    M,

    .. math::
        \text{s.e.} = \frac{e^{-r}}{M} \sqrt{\frac{\sum_d (\log p(d) - r N_d)^2}{n (n - 1)}}

    (the ratio estimator of survey sampling), and per document, with the mean m of
    :math:`\log p(d) / N_d`, :math:`e^{-m}` times their standard deviation over :math:`\sqrt n`.
    :func:`perplexity_interval` gives intervals that also hold for few documents.

    Args:
        log_prob: (documents,), in nats.
        n_tokens: N_d, (documents,), the number of tokens that each log-probability covers.

    Returns:
        Corpus-level and per-document perplexity, >= 1 for probabilities of words, with their
        standard errors. Infinite where a document is impossible; the standard errors are NaN for a
        single document and where a document is impossible.

    Raises:
        InputError: shapes that differ, NaN, negative lengths, or no token at all.

    Source: Blei, Ng and Jordan (2003), section 7.1 (corpus); Miao, Yu and Blunsom (2016) (per
    document); Cochran (1977), section 6.4 (the ratio's error).

    Example:
        Three tokens of probability 1/8, one of 1/2, and an empty document.

        >>> scores = perplexity([-3 * np.log(8), -np.log(2), 0.0], [3, 1, 0])
        >>> print(f"{scores.corpus:.3f} {scores.per_document:.3f}")
        5.657 4.000
        >>> print(f"{scores.standard_error:.3f} {scores.per_document_standard_error:.3f}")
        2.941 2.773
    """
    log_p, lengths = _with_tokens(log_prob, n_tokens)
    rates = log_p / lengths
    with np.errstate(over="ignore", invalid="ignore"):  # an impossible document: infinite
        rate, error = ratio_of_sums(log_p, lengths)
        corpus, per_document = np.exp(-rate), np.exp(-rates.mean())
        return Perplexity(
            corpus=float(corpus),
            per_document=float(per_document),
            standard_error=float(corpus * error),
            per_document_standard_error=float(per_document * error_of_mean(rates - rates.mean())),
        )


def perplexity_interval(
    log_prob: ArrayLike,
    n_tokens: ArrayLike,
    *,
    confidence: float = 0.95,
    n_resamples: int = 9999,
    random_state: RandomSource = 0,
) -> tuple[float, float]:
    r"""Return the interval of a corpus-level perplexity over other documents from the same source.

    It is the bootstrap-t interval of :math:`r = \sum_d \log p(d) / \sum_d N_d`, of
    :func:`~topicgen.evaluation.paired_test`, as exp(-r). With 10 documents, 95% intervals covered
    the truth 93 to 97% of the time, with 30 or more 95 to 96%; the perplexity +- 1.96 standard
    errors covered it 84 to 92% and 90 to 95% (``scripts/study_significance.py``).

    Args:
        log_prob: (documents,), in nats.
        n_tokens: N_d, (documents,); ones, with log p(d) / N_d in place of ``log_prob``, for the
            perplexity averaged over documents.
        confidence: of the interval, in (0, 1).
        n_resamples: how often the documents are resampled, at most a million times.
        random_state: of the draws: a seed, numpy's ``Generator`` or ``RandomState``, or None.

    Returns:
        Both ends. NaN for a single document, and where a document has probability 0; with two or
        three documents the interval is from 0 to infinity, or nearly so.

    Raises:
        InputError: as :func:`perplexity`, or an option out of range.

    Source: see :func:`~topicgen.evaluation.paired_test`.

    Example:
        >>> n_tokens = np.arange(20, 60, 2)
        >>> log_prob = -np.log(100) * n_tokens + np.tile([-9.0, 9.0, -3.0, 3.0], 5)
        >>> low, high = perplexity_interval(log_prob, n_tokens)
        >>> print(f"{perplexity(log_prob, n_tokens).corpus:.1f}, from {low:.1f} to {high:.1f}")
        100.0, from 92.0 to 108.9
    """
    log_p, lengths = _with_tokens(log_prob, n_tokens)
    check_fraction(confidence, "confidence", usual=0.95)
    check_whole(n_resamples, "n_resamples", most=MOST_RESAMPLES)
    random = numpy_generator(random_state)
    if log_p.size < 2 or not np.isfinite(log_p).all():
        return np.nan, np.nan
    low, high = bootstrap_ratio(log_p, lengths, n_resamples, random).interval(confidence)
    with np.errstate(over="ignore"):
        return float(np.exp(-high)), float(np.exp(-low))


def _with_tokens(
    log_prob: ArrayLike, n_tokens: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the log-probabilities and lengths of the documents that have tokens."""
    log_p, lengths = check_numbers(log_prob, "log_prob"), check_numbers(n_tokens, "n_tokens")
    if log_p.ndim != 1 or log_p.shape != lengths.shape:
        raise InputError(
            f"expected log_prob and n_tokens of one shape (documents,), got {log_p.shape} and "
            f"{lengths.shape}; pass one number per document in each"
        )
    check_each(log_p, log_p < np.inf, "log-probabilities in log_prob")
    check_lengths(lengths)
    present = lengths > 0
    if not present.any():
        raise InputError("expected at least one token in n_tokens, got none; pass more documents")
    return log_p[present], lengths[present]
