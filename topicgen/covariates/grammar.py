"""What a factor of a formula may contain; everything else is refused.

A formula may come from a saved model, and a saved model is data. Factors are parsed, checked
against these lists and computed by ``evaluation``; their text never reaches Python's ``eval``.
"""

import ast
from collections.abc import Callable, Mapping
from typing import Any, NoReturn

import numpy as np

from topicgen.covariates.transforms import ELEMENTWISE, TRANSFORMS
from topicgen.errors import InputError, shown
from topicgen.plain import quoted

ARITHMETIC: Mapping[type[ast.operator], Callable[..., Any]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.FloorDiv: np.floor_divide,
    ast.Mod: np.mod,
    ast.Pow: np.power,
}
LOGIC: Mapping[type[ast.operator], Callable[..., Any]] = {
    ast.BitAnd: np.logical_and,
    ast.BitOr: np.logical_or,
}
COMPARISONS: Mapping[type[ast.cmpop], Callable[..., Any]] = {
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
}
# The arguments of each function after the first.
FUNCTIONS: Mapping[str, tuple[str, ...]] = {
    "C": ("contrasts", "levels"),
    **dict.fromkeys(ELEMENTWISE, ()),
    **{name: transform.parameters for name, transform in TRANSFORMS.items()},
}

_DEEPEST = 30
_LARGEST = 2**63
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


def check(tree: ast.expr, text: str) -> None:
    """Check that a factor contains nothing but what a formula needs.

    Args:
        tree: the parsed factor.
        text: as it was written, for the error.

    Raises:
        InputError: where it contains anything else.

    Example:
        >>> check(ast.parse("log(x + 1)", mode="eval").body, "log(x + 1)")
    """
    _Check(text).value(tree)


def called(node: ast.Call) -> str:
    """Return the name of the function of a call that was checked."""
    assert isinstance(node.func, ast.Name)
    return node.func.id


class _Check:
    """Refuses what a formula does not need."""

    def __init__(self, text: str) -> None:
        self._text = text

    def value(self, node: ast.AST, depth: int = 0) -> None:
        """Check an expression that gives values of the documents."""
        if depth > _DEEPEST:
            self._refuse(f"brackets nested more than {_DEEPEST} deep")
        match node:
            case ast.Name() | ast.Constant(value=bool() | float() | str()):
                return
            case ast.Constant(value=int() as number):
                if abs(number) > _LARGEST:
                    self._refuse("a number that is too large")
            case ast.BinOp(left=left, op=op, right=right) if type(op) in {**ARITHMETIC, **LOGIC}:
                self.value(left, depth + 1)
                self.value(right, depth + 1)
            case ast.UnaryOp(op=ast.UAdd() | ast.USub() | ast.Invert(), operand=operand):
                self.value(operand, depth + 1)
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in COMPARISONS:
                self.value(left, depth + 1)
                self.value(right, depth + 1)
            case ast.Call(func=ast.Name(id=name), args=[first, *others], keywords=keywords):
                self._call(name, others, keywords)
                self.value(first, depth + 1)
            case _:
                self._refuse(_WORDS.get(type(node), type(node).__name__.lower()))

    def _call(self, name: str, others: list[ast.expr], keywords: list[ast.keyword]) -> None:
        if name not in FUNCTIONS:
            self._refuse(f"the function {quoted(name)}")
        known = FUNCTIONS[name]
        if len(others) > len(known):
            self._refuse(f"{len(others) + 1} arguments of {name}")
        given = [*known[: len(others)], *(keyword.arg for keyword in keywords)]
        for parameter in given:
            if parameter not in known or given.count(parameter) > 1:
                self._refuse(f"the argument {quoted(parameter)} of {name}")
        for node in (*others, *(keyword.value for keyword in keywords)):
            if not _is_literal(node):
                self._refuse(f"an argument of {name} that is not a number or text")

    def _refuse(self, what: str) -> NoReturn:
        raise InputError(
            f"expected columns, numbers, arithmetic, comparisons and {', '.join(FUNCTIONS)} in a "
            f"factor of prevalence, got {what} in {shown(self._text)}; compute it as a column of "
            "the metadata, and put a name with dots, spaces or brackets into `backticks`"
        )


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
