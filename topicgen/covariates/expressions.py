"""One factor of a formula, such as ``log(income)``: checked, and computed without Python's eval.

A formula may come from a saved model, and a saved model is data. What is not on the list below is
refused before anything is computed.
"""

import ast
import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from topicgen.covariates.labels import Labels, Level
from topicgen.covariates.transforms import CURVES, ELEMENTWISE, TRANSFORMS
from topicgen.covariates.variables import Values, some
from topicgen.errors import InputError, shown

Floats = NDArray[np.float64]
States = MutableMapping[str, Mapping[str, Any]]

_ARITHMETIC: Mapping[type[ast.operator], Callable[..., Any]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.FloorDiv: np.floor_divide,
    ast.Mod: np.mod,
    ast.Pow: np.power,
}
_LOGIC: Mapping[type[ast.operator], Callable[..., Any]] = {
    ast.BitAnd: np.logical_and,
    ast.BitOr: np.logical_or,
}
_COMPARISONS: Mapping[type[ast.cmpop], Callable[..., Any]] = {
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
}
FUNCTIONS = ("C", *ELEMENTWISE, *TRANSFORMS)
_OF_C = ("contrasts", "levels")
_DEEPEST = 30
_LONGEST = 1000
_QUOTED = re.compile(r"`([^`]*)`")


