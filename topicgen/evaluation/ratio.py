"""The ratio of two sums over documents, such as log-likelihood per token, and its uncertainty."""

from math import ceil, floor
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# All draws are held at once; more would change no digit that matters.
MOST_RESAMPLES = 1_000_000
# More documents than this are added up in groups before they are resampled, to bound the time.
_MOST_GROUPS = 200
# Groups drawn at once (32 MB of float64), however many resamples there are.
_DRAWN = 2**22


def ratio_of_sums(values: Floats, sizes: Floats) -> tuple[float, float]:
    """Return r = sum_d v_d / sum_d N_d and its standard error over documents.

    With n documents of mean size M, s.e. = sqrt(sum_d (v_d - r N_d)^2 / (n (n - 1))) / M; NaN
    for a single document.

    Args:
        values: v, (documents,).
        sizes: N, (documents,), above 0.

    Source: Cochran (1977), section 6.4.

    Example:
        >>> ratio_of_sums(np.array([3.0, 1.0]), np.array([1.0, 1.0]))
        (2.0, 1.0)
    """
    ratio = values.sum() / sizes.sum()
    return float(ratio), error_of_mean(values - ratio * sizes) / float(sizes.mean())


def error_of_mean(deviations: Floats) -> float:
    """Return the standard error of a mean from the deviations; NaN for a single value."""
    n = deviations.size
    return float(np.sqrt((deviations**2).sum() / (n * (n - 1)))) if n > 1 else np.nan


class RatioBootstrap(NamedTuple):
    """A ratio of sums over documents, and how its t-statistic varies when documents do."""

    ratio: float
    """r = sum_d v_d / sum_d N_d."""
    error: float
    """Its standard error; see :func:`ratio_of_sums`."""
    draws: Floats
    """t* = (r* - r) / s.e.* of each resample of the documents, in ascending order."""
    n_documents: int

    def interval(self, confidence: float) -> tuple[float, float]:
        """Return both ends of the interval r - t s.e., at either end the wider of two intervals.

        The equal-tailed interval takes t from the two tails of t*, the symmetric one from
        abs(t*). The former follows skewed scores; the latter is more reliable where a few long
        documents weigh most.
        """
        if self.error == 0:
            return self.ratio, self.ratio
        tail = (1 - confidence) / 2
        symmetric = _order(np.sort(np.abs(self.draws)), confidence)
        upper = max(_order(self.draws, 1 - tail), symmetric)
        lower = max(-_order(self.draws, tail), symmetric)
        return self.ratio - upper * self.error, self.ratio + lower * self.error

    def p_value(self) -> float:
        """Return p of a ratio of 0: 1 - confidence of the narrowest interval that reaches 0.

        Where the documents do not vary, p is that of a sign test, 2^(1 - n_documents).
        """
        if self.ratio == 0:
            return 1.0
        if self.error == 0:
            return float(2.0 ** (1 - self.n_documents))
        t, n = self.ratio / self.error, self.draws.size + 1
        below = np.searchsorted(self.draws, t, side="right") + 1
        above = n - np.searchsorted(self.draws, t, side="left")
        as_large = np.count_nonzero(np.abs(self.draws) >= abs(t)) + 1
        return float(min(1.0, max(2 * min(below, above), as_large) / n))


def bootstrap_ratio(
    values: Floats, sizes: Floats, n_resamples: int, random: np.random.Generator
) -> RatioBootstrap:
    """Resample documents, and compute the t-statistic of each resample with its own standard error.

    More than 200 documents are first added up in 200 random groups, which leaves the ratio and the
    skewness of its error as they are and bounds the time, whatever the number of documents.

    Args:
        values: v, (documents,), two or more.
        sizes: N, (documents,), above 0.
        n_resamples: how often documents are drawn.
        random: of the groups and draws.

    Source: Efron (1979); Hall (1988); Efron and Tibshirani (1993), section 12.5.

    Example:
        >>> sizes = np.ones(40)
        >>> values = np.random.default_rng(0).gamma(1.0, size=40)  # of mean 1
        >>> bootstrap = bootstrap_ratio(values, sizes, 999, np.random.default_rng(0))
        >>> low, high = bootstrap.interval(0.95)
        >>> print(f"{bootstrap.ratio:.2f}, from {low:.2f} to {high:.2f}")
        1.16, from 0.71 to 1.69
    """
    ratio, error = ratio_of_sums(values, sizes)
    # Differences of the size of rounding errors do not count.
    if error * sizes.sum() <= 1e-12 * np.abs(values).sum():
        return RatioBootstrap(ratio, 0.0, np.zeros(n_resamples), values.size)
    n_documents = values.size
    rest = values - ratio * sizes
    if n_documents > _MOST_GROUPS:
        group = random.permutation(n_documents) % _MOST_GROUPS
        rest = np.bincount(group, weights=rest).astype(np.float64)
        sizes = np.bincount(group, weights=sizes).astype(np.float64)
    draws = np.empty(n_resamples)
    step = max(1, _DRAWN // rest.size)
    for begin in range(0, n_resamples, step):
        part = draws[begin : begin + step]
        part[:] = _studentized(rest, sizes, part.size, random)
    return RatioBootstrap(ratio, error, np.sort(draws), n_documents)


def _studentized(
    rest: Floats, sizes: Floats, n_resamples: int, random: np.random.Generator
) -> Floats:
    """Return t* of resamples of the residuals ``rest``, whose ratio is 0."""
    n = rest.size
    drawn = random.integers(n, size=(n_resamples, n)) + n * np.arange(n_resamples)[:, None]
    times = np.bincount(drawn.ravel(), minlength=n * n_resamples).reshape(n_resamples, n)
    moments = np.stack([rest, sizes, rest**2, rest * sizes, sizes**2], axis=1)
    value, size, squares, products, sizes_squared = (times.astype(np.float64) @ moments).T
    ratio = value / size
    # A resample that repeats a single document has no variance but rounding errors.
    variance = squares - 2 * ratio * products + ratio**2 * sizes_squared
    variance[variance < 1e-12 * squares] = 0
    with np.errstate(divide="ignore", invalid="ignore"):
        t = value / np.sqrt(variance * n / (n - 1))
    return np.nan_to_num(t, nan=0.0, posinf=np.inf, neginf=-np.inf)


def _order(draws: Floats, share: float) -> float:
    """Return the quantile of sorted draws that ``share`` of new ones would not exceed."""
    # As in 1 - p, where p counts the observed value among the draws.
    place = share * (draws.size + 1)
    rank = ceil(place - 1e-9) if share > 0.5 else floor(place + 1e-9)
    return float(draws[min(max(rank, 1), draws.size) - 1])
