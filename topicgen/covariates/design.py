"""How a formula turns metadata into covariates: a matrix, and groups for random intercepts."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from topicgen.covariates.coding import FactorValues, Product, codings, product_columns
from topicgen.covariates.columns import column_of
from topicgen.covariates.expressions import Expression
from topicgen.covariates.formulas import Formula
from topicgen.covariates.identifiable import check_identifiable
from topicgen.covariates.labels import Labels, Level, checked_levels, some
from topicgen.covariates.matrices import matrix_frame
from topicgen.covariates.variables import Variable, levels_of_group, numbers_of_group
from topicgen.errors import InputError, shown
from topicgen.plain import quoted

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Covariates:
    """The covariates of some documents.

    Attributes:
        matrix: in the units of the formula, without the intercept, shape (n_documents, n_columns).
        groups: for each random intercept, the number of each document's level, or -1 for a missing
            value or a level that the fit did not have, shape (n_documents,).
    """

    matrix: Floats
    groups: tuple[NDArray[np.int64], ...] = ()

    def __len__(self) -> int:
        return len(self.matrix)

    def select(self, rows: NDArray[np.int64]) -> "Covariates":
        """Return those of the documents in these rows, in this order."""
        return Covariates(self.matrix[rows], tuple(group[rows] for group in self.groups))


@dataclass(frozen=True)
class Grouping:
    """A random intercept, ``(1 | name)``: the column and the levels that it had in the fit."""

    name: str
    levels: tuple[Level, ...]


@dataclass(frozen=True)
class Term:
    """A term of the formula, as products of factors, each coded in full or reduced."""

    name: str
    factors: tuple[Expression, ...]
    products: tuple[Product, ...]


@dataclass(frozen=True)
class Design:
    """How metadata become numbers, as learnt from the documents of a fit.

    Attributes:
        formula: as it was written; None where a matrix was given.
        columns: the names of the columns of the matrix, without the intercept.
        terms: the term of the formula that each column belongs to.
        groupings: the random intercepts.
        fitted_variables: the columns of the metadata that the terms use.
        fitted_terms: the terms, and how they are coded.
        states: what the functions of the formula have learnt, such as means and knots.

    Example:
        >>> import pandas as pd
        >>> metadata = pd.DataFrame({"party": ["Con", "Lab", "Lab"], "year": [1999, 2001, 2005]})
        >>> design, covariates = Design.of("~ party", metadata, 3)
        >>> design.columns, covariates.matrix.ravel()
        (('party[T.Lab]',), array([0., 1., 1.]))
        >>> design.read(pd.DataFrame({"party": ["Con"]}), 1).matrix
        array([[0.]])
        >>> Design.from_config(design.to_config()) == design
        True
    """

    formula: str | None
    columns: tuple[str, ...]
    terms: tuple[str, ...]
    groupings: tuple[Grouping, ...]
    fitted_variables: tuple[Variable, ...]
    fitted_terms: tuple[Term, ...]
    states: Mapping[str, Mapping[str, Any]]

    @classmethod
    def of(
        cls, prevalence: Any, metadata: "pd.DataFrame | None", n_documents: int
    ) -> "tuple[Design, Covariates]":
        """Return the design of the documents of a fit, and their covariates.

        Args:
            prevalence: a formula, such as "~ party * year + s(date) + (1 | author)", with "~ ."
                for all columns; or a matrix of numbers, shape (n_documents, n_columns).
            metadata: a row per document; not used where prevalence is a matrix.
            n_documents: how many documents there are.

        Raises:
            InputError: where the formula or the metadata cannot be used: a syntax error, a column
                that does not exist, values that are missing, infinite or all the same, columns that
                follow from each other, or as many columns as documents.
        """
        if not isinstance(prevalence, str):
            frame = matrix_frame(prevalence, None, n_documents)
            terms = tuple((Expression(f"`{name}`"),) for name in frame.columns)
            return cls._of_terms(None, terms, (), frame)
        frame = _checked(metadata, n_documents)
        formula = Formula.of(prevalence, [str(name) for name in frame.columns])
        return cls._of_terms(prevalence, formula.terms, formula.groupings, frame)

    @classmethod
    def _of_terms(
        cls,
        formula: str | None,
        terms: Sequence[Sequence[Expression]],
        groupings: Sequence[str],
        frame: "pd.DataFrame",
    ) -> "tuple[Design, Covariates]":
        names = dict.fromkeys(n for term in terms for factor in term for n in factor.variables)
        columns = {name: column_of(frame, name) for name in (*names, *groupings)}
        as_factors = {factor.contrasted for term in terms for factor in term}
        variables = tuple(
            Variable.of(name, columns[name], as_factor=name in as_factors) for name in names
        )
        values = {one.name: one.read(columns[one.name]) for one in variables}
        states: dict[str, Mapping[str, Any]] = {}
        factors = {f.text: f for term in terms for f in term}
        evaluated = {f.name: f.evaluate(values, states) for f in factors.values()}
        for factor in factors.values():
            _refuse_as_many_levels(factor, evaluated[factor.name])
        with_levels = [name for name, found in evaluated.items() if isinstance(found, Labels)]
        coded = codings([[f.name for f in term] for term in terms], with_levels)
        fitted_terms = tuple(
            Term(":".join(f.name for f in term), tuple(term), products)
            for term, products in zip(terms, coded, strict=True)
        )
        of_columns = [
            (term.name, name)
            for term in fitted_terms
            for product in term.products
            for name in product_columns(product, evaluated)
        ]
        _refuse_twice([column for _, column in of_columns])
        groups = {name: levels_of_group(columns[name]) for name in groupings}
        design = cls(
            formula,
            tuple(column for _, column in of_columns),
            tuple(term for term, _ in of_columns),
            tuple(Grouping(name, levels) for name, (levels, _) in groups.items()),
            variables,
            fitted_terms,
            states,
        )
        matrix = design._matrix(evaluated, len(frame))
        if design.columns:
            check_identifiable(matrix, design.columns)
        return design, Covariates(matrix, tuple(numbers for _, numbers in groups.values()))

    @property
    def variables(self) -> tuple[str, ...]:
        """The columns of the metadata that are used, those of random intercepts last."""
        fixed = (variable.name for variable in self.fitted_variables)
        return tuple(dict.fromkeys((*fixed, *(grouping.name for grouping in self.groupings))))

    @property
    def curves(self) -> dict[str, tuple[str, ...]]:
        """The terms that are curves, such as s(date), with the variables of each.

        Example:
            >>> import pandas as pd
            >>> metadata = pd.DataFrame({"party": list("abba"), "year": [1, 2, 3, 6]})
            >>> Design.of("~ party + s(year, df=1)", metadata, 4)[0].curves
            {'s(year, df=1)': ('year',)}
        """
        return {
            term.name: tuple(dict.fromkeys(n for f in term.factors for n in f.variables))
            for term in self.fitted_terms
            if any(factor.is_curve for factor in term.factors)
        }

    def read(self, metadata: Any, n_documents: int) -> Covariates:
        """Return the covariates of new documents, or of a grid of values.

        Args:
            metadata: a row per document, with the columns that the terms use; those of random
                intercepts may be missing. If the design is of a matrix, this may be a matrix too.
            n_documents: how many documents there are.

        Raises:
            InputError: where a column or a value is missing, or the fit did not have a level.
        """
        if self.formula is None and metadata is not None:
            names = [variable.name for variable in self.fitted_variables]
            frame = matrix_frame(metadata, names, n_documents)
        else:
            frame = _checked(metadata, n_documents)
        values = {
            variable.name: variable.read(column_of(frame, variable.name))
            for variable in self.fitted_variables
        }
        states = dict(self.states)
        evaluated = {f.name: f.evaluate(values, states) for f in self._factors}
        return Covariates(
            self._matrix(evaluated, n_documents),
            tuple(
                numbers_of_group(column_of(frame, grouping.name), grouping.levels)
                if grouping.name in frame.columns
                else np.full(n_documents, -1, dtype=np.int64)
                for grouping in self.groupings
            ),
        )

    @cached_property
    def references(self) -> dict[str, Level]:
        """The reference level of each factor with levels, with which its coefficients compare.

        Example:
            >>> import pandas as pd
            >>> metadata = pd.DataFrame({"party": list("abba"), "year": [1, 2, 3, 3]})
            >>> Design.of("~ party + C(year)", metadata, 4)[0].references
            {'party': 'a', 'C(year)': 1}
        """
        return {
            name: values.levels[values.reference]
            for name, values in self.typical_factors().items()
            if isinstance(values, Labels)
        }

    def typical_factors(self) -> dict[str, FactorValues]:
        """Return the factors of a typical document; without those that are not defined there."""
        import pandas as pd

        typical = self.typical()
        values = {
            one.name: one.read(pd.Series([typical[one.name]])) for one in self.fitted_variables
        }
        found, states = {}, dict(self.states)
        for factor in self._factors:
            with suppress(InputError):  # such as 1 / x where x is 0 on average
                found[factor.name] = factor.evaluate(values, states)
        return found

    def typical(self) -> dict[str, Any]:
        """Return the mean of each number or date, and the most frequent level of each factor."""
        return {variable.name: variable.typical_value() for variable in self.fitted_variables}

    def grid(self, variable: str, n: int = 50) -> "pd.DataFrame":
        """Return values of one variable, with the others at their means or most frequent levels.

        Args:
            variable: one of ``variables`` that a term uses.
            n: how many values a number or date takes, equally spaced over its observed range; a
                factor takes all its levels.

        Raises:
            InputError: where no term uses the variable.

        Example:
            >>> import pandas as pd
            >>> metadata = pd.DataFrame({"party": list("abba"), "year": [1, 2, 3, 6]})
            >>> Design.of("~ party + year", metadata, 4)[0].grid("year", 2)
              party  year
            0     a   1.0
            1     a   6.0
        """
        import pandas as pd

        names = [one.name for one in self.fitted_variables]
        if variable not in names:
            raise InputError(
                f"expected a variable of prevalence, got {shown(variable)}; name one of "
                f"{some(names) or 'those of a formula with terms'}"
            )
        values = self.fitted_variables[names.index(variable)].grid(n)
        others = self.typical()
        return pd.DataFrame(
            {name: values if name == variable else [others[name]] * len(values) for name in names}
        )

    def to_config(self) -> dict[str, Any]:
        """Return a description for :meth:`from_config`, ready for JSON."""
        return {
            "formula": self.formula,
            "columns": list(self.columns),
            "terms": list(self.terms),
            "fitted_terms": [
                {
                    "name": term.name,
                    "factors": [factor.text for factor in term.factors],
                    "products": [[list(coded) for coded in one] for one in term.products],
                }
                for term in self.fitted_terms
            ],
            "groupings": [
                {"name": grouping.name, "levels": list(grouping.levels)}
                for grouping in self.groupings
            ],
            "variables": [variable.to_config() for variable in self.fitted_variables],
            "states": {key: dict(state) for key, state in self.states.items()},
        }

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> "Design":
        """Return the design that :meth:`to_config` described.

        Its formula is not parsed again; its factors are checked like those of a new formula.

        Raises:
            KeyError, TypeError, ValueError: where the description is not of a design.
        """
        fitted_terms = tuple(
            Term(
                str(term["name"]),
                tuple(map(Expression, term["factors"])),
                tuple(tuple((str(n), bool(r)) for n, r in one) for one in term["products"]),
            )
            for term in config["fitted_terms"]
        )
        design = cls(
            config["formula"],
            tuple(map(str, config["columns"])),
            tuple(map(str, config["terms"])),
            tuple(
                Grouping(str(one["name"]), checked_levels(one["levels"]))
                for one in config["groupings"]
            ),
            tuple(map(Variable.from_config, config["variables"])),
            fitted_terms,
            {key: dict(state) for key, state in config["states"].items()},
        )
        fixed = {variable.name for variable in design.fitted_variables}
        for factor in design._factors:
            if unknown := set(factor.variables) - fixed:
                raise ValueError(
                    f"no variable {quoted(min(unknown))} for the factor {quoted(factor.text)}"
                )
            if missing := set(factor.learnt) - design.states.keys():
                raise ValueError(f"no state of {some(missing)}")
        design._try_out()
        return design

    def _try_out(self) -> None:
        """Read a grid of each variable, which shows whether all parts of a design fit together.

        Raises:
            KeyError, TypeError, ValueError: where they do not.
        """
        for name in [variable.name for variable in self.fitted_variables]:
            grid = self.grid(name, 2)
            with suppress(InputError):  # such as 1 / x where x is 0 on average
                self.read(grid, len(grid))

    @cached_property
    def _factors(self) -> tuple[Expression, ...]:
        """The factors, each once."""
        return tuple({f.text: f for term in self.fitted_terms for f in term.factors}.values())

    def _matrix(self, factors: Mapping[str, FactorValues], n_documents: int) -> Floats:
        columns = {
            name: column
            for term in self.fitted_terms
            for product in term.products
            for name, column in product_columns(product, factors).items()
        }
        if tuple(columns) != self.columns:
            raise ValueError(f"columns {some(columns)} where the design has {some(self.columns)}")
        matrix = np.empty((n_documents, len(columns)))
        for k, column in enumerate(columns.values()):
            matrix[:, k] = column
        return matrix


def _checked(metadata: "pd.DataFrame | None", n_documents: int) -> "pd.DataFrame":
    """Return metadata, a row per document."""
    if metadata is None:
        raise InputError(
            "expected metadata, which the formula of prevalence needs, got none; pass "
            "metadata=df with a row per document, or a corpus or data frame with further columns"
        )
    if len(metadata) != n_documents:
        raise InputError(
            f"expected metadata with a row for each of {n_documents:,} documents, got "
            f"{len(metadata):,} rows; pass the rows of these documents, in their order"
        )
    return metadata


def _refuse_twice(columns: Sequence[str]) -> None:
    if twice := [column for column in columns if columns.count(column) > 1]:
        raise InputError(
            f"expected a formula with distinct names of its columns, got {quoted(twice[0])} more "
            "than once; rename the column of the metadata that is called like a product or level"
        )


def _refuse_as_many_levels(factor: Expression, found: FactorValues) -> None:
    """Refuse a factor with a level of its own for each document."""
    if isinstance(found, Labels) and len(found.levels) == len(found.codes) > 2:
        raise InputError(
            f"expected several documents at each level of the factor {quoted(factor.name)}, got "
            f"{len(found.levels):,} levels of {len(found.codes):,} documents; use (1 | "
            f"{factor.variables[0]}) for a random intercept, s(...) for numbers, or leave it out"
        )
