"""The values of a factor, such as ``log(income)``, computed without Python's ``eval``."""

import ast
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicgen.covariates.dates import decimal_years, is_iso_date
from topicgen.covariates.grammar import ARITHMETIC, COMPARISONS, FUNCTIONS, LOGIC, called
from topicgen.covariates.labels import Labels, Level, some, these
from topicgen.covariates.transforms import ELEMENTWISE, TRANSFORMS
from topicgen.covariates.variables import Values
from topicgen.errors import InputError, shown
from topicgen.plain import quoted

Floats = NDArray[np.float64]
States = MutableMapping[str, Mapping[str, Any]]


def evaluate(
    tree: ast.expr, text: str, columns: Mapping[str, Values], states: States
) -> Floats | Labels:
    """Return the values of a factor, (n_documents,) or (n_documents, n_columns), or its labels.

    Args:
        tree: the factor, which was checked.
        text: as it was written, for errors.
        columns: the values of each variable.
        states: what the functions have learnt, by their text. A function without an entry learns
            from these documents, and adds its entry.

    Raises:
        InputError: where the factor cannot be computed from these values.
    """
    return _Evaluation(text, columns, states).factor(tree)


def column_named(name: str) -> str:
    """Return the column that a name in a tree stands for, which may be in backticks."""
    return name.strip("`")


