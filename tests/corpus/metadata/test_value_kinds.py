import pyarrow as pa
import pytest

from topicgen.corpus.metadata.value_kinds import DATES, KINDS, is_ambiguous


def names_of(*texts):
    return [kind.name for kind in KINDS if kind.includes(pa.array(texts))]


@pytest.mark.parametrize(
    ("texts", "name"),
    [
        (["true", "FALSE", "True"], "boolean"),
        (["0", "-12", "9223372036854775807"], "integer"),
        (["1", "2.5", "-.5", "3.", "1e-3"], "number"),
        (["2020-01-31", "1790-01-08"], "ISO 8601"),
        (["2020-01-31", "2020-01-31T12:00", "2020-01-31 12:00:01.5"], "ISO 8601"),
        (["2020-01-31T12:00Z", "2020-07-31T12:00:00+02:00"], "ISO 8601 with zone"),
        (["2020/1/31"], "%Y/%m/%d"),
        (["31.1.2020", "01.02.2020"], "%d.%m.%Y"),
        (["31/1/2020", "1/2/2020"], "%d/%m/%Y"),
        (["1/31/2020 10:30", "1/2/2020 9:05"], "%m/%d/%Y %H:%M"),
        (["31 January 2020", "4 May 2020"], "%d %B %Y"),
        (["Jan 31, 2020", "Feb 1, 2020"], "%b %d, %Y"),
        (["January 31, 2020"], "%B %d, %Y"),
        (["31-Jan-2020"], "%d-%b-%Y"),
    ],
)
def test_what_texts_stand_for(texts, name):
    assert names_of(*texts)[0] == name


@pytest.mark.parametrize(
    "texts",
    [
        ["007", "12"],
        ["+4930123", "12"],
        ["1,000", "2"],
        ["12345678901234567890", "1"],
        ["1e999"],
        ["inf"],
        ["yes", "no"],
        ["2020-13-45"],
        ["2020-01-31", "31.01.2020"],
        ["2020-01-31T12:00", "2020-01-31T12:00Z"],
        ["1 2", "3"],
        ["12\n"],
        ["1", "x"],
    ],
)
def test_what_is_just_text(texts):
    assert names_of(*texts) == []


def test_years_are_integers_and_a_boolean_is_not_a_number():
    assert names_of("1999", "2020") == ["integer", "number"]
    assert names_of("0", "1") == ["integer", "number"]


def test_day_and_month_are_told_apart_by_a_day_above_12():
    def dates_of(*texts):
        return [kind for kind in DATES if kind.includes(pa.array(texts))]

    assert is_ambiguous(dates_of("1/2/2020", "3/4/2020"))
    assert is_ambiguous(dates_of("1-2-2020 10:30"))
    assert not is_ambiguous(dates_of("13/2/2020"))
    assert not is_ambiguous(dates_of("2/13/2020"))
    assert not is_ambiguous(dates_of("1.2.2020"))
    assert not is_ambiguous([])
