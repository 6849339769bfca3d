from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from topicgen.missing import as_label, is_missing, read_label

MISSING = [None, np.nan, np.float32("nan"), pd.NA, pd.NaT, Decimal("nan")]


@pytest.mark.parametrize("value", MISSING)
def test_missing_values(value):
    assert is_missing(value)
    assert as_label(value) == ""


@pytest.mark.parametrize("value", [0, "", "nan", (), np.array([1, 2]), False])
def test_other_values(value):
    assert not is_missing(value)


def test_labels_are_strings():
    values = ["a", 0, np.int64(1), 2.5, True, ""]
    assert [as_label(value) for value in values] == ["a", "0", "1", "2.5", "True", ""]


@pytest.mark.parametrize("value", MISSING)
def test_what_is_written_of_a_missing_value_is_missing(value):
    if not isinstance(value, Decimal):
        assert read_label(str(value)) == ""


@pytest.mark.parametrize("text", ["none", "NA", "null", "n/a", "0", " nan", "nano"])
def test_what_may_be_a_class_is_one(text):
    assert read_label(text) == text
