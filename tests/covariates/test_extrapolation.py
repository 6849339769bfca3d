"""Warnings of values outside those of the documents."""

import re
import warnings

import pandas as pd
import pytest

from topicgen.covariates import Design
from topicgen.covariates.extrapolation import warn_outside

METADATA = pd.DataFrame(
    {
        "party": list("abbaab"),
        "net income": [1.0, 2.0, 3.0, 6.0, 8.0, 11.0],
        "date": pd.to_datetime(
            ["2019-01-01", "2020-03-01", "2021-05-01", "2022-07-01", "2023-01-01", "2024-12-31"]
        ),
    }
)
DATE = "date: 2030-01-01 lies after the last of the documents, 2024-12-31"


def messages(formula, *frames):
    design = Design.of(formula, METADATA, len(METADATA))[0]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_outside(design, [pd.DataFrame(frame) for frame in frames])
    assert all(warning.category is UserWarning for warning in caught)
    return [str(warning.message) for warning in caught]


@pytest.mark.parametrize(
    ("formula", "how"),
    [
        ("~ s(date, df=2)", "s(date, df=2) is continued as a straight line there"),
        ("~ party * date", "date is continued as a straight line there"),
        ("~ poly(date, 2)", "poly(date, 2) is extrapolated there"),
        ("~ s(log(date), df=2)", "s(log(date), df=2) is extrapolated there"),
        ("~ date + I(date ** 2)", "date and I(date ** 2) are extrapolated there"),
    ],
)
def test_a_date_after_the_last(formula, how):
    assert messages(formula, {"date": ["2030-01-01"]}) == [f"{DATE}: {how}"]


def test_a_variable_is_warned_of_once_at_the_farthest_value():
    both = ({"date": ["2030-01-01", "2026-01-01"]}, {"date": ["2018-01-01"]})
    assert messages("~ date", *both) == [f"{DATE}: date is continued as a straight line there"]
    (before,) = messages("~ date", {"date": ["2018-01-01"]})
    assert before.startswith("date: 2018-01-01 lies before the first of the documents, 2019-01-01:")


def test_numbers_lie_above_or_below():
    for value, text in (
        (20, "20 lies above the largest of the documents, 11"),
        (-3.5, "-3.5 lies below the smallest of the documents, 1"),
    ):
        (found,) = messages("~ `net income`", {"net income": [value]})
        assert re.fullmatch(rf"net income: {text}: net income is continued .*", found)


def test_what_lies_among_the_documents_is_not_warned_of():
    """Nor are levels, which are those of the fit, and values rounded up or down."""
    assert messages("~ party + date", {"party": ["b"], "date": ["2025-01-01"]}) == []
    design = Design.of("~ s(date, df=2)", METADATA, len(METADATA))[0]
    warn_outside(design, [design.grid("date")])
    assert messages("~ date", {"party": ["z"]}) == []
