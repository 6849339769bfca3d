"""Rows of a design at some values of a few variables, averaged over the documents of the fit."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from topicgen.covariates.coding import FactorValues, product_columns
from topicgen.covariates.columns import column_of
from topicgen.covariates.design import Design
from topicgen.covariates.expressions import Expression
from topicgen.covariates.labels import Labels, some
from topicgen.errors import InputError, did_you_mean
from topicgen.plain import quoted

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]


def average_rows(design: Design, matrix: Floats, at: "pd.DataFrame") -> Floats:
    r"""Return the mean row of the design where all documents have some values of a few variables.

    .. math:: \bar x(v) = \frac1D \sum_d x(v, w_d)

    with the values :math:`v` of the variables of ``at``, and those of document d, :math:`w_d`, of
    all others. A linear prediction from :math:`\bar x(v)` is the mean of the predictions for the
    documents: standardisation, or the g-formula (Robins, 1986).

    Args:
        design: of the fit.
        matrix: the covariates of the documents, shape (n_documents, n_columns).
        at: a row for each v, with some variables of the formula.

    Returns:
        Shape (n_rows, n_columns).

    Raises:
        InputError: where a column is not a variable of the formula, or the formula multiplies one
            by a factor that is not also a term of its own, as ``a`` is not in ``~ a:b``.

    Example:
        >>> import pandas as pd
        >>> metadata = pd.DataFrame({"party": list("aabbb"), "year": [1, 2, 2, 4, 6]})
        >>> design, covariates = Design.of("~ party * year", metadata, 5)
        >>> design.columns
        ('party[T.b]', 'year', 'party[T.b]:year')
        >>> average_rows(design, covariates.matrix, pd.DataFrame({"year": [2.0]}))
        array([[0.6, 2. , 1.2]])
    """
    variables = {one.name: one for one in design.fitted_variables}
    for name in map(str, at.columns):
        if name not in variables:
            raise InputError(
                f"expected variables of the formula ({some(variables)}), got {quoted(name)}; "
                + did_you_mean(name, variables, "leave it out")
            )
    values = {name: variables[name].read(column_of(at, name)) for name in map(str, at.columns)}
    factors = {f.name: f for term in design.fitted_terms for f in term.factors}
    states = dict(design.states)
    given = {
        name: factor.evaluate(values, states)
        for name, factor in factors.items()
        if set(factor.variables) <= set(values)
    }
    rows = np.tile(matrix.mean(0), (len(at), 1))
    for term in design.fitted_terms:
        if not any(set(factor.variables) & set(values) for factor in term.factors):
            continue
        own = {
            factor.name: _of_documents(design, matrix, _untouched(factor, values))
            for factor in term.factors
            if factor.name not in given
        }
        n = len(matrix) if own else 1
        for row in range(len(at)):
            evaluated = own | {name: _repeated(found, row, n) for name, found in given.items()}
            for product in term.products:
                for column, x in product_columns(product, evaluated).items():
                    rows[row, design.columns.index(column)] = x.mean()
    return rows


def _untouched(factor: Expression, names: Iterable[str]) -> Expression:
    """Return a factor, which uses none of these variables together with others."""
    if both := set(factor.variables) & set(names):
        others = [name for name in factor.variables if name not in both]
        raise InputError(
            f"an average over the documents cannot set {quoted(min(both))} alone, because "
            f"{quoted(factor.name)} also uses {quoted(others[0])}; leave the average out, or set "
            "both"
        )
    return factor


def _repeated(values: FactorValues, row: int, n: int) -> FactorValues:
    """Return the values of n documents that all have the value of one row."""
    if isinstance(values, Labels):
        return Labels(np.repeat(values.codes[row], n), values.levels, values.reference)
    return np.repeat(values[row][None], n, axis=0)


def _of_documents(design: Design, matrix: Floats, factor: Expression) -> FactorValues:
    """Return the values of a factor in the documents, from its own columns of the matrix."""
    alone = (term.products for term in design.fitted_terms if term.factors == (factor,))
    product = next((products[0] for products in alone if products), None)
    if product is None:
        raise InputError(
            f"an average over the documents needs {quoted(factor.name)} as a term of its own in "
            f"the formula, got {quoted(design.formula)}; write a * b in place of a:b, or leave "
            "the average out"
        )
    sample = design.typical_factors()[factor.name]
    places = [
        design.columns.index(name) for name in product_columns(product, {factor.name: sample})
    ]
    columns = matrix[:, places]
    if not isinstance(sample, Labels):
        return columns if sample.ndim == 2 else columns[:, 0]
    ((_, is_reduced),) = product
    levels = [k for k in range(len(sample.levels)) if not (is_reduced and k == sample.reference)]
    codes = np.where(columns.any(1), np.array(levels)[columns.argmax(1)], sample.reference)
    return Labels(codes, sample.levels, sample.reference)
