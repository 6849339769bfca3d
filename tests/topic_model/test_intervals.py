import numpy as np
import pytest
from scipy import stats

from topicgen.topic_model.intervals import interval, interval_of_whole_numbers

LEVELS = [0.5, 0.8, 0.9, 0.95]


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("n_draws", [39, 200])
def test_one_more_draw_is_within_as_often_as_said(level, n_draws):
    """Of independent draws; fails for one seed in ten thousand."""
    draws = np.random.default_rng(0).gamma(2.0, size=(n_draws + 1, 20_000))
    low, high = interval(draws[1:], level)
    covered = ((low <= draws[0]) & (draws[0] <= high)).mean()
    assert covered == pytest.approx(level, abs=4 * np.sqrt(level * (1 - level) / 20_000))


@pytest.mark.parametrize("level", [0.8, 0.9, 0.99])
def test_eight_draws_give_students_interval(level):
    draws = np.random.default_rng(0).normal(9.0, 1.0, size=(9, 20_000)) ** 2
    low, high = interval(draws[1:], level)
    covered = ((low <= draws[0]) & (draws[0] <= high)).mean()
    assert covered == pytest.approx(level, abs=4 * np.sqrt(level * (1 - level) / 20_000))


def test_a_lower_end_that_is_nothing_to_speak_of_is_0_and_the_level_is_kept():
    draws = np.random.default_rng(0).gamma(0.01, size=(201, 20_000))
    low, high = interval(draws[1:], 0.9)
    assert (low == 0).all()
    assert (draws[0] <= high).mean() == pytest.approx(0.9, abs=0.01)


def test_between_two_draws_in_proportion():
    low, high = interval(np.array([10.0, 20.0, 30.0]), 0.25)
    assert (low, high) == pytest.approx((15.0, 25.0))


@pytest.mark.parametrize("level", LEVELS)
@pytest.mark.parametrize("mean", [0.05, 1.0, 30.0, 1_000.0])
def test_whole_numbers_hold_the_level_and_hardly_more(level, mean):
    law = stats.poisson(mean)
    draws = law.rvs((201, 4_000), random_state=1)
    low, high = interval_of_whole_numbers(draws[1:], level)
    covered = ((low <= draws[0]) & (draws[0] <= high)).mean()
    assert covered > level - 4 * np.sqrt(level * (1 - level) / 4_000)
    # One number less at an end would hold too little: no interval is wider than this.
    assert covered < level + 2 * law.pmf(np.arange(3_000)).max() + 0.03


def test_whole_numbers_by_hand():
    draws = np.array([0] * 50 + [1] * 46 + [2] * 3)[:, None]
    assert [end.tolist() for end in interval_of_whole_numbers(draws, 0.9)] == [[0], [1]]
    assert [end.tolist() for end in interval_of_whole_numbers(draws, 0.97)] == [[0], [2]]
    assert [end.tolist() for end in interval_of_whole_numbers(draws, 0.4)] == [[0], [0]]


def test_whole_numbers_of_eight_draws():
    low, high = interval_of_whole_numbers(np.array([[3, 0], [5, 0]] * 4, dtype=np.uint16), 0.9)
    assert low[0] < 3 < 5 < high[0]
    assert (low[1], high[1]) == (0, 0)


def test_a_single_draw_says_nothing():
    low, high = interval(np.array([[4.0]]), 0.9)
    assert low == 0
    assert high == np.inf
