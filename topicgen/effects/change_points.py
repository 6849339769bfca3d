r"""When a topic's share changes its level: piecewise constant shares with as many levels as needed.

The share :math:`y_t` of each period has the quasi-likelihood of a binomial share of :math:`n_t`
effective tokens. The m cuts minimise

.. math:: -2 \log L(\text{cuts}) + m \, b^2

exactly, by dynamic programming (Jackson et al., 2005). The penalty :math:`b^2` is the value that
the best single cut of a share without changes exceeds with probability 1 - level (Worsley, 1982).
The customary 2 or 3 log(periods) would be too small for few periods and too large for many.

Shares also vary from one period to the next by more than the uncertainty that their documents
leave. This overdispersion, :math:`\tau^2`, is estimated from successive differences within segments
(Rice, 1984), which changes hardly affect. It reduces the effective tokens of a period to
:math:`1 / (1 / n_t + \tau^2)`.
"""

from dataclasses import dataclass
from math import log1p, sqrt
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

from topicgen.effects.group_tokens import GroupTokens

if TYPE_CHECKING:
    import pandas as pd

# Rounds in which the cuts and the overdispersion are found from each other.
_ROUNDS = 3

# Of Gauss and Legendre's integral over so many standard deviations beyond the penalty.
_NODES, _RANGE = 60, 6.0


@dataclass(frozen=True)
class Change:
    """A change of a share from one level to another.

    Args:
        at: the number of the first period after the change.
        low: the first period that the interval of ``at`` contains.
        high: the last period that it contains.
        before: the share from the previous change, or the start, to this change.
        after: the share from this change to the next, or the end.
    """

    at: int
    low: int
    high: int
    before: float
    after: float


def change_points(
    share: NDArray[np.float64], size: NDArray[np.float64], level: float = 0.95
) -> list[Change]:
    """Return the changes of a share over time.

    Args:
        share: of each period, shape (n_periods,).
        size: the effective tokens of each period, likewise, above 0.
        level: the probability that no change is found in a share without changes, and the
            probability of the intervals of the changes.

    Example:
        >>> share = np.array([0.1, 0.12, 0.09, 0.1, 0.31, 0.3, 0.28, 0.29])
        >>> [change] = change_points(share, np.full(8, 500.0))
        >>> change.at, change.low, change.high, round(change.before, 3), round(change.after, 3)
        (4, 4, 4, 0.102, 0.295)
    """
    cuts = np.array([0, len(share)])
    if len(share) < 2:
        return []
    tau = 0.0
    for _ in range(_ROUNDS):
        tau = overdispersion(share, size, cuts)
        n = 1 / (1 / size + tau)
        cost = SegmentCosts.of(share, n)
        found = optimal_cuts(cost, penalty(n, level))
        if np.array_equal(found, cuts):
            break
        cuts = found
    return [
        _change(cost, start, at, stop, level)
        for start, at, stop in zip(cuts, cuts[1:], cuts[2:], strict=False)
    ]


def change_table(found: GroupTokens, starts: "pd.Index", level: float) -> "pd.DataFrame":
    """Return a row for each change of a topic; see ``TopicModel.topic_changes``.

    Args:
        found: the tokens of the periods; periods without tokens are left out.
        starts: when the periods start.
        level: see ``change_points``.
    """
    import pandas as pd

    known = np.flatnonzero(found.total > 0)
    starts = starts[known]
    successes, failures = found.evidence()
    share, size = found.share[known], (successes + failures - 1)[known]
    changes = [
        (topic, change)
        for topic in range(share.shape[1])
        for change in change_points(share[:, topic], size[:, topic], level)
    ]

    def times(name: str) -> "pd.Index":
        return starts[np.array([getattr(change, name) for _, change in changes], np.int64)]

    return pd.DataFrame(
        {
            "topic": np.array([topic for topic, _ in changes], np.int64),
            "time": times("at"),
            "low": times("low"),
            "high": times("high"),
            "before": np.array([change.before for _, change in changes], np.float64),
            "after": np.array([change.after for _, change in changes], np.float64),
        }
    )


