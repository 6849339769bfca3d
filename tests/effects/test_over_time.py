"""Periods that timestamps are sorted into."""

import numpy as np
import pandas as pd
import pytest

from topicgen.effects.over_time import periods
from topicgen.errors import InputError


@pytest.mark.parametrize(
    ("freq", "starts"),
    [
        ("day", "1999-05-18"),  # a Tuesday
        ("week", "1999-05-17"),
        ("month", "1999-05-01"),
        ("quarter", "1999-04-01"),
        ("year", "1999-01-01"),
        ("decade", "1990-01-01"),
    ],
)
def test_where_a_period_starts(freq, starts):
    found = periods(["1999-05-18T15:00"], freq=freq)
    assert found.starts.tolist() == [pd.Timestamp(starts)]
    assert found.of_documents.tolist() == [0]


@pytest.mark.parametrize("freq", ["day", "week", "month", "quarter", "year", "decade"])
def test_periods_agree_with_pandas(freq):
    random = np.random.default_rng(0)
    days = pd.DatetimeIndex(np.datetime64("1955-01-01") + random.integers(0, 9_000, 300))
    found = periods(days, freq=freq)
    assert np.ptp(found.of_documents) == len(found.starts) - 1
    if freq == "decade":
        expected = days.year // 10 * 10
        assert (found.starts[found.of_documents].year == expected).all()
    else:
        letter = {"day": "D", "week": "W", "month": "M", "quarter": "Q", "year": "Y"}[freq]
        expected = days.to_period(letter).to_timestamp()
        assert (found.starts[found.of_documents] == expected).all()


def test_periods_without_documents_are_there():
    found = periods([2003, 1999, 2003], freq="year")
    assert found.starts.tolist() == [1999, 2000, 2001, 2002, 2003]
    assert found.of_documents.tolist() == [4, 0, 4]
    assert periods([-44, 14], freq="decade").starts.tolist() == list(range(-50, 20, 10))


def test_periods_of_equal_length():
    found = periods([0.0, 1.0, 2.4, 2.6, 10.0], n_bins=4)
    assert found.starts.tolist() == [0.0, 2.5, 5.0, 7.5]
    assert found.of_documents.tolist() == [0, 0, 0, 1, 3]
    dates = periods(["1999-01-01", "1999-01-03", "1999-01-05"], n_bins=2)
    assert dates.starts.tolist() == [pd.Timestamp("1999-01-01"), pd.Timestamp("1999-01-03")]
    assert dates.of_documents.tolist() == [0, 1, 1]
    assert len(periods([1999, 1999], n_bins=7).starts) == 1


@pytest.mark.parametrize(
    ("timestamps", "n", "first"),
    [
        (pd.date_range("1999-01-01", periods=40).repeat(10), 40, "1999-01-01"),
        (pd.date_range("1999-01-01", periods=300), 10, "1999-01-01"),  # 30 are possible: months
        (pd.date_range("1990-01-01", periods=600, freq="30D"), 50, "1990-01-01"),
        (pd.DatetimeIndex(["1999-05-17"] * 3), 1, "1999-05-17"),
    ],
)
def test_by_default_there_are_at_most_60_periods_of_10_documents_on_average(timestamps, n, first):
    found = periods(timestamps)
    assert (len(found.starts), found.starts[0]) == (n, pd.Timestamp(first))


def test_years_by_default():
    assert len(periods(np.repeat(np.arange(1960, 2000), 10)).starts) == 40
    assert len(periods(np.repeat(np.arange(1790, 2030), 10)).starts) == 24
    assert len(periods(np.linspace(0, 5_000, 1_000)).starts) == 20


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"freq": "hour"}, "freq must be one of 'day', 'week', .*, got 'hour'"),
        ({"freq": "month"}, "years as numbers have no months; pass dates, or freq='year'"),
        ({"freq": "year", "n_bins": 3}, "got both freq='year' and n_bins=3; pass one"),
        ({"n_bins": 0}, "n_bins must be a whole number from 1 to 10,000, got 0"),
        ({"n_bins": 2.5}, "got 2.5"),
        ({"n_bins": True}, "got True"),
    ],
)
def test_options_that_cannot_be_used(options, message):
    with pytest.raises(InputError, match=message):
        periods([1999, 2000], **options)


def test_too_many_periods():
    with pytest.raises(InputError, match=r"freq='day' gives 86,.* periods from 1790-.* to 2026-"):
        periods(["1790-01-08", "2026-02-24"], freq="day")
