"""Effects of covariates on topics, as tables."""

from collections.abc import Mapping
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from topicgen.covariates import Design
from topicgen.covariates.averages import average_rows
from topicgen.covariates.extrapolation import warn_outside
from topicgen.covariates.wording import typical_text, values_text
from topicgen.effects.imputed import Imputed
from topicgen.effects.quantities import Quantity
from topicgen.effects.regression import Estimates, regress
from topicgen.errors import InputError, check_flag, check_kind, shown
from topicgen.plain import quoted

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]

_COLUMNS = ("topic", "estimate", "std_error", "low", "high")

# Draws of all predictions at once, for bands that hold everywhere.
_SIMULATED = 10_000
_SEED = 0


def _check_kinds(imputed: Any, quantity: Any) -> None:
    check_kind("imputed", imputed, Imputed, "an Imputed, the draws of a fit")
    check_kind("quantity", quantity, Quantity, 'a Quantity, such as Quantity("share", "attention")')


def effect_table(
    imputed: Imputed, quantity: Quantity, *, level: float = 0.95, cluster: Any = None
) -> "pd.DataFrame":
    """Return the coefficient of each topic and term, with its interval.

    Args:
        imputed: the draws of the fit, with the covariates.
        quantity: what the effect is on.
        level: the probability that an interval contains the coefficient.
        cluster: which documents belong together; see ``Imputed.clusters``.

    Returns:
        The columns ``topic``, ``term``, ``estimate``, ``std_error``, ``low`` and ``high``; the
        terms are the columns of the design, and estimates are in the units of the formula.
        ``attrs["references"]`` has the reference level of each factor, with which its other levels
        are compared.

    Raises:
        InputError: where an argument cannot be used, or the formula has random intercepts alone.
    """
    _check_kinds(imputed, quantity)
    columns = imputed.design.columns
    if not columns:
        raise InputError(
            f"expected a formula with covariates, got {quoted(imputed.design.formula)}; add what "
            "the topics may depend on"
        )
    weights = np.eye(len(columns) + 1)[1:]
    estimates = _estimates(imputed, quantity, level, cluster)
    table = _table(estimates, weights, {"term": list(columns)}, level)
    references = imputed.design.references
    table.attrs["references"] = {name: str(level) for name, level in references.items()}
    return table


def prediction_table(
    imputed: Imputed,
    quantity: Quantity,
    at: "pd.DataFrame",
    *,
    level: float = 0.95,
    simultaneous: bool = False,
    average: bool = False,
    cluster: Any = None,
) -> "pd.DataFrame":
    """Return what is expected of each topic at some values of the covariates.

    Args:
        imputed: the draws of the fit, with the covariates.
        quantity: what is predicted: a share, a probability, or tokens: per token of the document
            for attention, and per document for the amount.
        at: the values, a row for each prediction.
        level: the probability that an interval contains what is expected.
        simultaneous: whether the intervals of a topic hold for all rows at once.
        average: whether ``at`` has only some variables, and the others are those of the documents,
            over which the mean is taken; of shares and probabilities, which are linear in the
            covariates. See ``average_rows``.
        cluster: which documents belong together; see ``Imputed.clusters``.

    Returns:
        The columns ``topic``, those of ``at``, ``estimate``, ``std_error``, ``low`` and ``high``;
        for a rate, the standard error is that of its logarithm. Shares and probabilities below 0 or
        above 1 are cut off there. ``attrs["held"]`` says in words what the variables that do not
        vary are held at.

    Warns:
        UserWarning: where a number or date lies outside those of the documents.

    Raises:
        InputError: where an argument cannot be used.
    """
    import pandas as pd

    _check_kinds(imputed, quantity)
    check_flag("average", average)
    if average and quantity.is_logarithmic:
        raise InputError(
            "average=True (--average) goes with kind='share' or 'presence', got "
            f"kind={quoted(quantity.kind)}; use one of these, or leave the average out"
        )
    check_kind("at", at, pd.DataFrame, "a data frame with a row for each prediction")
    if not len(at):
        raise InputError(
            "expected a data frame with a row for each prediction, got one without rows; add some, "
            "or name a variable of the formula"
        )
    for name in at.columns:
        if name in _COLUMNS:
            raise InputError(
                f"expected covariates with names other than {', '.join(map(repr, _COLUMNS))}, "
                f"which the table of predictions has itself, got {shown(name)}; rename it"
            )
    if average:
        matrix = average_rows(imputed.design, imputed.covariates.matrix, at)
    else:
        matrix = imputed.design.read(at, len(at)).matrix
    warn_outside(imputed.design, [at])
    weights = np.column_stack([np.ones(len(matrix)), matrix])
    estimates = _estimates(imputed, quantity, level, cluster)
    columns = {str(name): at[name].tolist() for name in at.columns}
    table = _table(estimates, weights, columns, level, simultaneous=simultaneous)
    table.attrs["held"] = _held(imputed.design, at, average)
    ends = ["estimate", "low", "high"]
    if quantity.is_logarithmic:
        table[ends] = np.exp(table[ends])
    elif quantity.kind in ("share", "presence"):
        table[ends] = table[ends].clip(0.0, 1.0)
    return table


