"""Change points of shares over time."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from topicgen.effects.change_points import (
    SegmentCosts,
    change_points,
    change_table,
    optimal_cuts,
    overdispersion,
    penalty,
)
from topicgen.effects.group_tokens import GroupTokens


def drawn(random, mean, size):
    return random.binomial(size, mean) / size


def test_costs_are_binomial_likelihoods():
    cost = SegmentCosts.of(np.array([0.5, 0.25, 0.0]), np.array([10.0, 20.0, 4.0]))
    assert cost.mean(0, 2) == pytest.approx(10 / 30)
    found = cost(np.array([0, 1, 2]), np.array([2, 3, 3]))
    expected = [-2 * (10 * np.log(1 / 3) + 20 * np.log(2 / 3))]
    expected += [-2 * (5 * np.log(5 / 24) + 19 * np.log(19 / 24)), 0.0]
    np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize("seed", range(5))
def test_cuts_are_the_best_of_all(seed):
    random = np.random.default_rng(seed)
    mean = np.repeat(random.uniform(0.05, 0.6, 4), [2, 3, 1, 4])
    cost = SegmentCosts.of(drawn(random, mean, 40), np.full(10, 40.0))

    def total(cuts):
        cuts = np.array([0, *cuts, 10])
        return cost(cuts[:-1], cuts[1:]).sum() + 6.0 * (len(cuts) - 2)

    best = min((cuts for m in range(10) for cuts in combinations(range(1, 10), m)), key=total)
    assert optimal_cuts(cost, 6.0).tolist() == [0, *best, 10]


def test_penalties_are_rarely_exceeded_by_chance():
    """The largest of the standardised differences of normal periods: 4,000 of each kind.

    The bound is nearly exact for few periods, so that 3.6 to 5.8% are all but certain (p > .99).
    """
    random = np.random.default_rng(0)
    for size in (np.ones(3), np.ones(20), random.uniform(0.2, 3, 40)):
        sums = np.cumsum(random.normal(0, size**0.5, (4_000, len(size))), 1)
        time = np.cumsum(size) / size.sum()
        bridge = (sums - time * sums[:, -1:])[:, :-1] / size.sum() ** 0.5
        largest = (bridge**2 / (time * (1 - time))[:-1]).max(1)
        assert 0.036 < (largest > penalty(size, 0.95)).mean() < 0.058


def test_penalties_grow_with_the_level_and_the_periods():
    size = np.ones(30)
    assert penalty(size, 0.5) < penalty(size, 0.9) < penalty(size, 0.99)
    assert penalty(np.ones(2), 0.95) == pytest.approx(1.96**2, abs=0.01)  # a single possible cut
    assert penalty(np.array([1e6, 1.0, 1e6]), 0.95) == pytest.approx(1.96**2, abs=0.1)  # one, twice


def test_overdispersion_is_found_and_ignores_changes():
    """Of 400 periods; the standard error of the estimate is about .0025."""
    random = np.random.default_rng(0)
    tau = 0.02
    level = np.repeat([0.2, 0.6], 200)
    share = drawn(random, random.beta(level * (1 / tau - 1), (1 - level) * (1 / tau - 1)), 100)
    size = np.full(400, 100.0)
    assert overdispersion(share, size, np.array([0, 200, 400])) == pytest.approx(tau, abs=0.006)
    assert overdispersion(share, size, np.array([0, 400])) == pytest.approx(tau, abs=0.01)
    exact = drawn(random, level, 100)
    assert overdispersion(exact, size, np.array([0, 200, 400])) < 0.002


def test_no_pair_in_a_segment_leaves_no_overdispersion():
    assert overdispersion(np.array([0.1, 0.9]), np.ones(2), np.array([0, 1, 2])) == 0
    assert overdispersion(np.zeros(5), np.ones(5), np.array([0, 5])) == 0


def test_shares_that_do_not_change_have_no_changes():
    """At most 5% have one, by the level: of 300, more than 24 have a chance of 1%."""
    random = np.random.default_rng(0)
    n_wrong = 0
    for row in range(300):
        mean = random.beta(0.2 * 40, 0.8 * 40, 30) if row % 2 else np.full(30, 0.1)
        n_wrong += bool(change_points(drawn(random, mean, 60), np.full(30, 60.0)))
    assert n_wrong <= 24


def test_changes_are_found_with_their_time():
    """The 95% intervals of 100 changes contain the truth, but for at most 11 (chance .5%)."""
    random = np.random.default_rng(0)
    n_found = n_within = 0
    for _ in range(100):
        at = int(random.integers(8, 22))
        mean = np.where(np.arange(30) < at, 0.1, 0.2)
        found = change_points(drawn(random, mean, 60), np.full(30, 60.0))
        n_found += bool(found)
        n_within += any(change.low <= at <= change.high for change in found)
    assert n_found >= 95
    assert n_found - n_within <= 11


def test_two_changes_of_a_peak():
    share = np.full(61, 0.1)
    share[30] = 0.5
    first, second = change_points(share, np.full(61, 200.0))
    assert (first.at, second.at) == (30, 31)
    assert first.after == second.before == pytest.approx(0.5)
    assert first.before == second.after == pytest.approx(0.1)


@pytest.mark.parametrize("share", [[], [0.3], [0.1, 0.9], [0.0] * 9, [1.0] * 9])
def test_too_little_to_find_a_change(share):
    assert change_points(np.array(share), np.full(len(share), 50.0)) == []


def test_the_table_leaves_out_periods_without_documents():
    tokens = np.array(
        [[10.0, 90], [0, 0], [12, 88], [11, 89], [9, 91], [60, 40], [62, 38], [58, 42]]
    )
    tokens = np.concatenate([tokens, [[61, 39]]])
    found = GroupTokens(
        drawn=np.stack([tokens, tokens]),
        total=tokens.sum(1),
        documents=np.sign(tokens.sum(1)).astype(int),
        neighbours=np.ones(9),
        correlation=np.zeros(2),
        freedom=10_000,
    )
    table = change_table(found, pd.Index(range(1990, 1999)), 0.95)
    assert table.columns.tolist() == ["topic", "time", "low", "high", "before", "after"]
    assert table["topic"].tolist() == [0, 1]
    for name in ("time", "low", "high"):
        assert table[name].tolist() == [1995, 1995]
    np.testing.assert_allclose(table["before"], [0.105, 0.895], atol=0.02)
    np.testing.assert_allclose(table["after"], [0.6, 0.4], atol=0.02)


def test_a_table_without_changes_has_its_types():
    found = GroupTokens(
        np.ones((1, 3, 1)), np.ones(3) * 2, np.ones(3, int), np.ones(3), np.zeros(1), 9
    )
    dates = pd.DatetimeIndex(["1999", "2000", "2001"])
    table = change_table(found, dates, 0.95)
    assert len(table) == 0
    assert table.dtypes.astype(str).tolist()[0] == "int64"
    assert table["time"].dtype == dates.dtype
