"""Formulas such as ``~ party * year + (1 | author)``: their terms and their random intercepts."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from topicgen.covariates.expressions import Expression
from topicgen.errors import InputError, shown
from topicgen.extras import needed

_LONGEST = 10_000
_NAME = r"[^\W\d][\w.]*"
_QUOTED = r"`[^`]+`"
_STRING = r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\""
_GROUPING = rf"(?<![\w.])\(\s*1\s*\|\s*(?P<name>{_NAME}|{_QUOTED})\s*\)"
# Strings and names in backticks are passed over: they may hold anything.
_PIECES = re.compile(rf"{_STRING}|{_QUOTED}|{_GROUPING}|(?P<bar>\|)|(?P<tilde>~)", re.DOTALL)
_OTHERS = "any other column"


@dataclass(frozen=True)
class Formula:
    """A formula that has been parsed.

    Attributes:
        text: as it was written.
        terms: products of factors; those with fewer factors come first, as in R.
        groupings: the columns that have random intercepts.

    Example:
        >>> formula = Formula.of("~ party * year + (1 | author)")
        >>> [":".join(factor.text for factor in term) for term in formula.terms]
        ['`party`', '`year`', '`party`:`year`']
        >>> formula.groupings
        ('author',)
    """

    text: str
    terms: tuple[tuple[Expression, ...], ...]
    groupings: tuple[str, ...]

    @classmethod
    def of(cls, text: str, available: Sequence[str] | None = None) -> "Formula":
        """Parse a formula.

        Args:
            text: with or without the ``~``.
            available: the columns that ``.`` means; None where they are not known.

        Raises:
            InputError: where it is not a formula, names no column, or has a left side, a random
                slope or no intercept.
        """
        if len(text) > _LONGEST:
            raise InputError(
                f"expected a formula of at most {_LONGEST:,} characters as prevalence, got "
                f"{len(text):,}; pass a matrix of numbers"
            )
        fixed, groupings = _split_groupings(_right_side(text), text)
        others = None if available is None else [n for n in available if n not in groupings]
        terms = _terms(fixed, others, text)
        if not terms and not groupings:
            raise InputError(
                f"expected a formula with columns as prevalence, got {shown(text)}, which has "
                "none; leave prevalence out"
            )
        return cls(text, terms, groupings)

    @property
    def variables(self) -> tuple[str, ...]:
        """The columns of the terms, without those that have random intercepts only."""
        return tuple(
            dict.fromkeys(
                name for term in self.terms for factor in term for name in factor.variables
            )
        )


def formula_variables(formula: str) -> tuple[str, ...] | None:
    """Return the columns that a formula names, those of random intercepts included.

    Returns:
        The names; None if the formula means all columns, with ``.``.

    Raises:
        InputError: where it is not a formula.

    Example:
        >>> formula_variables("~ party * s(date) + (1 | author)")
        ('party', 'date', 'author')
    """
    found = Formula.of(formula, [_OTHERS])
    names = tuple(dict.fromkeys((*found.variables, *found.groupings)))
    return None if _OTHERS in names else names


def _right_side(text: str) -> str:
    """Return what follows the tilde."""
    tildes = [found.start() for found in _PIECES.finditer(text) if found["tilde"]]
    outside = [at for at in tildes if not _in_factor(text, at)]  # within one, it means "not"
    if not outside:
        return text
    if text[: outside[0]].strip() or len(outside) > 1:
        raise InputError(
            f"expected a formula with nothing left of ~, such as '~ party + year', got "
            f"{shown(text)}; leave out the left side: it is the topics"
        )
    return text[outside[0] + 1 :]


def _in_factor(text: str, at: int) -> bool:
    """Return whether a place is in the brackets of a function or in braces."""
    plain = re.sub(rf"{_STRING}|{_QUOTED}", lambda found: "x" * len(found[0]), text)[:at]
    inside: list[bool] = []
    for place, mark in enumerate(plain):
        if mark in "([{":
            inside.append(mark == "{" or re.search(r"[\w.]$", plain[:place]) is not None)
        elif mark in ")]}" and inside:
            inside.pop()
    return any(inside)


def _split_groupings(right: str, text: str) -> tuple[str, tuple[str, ...]]:
    """Return the formula with 1 in place of each random intercept, and their columns."""
    groupings: list[str] = []

    def replaced(found: "re.Match[str]") -> str:
        if found["name"]:
            groupings.append(found["name"].strip("`"))
            return "1"
        if found["bar"] and not _in_factor(right, found.start()):
            raise InputError(
                f"expected | only in a random intercept such as (1 | author), got {shown(text)}; "
                "random slopes are not available: write x + (1 | author)"
            )
        return found[0]

    fixed = _PIECES.sub(replaced, right)
    if twice := [name for name in groupings if groupings.count(name) > 1]:
        raise InputError(f"(1 | {twice[0]}) comes twice in {shown(text)}; write it once")
    return fixed, tuple(groupings)


def _terms(
    right: str, available: Sequence[str] | None, text: str
) -> tuple[tuple[Expression, ...], ...]:
    """Return the products that a formula without groupings expands to."""
    if not right.strip():
        return ()
    with needed("formulaic", "formulas need"):
        from formulaic.errors import FormulaicError
        from formulaic.parser import DefaultFormulaParser
        from formulaic.parser.algos.tokenize import tokenize
        from formulaic.parser.types import Factor, Token

    names = {} if available is None else {"__formulaic_variables_available__": list(available)}
    try:
        # Before the parser sees them: it may look up the names in a factor by evaluating it.
        for token in tokenize(right):
            if token.kind is Token.Kind.PYTHON:
                Expression(token.token)
        found = DefaultFormulaParser(feature_flags=set()).get_terms(right, context=names)
    except InputError:
        raise
    except (FormulaicError, AttributeError, TypeError, ValueError, RecursionError) as error:
        raise InputError(
            f"expected a formula such as '~ party * year + s(date)' as prevalence, got "
            f"{shown(text)}: {_reason(error)}"
        ) from None
    terms = [term.factors for term in found.root]
    literal = Factor.EvalMethod.LITERAL
    if not any(len(term) == 1 and term[0].expr == "1" for term in terms):
        raise InputError(
            f"expected a formula with an intercept as prevalence, got {shown(text)}; leave out 0 "
            "and -1: the intercept is each topic's share, and stays"
        )
    products = [term for term in terms if any(f.eval_method is not literal for f in term)]
    for factor in (factor for term in products for factor in term):
        if factor.eval_method is literal:
            raise InputError(
                f"expected columns in the products of prevalence, got {factor.expr} in "
                f"{shown(text)}; write {{{factor.expr} * x}} for a multiple of x"
            )
    lookup = Factor.EvalMethod.LOOKUP
    expressions = [
        tuple(Expression(f"`{f.expr}`" if f.eval_method is lookup else f.expr) for f in term)
        for term in products
    ]
    return tuple(sorted(expressions, key=len))


def _reason(error: Exception) -> str:
    """Return what formulaic says, without the drawing of the place that follows."""
    from formulaic.errors import FormulaicError

    said = (
        str(error).partition("\n")[0].partition(" (tip")[0].rstrip(".")
        if isinstance(error, FormulaicError)
        else ""
    )
    return f"{said or 'it cannot be read'}; check its operators and brackets"
