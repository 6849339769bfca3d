"""Why a number of topics is recommended, in words for an analyst."""

from typing import TYPE_CHECKING

import numpy as np

from topicgen.corpus.wording import quantity
from topicgen.selection.rule import STABLE, best_predicting, n_enough, recommended

if TYPE_CHECKING:
    import pandas as pd

# With fewer, the standard error deserves a warning.
_MANY_HELD_OUT = 100
# Stabilities that differ by less are about the same.
_ABOUT = 0.05


def reason(table: "pd.DataFrame", n_held_out: int) -> str:
    """Return why a number of topics is recommended, what speaks against it, and what would help.

    Args:
        table: that of :class:`Selection`, a row for each number of topics in ascending order.
        n_held_out: how many documents the predictions were measured on.
    """
    rows = table.set_index("n_components")
    chosen, enough = recommended(table), n_enough(table)
    if len(rows) == 1:
        perplexity = rows.loc[chosen, "perplexity"]
        return (
            f"{quantity(chosen, 'topic')}: the only number that was scored, with perplexity "
            f"{perplexity:,.0f}."
        )
    if rows.loc[chosen, "stability"] >= STABLE:
        said = [
            _decided(rows, chosen, enough),
            _more(rows, chosen, enough),
            _at_the_start(rows, chosen),
            _about_as_good(rows, chosen),
            _reads_better(rows, chosen),
        ]
    else:
        said = [_cannot_tell(rows, enough), _quality(rows, chosen, enough)]
    said += [_incoherent(rows, chosen), _few_held_out(rows, chosen, n_held_out)]
    return " ".join(sentence for sentence in said if sentence)


def _decided(rows: "pd.DataFrame", chosen: int, enough: int) -> str:
    row, best = rows.loc[chosen], int(rows["gap"].idxmin())
    if chosen < enough:
        decided = "the largest number whose topics other seeds find again"
    elif chosen == best:
        decided = "best prediction, and other seeds find the topics again"
    else:
        decided = (
            f"prediction as good as with {best} topics, within two standard errors, and other "
            "seeds find the topics again"
        )
    scores = f"perplexity {row['perplexity']:,.0f}, stability {row['stability']:.2f}"
    return f"{quantity(chosen, 'topic')}: {decided} ({scores})."


def _more(rows: "pd.DataFrame", chosen: int, enough: int) -> str:
    """Return what more topics than the chosen number would bring."""
    last = int(rows.index[-1])
    if chosen == last == rows["gap"].idxmin():
        return "Prediction still improves at the end of the grid: try more topics."
    if chosen == last:
        return "It is the largest number of the grid: try more topics too."
    if chosen >= enough:
        return ""
    row = rows.loc[enough]
    end = ", the end of the grid" if enough == last else ""
    return (
        f"Prediction and stability disagree: prediction improves up to {enough} topics{end} "
        f"(perplexity {row['perplexity']:,.0f}), but other seeds find different topics there "
        f"(stability {row['stability']:.2f}). Use more topics to predict, not to "
        "interpret; more documents would help to decide."
    )


def _cannot_tell(rows: "pd.DataFrame", enough: int) -> str:
    best = [int(size) for size in best_predicting(rows).index]
    stability = rows.loc[[*(size for size in rows.index if size < enough), *best], "stability"]
    if stability.isna().all():
        return (
            "One seed cannot tell the number of topics, as it is unknown whether other seeds find "
            "the same topics: use three seeds or more."
        )
    last = stability.index[-1]
    beyond = "" if last == rows.index[-1] else ", beyond which prediction is no better"
    return (
        f"These documents cannot tell the number of topics: up to {last}{beyond}, other seeds "
        f"find different topics (stability at most {stability.max():.2f}; {STABLE} is needed). "
        "More or longer documents would help. Otherwise fit several models, and trust only the "
        "topics that recur."
    )


def _quality(rows: "pd.DataFrame", chosen: int, enough: int) -> str:
    row = rows.loc[chosen]
    highest = row["quality"] == rows["quality"].max()
    among = "all numbers" if highest else f"all numbers up to {enough}"
    return (
        f"{quantity(chosen, 'topic')}: highest quality of {among} ({row['quality']:.3f} = "
        f"coherence {row['coherence']:.3f} x diversity {row['diversity']:.3f})."
    )


def _at_the_start(rows: "pd.DataFrame", chosen: int) -> str:
    if 1 < chosen == rows.index[0]:
        return "It is the smallest number of the grid: try fewer topics too."
    return ""


def _about_as_good(rows: "pd.DataFrame", chosen: int) -> str:
    """Return the other numbers that predict as well and are about as stable."""
    best = best_predicting(rows)
    near = best.index[best["stability"] >= rows.loc[chosen, "stability"] - _ABOUT]
    others = [int(size) for size in near if size != chosen]
    if chosen not in best.index or not others:
        return ""
    return (
        f"{_topics(others)} predict equally well within two standard errors and are about as "
        f"stable: these documents can hardly tell them from {chosen}."
    )


def _reads_better(rows: "pd.DataFrame", chosen: int) -> str:
    """Return the smaller stable number of the highest quality, if higher by more than the spread.

    A larger number is no overview, and topics that other seeds do not find again are none either.
    """
    fewer = rows[(rows.index < chosen) & (rows["stability"] >= STABLE)]
    if not len(fewer):
        return ""
    row, best = rows.loc[chosen], fewer["quality"].idxmax()
    top = rows.loc[best]
    if not top["quality"] - row["quality"] > np.hypot(top["quality_sd"], row["quality_sd"]):
        return ""
    return (
        f"{_topics([int(best)])} have a higher quality ({top['quality']:.3f} against "
        f"{row['quality']:.3f}): choose them for an overview."
    )


def _incoherent(rows: "pd.DataFrame", chosen: int) -> str:
    if rows.loc[chosen, "coherence"] > 0:
        return ""
    return (
        "The top words of its topics seldom occur in the same document (coherence not above 0): "
        "the documents are too few or too short to judge by."
    )


def _few_held_out(rows: "pd.DataFrame", chosen: int, n_held_out: int) -> str:
    if n_held_out >= _MANY_HELD_OUT:
        return ""
    row = rows.loc[chosen]
    return (
        f"Only {quantity(n_held_out, 'document')} were held out, which leaves the perplexity "
        f"uncertain by {row['perplexity_error'] / row['perplexity']:.0%}."
    )


def _topics(sizes: list[int]) -> str:
    """Return numbers of topics as an English list.

    >>> _topics([10]), _topics([10, 20, 30])
    ('10 topics', '10, 20 and 30 topics')
    """
    *first, last = sizes
    before = f"{', '.join(map(str, first))} and " if first else ""
    return before + quantity(last, "topic")