def _held(design: Design, at: "pd.DataFrame", average: bool) -> str:
    """Return in words what the variables of the formula that do not vary are held at."""
    typical = design.typical()
    if average:
        others = [name for name in typical if name not in at]
        own = " and ".join(others)
        return f"averaged over the documents with their own {own}" if others else ""
    fixed = {name: at[name].iloc[0] for name in typical if at[name].nunique() == 1}
    if not fixed:
        return ""
    if all(value == typical[name] for name, value in fixed.items()):
        return typical_text({name: typical[name] for name in fixed})
    return f"at {values_text(fixed)}"


def contrast_table(
    imputed: Imputed,
    quantity: Quantity,
    first: Mapping[str, Any],
    second: Mapping[str, Any],
    *,
    level: float = 0.95,
    cluster: Any = None,
) -> "pd.DataFrame":
    """Return how much more is expected at some values of the covariates than at others.

    Args:
        imputed: the draws of the fit, with the covariates.
        quantity: what is compared; for a rate, its logarithm.
        first: values of variables of the formula; the others are at their mean or most frequent
            level.
        second: the values to compare with, likewise.
        level: the probability that an interval contains the difference.
        cluster: which documents belong together; see ``Imputed.clusters``.

    Returns:
        The columns ``topic``, ``estimate``, ``std_error``, ``low`` and ``high``.

    Warns:
        UserWarning: where a number or date lies outside those of the documents.

    Raises:
        InputError: where an argument cannot be used.
    """
    import pandas as pd

    _check_kinds(imputed, quantity)
    typical = imputed.design.typical()
    for values in (first, second):
        if not isinstance(values, Mapping):
            raise InputError(
                "expected two mappings from variables of the formula to values, such as "
                f"{{{quoted(next(iter(typical), 'party'))}: ...}}, got {shown(values)}; pass those "
                "to compare"
            )
        unknown = [name for name in values if name not in typical]
        if unknown:
            raise InputError(
                f"expected variables of the formula, got {shown(unknown[0])}; the formula has "
                f"{', '.join(map(repr, typical)) or 'none'}"
            )
    # One by one, because a date may be a string in one and a timestamp in the other.
    frames = [pd.DataFrame([typical | dict(values)]) for values in (first, second)]
    one, other = (imputed.design.read(frame, 1).matrix[0] for frame in frames)
    warn_outside(imputed.design, frames)
    weights = np.concatenate([[0.0], one - other])[None]
    return _table(_estimates(imputed, quantity, level, cluster), weights, {}, level)


def _estimates(imputed: Imputed, quantity: Quantity, level: float, cluster: Any) -> Estimates:
    if not (isinstance(level, Real) and not isinstance(level, bool) and 0 < level < 1):
        raise InputError(f"level must be between 0 and 1, got {shown(level)}; use for example 0.95")
    clusters = imputed.clusters(cluster)
    if clusters is not None and _are_covariates(clusters, imputed.covariates.matrix):
        raise InputError(
            "expected clusters that the covariates do not tell apart, got "
            f"{len(np.unique(clusters)):,} that they do, so that nothing is left to differ between "
            "them; leave that covariate out of the formula, or cluster by something finer"
        )
    return regress(imputed.draws, imputed.covariates.matrix, quantity, clusters)


def _are_covariates(clusters: NDArray[np.int64], matrix: Floats) -> bool:
    """Return whether the covariates have a coefficient for each cluster."""
    levels = np.unique(clusters)
    if len(levels) > matrix.shape[1] + 1:
        return False
    z = np.column_stack([np.ones(len(matrix)), matrix])
    indicators = (clusters[:, None] == levels).astype(np.float64)
    rest = indicators - z @ np.linalg.lstsq(z, indicators, rcond=None)[0]
    return bool(np.abs(rest).max() < 1e-6)


def _table(
    estimates: Estimates,
    weights: Floats,
    columns: Mapping[str, list[Any]],
    level: float,
    *,
    simultaneous: bool = False,
) -> "pd.DataFrame":
    """Return a row for each topic and linear function of its coefficients."""
    import pandas as pd

    estimate, error, _ = estimates.of(weights)
    width = estimates.half_width(weights, level)
    if simultaneous:
        width = error * _critical_values(estimates, weights, level)[:, None]
    n_topics, n = estimate.shape
    return pd.DataFrame(
        {
            "topic": np.repeat(np.arange(n_topics), n),
            **{name: values * n_topics for name, values in columns.items()},
            "estimate": estimate.ravel(),
            "std_error": error.ravel(),
            "low": (estimate - width).ravel(),
            "high": (estimate + width).ravel(),
        }
    )


def _critical_values(estimates: Estimates, weights: Floats, level: float) -> Floats:
    """Return how many standard errors make a band that holds everywhere, for each topic.

    It is the quantile of the largest standardised error, by simulation (Montiel Olea and
    Plagborg-Møller, 2019).
    """
    random = np.random.default_rng(_SEED)
    _, error, degrees = estimates.of(weights)
    values = np.empty(len(error))
    for k, covariance in enumerate(estimates.covariance):
        left, scales, _ = np.linalg.svd(covariance, hermitian=True)
        normal = random.standard_normal((_SIMULATED, len(scales)))
        errors = normal @ (left * np.sqrt(scales)).T @ weights.T
        heavy = np.sqrt(degrees[k].min() / random.chisquare(degrees[k].min(), _SIMULATED))
        largest = np.abs(errors / np.maximum(error[k], 1e-300)).max(1) * heavy
        values[k] = np.quantile(largest, level)
    return values
