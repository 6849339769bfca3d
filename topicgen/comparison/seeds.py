"""Scores averaged over seeds, with an error that includes the spread over seeds."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]


class Fits(NamedTuple):
    """A score of several fits of one setting, on the same documents."""

    scores: Floats
    """(fits,)."""
    deviations: Floats
    """How the scores vary with documents (fits, units): D D^T is their covariance over documents,
    estimated with ``df`` degrees of freedom."""
    df: int


class Estimate(NamedTuple):
    """A mean, or a difference of means, over documents and seeds."""

    value: float
    low: float
    high: float
    p_value: float


def fits_of_ratios(values: Floats, sizes: Floats) -> Fits:
    """Return the ratios of sums over documents, such as log-likelihoods per token.

    Args:
        values: (fits, documents).
        sizes: N, (documents,); documents of size 0 do not count.
    """
    values, sizes = values[:, sizes > 0], sizes[sizes > 0]
    n = sizes.size
    ratios = values.sum(axis=1) / sizes.sum()
    deviations = (values - ratios[:, None] * sizes) / (sizes.mean() * np.sqrt(n * (n - 1)))
    return Fits(ratios, deviations, n - 1)


def fits_of_halves(scores: Floats, halves: Floats, df: int) -> Fits:
    """Return scores (fits,) with their values in random halves (fits, halves), shared by all fits.

    Halves in which a fit has no score (NaN) do not count in its variance.
    """
    known = ~np.isnan(halves)
    number = np.where(known.any(axis=1), known.sum(axis=1), np.nan)[:, None]
    values = np.where(known, halves, 0)
    deviations = np.where(known, values - values.sum(axis=1, keepdims=True) / number, 0)
    return Fits(scores, deviations / np.sqrt(number), df)


def estimate(first: Fits, second: Fits | None = None, confidence: float = 0.95) -> Estimate:
    """Return the mean score of a setting, or that of the first minus that of the second.

    Seeds and documents are crossed: every fit scores every document. With a fits of sample variance
    s^2 (a' and s'^2 for the second setting), and D the mean deviation over fits (the first
    setting's minus the second's),

        variance = s^2 / a + s'^2 / a' + |D|^2 - I

    where I is the interaction of fits and documents, which is in both parts and subtracted once.
    The variance is at least that of either part alone. The interval is Student's, with
    Satterthwaite's degrees of freedom. It covers other documents and other seeds.

    Args:
        first: two or more fits.
        second: two or more fits of another setting, on the same documents.
        confidence: of the interval.

    Returns:
        The estimate; all of it but the value is NaN where a setting has a single fit.

    Source: Satterthwaite (1946); Searle, Casella and McCulloch (1992), section 4.7 (crossed random
    effects).

    Example:
        >>> first = Fits(np.array([-6.9, -7.1]), np.zeros((2, 1)), 99)
        >>> second = Fits(np.array([-7.4, -7.6]), np.zeros((2, 1)), 99)
        >>> print(*np.round(estimate(first, second), 2))  # s.e. sqrt(.02 / 2 + .02 / 2) = .141
        0.5 -0.11 1.11 0.07
    """
    sides = [first] if second is None else [first, second]
    value = float(first.scores.mean() - (0.0 if second is None else second.scores.mean()))
    if min(side.scores.size for side in sides) < 2:
        return Estimate(value, np.nan, np.nan, np.nan)
    mean = first.deviations.mean(axis=0)
    if second is not None:
        mean = mean - second.deviations.mean(axis=0)
    documents = float((mean**2).sum())
    seeds = [float(side.scores.var(ddof=1)) / side.scores.size for side in sides]
    variance = sum(seeds) + documents - sum(map(_interaction, sides))
    variance = max(variance, sum(seeds), documents)
    if not variance > 0:  # copies of one fit, or NaN
        return Estimate(value, np.nan, np.nan, np.nan)
    parts = [(part, side.scores.size - 1) for part, side in zip(seeds, sides, strict=True)]
    parts.append((documents, first.df))
    df = sum(part for part, _ in parts) ** 2 / sum(part**2 / n for part, n in parts)
    error = float(np.sqrt(variance))
    margin = float(stats.t.ppf((1 + confidence) / 2, df)) * error
    p_value = float(2 * stats.t.sf(abs(value) / error, df))
    return Estimate(value, value - margin, value + margin, p_value)


def _interaction(fits: Fits) -> float:
    """Return the variance of the mean over fits due to the interaction of fits and documents."""
    n = fits.scores.size
    rest = fits.deviations - fits.deviations.mean(axis=0)
    return float((rest**2).sum()) / (n * (n - 1))
