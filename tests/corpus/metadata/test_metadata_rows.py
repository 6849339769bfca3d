import datetime
import decimal

import pandas as pd
import pyarrow as pa
import pytest

from topicgen.corpus.metadata import metadata_rows
from topicgen.corpus.metadata.frames import read_frame, to_frame
from topicgen.corpus.metadata.metadata_rows import MetadataRows
from topicgen.corpus.metadata.value_kinds import Field, JsonString

DAY = datetime.date(2020, 1, 31)
NOON = datetime.datetime(2020, 1, 31, 12)
UTC = datetime.timezone.utc


@pytest.fixture(params=["in memory", "on disk"])
def typed(request, tmp_path, monkeypatch):
    """``typed(rows)``: the frame of rows, two of them in a batch."""
    monkeypatch.setattr(metadata_rows, "_BATCH", 2)

    def frame_of(rows):
        if request.param == "in memory":
            collected = MetadataRows()
            for row in rows:
                collected.append(row)
            table = collected.table()
            return None if table is None else to_frame(table)
        collected = MetadataRows(tmp_path / "waiting")
        for row in rows:
            collected.append(row)
        kinds = collected.write(tmp_path / "metadata.arrow")
        assert not (tmp_path / "waiting").exists()
        return read_frame(tmp_path / "metadata.arrow") if kinds else None

    return frame_of


def column(typed, values):
    return typed([{"x": value} for value in values])["x"]


@pytest.mark.parametrize(
    ("texts", "dtype", "expected"),
    [
        (["1", "2", "3"], "int64", [1, 2, 3]),
        (["1", "2", "2.5"], "float64", [1.0, 2.0, 2.5]),
        (["1", "NA", " 3 "], "Int64", [1, pd.NA, 3]),
        (["1.5", "", "2"], "float64", [1.5, float("nan"), 2.0]),
        (["True", "false", "nan"], "boolean", [True, False, pd.NA]),
        (["1", "2", "Con"], "str", ["1", "2", "Con"]),
        (["007", "12", "1"], "str", ["007", "12", "1"]),
        (["Con", "None", "Lab "], "str", ["Con", float("nan"), "Lab"]),
        (["", "", "NA"], "float64", [float("nan")] * 3),
    ],
)
def test_fields_of_csv_are_judged_by_the_whole_column(typed, texts, dtype, expected):
    found = column(typed, map(Field, texts))
    pd.testing.assert_series_equal(found, pd.Series(expected, dtype=dtype, name="x"))


def test_dates(typed):
    found = column(typed, map(Field, ["31.1.2020", "", "1.2.2020"]))
    assert found.dtype.kind == "M"
    assert found.dropna().tolist() == [pd.Timestamp(DAY), pd.Timestamp(2020, 2, 1)]
    zoned = column(typed, map(Field, ["2020-01-31T12:00Z", "2020-01-31T12:00+02:00", ""]))
    assert zoned.dropna().dt.hour.tolist() == [12, 10]
    assert str(zoned.dt.tz) == "UTC"


def test_dates_that_may_be_two_days_stay_text_and_are_named(typed):
    with pytest.warns(UserWarning, match=r"column 'x' may be day/month .*; write them as year-"):
        found = column(typed, map(Field, ["1/2/2020", "3/4/2020", "5/6/2020"]))
    assert found.tolist() == ["1/2/2020", "3/4/2020", "5/6/2020"]
    assert column(typed, map(Field, ["1/2/2020", "3/4/2020", "13/6/2020"])).dt.month.tolist() == [
        2,
        4,
        6,
    ]


def test_json_keeps_its_types_and_its_strings_may_be_dates(typed):
    assert column(typed, [1, 2, None]).dtype == "Int64"
    assert column(typed, [1, 2, 2.5]).dtype == "float64"
    assert column(typed, [True, False, True]).dtype == "bool"
    assert column(typed, map(JsonString, ["1", "2", "NA"])).tolist() == ["1", "2", "NA"]
    assert column(typed, map(JsonString, ["2020-01-31", "2020-02-01"])).dt.day.tolist() == [31, 1]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, "a", 2.5], ["1", "a", "2.5"]),
        ([1, 2, 3, "x"], ["1", "2", "3", "x"]),
        ([Field("1"), 2, 3], ["1", "2", "3"]),
        ([[1, "é"], {"a": None}, "x"], ['[1, "é"]', '{"a": null}', "x"]),
        ([2**70, 1, 2], [str(2**70), "1", "2"]),
        ([b"caf\xc3\xa9", "x", "y"], ["café", "x", "y"]),
        ([True, 1, 2], ["True", "1", "2"]),
    ],
)
def test_values_of_several_types_become_text(typed, values, expected):
    assert column(typed, values).tolist() == expected


def test_dates_numbers_and_decimals_of_python(typed):
    assert column(typed, [DAY, NOON, DAY]).tolist() == [
        pd.Timestamp(value) for value in (DAY, NOON, DAY)
    ]
    assert column(typed, [decimal.Decimal("1.50"), 2, 3.5]).tolist() == [1.5, 2.0, 3.5]
    zoned = column(typed, [NOON.replace(tzinfo=UTC)] * 3)
    assert zoned.tolist() == [pd.Timestamp(NOON, tz="UTC")] * 3
    for mixed in ([NOON, NOON, zoned[0]], [NOON, zoned[0], None], [DAY, zoned[0], NOON]):
        # What pandas has for text: "object" before pandas 3.
        assert column(typed, mixed).dtype == pd.Series(["text"]).dtype
    assert column(typed, [float("nan"), 1.0, 2.0]).isna().tolist() == [True, False, False]


def test_rows_without_metadata_keep_their_place(typed):
    rows = [None, None, None, {"x": 1}, None, {"y": "b"}, {"x": 3}, {}]
    found = typed(rows)
    assert found["x"].isna().tolist() == [True, True, True, False, True, True, False, True]
    assert found["y"].tolist()[5] == "b"
    assert len(found) == 8
    assert typed([None, None]) is None
    assert typed([]) is None


def test_many_rows_keep_their_order(typed):
    found = typed({"x": Field(str(row)), "y": Field(f"w{row}")} for row in range(1_001))
    assert found["x"].tolist() == list(range(1_001))
    assert found["y"].tolist()[-1] == "w1000"


def test_what_columns_hold_in_a_word():
    schema = pa.schema(
        [
            ("a", pa.bool_()),
            ("b", pa.dictionary(pa.int8(), pa.string())),
            ("c", pa.string()),
            ("d", pa.time32("s")),
        ]
    )
    assert list(metadata_rows.kinds_of(schema).values()) == [
        "boolean",
        "category",
        "text",
        "time32[s]",
    ]
