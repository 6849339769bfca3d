import numpy as np
from scipy.interpolate import CubicSpline

from topicgen.covariates.splines import cardinal_basis, knots_of, smooth_directions

KNOTS = np.array([0.0, 1.0, 2.5, 4.0])


def test_rows_sum_to_1_inside_and_outside():
    x = np.linspace(-3, 8, 50)
    np.testing.assert_allclose(cardinal_basis(x, KNOTS).sum(axis=1), 1)


def test_inside_the_knots_it_is_the_natural_interpolating_spline():
    heights = np.array([1.0, -2.0, 0.5, 3.0])
    x = np.linspace(0, 4, 41)
    expected = CubicSpline(KNOTS, heights, bc_type="natural")(x)
    np.testing.assert_allclose(cardinal_basis(x, KNOTS) @ heights, expected)


def test_outside_the_knots_it_is_a_straight_line():
    basis = cardinal_basis(np.array([4.0, 5.0, 6.0, 9.0]), KNOTS)
    slope = basis[1] - basis[0]
    np.testing.assert_allclose(basis[2], basis[0] + 2 * slope)
    np.testing.assert_allclose(basis[3], basis[0] + 5 * slope)
    before = cardinal_basis(np.array([0.0, -1.0, -4.0]), KNOTS)
    np.testing.assert_allclose(before[2] - before[0], 4 * (before[1] - before[0]))


def test_smooth_curves_are_standardised_and_uncorrelated():
    x = np.random.default_rng(0).gamma(2, size=300)
    knots = knots_of(x, 7)
    curves = cardinal_basis(x, knots) @ smooth_directions(x, knots)
    np.testing.assert_allclose(curves.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(curves.T @ curves / len(x), np.eye(6), atol=1e-9)


def test_the_first_smooth_curve_is_the_rising_line():
    x = np.random.default_rng(1).normal(size=200)
    knots = knots_of(x, 6)
    line = (cardinal_basis(x, knots) @ smooth_directions(x, knots))[:, 0]
    np.testing.assert_allclose(line, (x - x.mean()) / x.std(), atol=1e-6)


def test_later_curves_bend_more():
    x = np.linspace(0, 1, 101)
    knots = knots_of(x, 7)
    curves = cardinal_basis(x, knots) @ smooth_directions(x, knots)
    bending = (np.diff(curves, 2, axis=0) ** 2).sum(axis=0)
    assert (np.diff(bending) > 0).all()


def test_two_distinct_values_give_a_line():
    knots = knots_of(np.array([1.0, 3.0, 1.0]), 7)
    assert knots.tolist() == [1, 3]
    basis = cardinal_basis(np.array([2.0, 5.0]), knots)
    np.testing.assert_allclose(basis, [[0.5, 0.5], [-1, 2]])
