"""The columns of metadata that a formula names: the kind of each, and its values in the fit."""

import math
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from topicgen.covariates.columns import (
    Kind,
    kind_of,
    levels_of,
    numbers_of,
    refuse_missing,
    scalar,
    scalars_of,
    truths_of,
)
from topicgen.covariates.dates import from_decimal_years
from topicgen.covariates.labels import Labels, Level, checked_levels, coded, some, these
from topicgen.errors import InputError, shown
from topicgen.plain import quoted

if TYPE_CHECKING:
    import pandas as pd

Values = NDArray[np.float64] | NDArray[np.bool_] | Labels


@dataclass(frozen=True)
class Variable:
    """A column of metadata, as it was in the fit.

    Attributes:
        name: of the column.
        kind: "number", "date" (as decimal years), "boolean" (as 0 and 1) or "factor".
        typical: the mean, or the most frequent value of a boolean or factor.
        low, high: the smallest and the largest value, of a number or date.
        levels: of a factor, or of a number that the formula uses as a factor, C(year).

    Example:
        >>> import pandas as pd
        >>> party = Variable.of("party", pd.Series(["Lab", "Con", "Lab"]))
        >>> party.kind, party.levels, party.typical
        ('factor', ('Con', 'Lab'), 'Lab')
    """

    name: str
    kind: Kind
    typical: Level
    low: float | None = None
    high: float | None = None
    levels: tuple[Level, ...] = ()

    @classmethod
    def of(cls, name: str, column: "pd.Series", *, as_factor: bool = False) -> "Variable":
        """Return the variable of a column.

        Args:
            name: of the column.
            column: its values, one per document.
            as_factor: whether the formula uses it as a factor, C(name).

        Raises:
            InputError: where values are missing, infinite, all the same, or of several kinds.
        """
        kind = kind_of(name, column)
        refuse_missing(name, column)
        if kind == "date" and as_factor:
            raise InputError(
                f"C({name}) is of a column of dates; use s({name}) for a curve, (1 | {name}) for "
                "an intercept per date, or convert the column, for instance to the year"
            )
        if kind == "factor" or (kind == "number" and as_factor):
            levels = levels_of(column)
            _refuse_constant(name, len(levels), levels[0])
            counts = np.bincount(coded(scalars_of(column), levels))
            return cls(name, kind, levels[counts.argmax()], levels=levels)
        if kind == "boolean":
            truths = truths_of(name, column)
            _refuse_constant(name, len(np.unique(truths)), bool(truths[0]))
            return cls(name, kind, bool(2 * truths.sum() > len(truths)))
        numbers = numbers_of(name, column, kind)
        low, high = float(numbers.min()), float(numbers.max())
        _refuse_constant(name, 1 if low == high else 2, scalar(column.iloc[0]))
        return cls(name, kind, float(numbers.mean()), low, high)

    def read(self, column: "pd.Series") -> Values:
        """Return the values of new documents, as numbers or labels.

        Raises:
            InputError: where values are missing, infinite, of another kind, or of unknown levels.
        """
        refuse_missing(self.name, column)
        if self.kind == "boolean":
            return truths_of(self.name, column)
        if self.kind != "factor":
            return numbers_of(self.name, column, self.kind)
        values = scalars_of(column)
        codes = coded(values, self.levels)
        if (unknown := np.flatnonzero(codes < 0)).size:
            raise InputError(
                f"expected a level of {quoted(self.name)} from the fit ({some(self.levels)}), got "
                f"{shown(values[unknown[0]])} in row {unknown[0]}; leave {these(unknown.size)} "
                "out, or fit again with documents of that level"
            )
        return Labels(codes, self.levels)

    def grid(self, n: int) -> "pd.Series":
        """Return ``n`` equally spaced values from the smallest to the largest, or all levels.

        A boolean takes False and True.
        """
        import pandas as pd

        if self.levels or self.kind == "boolean":
            return pd.Series(list(self.levels or (False, True)), name=self.name)
        numbers = np.linspace(self.low or 0.0, self.high or 0.0, n)
        return pd.Series(self._shown(numbers), name=self.name)

    def typical_value(self) -> Any:
        """Return the mean, of dates as a date, or the most frequent value."""
        import pandas as pd

        if self.levels or self.kind == "boolean":
            return self.typical
        return pd.Series(self._shown(np.array([self.typical]))).iloc[0]

    def to_config(self) -> dict[str, Any]:
        """Return a description for :meth:`from_config`, ready for JSON."""
        return asdict(self) | {"levels": list(self.levels)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Variable":
        """Return the variable that :meth:`to_config` described.

        Raises:
            KeyError, TypeError, ValueError: where it describes none.
        """
        if config["kind"] not in ("number", "date", "boolean", "factor"):
            raise ValueError(f"a variable of kind {quoted(config['kind'])}")
        found = cls(**{**config, "levels": checked_levels(config["levels"])})
        numbers = () if found.levels or found.kind == "boolean" else (found.low, found.high)
        if not isinstance(found.name, str) or not isinstance(found.typical, Level):
            raise TypeError(f"a variable {shown(found.name)} typically {shown(found.typical)}")
        if found.kind == "factor" and not found.levels:
            raise ValueError(f"a factor {quoted(found.name)} without levels")
        for number in numbers and (found.typical, *numbers):
            if not isinstance(number, float) or not math.isfinite(number):
                raise TypeError(f"a variable {quoted(found.name)} with the value {shown(number)}")
        return found

    def _shown(self, numbers: NDArray[np.float64]) -> NDArray[Any]:
        return from_decimal_years(numbers) if self.kind == "date" else numbers


def levels_of_group(column: "pd.Series") -> tuple[tuple[Level, ...], NDArray[np.int64]]:
    """Return the levels of a column with a random intercept, and the number of each document's.

    Raises:
        InputError: where values are missing, or all the same.
    """
    refuse_missing(str(column.name), column)
    levels = levels_of(column)
    _refuse_constant(str(column.name), len(levels), levels[0])
    return levels, coded(scalars_of(column), levels)


def numbers_of_group(column: "pd.Series", levels: tuple[Level, ...]) -> NDArray[np.int64]:
    """Return the number of each document's level, -1 where it is missing or unknown."""
    return coded(scalars_of(column), levels)


def _refuse_constant(name: str, n_values: int, value: Any) -> None:
    if n_values < 2:
        raise InputError(
            f"expected a column {quoted(name)} that differs between documents, got {shown(value)} "
            "for all of them; leave it out of prevalence"
        )
