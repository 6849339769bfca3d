import datetime as dt
from decimal import Decimal

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from topicgen.covariates.labels import Labels
from topicgen.covariates.variables import Variable
from topicgen.errors import InputError


@pytest.mark.parametrize(
    "values",
    [
        [1, 2, 4],
        pd.array([1, 2, 4], dtype="Int64"),
        pd.array([1, 2, 4], dtype=pd.ArrowDtype(pa.int64())),
        pd.array([Decimal(1), Decimal(2), Decimal(4)], dtype=pd.ArrowDtype(pa.decimal128(5, 2))),
        np.array([1, 2.0, Decimal(4)], dtype=object),
        np.array([1, 2, 4], dtype=np.float32),
    ],
)
def test_numbers(values):
    column = pd.Series(values)
    variable = Variable.of("x", column)
    assert variable.kind == "number"
    assert (variable.low, variable.high) == (1, 4)
    assert variable.typical == pytest.approx(7 / 3)
    assert variable.read(column).tolist() == [1, 2, 4]


@pytest.mark.parametrize(
    "values",
    [
        [True, False, True],
        pd.array([True, False, True], dtype="boolean"),
        pd.array([True, False, True], dtype=pd.ArrowDtype(pa.bool_())),
        np.array([True, False, True], dtype=object),
    ],
)
def test_booleans(values):
    column = pd.Series(values)
    variable = Variable.of("x", column)
    assert (variable.kind, variable.typical) == ("boolean", True)
    assert variable.read(column).tolist() == [True, False, True]
    assert variable.grid(50).tolist() == [False, True]


@pytest.mark.parametrize(
    "values",
    [
        ["b", "a", "b"],
        pd.array(["b", "a", "b"], dtype="string"),
        pd.array(["b", "a", "b"], dtype=pd.ArrowDtype(pa.string())),
        pd.Categorical(["b", "a", "b"]),
    ],
)
def test_factors(values):
    column = pd.Series(values)
    variable = Variable.of("x", column)
    assert (variable.kind, variable.levels, variable.typical) == ("factor", ("a", "b"), "b")
    read = variable.read(column)
    assert isinstance(read, Labels)
    assert read.codes.tolist() == [1, 0, 1]


def test_a_categorical_keeps_its_order_without_unused_levels():
    column = pd.Series(pd.Categorical(["lo", "hi", "lo"], categories=["lo", "mid", "hi"]))
    assert Variable.of("x", column).levels == ("lo", "hi")


def test_dates_have_a_grid_and_a_typical_value_of_dates():
    column = pd.Series([dt.date(1999, 1, 1), dt.date(2001, 1, 1)])
    variable = Variable.of("x", column)
    assert (variable.kind, variable.low, variable.high) == ("date", 1999, 2001)
    assert variable.typical_value() == pd.Timestamp("2000-01-01")
    grid = variable.grid(5)
    assert grid.dt.year.tolist() == [1999, 1999, 2000, 2000, 2001]
    np.testing.assert_allclose(variable.read(grid), [1999, 1999.5, 2000, 2000.5, 2001])


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1, None, None], "a value of 'x' for every document, got 2 missing of 3 .*row 1.*fill"),
        (["a", None, "b"], "got 1 missing of 3 .*row 1"),
        ([None, None, None], "got 3 missing of 3"),
        ([1, np.inf, 2], "finite numbers in 'x', got inf in row 1; correct it"),
        ([2, 2, 2], "differs between documents, got 2.* for all of them; leave it out"),
        (["a"] * 3, "got 'a' for all"),
        ([True] * 3, "got True for all"),
        ([1, "a", 2], "got a column of int and str .*astype"),
        ([[1], [2], [3]], "got a column of list"),
        ([dt.timedelta(1), dt.timedelta(2)], "got a column of Timedelta"),
        (["1999-02-30", "1999-01-01"], "dates in 'x', got one that cannot be read"),
        ([], "got no documents"),
    ],
)
def test_columns_that_cannot_be_used(values, message):
    with pytest.raises(InputError, match=message) as raised:
        Variable.of("x", pd.Series(values))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("fitted", "new", "message"),
    [
        (
            ["a", "b"],
            ["b", "z", "y"],
            "a level of 'x' .*'a', 'b'.*, got 'z' in row 1.* 2 documents",
        ),
        ([1, 2], ["a", "b"], "numbers in 'x' as in the fit, got factors such as 'a'"),
        (["1999-01-01", "2000-01-01"], [1, 2], "dates in 'x' as in the fit, got numbers"),
        ([True, False], ["yes", "no"], "booleans in 'x' as in the fit, got factors"),
        ([True, False], [0, 2], "True and False in 'x' as in the fit, got 2 in row 1"),
        ([1, 2], [1, None], "got 1 missing"),
        ([1, 2], [1, np.inf], "got inf in row 1"),
    ],
)
def test_new_documents_that_cannot_be_used(fitted, new, message):
    variable = Variable.of("x", pd.Series(fitted))
    with pytest.raises(InputError, match=message):
        variable.read(pd.Series(new))
