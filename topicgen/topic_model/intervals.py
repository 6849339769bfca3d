r"""Intervals from posterior draws.

The true value is one more draw from the same posterior as the n draws, so all orders of the n + 1
values are equally likely. It lies between the i-th and the j-th smallest draw with the probability
:math:`(j - i) / (n + 1)`, exactly, however few draws there are, as long as the level is at most
:math:`(n - 1) / (n + 1)`. For higher levels, the interval is Student's prediction interval for one
more draw, with square roots taken to be normal, as those of Poisson counts nearly are:

.. math:: \bar y \pm t_{n-1} \, s \sqrt{1 + 1/n}, \qquad y = \sqrt{\text{draw}} .

Successive draws of a chain resemble each other, so that n draws tell no more of the ends than m < n
independent ones, which would lie at other ranks. The ends are then at the same shares of the draws:
the rank r among m is taken to be the rank :math:`(r - 1/2) n / m + 1/2` among n.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy import stats

# A lower end below this share, or this number of tokens, counts as 0.
_NOTHING = 1e-6

_ROUNDING = 1e-9

# The largest whole number that is used as an end: below, all are exact in double precision.
_MOST = 2.0**53


def interval(
    draws: NDArray[np.floating], level: float, n_independent: float | None = None
) -> tuple[NDArray[np.floating], ...]:
    r"""Return the interval between the draws at :math:`(n + 1)(1 \mp \text{level}) / 2`.

    Where its lower end is negligible, it starts at 0 and ends at the draw :math:`(n + 1)` times the
    level, so that it has the same probability.

    Args:
        draws: shape (n_draws, ...), from 0 up.
        level: between 0 and 1.
        n_independent: :math:`m`, how many independent draws they are worth; by default, as many as
            there are.

    Returns:
        The lower and the upper ends.

    Example:
        >>> interval(np.arange(1.0, 20.0), 0.5)
        (np.float64(5.0), np.float64(15.0))
        >>> interval(np.arange(0.0, 19.0), 0.9)
        (np.float64(0.0), np.float64(17.0))
    """
    n = len(draws)
    m = n if n_independent is None else n_independent
    if level * (m + 1) > m - 1 + _ROUNDING:
        return _student(draws, level)
    tail = (1 - level) / 2
    ends = _places(np.array([tail, 1 - tail, level]), n, m)
    lower, upper, above_zero = _at(draws, ends.clip(0, n - 1))
    from_zero = lower < _NOTHING
    return np.where(from_zero, 0.0, lower)[()], np.where(from_zero, above_zero, upper)[()]


def interval_of_whole_numbers(
    draws: NDArray[np.integer], level: float, n_independent: float | None = None
) -> tuple[NDArray[np.integer], ...]:
    """Return an interval of whole numbers, both ends included, that has at least this probability.

    At first it leaves out the same probability on either side. Numbers at the rarer end are then
    dropped as long as the rest has the level.

    Args:
        draws: shape (n_draws, ...), from 0 up.
        level: between 0 and 1.
        n_independent: as for ``interval``.

    Returns:
        The lower and the upper ends.

    Example:
        >>> interval_of_whole_numbers(np.array([0] * 19 + [1]), 0.9)
        (np.int64(0), np.int64(0))
    """
    n = len(draws)
    m = n if n_independent is None else n_independent
    if level * (m + 1) > m - 1 + _ROUNDING:
        lower, upper = _student(draws, level)
        most = np.minimum(np.ceil(upper - 0.5), _MOST)  # of a single draw, infinity
        return np.floor(lower + 0.5).astype(np.int64)[()], most.astype(np.int64)[()]
    tail = (1 - level) / 2
    low, high = _places(np.array([tail, 1 - tail]), n, m)
    first = max(math.floor(low + _ROUNDING), 0)
    last = min(math.ceil(high - _ROUNDING), n - 1)
    lower, upper = np.partition(draws, (first, last), axis=0)[[first, last]].astype(np.int64)
    needed = level * n * (m + 1) / m - _ROUNDING
    within = _count(draws, lower, upper)
    is_open = lower < upper
    while is_open.any():
        at_lower, at_upper = _count(draws, lower, lower), _count(draws, upper, upper)
        rarer = np.minimum(at_lower, at_upper)
        is_open &= (lower < upper) & (within - rarer >= needed)
        lower = lower + (is_open & (at_lower < at_upper))
        upper = upper - (is_open & (at_lower >= at_upper))
        within = within - np.where(is_open, rarer, 0)
    return lower[()], upper[()]


def _student(draws: NDArray[np.number], level: float) -> tuple[NDArray[np.float64], ...]:
    """Return Student's prediction interval for one more draw, computed on square roots."""
    n = len(draws)
    roots = np.sqrt(draws, dtype=np.float64)
    mean = roots.mean(0)
    spread = roots.std(0, ddof=1) if n > 1 else np.inf
    margin = float(stats.t.ppf((1 + level) / 2, max(n - 1, 1))) * spread * np.sqrt(1 + 1 / n)
    return np.maximum(mean - margin, 0.0) ** 2, (mean + margin) ** 2


def _places(shares: NDArray[np.float64], n: int, m: float) -> NDArray[np.float64]:
    """Return where these shares of the posterior end among n draws, worth m, counted from 0."""
    return ((m + 1) * shares - 0.5) * (n / m) - 0.5


def _at(draws: NDArray[np.floating], places: NDArray[np.float64]) -> list[NDArray[np.floating]]:
    """Return the draws at these places in ascending order, from 0, interpolated linearly."""
    below = np.floor(places).astype(int)
    above = np.ceil(places).astype(int)
    ordered = np.partition(draws, sorted({*below, *above}), axis=0)
    return [
        ordered[i] + (place - i) * (ordered[j] - ordered[i])
        for place, i, j in zip(places, below, above, strict=True)
    ]


def _count(draws: NDArray[np.integer], low: NDArray, high: NDArray) -> NDArray[np.int64]:
    return ((draws >= low) & (draws <= high)).sum(0)
