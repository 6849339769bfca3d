"""The functions of a formula: what each learns from the documents of the fit, and computes."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from topicgen.covariates.splines import (
    cardinal_basis,
    centred_directions,
    knots_of,
    smooth_directions,
)
from topicgen.plain import quoted

Floats = NDArray[np.float64]
State = Mapping[str, Any]


class Transform(NamedTuple):
    """A function that learns from the documents of the fit, such as ``scale``.

    Attributes:
        parameters: the names of the arguments after the first.
        fit: (x, **parameters) -> state, which is ready for JSON.
        apply: (x, state) -> (n,), or (n, m) for several columns.
    """

    parameters: tuple[str, ...]
    fit: Callable[..., State]
    apply: Callable[[Floats, Any], Floats]


ELEMENTWISE: Mapping[str, Callable[[Floats], Floats]] = {
    "I": np.asarray,
    "abs": np.abs,
    "exp": np.exp,
    "log": np.log,
    "log10": np.log10,
    "log1p": np.log1p,
    "log2": np.log2,
    "sqrt": np.sqrt,
}


def _fit_center(x: Floats) -> State:
    return {"mean": float(x.mean())}


def _fit_scale(x: Floats) -> State:
    return {"mean": float(x.mean()), "deviation": float(x.std(ddof=1))}


def _standardise(x: Floats, state: State) -> Floats:
    return (x - state["mean"]) / state.get("deviation", 1.0)


def _fit_poly(x: Floats, degree: int = 1, raw: bool = False) -> State:
    """Return what defines the polynomials that are orthonormal over ``x``.

    p_{k+1}(x) = (x - a_k) p_k(x) - (c_k / c_{k-1}) p_{k-1}(x), with c_k = Σ p_k(x)².
    """
    _at_least("degree", degree, 1)
    if raw:
        return {"degree": degree}
    before, now = np.zeros_like(x), np.ones_like(x)
    centres: list[float] = []
    squares = [float(len(x))]
    for k in range(degree):
        centres.append(float((x * now**2).sum() / squares[-1]))
        ratio = squares[k] / squares[k - 1] if k else 0.0
        before, now = now, (x - centres[-1]) * now - ratio * before
        squares.append(float((now**2).sum()))
    return {"centres": centres, "squares": squares}


def _poly(x: Floats, state: State) -> Floats:
    if "degree" in state:
        return x[:, None] ** np.arange(1, state["degree"] + 1)
    squares = state["squares"]
    powers = [np.ones_like(x)]
    for k, centre in enumerate(state["centres"]):
        following = (x - centre) * powers[k]
        if k:
            following = following - squares[k] / squares[k - 1] * powers[k - 1]
        powers.append(following)
    return np.stack([p / np.sqrt(c) for p, c in zip(powers, squares, strict=True)][1:], axis=1)


def _fit_bs(x: Floats, df: int | None = None, degree: int = 3) -> State:
    _at_least("degree", degree, 1)
    if df is None:
        df = degree
    _at_least("df", df, degree)
    inner = np.quantile(x, np.linspace(0, 1, df - degree + 2))
    return {"knots": np.pad(inner, degree, mode="edge").tolist(), "degree": degree}


def _bs(x: Floats, state: State) -> Floats:
    from scipy.interpolate import BSpline

    knots = np.array(state["knots"])
    outside = (x < knots[0]) | (x > knots[-1])
    if outside.any():
        raise ValueError(
            f"bs is not defined at {x[outside][0]:g}, outside the fitted range {knots[0]:g} to "
            f"{knots[-1]:g}; use s(...), which continues as a straight line"
        )
    return np.asarray(BSpline.design_matrix(x, knots, state["degree"]).toarray()[:, 1:])


def _fit_smooth(x: Floats, df: int = 6) -> State:
    _at_least("df", df, 1)
    knots = knots_of(x, df + 1)
    return {"knots": knots.tolist(), "directions": smooth_directions(x, knots).tolist()}


def _fit_cr(x: Floats, df: int = 6, constraints: str = "center") -> State:
    _at_least("df", df, 1)
    if constraints != "center":
        raise ValueError(f"constraints is {quoted(constraints)}; the only one is 'center'")
    knots = knots_of(x, df + 1)
    return {"knots": knots.tolist(), "directions": centred_directions(x, knots).tolist()}


def _spline(x: Floats, state: State) -> Floats:
    return cardinal_basis(x, np.array(state["knots"])) @ np.array(state["directions"])


def _at_least(name: str, value: Any, least: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= 1000:
        raise ValueError(f"{name} is {quoted(value)}; give a whole number from {least} to 1000")


CURVES = ("bs", "cr", "poly", "s")
TRANSFORMS: Mapping[str, Transform] = {
    "bs": Transform(("df", "degree"), _fit_bs, _bs),
    "center": Transform((), _fit_center, _standardise),
    "cr": Transform(("df", "constraints"), _fit_cr, _spline),
    "poly": Transform(("degree", "raw"), _fit_poly, _poly),
    "s": Transform(("df",), _fit_smooth, _spline),
    "scale": Transform((), _fit_scale, _standardise),
}
