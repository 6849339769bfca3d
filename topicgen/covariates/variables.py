"""The columns of metadata that a formula names: what kind each has, and which values it took."""

import difflib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from topicgen.covariates.dates import as_times, decimal_years, from_decimal_years, is_iso_date
from topicgen.covariates.labels import Labels, Level, coded
from topicgen.errors import InputError, shown

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["number", "date", "boolean", "factor"]
Values = NDArray[np.float64] | NDArray[np.bool_] | Labels


@dataclass(frozen=True)
class Variable:
    """A column of metadata, as the documents of the fit had it.

    Attributes:
        name: of the column.
        kind: "number", "date" (as decimal years), "boolean" (as 0 and 1) or "factor".
        typical: the mean, or the most frequent value of a boolean or factor.
        low, high: the smallest and the largest value, of a number or date.
        levels: of a factor; also of a number that the formula has as one, C(year).

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
        """Return what a column is.

        Args:
            name: of the column.
            column: its values, one per document.
            as_factor: whether the formula has it as C(name).

        Raises:
            InputError: where values are missing, infinite, all the same, or of several kinds.
        """
        kind = _kind(name, column)
        _refuse_missing(name, column)
        if kind == "date" and as_factor:
            raise InputError(
                f"C({name}) is of a column of dates; use s({name}) for a curve, (1 | {name}) for "
                "an intercept per date, or convert the column, for instance to the year"
            )
        if kind == "factor" or (kind == "number" and as_factor):
            levels = _levels(column)
            _refuse_constant(name, len(levels), levels[0])
            counts = np.bincount(coded(_scalars(column), levels))
            return cls(name, kind, levels[counts.argmax()], levels=levels)
        if kind == "boolean":
            truths = column.to_numpy(dtype=bool)
            _refuse_constant(name, len(np.unique(truths)), bool(truths[0]))
            return cls(name, kind, bool(2 * truths.sum() > len(truths)))
        numbers = _numbers(name, column, kind)
        low, high = float(numbers.min()), float(numbers.max())
        _refuse_constant(name, 1 if low == high else 2, _scalar(column.iloc[0]))
        return cls(name, kind, float(numbers.mean()), low, high)

    def read(self, column: "pd.Series") -> Values:
        """Return the values of new documents, as numbers or labels.

        Raises:
            InputError: where values are missing, infinite, of another kind, or of unknown levels.
        """
        _refuse_missing(self.name, column)
        if self.kind == "boolean":
            if (found := _kind(self.name, column)) not in ("boolean", "number"):
                raise _of_another_kind(self.name, "booleans", column, found)
            return _numbers(self.name, column, "number").astype(bool)
        if self.kind != "factor":
            return _numbers(self.name, column, self.kind)
        values = _scalars(column)
        codes = coded(values, self.levels)
        if (unknown := np.flatnonzero(codes < 0)).size:
            raise InputError(
                f"expected a level of {self.name!r} from the fit ({some(self.levels)}), got "
                f"{shown(values[unknown[0]])} in row {unknown[0]}; leave these {unknown.size:,} "
                "documents out, or fit again with documents of that level"
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
        """Return the mean, as a date where it is one, or the most frequent value."""
        import pandas as pd

        if self.levels or self.kind == "boolean":
            return self.typical
        return pd.Series(self._shown(np.array([self.typical]))).iloc[0]

    def to_config(self) -> dict[str, Any]:
        """Return what :meth:`from_config` makes an equal variable of."""
        return asdict(self) | {"levels": list(self.levels)}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Variable":
        """Return the variable that :meth:`to_config` described."""
        if config["kind"] not in ("number", "date", "boolean", "factor"):
            raise ValueError(f"a variable of kind {config['kind']!r}")
        return cls(**{**config, "levels": tuple(config["levels"])})

    def _shown(self, numbers: NDArray[np.float64]) -> NDArray[Any]:
        return from_decimal_years(numbers) if self.kind == "date" else numbers


def column_of(metadata: "pd.DataFrame", name: str) -> "pd.Series":
    """Return a column of metadata.

    Raises:
        InputError: where there is no such column.
    """
    names = [str(column) for column in metadata.columns]
    if name not in names:
        raise InputError(
            f"expected metadata with the column {name!r} that prevalence uses, got "
            f"{some(names) or 'no columns'}; {_remedy(name, names)}"
        )
    return metadata.iloc[:, names.index(name)]


def levels_of_group(column: "pd.Series") -> tuple[tuple[Level, ...], NDArray[np.int64]]:
    """Return the levels of a column of a random intercept, and each document's number.

    Raises:
        InputError: where values are missing.
    """
    _refuse_missing(str(column.name), column)
    levels = _levels(column)
    return levels, coded(_scalars(column), levels)


def numbers_of_group(column: "pd.Series", levels: tuple[Level, ...]) -> NDArray[np.int64]:
    """Return the number of each document's level, -1 where it is missing or unknown."""
    return coded(_scalars(column), levels)