@dataclass(frozen=True, eq=False)
class SegmentCosts:
    r"""Minus twice the log quasi-likelihood of segments, from sums up to each period.

    .. math:: -2 \, (X \log \mu + (n - X) \log (1 - \mu)), \qquad \mu = X / n

    Args:
        successes: :math:`X`, the sums of size times share, shape (n_periods + 1,).
        sizes: :math:`n`, the sums of the sizes, likewise.
    """

    successes: NDArray[np.float64]
    sizes: NDArray[np.float64]

    @classmethod
    def of(cls, share: NDArray[np.float64], size: NDArray[np.float64]) -> "SegmentCosts":
        """Return the costs for these shares and their sizes."""
        return cls(*(np.concatenate([[0.0], np.cumsum(x)]) for x in (size * share, size)))

    def mean(self, start: int, stop: int) -> float:
        """Return the share from one period to before another."""
        x, n = (sums[stop] - sums[start] for sums in (self.successes, self.sizes))
        return float(x / n)

    def __call__(self, start: NDArray[np.int64], stop: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the costs of segments, from ``start`` to before ``stop``."""
        n = self.sizes[stop] - self.sizes[start]
        x = np.clip(self.successes[stop] - self.successes[start], 0, n)
        cost: NDArray[np.float64] = -2 * (
            special.xlogy(x, x / n) + special.xlogy(n - x, (n - x) / n)
        )
        return cost


def optimal_cuts(cost: SegmentCosts, penalty: float) -> NDArray[np.int64]:
    """Return where the segments of least penalised cost begin and end, in ascending order.

    Example:
        >>> cost = SegmentCosts.of(np.array([0.1, 0.1, 0.9, 0.9]), np.full(4, 50.0))
        >>> optimal_cuts(cost, 10.0)
        array([0, 2, 4])
    """
    n_periods = len(cost.sizes) - 1
    least = np.zeros(n_periods + 1)
    least[0] = -penalty
    last = np.zeros(n_periods + 1, np.int64)
    for stop in range(1, n_periods + 1):
        starts = np.arange(stop)
        totals = least[:stop] + cost(starts, np.int64(stop)) + penalty
        last[stop] = totals.argmin()
        least[stop] = totals[last[stop]]
    cuts = [n_periods]
    while cuts[-1]:
        cuts.append(int(last[cuts[-1]]))
    return np.array(cuts[::-1])


def penalty(size: NDArray[np.float64], level: float) -> float:
    r"""Return :math:`b^2`, the cost that a cut has to save.

    .. math::
        P(\max_t |W_t| > b) \le \sum_{t=1}^{n-1} P(|W_t| > b)
        - \sum_{t=1}^{n-2} P(|W_t| > b, |W_{t+1}| > b) = 1 - \text{level}

    for the standardised difference :math:`W_t` of the means after and before a cut. Neighbouring
    :math:`W_t` are normal with correlation :math:`\sqrt{o_t / o_{t+1}}`, where :math:`o_t` are the
    odds that a token is before the cut.

    Args:
        size: the effective tokens of each period, shape (n_periods,), with at least 2 periods.
        level: the probability that no cut saves this cost by chance.

    Source: Worsley (1982).

    Example:
        >>> round(penalty(np.ones(2), 0.95), 2), round(penalty(np.ones(50), 0.95), 2)
        (3.84, 9.41)
    """
    before = np.cumsum(size)[:-1]
    odds = before / (size.sum() - before)
    correlation = np.sqrt(odds[:-1] / odds[1:])[:, None]
    spread = np.sqrt(1 - correlation**2)
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    nodes, weights = (nodes + 1) * _RANGE / 2, weights * _RANGE / 2

    def exceeded(b: float) -> float:
        here = b + nodes
        density = weights * stats.norm.pdf(here)
        next_too = special.ndtr((correlation * here - b) / spread)
        next_too += special.ndtr(-(correlation * here + b) / spread)
        single = len(before) * special.ndtr(-b) - (next_too @ density).sum()
        return float(2 * single - (1 - level))

    return float(optimize.brentq(exceeded, 0.0, 40.0, xtol=1e-4)) ** 2


def overdispersion(
    share: NDArray[np.float64], size: NDArray[np.float64], cuts: NDArray[np.int64]
) -> float:
    r"""Return :math:`\tau^2`: the variance of shares beyond that of their tokens.

    .. math::
        E[(y_t - y_{t+1})^2] = \mu (1 - \mu) (1 / n_t + 1 / n_{t+1} + 2 \tau^2)

    with the mean :math:`\mu` of the segment, averaged over pairs of successive periods in the same
    segment.

    Args:
        share: :math:`y`, shape (n_periods,).
        size: :math:`n`, the effective tokens, likewise.
        cuts: where the segments begin, and the last segment ends.
    """
    segment = np.searchsorted(cuts, np.arange(len(share)), side="right")
    together = segment[1:] == segment[:-1]
    if not together.any():
        return 0.0
    tokens = np.bincount(segment, size)[segment]
    mean = np.bincount(segment, size * share)[segment] / tokens
    variance = (mean * (1 - mean))[1:][together]
    noise = (1 / size[1:] + 1 / size[:-1])[together]
    squares = (np.diff(share) ** 2)[together]
    # Each pair counts as much as it says of the segment's variance.
    weight = 1 / noise
    scale = 2 * (weight * variance).sum()
    excess = (weight * (squares - variance * noise)).sum()
    return max(float(excess / scale), 0.0) if scale > 0 else 0.0


def _change(cost: SegmentCosts, start: int, at: int, stop: int, level: float) -> Change:
    r"""Return a change with the interval of its time, given the changes before and after it.

    The interval has the times at which the cost exceeds its minimum by at most :math:`2x`, where
    :math:`(1 - e^{-x})^2` is the level (Siegmund, 1988).
    """
    times = np.arange(start + 1, stop)
    costs = cost(np.int64(start), times) + cost(times, np.int64(stop))
    within = times[costs <= costs.min() - 2 * log1p(-sqrt(level))]
    return Change(
        at=int(at),
        low=int(within[0]),
        high=int(within[-1]),
        before=cost.mean(start, at),
        after=cost.mean(at, stop),
    )
