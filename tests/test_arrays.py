from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from topicgen.arrays import is_missing, significant


@pytest.mark.parametrize("value", [None, np.nan, np.float32("nan"), pd.NA, pd.NaT, Decimal("nan")])
def test_missing_values(value):
    assert is_missing(value)


@pytest.mark.parametrize("value", [0, "", "nan", (), np.array([1, 2]), False])
def test_other_values(value):
    assert not is_missing(value)


def test_significant_digits_print_short():
    values = np.array([1 / 3, 2 / 3e5, 123456.789, 1e-18 / 3, 1e8 / 3, -0.1, 0.0])
    rounded = significant(values, 6)
    assert [f"{value!r}" for value in rounded.tolist()] == [
        "0.333333", "6.66667e-06", "123457.0", "3.33333e-19", "33333300.0", "-0.1", "0.0",
    ]  # fmt: skip
    assert np.isnan(significant(np.array([np.nan]), 6)).all()
    random = np.random.default_rng(0)
    shares = random.dirichlet(np.full(50, 0.1), size=200)
    texts = [f"{value:.6g}" for value in shares.ravel()]
    np.testing.assert_allclose(significant(shares, 6).ravel(), np.array(texts, float), rtol=1e-15)
