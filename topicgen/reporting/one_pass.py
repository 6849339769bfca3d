"""The topics of each document, and of each period of time, in one pass over the posterior."""

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from topicgen.effects.group_table import share_table
from topicgen.effects.group_tokens import group_tokens
from topicgen.effects.over_time import periods
from topicgen.plain import plain
from topicgen.progress import progress_bar
from topicgen.reporting.choice import Choice
from topicgen.reporting.document_topics import DocumentTopics, watch_documents
from topicgen.reporting.over_time import dated
from topicgen.reporting.plain_numbers import axis_of, labels_of, triples
from topicgen.reporting.source import Source
from topicgen.topic_model.draws import Draws, Effort, draw_blocks

if TYPE_CHECKING:
    from topicgen.topic_model import TopicModel

# Fewer draws where there are many documents and topics; always enough for 90% intervals.
_MANY, _DRAWS, _DRAWS_OF_MANY = 100_000, 160, 60
_LEVEL_OVER_TIME = 0.95


class Timing(NamedTuple):
    """When documents of the random sample were written.

    Args:
        column: the metadata column of the dates.
        places: the places among the shown documents of those that are dated and in the sample.
        starts: when each period starts.
        of_documents: the period of each of these documents.
        n_undated: how many documents of all have no date.
    """

    column: str
    places: NDArray[np.int64]
    starts: Any
    of_documents: NDArray[np.int64]
    n_undated: int

    @classmethod
    def of(cls, source: Source, choice: Choice, column: str) -> "Timing":
        """Return the periods of the dates in a column.

        Raises:
            InputError: where it does not hold dates.
        """
        times, is_there = dated(source.metadata, column)
        found = periods(times)
        period = np.full(len(is_there), -1)
        period[is_there] = found.of_documents
        of_shown = period[choice.rows]
        places = np.flatnonzero(choice.is_random & (of_shown >= 0))
        n_undated = int((~is_there).sum())
        return cls(column, places, found.starts, of_shown[places], n_undated)


def draw_documents(
    model: "TopicModel",
    source: Source,
    choice: Choice,
    n_tokens: NDArray[np.float64],
    timing: Timing | None,
    seed: int,
    *,
    progress: bool = False,
) -> tuple[list[DocumentTopics], dict[str, Any] | None]:
    """Return the topics of each document, and topics over time, in one pass over the posterior."""
    is_small = len(choice.rows) * model.fitted_.n_topics <= _MANY
    n_draws = _DRAWS if is_small else _DRAWS_OF_MANY
    effort = Effort(n_draws=n_draws)
    lengths = n_tokens[choice.rows]
    found: list[DocumentTopics] = []
    blocks = draw_blocks(
        model.model_,
        source.counts[choice.rows],
        effort,
        seed,
        source.known(model, choice.rows),
    )
    counted = _counted(blocks, len(choice.rows), progress)
    watched = watch_documents(counted, lengths, effort.n_independent, found)
    if timing is None or not lengths[timing.places].any():
        for _ in watched:
            pass
        return found, None

    def dated_only() -> Iterator[tuple[Any, Any]]:
        for rows, draws in watched:
            first, last = np.searchsorted(timing.places, [rows.start, rows.stop])
            inside = timing.places[first:last] - rows.start
            part = SimpleNamespace(
                tokens=draws.tokens[:, inside], proportions=draws.proportions[:, inside]
            )
            yield slice(first, last), part

    n_periods = len(timing.starts)
    grouped = group_tokens(dated_only(), lengths[timing.places], timing.of_documents, n_periods)
    no_words: list[list[list[str]]] = [[[]] * model.fitted_.n_topics] * n_periods
    table = share_table(grouped, timing.starts, "time", _LEVEL_OVER_TIME, no_words)
    time = {
        "name": plain(timing.column, 60),
        "x": axis_of(timing.starts),
        "labels": _period_names(timing.starts),
        "documents": grouped.documents.tolist(),
        "topics": triples(table, model.fitted_.n_topics, "share"),
        "undated": timing.n_undated,
        "sampled": len(timing.places) + timing.n_undated < source.counts.shape[0],
    }
    return found, time


def _counted(blocks: Iterator[Draws], n_documents: int, progress: bool) -> Iterator[Draws]:
    """Yield blocks of draws while a bar counts the documents."""
    bar = progress_bar(total=n_documents, desc="reading", unit="document", disable=not progress)
    with bar:
        for block in blocks:
            yield block
            bar.update(block.tokens.shape[1])


def _period_names(starts: Any) -> list[str]:
    """Return what periods are called: without the parts that all have in common.

    Example:
        >>> import pandas as pd
        >>> _period_names(pd.DatetimeIndex(["1999-01-01", "2000-01-01"]))
        ['1999', '2000']
        >>> _period_names(pd.Index([1990, 2000]))
        ['1990s', '2000s']
    """
    names = labels_of(starts)
    for end in ("-01-01", "-01"):
        if all(name.endswith(end) and len(name) == 10 for name in names):
            names = [name[: -len(end)] for name in names]
            break
    years = [int(name) for name in names if re.fullmatch(r"\d{4}", name)]
    if 2 <= len(years) == len(names) and set(np.diff(years)) == {10}:
        return [f"{name}s" for name in names]
    return names
