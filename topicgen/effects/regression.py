r"""Regressions of posterior draws of the tokens, with standard errors that include the draws'.

The estimating equations are linear in the response :math:`y^s` of draw s, so they are averaged over
the draws and solved once:

.. math:: \frac1S \sum_s \sum_d z_d w_{dk} (y^s_{dk} - e^s_{dk} \mu_{dk}) = 0,

with the exposure :math:`e`, weights :math:`w`, and :math:`\mu` linear or log-linear in the
covariates :math:`z` (intercept first). The variance is that from the sampling of documents, by the
sandwich estimator, plus that between the draws (Rubin, 1987):

.. math:: T = \frac1S \sum_s W_s + \left(1 + \frac1S\right) B .

This assumes no distribution of the tokens, only the form of their mean. Documents that belong
together, such as those of one author, count as one observation (Liang and Zeger, 1986).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from topicgen.effects.draws import TokenDraws
from topicgen.effects.quantities import Quantity
from topicgen.errors import InputError, check_kind, shown

Floats = NDArray[np.float64]

_STEPS, _TOLERANCE = 50, 1e-8

# No step changes a logarithm by more: a topic that is absent from a group has none that is finite.
_LONGEST_STEP = 2.0
_LOWEST, _HIGHEST = -30.0, 30.0

# A group without a single token of a topic has a log ratio of minus infinity, which the sandwich
# takes for certain. Nothing is known but that it is large, so its standard error is huge.
_SEPARATED, _UNKNOWN_VARIANCE = 12.0, 1e6


@dataclass(frozen=True, eq=False)
class Estimates:
    """Coefficients of each topic, with their covariance.

    Args:
        coefficients: in the units of the columns, intercept first, shape (n_topics, n_columns).
        covariance: shape (n_topics, n_columns, n_columns).
        within: the part of the covariance that comes from the sampling of documents, likewise.
        n_draws: how many draws the rest comes from.
        complete: the degrees of freedom if the topics of all tokens were known, shape
            (n_topics, 1).
    """

    coefficients: Floats
    covariance: Floats
    within: Floats
    n_draws: int
    complete: Floats

    def of(self, weights: Floats) -> tuple[Floats, Floats, Floats]:
        """Return linear functions of the coefficients.

        Args:
            weights: shape (n_functions, n_columns).

        Returns:
            The estimates, their standard errors, and the degrees of freedom of their t
            distributions, each of shape (n_topics, n_functions).
        """
        estimate = self.coefficients @ weights.T
        total, within = (
            np.einsum("ip,kpq,iq->ki", weights, matrix, weights)
            for matrix in (self.covariance, self.within)
        )
        return estimate, np.sqrt(np.maximum(total, 0.0)), self._degrees(total, within)

    def _degrees(self, total: Floats, within: Floats) -> Floats:
        """Return the degrees of freedom of a combined estimate (Barnard and Rubin, 1999)."""
        # A topic that no document has, or that all have alike, leaves nothing open.
        seen = np.divide(within, total, out=np.ones_like(total), where=total > 0)
        missing = np.clip(1 - seen, 1e-9, 1.0)
        # A single draw says that the topics of all tokens are known.
        from_draws = (self.n_draws - 1 if self.n_draws > 1 else np.inf) / missing**2
        nu = self.complete
        observed = (nu + 1) / (nu + 3) * nu * (1 - missing)
        with np.errstate(divide="ignore"):
            degrees = 1 / (1 / from_draws + 1 / observed)
        # Of what is certain, such as the share of the only topic, any number will do.
        found: Floats = np.where(total > 0, np.maximum(degrees, 1.0), self.complete)
        return found

    def half_width(self, weights: Floats, level: float) -> Floats:
        """Return half the width of intervals of linear functions, shape (n_topics, n_functions)."""
        _, error, degrees = self.of(weights)
        width: Floats = stats.t.ppf((1 + level) / 2, degrees) * error
        return width


def regress(
    draws: TokenDraws,
    matrix: Floats,
    quantity: Quantity,
    clusters: NDArray[np.int64] | None = None,
) -> Estimates:
    """Regress a quantity of every topic on the same covariates.

    Args:
        draws: of the tokens per topic.
        matrix: the covariates without the intercept, one column fewer than the estimates have,
            shape (n_documents, n_columns - 1).
        quantity: what is regressed.
        clusters: the number of each document's cluster, shape (n_documents,); without it, each
            document is on its own.

    Raises:
        InputError: where an argument is of another kind or shape.

    Example:
        >>> draws = TokenDraws.of([np.array([[3, 1], [1, 3], [2, 2], [0, 4]])] * 2)
        >>> group = np.array([[0.0], [0.0], [1.0], [1.0]])
        >>> found = regress(draws, group, Quantity("share", "attention"))
        >>> found.coefficients.round(2).tolist()
        [[0.5, -0.25], [0.5, 0.25]]
    """
    check_kind("draws", draws, TokenDraws, "TokenDraws")
    check_kind("quantity", quantity, Quantity, "a Quantity")
    if np.ndim(matrix) != 2 or len(matrix) != len(draws.lengths):
        raise InputError(
            f"matrix must have {len(draws.lengths):,} rows, one for each document, got "
            f"{shown(matrix)}"
        )
    z = np.column_stack([np.ones(len(matrix)), matrix])
    scale = np.maximum(np.abs(z).max(0), 1e-300)
    z = z / scale
    n_topics, n_columns = draws.n_topics, z.shape[1]
    read = [quantity.read(draws.draw(s), draws.lengths) for s in range(draws.n_draws)]
    response = np.mean([y for y, _ in read], 0)
    exposure = np.mean([e for _, e in read], 0)
    coefficients = np.empty((n_topics, n_columns))
    within = np.empty((n_topics, n_columns, n_columns))
    total = np.empty_like(within)
    n_groups = len(z) if clusters is None else len(np.unique(clusters))
    complete = np.full((n_topics, 1), max(n_groups - (n_columns if clusters is None else 1), 1.0))
    for k in range(n_topics):
        drawn = [(y[:, k], e[:, k]) for y, e in read]
        beta, mean, weight = _solve(z, response[:, k], exposure[:, k], drawn, quantity)
        coefficients[k] = beta
        slope = mean * exposure[:, k] if quantity.is_logarithmic else exposure[:, k]
        curvature = weight * slope
        bread = np.linalg.pinv((z.T * curvature) @ z, hermitian=True)
        leverage = np.einsum("dp,pq,dq->d", z, bread, z) * curvature
        errors = np.stack([weight * (y - e * mean) for y, e in drawn], 1)
        within[k] = bread @ _meat(z, errors, leverage, clusters) @ bread
        known = _degrees_of_variance(z @ bread, errors.mean(1), clusters)
        complete[k] = min(complete[k, 0], known)
        steps = bread @ z.T @ errors
        total[k] = within[k]
        if draws.n_draws > 1:
            between = np.cov(steps).reshape(n_columns, n_columns)
            total[k] += (1 + 1 / draws.n_draws) * between
        if quantity.is_logarithmic:
            for column in np.flatnonzero(np.abs(beta) * np.ptp(z, axis=0) > _SEPARATED):
                within[k, column, column] = total[k, column, column] = _UNKNOWN_VARIANCE
    unit = np.outer(scale, scale)
    return Estimates(
        coefficients / scale,
        total / unit,
        within / unit,
        draws.n_draws,
        complete,
    )


def _degrees_of_variance(
    influence: Floats, error: Floats, clusters: NDArray[np.int64] | None
) -> float:
    r"""Return the degrees of freedom of the variance of the worst known coefficient.

    A sum of squares :math:`s_d^2` has about :math:`2 (\sum s_d^2)^2 / \operatorname{Var} \sum
    s_d^2` (Satterthwaite, 1946): few where a topic fills some documents, which then decide alone.

    Args:
        influence: of a document's error on each coefficient, shape (n_documents, n_columns).
        error: of each document, the mean over the draws.
        clusters: which documents belong together.
    """
    scores = influence * error[:, None]
    scores = scores[:, 1:] if scores.shape[1] > 1 else scores
    if clusters is not None:
        scores = _summed(scores, clusters)
    squares = (scores**2).sum(0)
    spread = (scores**4).sum(0) - squares**2 / len(scores)
    degrees = 2 * squares**2 / np.maximum(spread, 1e-300)
    return float(max(degrees.min(initial=np.inf, where=squares > 0), 1.0))


def _solve(
    z: Floats,
    response: Floats,
    exposure: Floats,
    drawn: list[tuple[Floats, Floats]],
    quantity: Quantity,
) -> tuple[Floats, Floats, Floats]:
    """Return the coefficients, the mean per exposure, and the weights of the documents."""
    if not quantity.is_logarithmic:
        return _linear(z, response)
    beta = np.zeros(z.shape[1])
    beta[0] = np.log(max(response.sum(), 0.5) / exposure.sum() if exposure.any() else 1.0)
    beta, mean = _log_linear(z, response, exposure, beta, np.ones(len(z)))
    if quantity.of == "attention":
        # Without weights the totals of each group are met: the tokens of a topic per token.
        return beta, mean, np.ones(len(z))
    # Tokens of a topic come in bursts: long documents tell less than a Poisson count would.
    expected = exposure * mean
    squares = np.mean([(y - e * mean) ** 2 - y for y, e in drawn], 0).sum()
    burst = max(squares / max((expected**2).sum(), 1e-300), 0.0)
    weight = 1 / (1 + burst * expected)
    beta, mean = _log_linear(z, response, exposure, beta, weight)
    return beta, mean, weight


def _linear(z: Floats, response: Floats) -> tuple[Floats, Floats, Floats]:
    beta = np.asarray(np.linalg.lstsq(z, response, rcond=None)[0], dtype=np.float64)
    return beta, z @ beta, np.ones(len(z))


def _log_linear(
    z: Floats, response: Floats, exposure: Floats, beta: Floats, weight: Floats
) -> tuple[Floats, Floats]:
    """Solve the estimating equation by Newton's method."""
    for _ in range(_STEPS):
        mean = np.exp(np.clip(z @ beta, _LOWEST, _HIGHEST))
        score = z.T @ (weight * (response - exposure * mean))
        curvature = (z.T * (weight * exposure * mean)) @ z
        step = np.linalg.lstsq(curvature, score, rcond=1e-12)[0]
        longest = np.abs(z @ step).max(initial=0.0)
        beta = beta + step * min(1.0, _LONGEST_STEP / max(longest, 1e-300))
        if longest < _TOLERANCE:
            break
    return beta, np.exp(np.clip(z @ beta, _LOWEST, _HIGHEST))


