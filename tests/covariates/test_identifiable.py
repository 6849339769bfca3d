import numpy as np
import pytest

from topicgen.covariates.identifiable import check_identifiable
from topicgen.errors import InputError

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(50, 3))


def test_independent_columns_pass():
    check_identifiable(X, ["a", "b", "c"])
    years = 1990 + np.arange(30.0)
    check_identifiable(np.stack([years, years**2], axis=1), ["year", "year ** 2"])
    check_identifiable(X * [1e-12, 1e12, 1], ["a", "b", "c"])


def test_only_the_columns_of_the_relation_are_named():
    matrix = np.column_stack([X, 2 * X[:, 0] - X[:, 2] + 5])
    with pytest.raises(InputError, match="got 'a', 'c', 'd', one of which follows"):
        check_identifiable(matrix, ["a", "b", "c", "d"])


def test_indicators_of_all_levels_follow_from_the_intercept():
    matrix = np.column_stack([np.eye(2)[np.arange(50) % 2], X])
    with pytest.raises(InputError, match="got 'p', 'q', one of which"):
        check_identifiable(matrix, ["p", "q", "a", "b", "c"])


def test_constant_columns():
    with pytest.raises(InputError, match="got 'one', which is 1 for all of them; leave it out"):
        check_identifiable(np.column_stack([X, np.ones(50)]), ["a", "b", "c", "one"])
    with pytest.raises(InputError, match="got 'none', which is 0 for all"):
        check_identifiable(np.column_stack([X, np.zeros(50)]), ["a", "b", "c", "none"])


def test_more_columns_than_documents():
    with pytest.raises(InputError, match=r"3 documents and 3 columns .*use fewer columns"):
        check_identifiable(X[:3], ["a", "b", "c"])
