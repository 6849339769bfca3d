"""Why a number of topics is recommended, in words for an analyst."""

from typing import TYPE_CHECKING

from topicgen.corpus.wording import quantity

if TYPE_CHECKING:
    import pandas as pd

# Below these, a figure deserves a warning.
_STABLE = 0.5
_MANY_HELD_OUT = 100


def reason(table: "pd.DataFrame", chosen: int, enough: int, n_held_out: int) -> str:
    """Return why a number of topics was chosen from a table of scores, and what speaks against it.

    Args:
        table: that of :class:`Selection`, a row for each number of topics in ascending order.
        chosen: the recommended number.
        enough: the smallest number that predicts within one standard error of the best.
        n_held_out: how many documents the predictions were measured on.
    """
    rows = table.set_index("n_components")
    row, last = rows.loc[chosen], int(rows.index[-1])
    sentences = [f"{quantity(chosen, 'topic')}: {_decided(rows, chosen, enough)}."]
    if enough == last and len(rows) > 1:
        sentences.append(_still_improves(rows, chosen))
    elif chosen < enough:
        sentences.append(
            f"{enough} topics predict better (perplexity {rows.loc[enough, 'perplexity']:,.0f} "
            f"against {row['perplexity']:,.0f}) but have lower quality."
        )
    if 2 < chosen == rows.index[0] and len(rows) > 1:
        sentences.append("It is the smallest number of the grid: try fewer topics too.")
    close = _close(rows.loc[:enough], chosen)
    if close:
        sentences.append(f"{_topics(close)} have about the same quality.")
    if row["coherence"] <= 0:
        sentences.append(
            "The top words of its topics seldom occur in the same document (coherence not above "
            "0): the documents are too few or too short to judge by."
        )
    if row["stability"] < _STABLE:
        sentences.append(
            f"Other seeds find other topics (stability {row['stability']:.2f}): fit several models "
            "and trust the topics that recur."
        )
    if row["stability"] != row["stability"]:
        sentences.append("With one seed, the stability is unknown: use several.")
    if n_held_out < _MANY_HELD_OUT:
        sentences.append(
            f"Only {quantity(n_held_out, 'document')} were held out, which leaves the perplexity "
            f"uncertain by {row['perplexity_error'] / row['perplexity']:.0%}."
        )
    return " ".join(sentences)


def _decided(rows: "pd.DataFrame", chosen: int, enough: int) -> str:
    row = rows.loc[chosen]
    if len(rows) == 1:
        return f"the only number that was scored, with perplexity {row['perplexity']:,.0f}"
    quality = (
        f"{row['quality']:.3f} = coherence {row['coherence']:.3f} x diversity "
        f"{row['diversity']:.3f}"
    )
    highest = row["quality"] == rows["quality"].max()
    if chosen != enough:
        among = "" if highest else f" up to {enough}, beyond which prediction is no better"
        return f"highest quality of all numbers{among} ({quality})"
    best = int(rows["gap"].idxmin())
    predicts = (
        "best prediction"
        if best == chosen
        else f"prediction as good as with {best} topics within one standard error"
    )
    if highest:
        reads = "highest quality"
    elif chosen == rows.index[0]:
        reads = "quality"
    else:
        reads = "higher quality than with fewer topics"
    return f"{predicts} (perplexity {row['perplexity']:,.0f}) and {reads} ({quality})"


def _still_improves(rows: "pd.DataFrame", chosen: int) -> str:
    last = int(rows.index[-1])
    better = f"perplexity {rows.loc[last, 'perplexity']:,.0f} with {last}"
    if chosen == last:
        return f"Prediction still improves at the end of the grid ({better}): try more topics."
    return (
        f"Prediction still improves at the end of the grid ({better}, "
        f"{rows.loc[chosen, 'perplexity']:,.0f} with {chosen}): more topics are finer, but their "
        "quality is lower."
    )


def _close(rows: "pd.DataFrame", chosen: int) -> list[int]:
    """Return the numbers whose quality is within the seeds' spread of the chosen number's."""
    spread = (rows["quality_sd"] ** 2 + rows.loc[chosen, "quality_sd"] ** 2) ** 0.5
    near = rows["quality"] >= rows.loc[chosen, "quality"] - spread
    return [int(size) for size in rows.index[near] if size != chosen]


def _topics(sizes: list[int]) -> str:
    """Return numbers of topics as an English list.

    >>> _topics([10]), _topics([10, 20, 30])
    ('10 topics', '10, 20 and 30 topics')
    """
    *first, last = sizes
    before = f"{', '.join(map(str, first))} and " if first else ""
    return before + quantity(last, "topic")