@dataclass(frozen=True)
class Expression:
    """A factor of a formula.

    Attributes:
        text: with the names of columns that are not Python's in backticks.

    Raises:
        InputError: where it contains anything but columns, numbers, texts, arithmetic, comparisons
            and the functions of a formula.

    Example:
        >>> Expression("log(`net income` + 1)").variables
        ('net income',)
        >>> Expression("`net income`").name
        'net income'
    """

    text: str

    def __post_init__(self) -> None:
        self._tree  # noqa: B018  (checks it)

    @property
    def name(self) -> str:
        """The text, without backticks where it is just a column."""
        return self.variables[0] if isinstance(self._tree, ast.Name) else self.text

    @property
    def variables(self) -> tuple[str, ...]:
        """The names of the columns, each once."""
        return tuple(dict.fromkeys(self._names_in(self._tree)))

    @property
    def contrasted(self) -> str | None:
        """The column that is a factor here, as in C(year)."""
        tree = self._tree
        if isinstance(tree, ast.Call) and _called(tree) == "C":
            return self.variables[0] if isinstance(tree.args[0], ast.Name) else None
        return None

    @property
    def is_curve(self) -> bool:
        """Whether it is a curve of a number, in several columns that mean little alone."""
        return isinstance(self._tree, ast.Call) and _called(self._tree) in CURVES

    def evaluate(self, columns: Mapping[str, Values], states: States) -> Floats | Labels:
        """Return the values of the documents, (n,) or (n, m), or their labels.

        Args:
            columns: the values of each variable.
            states: what the functions have learnt. A function that has no entry yet learns from
                these documents, and enters it.

        Raises:
            InputError: what cannot be computed of these values.
        """
        return _Evaluation(self, columns, states).factor(self._tree)

    @cached_property
    def _tree(self) -> ast.expr:
        if len(self.text) > _LONGEST:
            raise InputError(
                f"expected a factor of at most {_LONGEST} characters in prevalence, got "
                f"{len(self.text):,}; compute it as a column of the metadata"
            )
        try:
            tree = ast.parse(self._python, mode="eval").body
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            raise InputError(
                f"expected a factor of a formula, such as log(x), got {shown(self.text)} in "
                "prevalence; check its brackets and operators"
            ) from None
        _Check(self.text).value(tree)
        return tree

    @cached_property
    def _python(self) -> str:
        """The text with a name of Python for each name in backticks."""
        return _QUOTED.sub(lambda found: f"_{self._quoted.index(found[1])}_", self.text).strip()

    @cached_property
    def _quoted(self) -> list[str]:
        return list(dict.fromkeys(_QUOTED.findall(self.text)))

    def original(self, name: str) -> str:
        """Return the column that a name of the tree stands for."""
        placeholder = re.fullmatch(r"_(\d+)_", name)
        if placeholder and int(placeholder[1]) < len(self._quoted):
            return self._quoted[int(placeholder[1])]
        return name

    def key(self, node: ast.expr) -> str:
        """Return the text of a part, under which the state of a function is kept."""
        return re.sub(r"\b_\d+_\b", lambda found: f"`{self.original(found[0])}`", ast.unparse(node))

    def _names_in(self, tree: ast.expr) -> Iterator[str]:
        functions = {node.func for node in ast.walk(tree) if isinstance(node, ast.Call)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and node not in functions:
                yield self.original(node.id)


class _Check:
    """Refuses what a formula has no need of."""

    def __init__(self, text: str) -> None:
        self._text = text

    def value(self, node: ast.AST, depth: int = 0) -> None:
        """Check what stands for values of the documents."""
        if depth > _DEEPEST:
            self._refuse(f"brackets nested more than {_DEEPEST} deep")
        match node:
            case ast.Name() | ast.Constant(value=bool() | int() | float() | str()):
                return
            case ast.BinOp(left=left, op=op, right=right) if type(op) in {**_ARITHMETIC, **_LOGIC}:
                self.value(left, depth + 1)
                self.value(right, depth + 1)
            case ast.UnaryOp(op=ast.UAdd() | ast.USub() | ast.Invert(), operand=operand):
                self.value(operand, depth + 1)
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARISONS:
                self.value(left, depth + 1)
                self.value(right, depth + 1)
            case ast.Call(func=ast.Name(id=name), args=[first, *others], keywords=keywords):
                self._call(name, others, keywords)
                self.value(first, depth + 1)
            case _:
                self._refuse(_WORDS.get(type(node), type(node).__name__.lower()))

    def _call(self, name: str, others: list[ast.expr], keywords: list[ast.keyword]) -> None:
        if name not in FUNCTIONS:
            self._refuse(f"the function {name!r}")
        known = _OF_C if name == "C" else TRANSFORMS[name].parameters if name in TRANSFORMS else ()
        if len(others) > len(known):
            self._refuse(f"{len(others) + 1} arguments of {name}")
        given = [*known[: len(others)], *(keyword.arg for keyword in keywords)]
        for parameter in given:
            if parameter not in known or given.count(parameter) > 1:
                self._refuse(f"the argument {parameter!r} of {name}")
        for node in (*others, *(keyword.value for keyword in keywords)):
            if not _is_literal(node):
                self._refuse(f"an argument of {name} that is not a number or text")

    def _refuse(self, what: str) -> NoReturn:
        raise InputError(
            f"expected columns, numbers, arithmetic, comparisons and {', '.join(FUNCTIONS)} in a "
            f"factor of prevalence, got {what} in {shown(self._text)}; compute it as a column of "
            "the metadata, and put a name with dots, spaces or brackets into `backticks`"
        )


_WORDS: Mapping[type[ast.AST], str] = {
    ast.Attribute: "an attribute",
    ast.Subscript: "a subscript",
    ast.Lambda: "a lambda",
    ast.ListComp: "a comprehension",
    ast.SetComp: "a comprehension",
    ast.DictComp: "a comprehension",
    ast.GeneratorExp: "a comprehension",
    ast.JoinedStr: "a formatted string",
    ast.Call: "a call of something that is not a named function with an argument",
    ast.BoolOp: "'and' or 'or' (write & or |)",
    ast.Compare: "a chain of comparisons, or 'in' or 'is'",
    ast.IfExp: "a conditional",
    ast.NamedExpr: "an assignment",
}


def _is_literal(node: ast.expr) -> bool:
    match node:
        case ast.Constant(value=bool() | int() | float() | str()):
            return True
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float())):
            return True
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return all(_is_literal(part) and not hasattr(part, "elts") for part in parts)
        case ast.Call(func=ast.Name(id="Treatment"), args=[ast.Constant(value=str() | int())]):
            return not node.keywords
    return False


