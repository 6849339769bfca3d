import io

import pandas as pd
import pytest

from topicgen.spreadsheet import safe_cell, safe_frame, write_frame


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1+1",
        "-1+1",
        "@SUM(A1)",
        "\tx",
        "\rx",
        "\nx",
        "＝1",
        "＋1",
        "－1",
        "＠a",
        "=",
        "-",
        "--5",
    ],
)
def test_formulas_are_texts(text):
    assert safe_cell(text) == f"'{text}"
    assert safe_cell(safe_cell(text)) == f"'{text}"
    assert safe_cell(text).removeprefix("'") == text


@pytest.mark.parametrize(
    "text", ["", "bank", "a=1", "-5", "+3.5", "-.5", "-2.", "-1e-7", "'=1", " =1"]
)
def test_other_texts_stay(text):
    assert safe_cell(text) == text


def test_numbers_that_only_look_like_it_are_texts():
    for text in ("-5\n=1", "-٥", "-5-5", "+1e", "-inf"):
        assert safe_cell(text) == f"'{text}"


def test_a_frame_keeps_numbers_dates_and_gaps():
    frame = pd.DataFrame(
        {
            "=name": pd.Categorical(["-x", "b", None]),
            "n": [-1, 2, 3],
            "x": [-0.123456789, float("nan"), 1e-9],
            "date": pd.to_datetime(["2020-01-01", None, "2021-05-06"]),
            "mixed": [-1, "=2", None],
        },
        index=[5, 5, 7],
    )
    before = frame.copy()
    file = io.StringIO()
    write_frame(frame, file)
    assert file.getvalue().splitlines() == [
        "'=name,n,x,date,mixed",
        "'-x,-1,-0.123456789,2020-01-01,-1",
        "b,2,,,'=2",
        ",3,1e-09,2021-05-06,",
    ]
    pd.testing.assert_frame_equal(frame, before)


def test_a_frame_without_columns():
    assert safe_frame(pd.DataFrame(index=[0, 1])).shape == (2, 0)


def test_columns_of_one_name_stay_two():
    frame = pd.DataFrame([["=a", "b"]], columns=["x", "x"])
    assert safe_frame(frame).to_numpy().tolist() == [["'=a", "b"]]
