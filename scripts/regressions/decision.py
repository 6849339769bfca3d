"""Which differences between two versions are regressions, beyond noise and beyond a tolerance."""

from dataclasses import dataclass
from math import comb

import numpy as np


@dataclass(frozen=True)
class Measure:
    """What is compared: a cost, of which more is worse.

    Attributes:
        workload: what ran.
        kind: "seconds", "MiB", "perplexity" or "NPMI".
        base: the costs of the other version, one per round.
        present: the costs of this version, in the same rounds.
        tolerance: the smallest increase that counts as a regression; a ratio (0.1 for 10%), except
            for NPMI, whose differences are compared.
    """

    workload: str
    kind: str
    base: tuple[float, ...]
    present: tuple[float, ...]
    tolerance: float

    @property
    def changes(self) -> np.ndarray:
        """How much worse this version is in each round; 0 where the two are equal."""
        base, present = np.array(self.base), np.array(self.present)
        return base - present if self.kind == "NPMI" else present / base - 1


@dataclass(frozen=True)
class Verdict:
    """A measure with the interval of its median change."""

    measure: Measure
    lower: float
    upper: float

    @property
    def is_regression(self) -> bool:
        """Whether all of the interval lies beyond the tolerance."""
        return self.lower > self.measure.tolerance


def rank_of_bound(n_rounds: int, level: float) -> int:
    r"""Return the largest k with :math:`P(\mathrm{Binomial}(n, 1/2) < k) \le` ``level``.

    The k-th smallest of n independent changes then exceeds their median with at most that
    probability, whatever their distribution: the bound of the sign test (Conover, Practical
    Nonparametric Statistics, section 3.2). 0 where there are too few rounds for the level.

    >>> rank_of_bound(10, 0.02), rank_of_bound(10, 0.001), rank_of_bound(4, 0.001)
    (2, 1, 0)
    """
    probability, k = 0.0, 0
    while (probability := probability + comb(n_rounds, k) / 2**n_rounds) <= level:
        k += 1
    return k


def rounds_needed(n_measures: int, error_rate: float) -> int:
    """Return the fewest rounds in which anything can be found at an error rate.

    >>> rounds_needed(16, 0.05)
    9
    """
    n_rounds = 1
    while not rank_of_bound(n_rounds, error_rate / n_measures):
        n_rounds += 1
    return n_rounds


def decide(measures: list[Measure], error_rate: float = 0.05) -> list[Verdict]:
    """Return the interval of each measure's median change.

    Each bound holds with probability 1 - ``error_rate`` / number of measures (Bonferroni). So where
    no median change exceeds its tolerance, the probability of any regression among the verdicts
    is at most ``error_rate``, whatever the distribution of the noise, provided that rounds are
    independent.

    Raises:
        ValueError: where there are too few rounds to find anything; see ``rounds_needed``.
    """
    verdicts = []
    for measure in measures:
        changes = np.sort(measure.changes)
        k = rank_of_bound(len(changes), error_rate / len(measures))
        if not k:
            needed = rounds_needed(len(measures), error_rate)
            raise ValueError(
                f"expected {needed} rounds or more, got {len(changes)}; fewer cannot show anything "
                f"at an error rate of {error_rate} (measures: {len(measures)})"
            )
        verdicts.append(Verdict(measure, float(changes[k - 1]), float(changes[-k])))
    return verdicts