def _meat(
    z: Floats, errors: Floats, leverage: Floats, clusters: NDArray[np.int64] | None
) -> Floats:
    """Return the sum of squared scores, the mean over the draws, shape (n_columns, n_columns).

    Residuals of documents with high leverage are too small, and are divided by 1 minus the leverage
    (HC3; MacKinnon and White, 1985). With clusters, the sum is corrected for their number instead.
    """
    n_draws = errors.shape[1]
    if clusters is None:
        squares = (errors**2).mean(1) / np.clip(1 - leverage, 1e-3, None) ** 2
        return (z.T * squares) @ z
    meat = np.zeros((z.shape[1], z.shape[1]))
    for error in errors.T:
        scores = _summed(z * error[:, None], clusters)
        meat += scores.T @ scores
    n_groups = len(scores)
    n, p = z.shape
    correction = n_groups / max(n_groups - 1, 1) * (n - 1) / max(n - p, 1)
    return correction * meat / n_draws


def _summed(scores: Floats, clusters: NDArray[np.int64]) -> Floats:
    """Return the sum of the scores of each cluster, shape (n_clusters, n_columns)."""
    levels, numbers = np.unique(clusters, return_inverse=True)
    summed = np.zeros((len(levels), scores.shape[1]))
    np.add.at(summed, numbers, scores)
    return summed