class _Evaluation:
    """One factor over the columns of some documents."""

    def __init__(self, text: str, columns: Mapping[str, Values], states: States) -> None:
        self._text = text
        self._columns = columns
        self._states = states

    def factor(self, node: ast.expr) -> Floats | Labels:
        """Return numbers, with 1 for true and 0 for false, or labels."""
        if isinstance(node, ast.Call) and called(node) == "C":
            return self._contrast(node)
        value = self._value(node)
        if isinstance(value, Labels):
            return value
        if not isinstance(value, np.ndarray):
            raise self._error("it is the same for every document; name a column in it")
        value = value.astype(np.float64)
        self._check_finite(value)
        return value

    def _value(self, node: ast.expr) -> Any:
        match node:
            case ast.Name(id=name):
                return self._columns[column_named(name)]
            case ast.Constant(value=bool() | str() as constant):
                return constant
            case ast.Constant(value=int() | float() as number):
                return np.float64(number)  # whose powers overflow, where Python's fill the memory
            case ast.BinOp(left=left, op=op, right=right) if type(op) in LOGIC:
                return LOGIC[type(op)](self._truths(left), self._truths(right))
            case ast.BinOp(left=left, op=op, right=right):
                with np.errstate(all="ignore"):
                    return ARITHMETIC[type(op)](self._numbers(left), self._numbers(right))
            case ast.UnaryOp(op=ast.Invert(), operand=operand):
                return ~self._truths(operand)
            case ast.UnaryOp(op=op, operand=operand):
                numbers = self._numbers(operand)
                return -numbers if isinstance(op, ast.USub) else numbers
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return self._comparison(left, type(op), right)
            case ast.Call():
                return self._function(node)
        raise AssertionError(ast.dump(node))  # refused by the check

    def _function(self, node: ast.Call) -> Any:
        name = called(node)
        if name == "I":
            return self._value(node.args[0])
        if name == "C":
            raise self._error("C(...) is part of a larger factor; let it stand alone")
        numbers = self._numbers(node.args[0])
        if name in ELEMENTWISE:
            with np.errstate(all="ignore"):
                return ELEMENTWISE[name](numbers)
        if not isinstance(numbers, np.ndarray) or numbers.ndim != 1:
            raise self._error(f"{name} takes one column; let {name}(...) stand alone")
        self._check_finite(numbers)
        transform, key = TRANSFORMS[name], ast.unparse(node)
        try:
            if key not in self._states:
                self._states[key] = transform.fit(numbers, **_arguments(node, FUNCTIONS[name]))
            return transform.apply(numbers, self._states[key])
        except (ValueError, TypeError, ArithmeticError, np.linalg.LinAlgError) as error:
            raise self._error(str(error).splitlines()[0]) from None

    def _comparison(self, left: ast.expr, op: type[ast.cmpop], right: ast.expr) -> Any:
        a, b = self._value(left), self._value(right)
        if isinstance(b, Labels) and not isinstance(a, Labels):
            a, b = b, a
            op = {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE}.get(op, op)
        if not isinstance(a, Labels):
            return COMPARISONS[op](self._time_or_numbers(left), self._time_or_numbers(right))
        if op not in (ast.Eq, ast.NotEq) or isinstance(b, (Labels, np.ndarray)):
            raise self._error(
                "it compares levels with something else than one of them; write x == 'level'"
            )
        level = b.item() if isinstance(b, np.generic) else b
        if level not in a.levels:
            raise self._error(
                f"it compares with {quoted(level)}, which is not a level; name one of "
                f"{some(a.levels)}"
            )
        return COMPARISONS[op](a.codes, a.levels.index(level))

    def _time_or_numbers(self, node: ast.expr) -> Any:
        """Return numbers, also of a date that is compared with others: decimal years."""
        if isinstance(node, ast.Constant) and is_iso_date(node.value):
            with suppress(ValueError):  # 1999-02-30
                return decimal_years(np.array([node.value], dtype="M8[us]"))[0]
        return self._numbers(node)

    def _contrast(self, node: ast.Call) -> Labels:
        """Return the labels of C(x), C(x, levels=[...]) or C(x, Treatment("reference"))."""
        values, key = self._value(node.args[0]), ast.unparse(node)
        if isinstance(values, np.ndarray) and values.ndim == 1:
            distinct, codes = np.unique(values, return_inverse=True)
            values = Labels(codes, tuple(map(_as_level, distinct.tolist())))
        if not isinstance(values, Labels):
            raise self._error("C takes one column; write C(x)")
        if key not in self._states:
            self._states[key] = self._levels_of_contrast(node, values)
        levels, reference = self._states[key]["levels"], self._states[key]["reference"]
        numbers = np.array([levels.index(v) if v in levels else -1 for v in values.levels])
        codes = numbers[values.codes]
        if (unknown := np.flatnonzero(codes < 0)).size:
            raise self._error(
                f"{shown(values.levels[values.codes[unknown[0]]])} in row {unknown[0]} is not a "
                f"level of the fit ({some(levels)}); leave {these(unknown.size)} out"
            )
        return Labels(codes, tuple(levels), reference)

    def _levels_of_contrast(self, node: ast.Call, values: Labels) -> Mapping[str, Any]:
        arguments = _arguments(node, FUNCTIONS["C"])
        present = [values.levels[k] for k in np.unique(values.codes)]
        if len(present) < 2:
            raise self._error(f"every document has the level {shown(present[0])}; leave it out")
        given = arguments.get("levels", present)
        if not isinstance(given, (list, tuple)):
            raise self._error(f"levels is {quoted(given)}; write levels=[...]")
        if missing := [level for level in present if level not in given]:
            raise self._error(f"levels has no {quoted(missing[0])}; list all of {some(present)}")
        levels = [level for level in given if level in present]
        reference = arguments.get("contrasts", levels[0])
        if reference not in levels:
            raise self._error(f"{quoted(reference)} is not a level; name one of {some(levels)}")
        return {"levels": levels, "reference": levels.index(reference)}

    def _numbers(self, node: ast.expr) -> Any:
        value = self._value(node)
        if isinstance(value, (Labels, str)):
            found = some(value.levels, 3) if isinstance(value, Labels) else repr(value)
            raise self._error(
                f"it needs numbers, but got text ({found}); name the column alone to use it as a "
                "factor, or convert it with pandas.to_datetime or pandas.to_numeric"
            )
        if isinstance(value, np.ndarray) and value.dtype == bool:
            return value.astype(np.float64)
        return value

    def _truths(self, node: ast.expr) -> Any:
        numbers = self._numbers(node)
        if not np.isin(numbers, (0, 1)).all():
            raise self._error(
                "&, | and ~ combine comparisons; put each into brackets, as in (x > 1) & (y < 2)"
            )
        return np.asarray(numbers).astype(bool)

    def _check_finite(self, values: Floats) -> None:
        rows = values if values.ndim == 1 else values.sum(axis=1)
        if (bad := np.flatnonzero(~np.isfinite(rows))).size:
            raise self._error(
                f"it is {rows[bad[0]]} in row {bad[0]} ({bad.size:,} such values); correct what it "
                "is computed from, or leave these documents out"
            )

    def _error(self, what: str) -> InputError:
        return InputError(f"cannot compute {shown(self._text)} in prevalence: {what}")


def _arguments(node: ast.Call, parameters: tuple[str, ...]) -> dict[str, Any]:
    given = dict(zip(parameters, node.args[1:], strict=False))
    given |= {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
    return {name: _literal(value) for name, value in given.items()}


def _literal(node: ast.expr) -> Any:
    return ast.literal_eval(node.args[0] if isinstance(node, ast.Call) else node)


def _as_level(number: float) -> Level:
    """Return a whole number as an integer, so that a level is called 2 and not 2.0."""
    return int(number) if isinstance(number, float) and number.is_integer() else number
