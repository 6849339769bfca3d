import json

import numpy as np
import pandas as pd
import pytest

from topicgen.covariates.design import Design
from topicgen.errors import InputError

N = 60
X = np.random.default_rng(1).normal(size=(N, 2))


def test_columns_of_an_array_are_numbered():
    design, covariates = Design.of(X, None, N)
    assert design.columns == design.terms == design.variables == ("x0", "x1")
    np.testing.assert_array_equal(covariates.matrix, X)
    np.testing.assert_array_equal(design.read(X[:3], 3).matrix, X[:3])
    named = pd.DataFrame(X[:3], columns=["x1", "x0"])
    np.testing.assert_array_equal(design.read(named, 3).matrix, X[:3, ::-1])
    assert Design.from_config(json.loads(json.dumps(design.to_config()))) == design


def test_a_frame_has_names():
    frame = pd.DataFrame({"age": X[:, 0], "treated": X[:, 1] > 0})
    design, covariates = Design.of(frame, None, N)
    assert design.columns == ("age", "treated")
    np.testing.assert_array_equal(covariates.matrix[:, 1], X[:, 1] > 0)
    more = frame.assign(other="text")
    np.testing.assert_array_equal(design.read(more, N).matrix, covariates.matrix)


def test_a_vector_is_one_column():
    assert Design.of(X[:, 0], None, N)[0].columns == ("x0",)
    assert Design.of(pd.Series(X[:, 0], name="age"), None, N)[0].columns == ("age",)


@pytest.mark.parametrize(
    ("prevalence", "message"),
    [
        (X[:5], f"a row for each of {N} documents .*got shape .5, 2."),
        (X[:, :0], "got shape .60, 0."),
        (X[None], "got shape"),
        (3, "got shape"),
        (np.full((N, 1), "a"), "dtype <U1"),
        (np.full((N, 1), np.nan), "got 60 missing"),
        (np.where(X > 2, np.inf, X), "finite numbers in 'x0'"),
        (np.ones((N, 1)), "differs between documents"),
        (X @ [[1, 2], [2, 4]], "'x0', 'x1', one of which follows"),
        (pd.DataFrame({"a": ["x"] * N}), "numbers in the column 'a' .*pass a formula"),
        (pd.DataFrame(X, columns=["a", "a"]), "distinct column names"),
    ],
)
def test_what_is_not_a_matrix_of_numbers(prevalence, message):
    with pytest.raises(InputError, match=message):
        Design.of(prevalence, None, N)


def test_new_documents_need_as_many_columns():
    design, _ = Design.of(X, None, N)
    with pytest.raises(InputError, match=r"x 2 columns, as in the fit\), got shape \(3, 1\)"):
        design.read(X[:3, :1], 3)
    with pytest.raises(InputError, match="the column 'x1'"):
        design.read(pd.DataFrame({"x0": [1.0]}), 1)
