"""What covariates have to do with topics, as plain-text tables."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from topicgen.covariates.wording import term_text
from topicgen.rows import aligned
from topicgen.visualization.cells import fixed, interval, name_cell, words_cell

if TYPE_CHECKING:
    import pandas as pd

# What the estimates of each kind are called, and what their exponentials are.
_NAMES = {
    "log_rate": ("log rate", "rate ratio"),
    "log_amount": ("log amount", "amount ratio"),
    "share": ("share", None),
    "presence": ("presence", None),
}


def effects_table(
    effects: "pd.DataFrame",
    words: Sequence[Sequence[str]],
    kind: str = "log_rate",
    level: float = 0.95,
    width: int | None = None,
) -> str:
    """Return a table for each term: one line per topic, the largest effect first.

    Log rates come with the ratios that they mean, exp(estimate). A star marks an interval that
    excludes 0.

    Args:
        effects: a row per topic and term: ``topic``, ``term``, ``estimate``, ``low``, ``high``;
            its ``attrs["references"]``, if there, name the level that each factor is compared with.
        words: the top words of each topic, by its number.
        kind: of the effects: "log_rate", "log_amount", "share" or "presence".
        level: of the intervals.
        width: of the window that the tables fit, in columns; None for no limit.

    Example:
        >>> import pandas as pd
        >>> effects = pd.DataFrame(
        ...     {"topic": [0, 1], "term": "party[T.Lab]", "estimate": [-0.1, 0.7],
        ...      "std_error": [0.1, 0.1], "low": [-0.3, 0.5], "high": [0.1, 0.9]}
        ... )
        >>> effects.attrs["references"] = {"party": "Con"}
        >>> print(effects_table(effects, [["cat", "purrs"], ["stocks", "fell"]]))
        party: Lab vs Con
        topic  log rate    95% interval    rate ratio  95% interval  words
            1     +0.70  +0.50 to +0.90 *        2.01  1.65 to 2.46  stocks, fell
            0     -0.10  -0.30 to +0.10          0.90  0.74 to 1.11  cat, purrs
        <BLANKLINE>
        * the 95% interval excludes 0
    """
    name, ratio = _NAMES[kind]
    references = effects.attrs.get("references", {})
    rows = [_Effect(r.topic, r.term, r.estimate, r.low, r.high) for r in effects.itertuples()]
    marked = f"{100 * level:g}% interval"
    of_terms: dict[str, list[_Effect]] = {}
    for row in rows:
        of_terms.setdefault(row.term, []).append(row)
    tables = []
    for term, of_term in of_terms.items():
        title = name_cell(term_text(term, references), width)
        tables.append(f"{title}\n{_table(of_term, words, name, ratio, marked, width)}")
    return "\n\n".join([*tables, f"* the {marked} excludes 0"])


class _Effect(NamedTuple):
    topic: int
    term: str
    estimate: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        return self.low > 0 or self.high < 0


def _table(
    rows: list[_Effect],
    words: Sequence[Sequence[str]],
    name: str,
    ratio: str | None,
    marked: str,
    width: int | None,
) -> str:
    digits = _digits(rows)
    # A star is behind its interval, with a space between.
    cells = [["topic", name, f"{marked}  ", *([ratio, marked] if ratio else []), "words"]]
    for row in sorted(rows, key=lambda row: (math.isnan(row.estimate), -row.estimate)):
        star = "*" if row.excludes_zero else " "
        cells.append(
            [
                str(row.topic),
                fixed(row.estimate, digits, "+"),
                f"{interval(row.low, row.high, digits, '+')} {star}",
                *(_ratio(row, digits) if ratio else []),
                words_cell(words[row.topic]),
            ]
        )
    return aligned(cells, has_text=True, width=width)


def _ratio(row: _Effect, digits: int) -> list[str]:
    estimate, low, high = map(_exp, row[2:])
    return [fixed(estimate, digits), interval(low, high, digits)]


def _exp(x: Any) -> float:
    return math.inf if x > 700 else math.exp(x)


def _digits(rows: Sequence[_Effect]) -> int:
    """Return how many digits after the point the narrowest interval needs."""
    widths = [row.high - row.low for row in rows if row.high - row.low > 0]
    narrowest = min(widths, default=1.0)
    return min(max(2, 1 - math.floor(math.log10(narrowest / 4))), 8) if narrowest < 1e9 else 2
