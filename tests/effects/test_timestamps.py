"""Timestamps in every form that they come in."""

import datetime

import numpy as np
import pandas as pd
import pytest

from topicgen.effects.timestamps import read_timestamps
from topicgen.errors import InputError

DAY = np.datetime64("1999-05-17", "us")
FORMS = {
    "strings": ["1999-05-17", "2001-01-01"],
    "dates": [datetime.date(1999, 5, 17), datetime.date(2001, 1, 1)],
    "datetimes": [datetime.datetime(1999, 5, 17), datetime.datetime(2001, 1, 1)],
    "numpy": np.array(["1999-05-17", "2001-01-01"], "M8[D]"),
    "pandas": pd.Series(pd.to_datetime(["1999-05-17", "2001-01-01"]), index=[7, 3]),
    "index": pd.DatetimeIndex(["1999-05-17", "2001-01-01"]),
    "periods": pd.PeriodIndex(["1999-05-17", "2001-01-01"], freq="D"),
    "list of periods": [pd.Period("1999-05-17", "D"), pd.Period("2001-01-01", "D")],
    "column of strings": pd.Series(["1999-05-17", "2001-01-01"], dtype="string"),
    "categories": pd.Series(["1999-05-17", "2001-01-01"], dtype="category"),
    "objects": np.array(["1999-05-17", datetime.date(2001, 1, 1)], dtype=object),
}


@pytest.mark.parametrize("timestamps", FORMS.values(), ids=FORMS)
def test_every_form_is_read(timestamps):
    times = read_timestamps(timestamps)
    assert times.dtype == "M8[us]"
    assert times.tolist() == [datetime.datetime(1999, 5, 17), datetime.datetime(2001, 1, 1)]


def test_parts_of_dates_are_their_start():
    assert read_timestamps(["1999", "1999-05", "1999-05-17T12:30"]).astype(str).tolist() == [
        "1999-01-01T00:00:00.000000",
        "1999-05-01T00:00:00.000000",
        "1999-05-17T12:30:00.000000",
    ]
    [start] = read_timestamps(pd.PeriodIndex(["1999Q2"], freq="Q"))
    assert start == np.datetime64("1999-04-01")


def test_dates_may_be_centuries_old():
    assert read_timestamps(["0476-09-04"])[0] == np.datetime64("0476-09-04")


def test_time_zones():
    """Strings are in UTC; dates with a zone keep the time on the clock, so that days stay days."""
    utc = read_timestamps(["1999-05-17T01:00+03:00", "1999-05-17T01:00Z", "1999-05-17T01:00-03:00"])
    assert utc.astype("M8[h]").astype(str).tolist() == [
        "1999-05-16T22",
        "1999-05-17T01",
        "1999-05-17T04",
    ]
    zone = datetime.timezone(datetime.timedelta(hours=5))
    evening = datetime.datetime(1999, 5, 17, 23, tzinfo=zone)
    for form in ([evening], pd.Series([evening]), pd.DatetimeIndex([evening])):
        assert read_timestamps(form).astype("M8[h]").astype(str).tolist() == ["1999-05-17T23"]


def test_years_are_numbers():
    for years in (
        [1999, 2001],
        np.array([1999, 2001], np.int16),
        pd.Series([1999, 2001], dtype="Int64"),
    ):
        found = read_timestamps(years)
        assert found.dtype == float
        assert found.tolist() == [1999, 2001]


@pytest.mark.parametrize(
    "timestamps",
    [
        ["1999-05-17", None],
        ["1999-05-17", ""],
        [datetime.date(1999, 5, 17), pd.NaT],
        [1999, np.nan],
        pd.Series([1999, None], dtype="Int64"),
        np.array(["1999-05-17", "NaT"], "M8[D]"),
        pd.PeriodIndex(["1999", None], freq="Y"),
    ],
    ids=str,
)
def test_missing_timestamps_are_refused(timestamps):
    with pytest.raises(InputError, match=r"got 1 missing \(the first in row 1\); leave these doc"):
        read_timestamps(timestamps)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (["1999-05-17", "17.05.1999"], r"got '17.05.1999' in row 1; convert them with pandas"),
        (["1999-05-17", "1999-02-30"], "got '1999-02-30' in row 1"),
        (["soon"], "expected a date such as '1999-12-31', got 'soon' in row 0"),
        ([["1999"]], r"got \['1999'\] in row 0"),
        (["1999", 1999], "got 1999 in row 1"),
        ([19990517], "years up to 9999, got the number 19990517 in row 0; convert numbers"),
        ([True, False], "got (np.)?True_? in row 0"),
        ([1999, np.inf], "got the number inf in row 1"),
        ([], "got an empty list"),
        ("1999", "got '1999'; pass a list"),
        (1999, "got 1999; pass a list"),
    ],
)
def test_what_cannot_be_read(wrong, message):
    with pytest.raises(InputError, match=message):
        read_timestamps(wrong)
