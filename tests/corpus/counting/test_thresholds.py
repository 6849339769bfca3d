from fractions import Fraction

import numpy as np
import pytest

from topicgen.corpus.counting.thresholds import (
    AUTO_MAX_DF,
    AUTO_MIN_DF,
    at_least,
    at_most,
    check_thresholds,
    resolve,
)


@pytest.mark.parametrize(
    ("n_documents", "min_df", "max_df"),
    [(0, 1, 1.0), (99, 1, 1.0), (100, 2, 0.5), (999, 2, 0.5), (1000, 5, 0.5), (10**6, 5, 0.5)],
)
def test_auto_follows_the_number_of_documents(n_documents, min_df, max_df):
    assert resolve("auto", AUTO_MIN_DF, n_documents) == min_df
    assert resolve("auto", AUTO_MAX_DF, n_documents) == max_df
    assert isinstance(resolve("auto", AUTO_MAX_DF, n_documents), float)


@pytest.mark.parametrize("value", [1, 7, 0.0, 0.3, 1.0, np.int64(7), np.float32(0.5), "auto"])
def test_numbers_and_proportions_pass(value):
    check_thresholds(value, value, None)


@pytest.mark.parametrize("value", [0, -1, -0.1, 1.5, np.nan, True, None, "often", [5]])
@pytest.mark.parametrize("name", ["min_df", "max_df"])
def test_others_are_refused(refuses, name, value):
    options = {"min_df": 1, "max_df": 1.0, name: value}
    with refuses(name, '"auto"', f"got {value!r}", "leave it out"):
        check_thresholds(**options, max_features=None)


@pytest.mark.parametrize("value", [0, -5, 2.5, True, "many"])
def test_bad_max_features_is_refused(refuses, value):
    with refuses("max_features to be None or an integer from 1", repr(value), "None keeps all"):
        check_thresholds(1, 1.0, value)


@pytest.mark.parametrize("n_documents", [1, 3, 7, 100, 300, 999, 1000, 123_457])
def test_proportions_are_the_decimals_that_are_written(n_documents):
    for hundredths in range(101):
        share = Fraction(hundredths, 100) * n_documents
        threshold = float(f"{hundredths / 100:.2f}")
        assert at_least(threshold, n_documents) == -(-share.numerator // share.denominator)
        assert at_most(threshold, n_documents) == share.numerator // share.denominator


def test_proportions_of_numpy_are_those_that_are_written():
    for kind in (np.float16, np.float32, np.float64, np.longdouble):
        assert at_least(resolve(kind("0.07"), AUTO_MIN_DF, 100), 100) == 7
        assert at_most(resolve(kind("0.07"), AUTO_MAX_DF, 100), 100) == 7
    assert at_least(resolve(Fraction(7, 100), AUTO_MIN_DF, 100), 100) == 7
    assert (at_least(1e-7, 10**7), at_most(0.0, 9), at_least(0.0, 9)) == (1, 0, 0)