class _Evaluation:
    """One expression over the columns of some documents."""

    def __init__(
        self, expression: Expression, columns: Mapping[str, Values], states: States
    ) -> None:
        self._expression = expression
        self._columns = columns
        self._states = states

    def factor(self, node: ast.expr) -> Floats | Labels:
        """Return numbers, 1 and 0 for what is true and false, or labels."""
        if isinstance(node, ast.Call) and _called(node) == "C":
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
                return self._columns[self._expression.original(name)]
            case ast.Constant(value=bool() | str() as constant):
                return constant
            case ast.Constant(value=int() | float() as number):
                return np.float64(number)  # whose powers overflow, where Python's fill the memory
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _LOGIC:
                return _LOGIC[type(op)](self._truths(left), self._truths(right))
            case ast.BinOp(left=left, op=op, right=right):
                with np.errstate(all="ignore"):
                    return _ARITHMETIC[type(op)](self._numbers(left), self._numbers(right))
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
        name = _called(node)
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
        transform, key = TRANSFORMS[name], self._expression.key(node)
        try:
            if key not in self._states:
                self._states[key] = transform.fit(numbers, **_arguments(node, transform.parameters))
            return transform.apply(numbers, self._states[key])
        except (ValueError, TypeError, ArithmeticError, np.linalg.LinAlgError) as error:
            raise self._error(str(error).splitlines()[0]) from None

    def _comparison(self, left: ast.expr, op: type[ast.cmpop], right: ast.expr) -> Any:
        a, b = self._value(left), self._value(right)
        if isinstance(b, Labels) and not isinstance(a, Labels):
            a, b = b, a
            op = {ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE}.get(op, op)
        if not isinstance(a, Labels):
            return _COMPARISONS[op](self._numbers(left), self._numbers(right))
        if op not in (ast.Eq, ast.NotEq) or isinstance(b, (Labels, np.ndarray)):
            raise self._error(
                "it compares levels with something else than one of them; write x == 'level'"
            )
        level = b.item() if isinstance(b, np.generic) else b
        if level not in a.levels:
            raise self._error(
                f"it compares with {level!r}, which is not a level; name one of {some(a.levels)}"
            )
        return _COMPARISONS[op](a.codes, a.levels.index(level))

    def _contrast(self, node: ast.Call) -> Labels:
        """Return the labels of C(x), C(x, levels=[...]) or C(x, Treatment("reference"))."""
        values, key = self._value(node.args[0]), self._expression.key(node)
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
                f"level of the fit ({some(levels)}); leave these {unknown.size:,} documents out"
            )
        return Labels(codes, tuple(levels), reference)

    def _levels_of_contrast(self, node: ast.Call, values: Labels) -> Mapping[str, Any]:
        arguments = _arguments(node, _OF_C)
        present = [values.levels[k] for k in np.unique(values.codes)]
        if len(present) < 2:
            raise self._error(f"every document has the level {shown(present[0])}; leave it out")
        given = arguments.get("levels", present)
        if not isinstance(given, (list, tuple)):
            raise self._error(f"levels is {given!r}; write levels=[...]")
        if missing := [level for level in present if level not in given]:
            raise self._error(f"levels has no {missing[0]!r}; list all of {some(present)}")
        levels = [level for level in given if level in present]
        reference = arguments.get("contrasts", levels[0])
        if reference not in levels:
            raise self._error(f"{reference!r} is not a level; name one of {some(levels)}")
        return {"levels": levels, "reference": levels.index(reference)}

    def _numbers(self, node: ast.expr) -> Any:
        value = self._value(node)
        if isinstance(value, (Labels, str)):
            found = some(value.levels, 3) if isinstance(value, Labels) else repr(value)
            raise self._error(
                f"it computes with text ({found}); name the column alone to use it as a factor"
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
        return InputError(f"cannot compute {shown(self._expression.text)} in prevalence: {what}")


def _called(node: ast.Call) -> str:
    assert isinstance(node.func, ast.Name)
    return node.func.id


def _arguments(node: ast.Call, parameters: tuple[str, ...]) -> dict[str, Any]:
    given = dict(zip(parameters, node.args[1:], strict=False))
    given |= {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
    return {name: _literal(value) for name, value in given.items()}


def _literal(node: ast.expr) -> Any:
    return ast.literal_eval(node.args[0] if isinstance(node, ast.Call) else node)


def _as_level(number: float) -> Level:
    """Return a whole number as an integer, so that a level is called 2 and not 2.0."""
    return int(number) if isinstance(number, float) and number.is_integer() else number
