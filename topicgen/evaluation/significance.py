"""Whether one model scores better than another, or only seems to on these documents."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from topicgen.errors import InputError
from topicgen.evaluation.checks import (
    check_each,
    check_fraction,
    check_lengths,
    check_numbers,
    check_whole,
)
from topicgen.evaluation.ratio import ratio_of_sums
from topicgen.randomness import RandomSource, numpy_generator

# Signs drawn at once (32 MB of float64), however many the documents and resamples.
_SIGNS = 2**22


class PairedTest(NamedTuple):
    """How much better the first of two models scores, and with what certainty."""

    difference: float
    """First minus second: in nats per token for log-likelihoods."""
    low: float
    """Lower end of the confidence interval of ``difference``."""
    high: float
    """Upper end of the interval."""
    p_value: float
    """Two-sided: how often chance alone makes a difference as large as this."""


def paired_test(
    first: ArrayLike,
    second: ArrayLike,
    n_tokens: ArrayLike | None = None,
    *,
    confidence: float = 0.95,
    n_resamples: int = 9999,
    random_state: RandomSource = 0,
) -> PairedTest:
    """Test by sign flips whether two models score the same documents alike.

    With l_d - l'_d the difference of document d's scores and N_d its tokens, the difference is

        r = sum_d (l_d - l'_d) / sum_d N_d

    If the models were alike, each document's difference would be just as likely with the opposite
    sign: p is the share of sign vectors s for which abs(sum_d s_d (l_d - l'_d)) is at least as
    large as observed, among n_resamples drawn at random and the observed one, or among all 2^n
    where these are no more. The interval is Student's, r +- t s.e., with the ratio estimator's
    standard error over n documents of mean length M,
    s.e. = sqrt(sum_d (l_d - l'_d - r N_d)^2 / (n (n - 1))) / M. It covers other documents from the
    same source, not other seeds of the models.

    Args:
        first: l, (documents,), such as log-likelihoods in nats.
        second: l', (documents,), of the same documents, and of the same tokens of each.
        n_tokens: N, (documents,), the tokens scored; by default 1 for each document, and r is the
            mean difference. Documents without tokens are left out.
        confidence: of the interval, in (0, 1).
        n_resamples: sign vectors drawn; p is at least 1 / (n_resamples + 1).
        random_state: of the draws: a seed, numpy's ``Generator`` or ``RandomState``, or None.

    Returns:
        The difference, above 0 where the first is better, its interval, and p.

    Raises:
        InputError: shapes that differ, scores that are not finite, negative lengths (it names the
            first), fewer than two documents with tokens, or an option out of range.

    Source: Fisher (1935), section 21 (the test); Phipson and Smyth (2010) (its p from random
    draws); Cochran (1977), section 6.4 (the ratio's error).

    Example:
        Two of the eight sign vectors give a sum this large: + + + and - - -.

        >>> result = paired_test([-10.0, -20.0, -30.0], [-12.0, -21.0, -33.0], [4, 8, 12])
        >>> result.difference, result.p_value
        (0.25, 0.25)
    """
    difference, tokens = _differences(first, second, n_tokens)
    check_fraction(confidence, "confidence", usual=0.95)
    check_whole(n_resamples, "n_resamples")
    ratio, error = ratio_of_sums(difference, tokens)
    margin = stats.t.ppf((1 + confidence) / 2, difference.size - 1) * error
    p_value = _sign_flips(difference, n_resamples, numpy_generator(random_state))
    return PairedTest(float(ratio), float(ratio - margin), float(ratio + margin), p_value)


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


def _sign_flips(
    difference: NDArray[np.float64], n_resamples: int, rng: np.random.Generator
) -> float:
    n, total = difference.size, difference.sum()
    # Sums that are equal in exact arithmetic may differ by rounding.
    least = abs(total) - 1e-12 * np.abs(difference).sum()
    exact = 2**n <= n_resamples + 1
    n_vectors = 2**n if exact else n_resamples
    step, count = max(1, _SIGNS // n), 0
    for begin in range(0, n_vectors, step):
        rows = np.arange(begin, min(begin + step, n_vectors))
        if exact:
            positive = (rows[:, None] >> np.arange(n) & 1).astype(bool)
        else:
            positive = rng.integers(0, 2, (rows.size, n), dtype=bool)
        count += int(np.count_nonzero(np.abs(2 * (positive @ difference) - total) >= least))
    return count / n_vectors if exact else (count + 1) / (n_vectors + 1)
