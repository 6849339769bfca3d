"""One factor of a formula, such as ``log(income)``."""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from topicgen.covariates.evaluation import States, column_named, evaluate
from topicgen.covariates.grammar import called, check
from topicgen.covariates.labels import Labels
from topicgen.covariates.transforms import CURVES, TRANSFORMS
from topicgen.covariates.variables import Values
from topicgen.errors import InputError, shown

_LONGEST = 1000
_QUOTED = re.compile(r"`([^`]*)`")


@dataclass(frozen=True)
class Expression:
    """A factor of a formula.

    Attributes:
        text: as it was written; column names that are not names in Python are in backticks.

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
        """The names of the columns, each once, in the order of the text."""
        nodes = list(ast.walk(self._tree))
        functions = {node.func for node in nodes if isinstance(node, ast.Call)}
        names = [node for node in nodes if isinstance(node, ast.Name) and node not in functions]
        names.sort(key=lambda node: (node.lineno, node.col_offset))
        return tuple(dict.fromkeys(column_named(node.id) for node in names))

    @property
    def contrasted(self) -> str | None:
        """The column that is a factor here, as in C(year)."""
        tree = self._tree
        if isinstance(tree, ast.Call) and called(tree) == "C":
            return self.variables[0] if isinstance(tree.args[0], ast.Name) else None
        return None

    @property
    def learnt(self) -> tuple[str, ...]:
        """The functions that learn from the documents of a fit, as states are called.

        >>> Expression("log(year) * center(year)").learnt
        ('center(year)',)
        """
        calls = [node for node in ast.walk(self._tree) if isinstance(node, ast.Call)]
        return tuple(ast.unparse(c) for c in calls if called(c) == "C" or called(c) in TRANSFORMS)

    @property
    def is_curve(self) -> bool:
        """Whether it is a curve over a number, in several columns that mean little on their own."""
        return isinstance(self._tree, ast.Call) and called(self._tree) in CURVES

    def evaluate(
        self, columns: Mapping[str, Values], states: States
    ) -> NDArray[np.float64] | Labels:
        """Return the values of the documents, as :func:`evaluation.evaluate` does."""
        return evaluate(self._tree, self.text, columns, states)

    @cached_property
    def _tree(self) -> ast.expr:
        """The parsed text, in which the name of a column may be in backticks."""
        if len(self.text) > _LONGEST:
            raise InputError(
                f"expected a factor of at most {_LONGEST} characters in prevalence, got "
                f"{len(self.text):,}; compute it as a column of the metadata"
            )
        mark = "quoted"
        while mark in self.text:
            mark += "_"
        quoted: list[str] = _QUOTED.findall(self.text)
        names = iter(f"{mark}{number}" for number in range(len(quoted)))
        plain = _QUOTED.sub(lambda _: next(names), self.text).strip()
        try:
            tree = ast.parse(plain, mode="eval").body
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            raise InputError(
                f"expected a factor of a formula, such as log(x), got {shown(self.text)} in "
                "prevalence; check its brackets and operators"
            ) from None
        check(tree, self.text)
        for node in ast.walk(tree):
            if isinstance(node, ast.Name) and node.id.startswith(mark):
                name = quoted[int(node.id.removeprefix(mark))]
                node.id = name if name.isidentifier() else f"`{name}`"
        return tree
