"""Why a number of topics is recommended, in words for an analyst."""

from typing import TYPE_CHECKING

from topicgen.corpus.wording import quantity

if TYPE_CHECKING:
    import pandas as pd

# Below these a figure is worth a warning.
_STABLE = 0.5
_MANY_HELD_OUT = 100


def reason(table: "pd.DataFrame", chosen: int, enough: int, n_held_out: int) -> str:
    """Return why a number of a table of :class:`Selection` was chosen, and what speaks against it.

    Args:
        table: a row for each number of topics, from the least up.
        chosen: the recommended number.
        enough: the least that predicts within one standard error of the best.
        n_held_out: the documents that predictions were measured on.
    """
    rows = table.set_index("n_components")
    row, last = rows.loc[chosen], int(rows.index[-1])
    sentences = [f"{quantity(chosen, 'topic')}: {_decided(rows, chosen, enough)}."]
    if enough == last and len(rows) > 1:
        sentences.append(_still_improves(rows, chosen))
    elif chosen < enough:
        sentences.append(
            f"{enough} topics predict better (perplexity {rows.loc[enough, 'perplexity']:,.0f} "
            f"against {row['perplexity']:,.0f}) but read worse."
        )
    if 2 < chosen == rows.index[0] and len(rows) > 1:
        sentences.append("It is the least number of the grid: try fewer topics too.")
    close = _close(rows.loc[:enough], chosen)
    if close:
        sentences.append(f"{_topics(close)} read about as well.")
    if row["coherence"] <= 0:
        sentences.append(
            "The top words of its topics seldom meet in a document (coherence not above 0): the "
            "documents are too few or too short to tell."
        )
    if row["stability"] < _STABLE:
        sentences.append(
            f"Other seeds find other topics (stability {row['stability']:.2f}): fit several and "
            "trust what comes again."
        )
    if row["stability"] != row["stability"]:
        sentences.append("With one seed nothing is known of the stability: take several.")
    if n_held_out < _MANY_HELD_OUT:
        sentences.append(
            f"Only {quantity(n_held_out, 'document')} were held out, which leave the perplexity "
            f"uncertain by {row['perplexity_error'] / row['perplexity']:.0%}."
        )
    return " ".join(sentences)


def _decided(rows: "pd.DataFrame", chosen: int, enough: int) -> str:
    row = rows.loc[chosen]
    quality = (
        f"quality {row['quality']:.3f} = coherence {row['coherence']:.3f} x diversity "
        f"{row['diversity']:.3f}"
    )
    if len(rows) == 1:
        return f"the only number that was scored, of perplexity {row['perplexity']:,.0f}"
    most = rows["quality"].max()
    best = int(rows["gap"].idxmin())
    if chosen == enough:
        why = (
            "it predicts best"
            if best == chosen
            else f"it predicts as well as {best} within one standard error"
        )
        reads = " and reads best" if row["quality"] == most else " and reads better than fewer"
        reads = "" if chosen == rows.index[0] and row["quality"] < most else reads
        return f"{why} (perplexity {row['perplexity']:,.0f}){reads} ({quality})"
    whole = "" if row["quality"] == most else f" up to {enough}, beyond which none predicts better"
    return f"they read best of all numbers{whole} ({quality})"


def _still_improves(rows: "pd.DataFrame", chosen: int) -> str:
    last = int(rows.index[-1])
    better = f"perplexity {rows.loc[last, 'perplexity']:,.0f} with {last}"
    if chosen == last:
        return f"Prediction still improves at the end of the grid ({better}): try more topics."
    return (
        f"Prediction still improves at the end of the grid ({better}, "
        f"{rows.loc[chosen, 'perplexity']:,.0f} with {chosen}): more topics are finer, and read "
        "worse."
    )


def _close(rows: "pd.DataFrame", chosen: int) -> list[int]:
    """Return the numbers whose quality the seeds do not tell from that of the chosen one."""
    spread = (rows["quality_sd"] ** 2 + rows.loc[chosen, "quality_sd"] ** 2) ** 0.5
    near = rows["quality"] >= rows.loc[chosen, "quality"] - spread
    return [int(size) for size in rows.index[near] if size != chosen]


def _topics(sizes: list[int]) -> str:
    """Return numbers of topics as English lists them.

    >>> _topics([10]), _topics([10, 20, 30])
    ('10 topics', '10, 20 and 30 topics')
    """
    *first, last = sizes
    before = f"{', '.join(map(str, first))} and " if first else ""
    return before + quantity(last, "topic")
