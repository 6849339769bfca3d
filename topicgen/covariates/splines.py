"""Smooth curves of one number: natural cubic splines, linear outside the range of their knots."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def knots_of(x: Floats, n_knots: int) -> Floats:
    """Return knots at equally spaced quantiles of the distinct values, fewer where these are few.

    >>> knots_of(np.array([0.0, 1.0, 1.0, 2.0, 4.0]), 3)
    array([0. , 1.5, 4. ])
    """
    distinct = np.unique(x)
    return np.quantile(distinct, np.linspace(0, 1, min(n_knots, distinct.size)))


def cardinal_basis(x: Floats, knots: Floats) -> Floats:
    """Return the natural cubic splines that are 1 at one knot and 0 at the others.

    They have no curvature at the first and the last knot, and continue as straight lines.

    Args:
        x: where they are evaluated, shape (n,).
        knots: two or more, ascending, shape (n_knots,).

    Returns:
        Shape (n, n_knots); the rows sum to 1.

    Example:
        >>> cardinal_basis(np.array([0.0, 1.0, 3.0]), np.array([0.0, 1.0, 2.0])).round(3)
        array([[ 1.  ,  0.  ,  0.  ],
               [ 0.  ,  1.  ,  0.  ],
               [ 0.25, -1.5 ,  2.25]])
    """
    spline = _natural(knots)
    inside = np.clip(x, knots[0], knots[-1])
    return np.asarray(spline(inside) + (x - inside)[:, None] * spline(inside, 1))


def smooth_directions(x: Floats, knots: Floats) -> Floats:
    """Return the combinations of the cardinal splines that are curves from straight to wiggly.

    Over the values of ``x`` the curves have mean 0 and variance 1, and are uncorrelated. The first
    is the straight line, and each has more curvature, ∫ f''(x)² dx, than the curve before it.

    Returns:
        (n_knots, n_knots - 1), so that ``cardinal_basis(x, knots) @ directions`` are the curves.

    References:
        Demmler and Reinsch (1975), Oscillation matrices with spline smoothing.
    """
    from scipy.linalg import eigh

    basis = cardinal_basis(x, knots)
    centred = _centring(basis)
    columns = basis @ centred
    _, mixing = eigh(centred.T @ _curvature(knots) @ centred, columns.T @ columns / len(x))
    directions = centred @ mixing
    # Each rises from the first knot to the last, or else ends above zero.
    ends = directions[-1] - directions[0]
    sign = np.where(np.abs(ends) > 1e-6 * np.abs(directions).max(axis=0), ends, directions[-1])
    return np.asarray(directions * np.where(sign < 0, -1.0, 1.0))


def centred_directions(x: Floats, knots: Floats) -> Floats:
    """Return the combinations of the cardinal splines with mean 0 over the values of ``x``."""
    return _centring(cardinal_basis(x, knots))


def _natural(knots: Floats) -> Any:
    from scipy.interpolate import CubicSpline

    return CubicSpline(knots, np.eye(knots.size), bc_type="natural")


def _centring(basis: Floats) -> Floats:
    """Return an orthonormal basis of the coefficients that give curves with mean 0."""
    return np.linalg.qr(basis.mean(axis=0)[:, None], mode="complete")[0][:, 1:]


def _curvature(knots: Floats) -> Floats:
    """Return ∫ f_i''(x) f_j''(x) dx of the cardinal splines; second derivatives are linear."""
    second = _natural(knots)(knots, 2)
    width = np.diff(knots)
    products = (np.r_[width, 0] + np.r_[0, width]) / 3
    masses = np.diag(products) + np.diag(width / 6, 1) + np.diag(width / 6, -1)
    return np.asarray(second.T @ masses @ second)
