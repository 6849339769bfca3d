import json

import numpy as np
import pytest

from topicgen.covariates.transforms import TRANSFORMS

X = np.random.default_rng(0).gamma(3, size=80)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_states_survive_json_exactly(name):
    transform = TRANSFORMS[name]
    state = transform.fit(X)
    again = json.loads(json.dumps(state, allow_nan=False))
    np.testing.assert_array_equal(transform.apply(X, again), transform.apply(X, state))


def test_scale_and_center_use_the_documents_of_the_fit():
    state = TRANSFORMS["scale"].fit(np.array([1.0, 3.0]))
    assert TRANSFORMS["scale"].apply(np.array([2.0, 5.0]), state) == pytest.approx([0, 3 / 2**0.5])
    state = TRANSFORMS["center"].fit(np.array([1.0, 3.0]))
    assert TRANSFORMS["center"].apply(np.array([5.0]), state).tolist() == [3]


def test_polynomials_are_orthonormal():
    columns = TRANSFORMS["poly"].apply(X, TRANSFORMS["poly"].fit(X, degree=4))
    np.testing.assert_allclose(columns.T @ columns, np.eye(4), atol=1e-9)
    np.testing.assert_allclose(columns.sum(axis=0), 0, atol=1e-9)


def test_raw_polynomials_are_powers():
    state = TRANSFORMS["poly"].fit(X, degree=3, raw=True)
    assert TRANSFORMS["poly"].apply(np.array([2.0]), state).tolist() == [[2, 4, 8]]


def test_smooth_curves_take_fewer_columns_for_few_values():
    few = np.array([1.0, 2.0, 3.0] * 5)
    assert TRANSFORMS["s"].apply(few, TRANSFORMS["s"].fit(few)).shape == (15, 2)
    assert TRANSFORMS["s"].apply(X, TRANSFORMS["s"].fit(X)).shape == (80, 6)


def test_b_splines_stop_at_the_range():
    state = TRANSFORMS["bs"].fit(X, df=5)
    with pytest.raises(ValueError, match=r"bs is not defined at 99, .*; use s\(\.\.\.\)"):
        TRANSFORMS["bs"].apply(np.array([99.0]), state)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [("s", {"df": 0}), ("s", {"df": 2.5}), ("bs", {"df": 2}), ("poly", {"degree": "2"})],
)
def test_numbers_of_columns_that_make_no_sense(name, parameters):
    with pytest.raises(ValueError, match="give a whole number"):
        TRANSFORMS[name].fit(X, **parameters)
