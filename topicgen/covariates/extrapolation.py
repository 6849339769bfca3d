"""Warnings of values of covariates that lie outside those of the documents of the fit."""

import re
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from topicgen.covariates.columns import column_of
from topicgen.covariates.dates import from_decimal_years
from topicgen.covariates.design import Design
from topicgen.covariates.variables import Variable
from topicgen.plain import plain

if TYPE_CHECKING:
    import pandas as pd

# Of the range of the documents: a value that is rounded up or down needs no warning.
_MARGIN = 0.01


def warn_outside(design: Design, frames: "Sequence[pd.DataFrame]") -> None:
    r"""Warn of numbers and dates well outside those of the documents of the fit, once per variable.

    Args:
        design: of the fit.
        frames: values of some of its variables, which ``design.read`` accepts.

    Example:
        >>> import pandas as pd
        >>> metadata = pd.DataFrame({"party": list("abba"), "year": [1, 2, 3, 6]})
        >>> design, _ = Design.of("~ party + year", metadata, 4)
        >>> with warnings.catch_warnings(record=True) as caught:
        ...     warnings.simplefilter("always")
        ...     warn_outside(design, [pd.DataFrame({"year": [5, 9]})])
        >>> print(*str(caught[0].message).split(": "), sep="\n")
        year
        9 lies above the largest of the documents, 6
        year is continued as a straight line there
    """
    for variable in design.fitted_variables:
        having = [frame for frame in frames if variable.name in map(str, frame.columns)]
        columns = [column_of(frame, variable.name) for frame in having]
        if variable.low is None or variable.high is None or not columns:
            continue
        numbers = np.concatenate([np.asarray(variable.read(c), np.float64) for c in columns])
        beyond = np.maximum(variable.low - numbers, numbers - variable.high)
        farthest = beyond.argmax()
        if beyond[farthest] > _MARGIN * (variable.high - variable.low):
            message = f"{_where(variable, float(numbers[farthest]))}: {_how(design, variable.name)}"
            warnings.warn(message, UserWarning, stacklevel=2)


def _where(variable: Variable, number: float) -> str:
    """Return which value lies outside, and on which side of which value of the documents."""
    assert variable.low is not None
    assert variable.high is not None
    is_above = number > variable.high
    end = _text(variable, variable.high if is_above else variable.low)
    sides = {"date": ("before the first", "after the last")}
    side = sides.get(variable.kind, ("below the smallest", "above the largest"))[is_above]
    name = plain(variable.name, 40)
    return f"{name}: {_text(variable, number)} lies {side} of the documents, {end}"


def _how(design: Design, name: str) -> str:
    """Return how the terms of a variable go on where there are no documents."""
    factors = {f.name: f for term in design.fitted_terms for f in term.factors}
    using = [text for text, factor in factors.items() if name in factor.variables]
    verb = "is" if len(using) == 1 else "are"
    linear = re.compile(rf"(s|cr|center|scale)\(\s*`?{re.escape(name)}`?\s*(,[^()]*)?\)")
    is_straight = all(text == name or linear.fullmatch(text) for text in using)
    way = "continued as a straight line" if is_straight else "extrapolated"
    return f"{plain(' and '.join(using), 80)} {verb} {way} there"


def _text(variable: Variable, number: float) -> str:
    if variable.kind == "date":
        return str(from_decimal_years(np.array([number])).astype("M8[D]")[0])
    return f"{number:.10g}"