def some(values: Iterable[Any], most: int = 8) -> str:
    """Return the first few values, in words.

    >>> some(["a", "b"]), some(range(10), 2)
    ("'a', 'b'", '0, 1 and 8 more')
    """
    values = list(values)
    words = ", ".join(shown(value) for value in values[:most])
    return words if len(values) <= most else f"{words} and {len(values) - most:,} more"


def _remedy(name: str, names: list[str]) -> str:
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.6)
    same = [other for other in names if other.casefold() == name.casefold()]
    if found := list(dict.fromkeys(same + close)):
        return f"did you mean {' or '.join(map(repr, found))}?"
    return "name one of these, or add the column"


def _kind(name: str, column: "pd.Series") -> Kind:
    import pandas as pd

    dtype: Any = column.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        return "factor"
    if pd.api.types.is_bool_dtype(dtype):
        return "boolean"
    if isinstance(dtype, (pd.PeriodDtype, pd.DatetimeTZDtype)) or dtype.kind == "M":
        return "date"
    if dtype.kind in "iuf":
        return "number"
    present = column.dropna()
    found = pd.api.types.infer_dtype(present, skipna=True)
    if found == "string":
        return "date" if all(is_iso_date(value) for value in present) else "factor"
    if found in ("datetime", "date", "datetime64", "period"):
        return "date"
    if found == "boolean":
        return "boolean"
    if all(isinstance(value, (Real, Decimal)) for value in present) and len(present):
        return "number"
    if found == "empty":
        _refuse_missing(name, column)
    kinds = sorted({type(value).__name__ for value in present})
    raise InputError(
        f"expected numbers, dates, booleans or text in the metadata column {name!r}, got a column "
        f"of {' and '.join(kinds)} (dtype {dtype}); convert it, for instance with astype(str)"
    )


def _refuse_missing(name: str, column: "pd.Series") -> None:
    missing = np.flatnonzero(column.isna().to_numpy(dtype=bool))
    if missing.size:
        raise InputError(
            f"expected a value of {name!r} for every document, got {missing.size:,} missing of "
            f"{len(column):,} (the first in row {missing[0]}); fill them in, or leave these "
            "documents out"
        )
    if not len(column):
        raise InputError(f"expected documents with values of {name!r}, got no documents")


def _refuse_constant(name: str, n_values: int, value: Any) -> None:
    if n_values < 2:
        raise InputError(
            f"expected a column {name!r} that differs between documents, got {shown(value)} for "
            "all of them; leave it out of prevalence"
        )


def _numbers(name: str, column: "pd.Series", kind: Kind) -> NDArray[np.float64]:
    """Return numbers, or dates as decimal years."""
    if kind == "date":
        if (found := _kind(name, column)) != "date":
            raise _of_another_kind(name, "dates", column, found)
        try:
            return decimal_years(as_times(column))
        except (ValueError, OverflowError) as error:
            raise InputError(
                f"expected dates in {name!r}, got one that cannot be read ({error}); write dates "
                "as 1999-12-31"
            ) from None
    if (found := _kind(name, column)) not in ("number", "boolean"):
        raise _of_another_kind(name, "numbers", column, found)
    numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
    bad = np.flatnonzero(~np.isfinite(numbers))
    if bad.size:
        raise InputError(
            f"expected finite numbers in {name!r}, got {numbers[bad[0]]} in row {bad[0]}; correct "
            f"{'it' if bad.size == 1 else f'these {bad.size:,} values'}, or leave the documents out"
        )
    return numbers


def _of_another_kind(name: str, expected: str, column: "pd.Series", found: str) -> InputError:
    return InputError(
        f"expected {expected} in {name!r} as in the fit, got {found}s such as "
        f"{shown(column.iloc[0])} in row 0; convert the column"
    )


def _levels(column: "pd.Series") -> tuple[Level, ...]:
    """Return the levels that occur: in the order of a categorical, otherwise sorted."""
    import pandas as pd

    present = set(_scalars(column.dropna()).tolist())
    if isinstance(column.dtype, pd.CategoricalDtype):
        return tuple(v for v in map(_scalar, column.cat.categories.tolist()) if v in present)
    try:
        return tuple(sorted(present))
    except TypeError:
        return tuple(sorted(present, key=lambda value: (type(value).__name__, str(value))))


def _scalars(column: "pd.Series") -> NDArray[np.object_]:
    """Return the values as Python's own, those of other types as text."""
    values = np.empty(len(column), dtype=object)
    values[:] = [_scalar(value) for value in column.tolist()]
    return values


def _scalar(value: Any) -> Any:
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (str, bool, int)):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    return str(value)
