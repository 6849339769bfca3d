import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from topicgen.corpus.row_numbers import row_numbers, rows_of_rows

INDICES = [
    slice(None),
    slice(2, 7, 2),
    slice(None, None, -1),
    slice(5, 2),
    [3, 1, 1, -1],
    np.array([], dtype=int),
    np.arange(10) % 3 == 0,
    (np.arange(10) % 3 == 0).tolist(),
    range(2, 5),
    np.array([9, 0], dtype=np.uint8),
]


@pytest.mark.parametrize("index", INDICES, ids=str)
def test_rows_are_those_of_numpy(index):
    values = np.arange(100, 110)
    np.testing.assert_array_equal(values[np.asarray(row_numbers(index, 10), int)], values[index])
    for again in (slice(1, None), slice(None, None, -1), [0]):
        expected = values[index]
        if len(expected) or again != [0]:
            rows = rows_of_rows(row_numbers(index, 10), row_numbers(again, len(expected)))
            np.testing.assert_array_equal(values[np.asarray(rows, int)], expected[again])


def test_an_empty_list_and_a_pair_with_an_ellipsis():
    assert len(row_numbers([], 3)) == 0
    assert row_numbers((np.array([2, 0]), ...), 3).tolist() == [2, 0]
    assert row_numbers(2, 3) == range(2, 3)


def test_a_column_of_pandas_is_taken_by_position():
    mask = pd.Series([True, False, True], index=[2, 1, 0])
    assert row_numbers(mask, 3).tolist() == [0, 2]
    assert row_numbers(pd.Series([2, 0], index=[5, 1]), 3).tolist() == [2, 0]


def test_what_chooses_no_rows_is_refused(refuses):
    with refuses("rows of a corpus of 3 documents, got row 3"):
        row_numbers([0, 3], 3)
    with refuses("got row -4"):
        row_numbers(-4, 3)
    with refuses("a mask of 3 values, one for each document, got 2"):
        row_numbers([True, False], 3)
    for strange in ("a", ["a"], [0.5], np.ones((2, 2), dtype=int), None):
        with refuses("expected a slice, row numbers or a mask"):
            row_numbers(strange, 3)


@pytest.mark.parametrize("dtype", ["boolean", "bool[pyarrow]"])
def test_missing_values_of_a_mask_choose_nothing(dtype):
    mask = pd.array([True, None, True, False], dtype=dtype)
    assert row_numbers(mask, 4).tolist() == row_numbers(pd.Series(mask), 4).tolist() == [0, 2]


@pytest.mark.parametrize(
    "mask",
    [
        [True, None, True, False],
        np.array([True, False, True, False], dtype=object),
        pl.Series([True, None, True, False]),
        pa.array([True, None, True, False]),
    ],
    ids=lambda mask: type(mask).__name__,
)
def test_a_mask_may_be_of_objects(mask):
    assert row_numbers(mask, 4).tolist() == [0, 2]


@pytest.mark.parametrize("value", [True, False, np.True_])
def test_a_truth_value_is_no_row(refuses, value):
    with refuses("a slice, row numbers or a mask", "bool"):
        row_numbers(value, 3)
