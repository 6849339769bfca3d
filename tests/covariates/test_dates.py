import datetime as dt

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from topicgen.covariates.dates import as_times, decimal_years, from_decimal_years, is_iso_date

DAYS = [dt.date(1999, 1, 1), dt.date(2000, 7, 2), dt.date(1588, 8, 8)]
TIMES = [dt.datetime.combine(day, dt.time()) for day in DAYS]


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(DAYS),
        pd.Series(TIMES, dtype="M8[us]"),
        pd.Series([f"{day.year:04d}-{day:%m-%d}" for day in DAYS]),
        pd.Series(["1999-01-01T00:00", "2000-07-02 00:00:00Z", "1588-08-08"]),
        pd.Series(DAYS, dtype=pd.ArrowDtype(pa.date32())),
        pd.Series(TIMES, dtype=pd.ArrowDtype(pa.timestamp("us"))),
        pd.Series(TIMES, dtype="M8[us]").dt.tz_localize("UTC"),
        pd.Series(TIMES, dtype=pd.ArrowDtype(pa.timestamp("us", "UTC"))),
        pd.Series([t.replace(tzinfo=dt.timezone.utc) for t in TIMES], dtype=object),
    ],
)
def test_dates_in_any_column_are_the_same_years(column):
    years = decimal_years(as_times(column))
    np.testing.assert_allclose(years, [1999, 2000.5, 1588 + 220 / 366], rtol=0, atol=1e-12)


def test_a_period_is_its_start():
    periods = pd.Series(pd.period_range("1999-01", periods=2, freq="Q"))
    np.testing.assert_allclose(decimal_years(as_times(periods)), [1999, 1999 + 90 / 365])
    np.testing.assert_allclose(decimal_years(as_times(periods.astype(object)))[0], 1999)


def test_times_with_a_zone_are_those_of_utc():
    new_year = pd.Series(pd.to_datetime(["1999-01-01 01:00"])).dt.tz_localize("Europe/Berlin")
    assert decimal_years(as_times(new_year)).tolist() == [1999]


def test_years_come_back_as_dates():
    times = np.array(TIMES, dtype="M8[s]")
    assert from_decimal_years(decimal_years(times)).tolist() == TIMES


@pytest.mark.parametrize("value", ["1999", "12/31/1999", "1999-1-1", "a 1999-01-01", 1999, None])
def test_what_is_not_an_iso_date(value):
    assert not is_iso_date(value)


def test_a_day_that_does_not_exist():
    with pytest.raises(ValueError, match="out of range"):
        as_times(pd.Series(["1999-02-30"]))
