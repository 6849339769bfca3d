import numpy as np
import pytest

from topicgen.corpus.counting.thresholds import AUTO_MAX_DF, AUTO_MIN_DF, check_thresholds, resolve


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
