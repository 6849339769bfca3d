"""Whether one model scores better than another, or only seems to on these documents."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from topicgen.errors import InputError
from topicgen.evaluation.checks import (
    check_each,
    check_fraction,
    check_lengths,
    check_numbers,
    check_whole,
)
from topicgen.evaluation.ratio import MOST_RESAMPLES, bootstrap_ratio
from topicgen.randomness import RandomSource, numpy_generator


class PairedTest(NamedTuple):
    """How much better the first of two models scores, and with what certainty."""

    difference: float
    """First minus second: in nats per token for log-likelihoods."""
    low: float
    """Lower end of the confidence interval of ``difference``."""
    high: float
    """Upper end of the interval."""
    p_value: float
    """Two-sided: 1 - confidence of the narrowest interval that reaches 0."""


def paired_test(
    first: ArrayLike,
    second: ArrayLike,
    n_tokens: ArrayLike | None = None,
    *,
    confidence: float = 0.95,
    n_resamples: int = 9999,
    random_state: RandomSource = 0,
) -> PairedTest:
    r"""Test by the bootstrap-t whether two models score the same documents alike.

    With l_d - l'_d the difference of document d's scores and N_d its tokens, the difference is

    .. math::
        r = \frac{\sum_d (l_d - l'_d)}{\sum_d N_d}, \qquad t = r / \text{s.e.}

    with the ratio estimator's standard error over n documents of mean length M,

    .. math::
        \text{s.e.} = \frac1M \sqrt{\frac{\sum_d (l_d - l'_d - r N_d)^2}{n (n - 1)}} .

    The distribution of t is estimated
    by t* = (r* - r) / s.e.* of n_resamples resamples of the documents, in two ways: from the two
    tails of t*, which follows skewed differences, and from abs(t*), which is more reliable where a
    few long documents weigh most. At either end the wider of the two intervals is returned, and the
    larger p. More than 200 documents are first added up in 200 random groups, so that a test of
    thousands of documents takes hundredths of a second.

    Test and interval hold for other documents from the same source, not for other seeds of the
    models. At the 5% level, the test wrongly rejected 3 to 9% of the time with 10 documents, 4 to
    7% with 30, and 3 to 5% with 100 or more, whether the differences were normal, skewed, or of
    documents of very different lengths; sign flips and Student's t rejected up to 17% of the time
    with 10 documents, 13% with 30 and 8% with 100 (``scripts/study_significance.py``). Two or three
    documents give no bound at all: the interval is then infinite.

    Args:
        first: l, (documents,), such as log-likelihoods in nats.
        second: l', (documents,), of the same documents, and of the same tokens of each.
        n_tokens: N, (documents,), the tokens scored; by default 1 for each document, and r is the
            mean difference. Documents without tokens are left out.
        confidence: of the interval, in (0, 1).
        n_resamples: how often the documents are resampled, at most a million times; p is at least
            2 / (n_resamples + 1).
        random_state: of the draws: a seed, numpy's ``Generator`` or ``RandomState``, or None.

    Returns:
        The difference, above 0 where the first is better, its interval, and p.

    Raises:
        InputError: shapes that differ, scores that are not finite, negative lengths (it names the
            first), fewer than two documents with tokens, or an option out of range.

    Source: Efron (1979); Hall (1988) (equal-tailed and symmetric bootstrap-t); Efron and Tibshirani
    (1993), section 12.5; DiCiccio and Efron (1996); Cochran (1977), section 6.4 (the ratio's
    error).

    Example:
        The first model predicts four of five documents better, by 4 nats in 40 tokens altogether.

        >>> first = [-10.0, -20.0, -30.0, -15.0, -25.0]
        >>> second = [-12.0, -21.0, -31.0, -14.0, -26.0]
        >>> result = paired_test(first, second, [4, 8, 12, 6, 10])
        >>> print(f"{result.difference:.2f}, from {result.low:.2f} to {result.high:.2f}")
        0.10, from -0.01 to 0.22
        >>> print(f"p = {result.p_value:.2f}")
        p = 0.07
    """
    difference, tokens = _differences(first, second, n_tokens)
    check_fraction(confidence, "confidence", usual=0.95)
    check_whole(n_resamples, "n_resamples", most=MOST_RESAMPLES)
    bootstrap = bootstrap_ratio(difference, tokens, n_resamples, numpy_generator(random_state))
    return PairedTest(bootstrap.ratio, *bootstrap.interval(confidence), bootstrap.p_value())


def holm(p_values: ArrayLike) -> NDArray[np.float64]:
    """Correct p-values for their number, so that any false discovery is as rare as the level says.

    With p_(1) <= ... <= p_(m) in order, p_(i) becomes max_{j <= i} min(1, (m - j + 1) p_(j)).

    Args:
        p_values: (m,), each from 0 to 1.

    Returns:
        (m,), in the order given.

    Raises:
        InputError: not one-dimensional, or a value outside 0 to 1; it names the first.

    Source: Holm (1979).

    Example:
        >>> holm([0.01, 0.04, 0.03]).tolist()
        [0.03, 0.06, 0.06]
    """
    p = check_numbers(p_values, "p_values")
    if p.ndim != 1:
        raise InputError(f"expected p_values of shape (m,), got {p.shape}; pass a list of them")
    good = (p >= 0) & (p <= 1)
    if not good.all():
        i = int(np.argmin(good))
        raise InputError(
            f"expected p_values from 0 to 1, got {p[i]} at index {i}; correct it or leave it out"
        )
    order = np.argsort(p)
    corrected = np.empty(p.size)
    corrected[order] = np.maximum.accumulate(np.minimum(np.arange(p.size, 0, -1) * p[order], 1))
    return corrected


def _differences(
    first: ArrayLike, second: ArrayLike, n_tokens: ArrayLike | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the differences of the documents that have tokens, and these documents' lengths."""
    a, b = check_numbers(first, "first"), check_numbers(second, "second")
    lengths = np.ones(a.shape) if n_tokens is None else check_numbers(n_tokens, "n_tokens")
    if a.ndim != 1 or not a.shape == b.shape == lengths.shape:
        raise InputError(
            f"expected first, second and n_tokens of one shape (documents,), got {a.shape}, "
            f"{b.shape} and {lengths.shape}; score both models on the same documents"
        )
    check_each(a, np.isfinite(a), "finite scores in first")
    check_each(b, np.isfinite(b), "finite scores in second")
    check_lengths(lengths)
    present = lengths > 0
    if present.sum() < 2:
        raise InputError(
            f"expected two or more documents with tokens, got {present.sum()}; pass more documents"
        )
    return (a - b)[present], lengths[present]
