"""What figures read from the tables of a model."""

from numbers import Integral
from typing import TYPE_CHECKING, Any

from topicgen.errors import InputError, shown
from topicgen.plain import quoted
from topicgen.visualization.figures.text import printable
from topicgen.visualization.figures.topics import (
    Model,
    Shown,
    Topics,
    choose,
    fitted_of,
    label_of,
)

if TYPE_CHECKING:
    import pandas as pd

# The columns of estimates in the tables of shares and predictions; the others are covariates.
_ESTIMATES = {
    "topic",
    "share",
    "estimate",
    "std_error",
    "low",
    "high",
    "tokens",
    "documents",
    "words",
    "difference",
    "difference_low",
    "difference_high",
}
_LONGEST_HELD = 400  # columns; the figure folds it
# What a table of predictions is of, and whether that is in per cent.
_KINDS = {
    "share": ("expected share of a document's tokens", True),
    "presence": ("probability that a document has the topic", True),
    "log_rate": ("expected tokens", False),
    "log_amount": ("expected tokens where the topic is present", False),
}


def check_table(table: Any, columns: tuple[str, ...], source: str) -> "pd.DataFrame":
    """Return a table, which has rows and these columns.

    Args:
        table: what should be a data frame.
        columns: those that it needs.
        source: what returns such a table.

    Raises:
        InputError: where it has not.
    """
    found = getattr(table, "columns", None)
    if found is None:
        raise InputError(f"expected a table, got {shown(table)}; pass the result of {source}")
    missing = [name for name in columns if name not in found]
    if missing:
        raise InputError(
            f"the table has no column {quoted(missing[0])}, only "
            f"{shown(', '.join(map(str, found)))}; pass the result of {source}"
        )
    if not len(table):
        raise InputError(f"the table has no rows; pass the result of {source}")
    other = next((k for k in table.get("topic", ()) if not isinstance(k, Integral)), None)
    if other is not None:
        raise InputError(
            f"the column 'topic' must hold the numbers of topics, got {shown(other)}; pass the "
            f"result of {source}"
        )
    return table


def estimate_column(table: "pd.DataFrame") -> str:
    """Return the column of the estimates: of a prediction or, of groups, of the share."""
    return "estimate" if "estimate" in table else "share"


def kind_of(kind: Any, table: "pd.DataFrame") -> tuple[str, bool]:
    """Return what a table of this kind is of, and whether that is in per cent.

    Raises:
        InputError: where the kind is unknown.
    """
    if not (isinstance(kind, str) and kind in _KINDS):
        raise InputError(f"kind must be one of {', '.join(map(repr, _KINDS))}, got {shown(kind)}")
    if kind == "share" and estimate_column(table) == "share":
        return "share of the tokens", True
    return _KINDS[kind]


def held_of(table: "pd.DataFrame") -> str:
    """Return what a table of predictions says of the covariates that do not vary."""
    return printable(table.attrs.get("held", ""), _LONGEST_HELD)


def meaning_at(meaning: str, table: "pd.DataFrame") -> str:
    """Return what a table of predictions is of, with what it says of the other covariates.

    >>> import pandas as pd
    >>> table = pd.DataFrame()
    >>> table.attrs["held"] = "averaged over the documents with their own party"
    >>> meaning_at("expected share of a document's tokens", table)
    "expected share of a document's tokens, averaged over the documents with their own party"
    """
    held = held_of(table)
    if not held:
        return meaning
    return f"{meaning} {held}" if held.startswith("at ") else f"{meaning}, {held}"


def varying(table: "pd.DataFrame", over: str | None, usual: str, source: str) -> str:
    """Return the column that the estimates vary over.

    Args:
        table: of shares or predictions.
        over: its name, or None for the only one that varies.
        usual: the name that it has in the table of a group.
        source: what returns such a table.

    Raises:
        InputError: where there is no such column, or several vary.
    """
    if over is not None:
        check_table(table, (over,), source)
        return over
    if usual in table:
        return usual
    covariates = [name for name in table.columns if name not in _ESTIMATES]
    vary = [name for name in covariates if table[name].nunique() > 1] or covariates
    if len(vary) != 1:
        which = f"any of {', '.join(map(repr, vary))} may be meant" if vary else "it has none"
        raise InputError(
            f"expected a table with one column that its rows are over, but {which}; name it in "
            f"over=..., or pass the result of {source}"
        )
    return str(vary[0])


def topics_of_table(table: "pd.DataFrame", model: Model | None, topics: Topics, most: int) -> Shown:
    """Return the topics to show of a table of shares, by default those with the largest means.

    Raises:
        InputError: where a topic is not in the table or has no rows.
    """
    means = table.groupby("topic")[estimate_column(table)].mean().sort_index()
    largest = means.sort_values(ascending=False, kind="stable").index
    available = [int(k) for k in largest]
    return choose(topics, available, most, labels(model, available), "largest")


def labels(model: Model | None, numbers: list[int]) -> Any:
    """Return a function that returns the label of a topic of a table.

    Raises:
        InputError: where the table has a topic that the model has not.
    """
    fitted = None if model is None else fitted_of(model)
    if fitted is not None and max(numbers) >= fitted.n_topics:
        raise InputError(
            f"the table has topic {max(numbers)}, but the topics of the model are numbered from 0 "
            f"to {fitted.n_topics - 1}; pass the model that the table is of"
        )
    return label_of(fitted)
