from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from topicgen.arrays import is_missing


@pytest.mark.parametrize("value", [None, np.nan, np.float32("nan"), pd.NA, pd.NaT, Decimal("nan")])
def test_missing_values(value):
    assert is_missing(value)


@pytest.mark.parametrize("value", [0, "", "nan", (), np.array([1, 2]), False])
def test_other_values(value):
    assert not is_missing(value)
