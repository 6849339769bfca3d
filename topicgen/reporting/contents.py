"""What a report says, as plain data: numbers and texts, ready for JSON."""

import re
from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from topicgen.effects.group_table import share_table
from topicgen.effects.group_tokens import group_tokens
from topicgen.effects.over_time import periods
from topicgen.evaluation.checks import sums
from topicgen.plain import plain
from topicgen.reporting.checks import Check, checks, coherence_of_topics
from topicgen.reporting.choice import Choice, choose_documents
from topicgen.reporting.covariate_curves import (
    axis_of,
    covariate_curves,
    effect_ratios,
    labels_of,
    significant,
    triples,
)
from topicgen.reporting.document_topics import DocumentTopics, watch_documents
from topicgen.reporting.over_time import dated, find_dates
from topicgen.reporting.passages import Marked, PassageFinder, typical_places
from topicgen.reporting.source import Source
from topicgen.reporting.topic_words import TopicWords, relevant_words
from topicgen.topic_model.draws import Effort, draw_blocks
from topicgen.topic_model.inference import infer_proportions
from topicgen.topic_model.inspection import occurrence_columns, topic_tree
from topicgen.visualization.layout import topic_distances, topic_positions

if TYPE_CHECKING:
    from topicgen.topic_model import TopicModel

# Fewer draws where there are many documents and topics; always enough for 90% intervals.
_MANY, _DRAWS, _DRAWS_OF_MANY = 100_000, 160, 60
_PASSAGES, _NEIGHBOURS = 6, 5
# A document shorter than this is less typical than its share of a topic says.
_SHORT = 30
_WORD_WIDTH, _ID_WIDTH, _VALUE_WIDTH = 60, 120, 120
_MOST_COLUMNS = 12
# Bytes for the beginnings of all documents together, and characters of each.
_EXCERPT_BYTES, _SHORTEST, _LONGEST = 3_200_000, 80, 600


class Contents(NamedTuple):
    """What a report says.

    Args:
        data: what the page draws, ready for JSON.
        checks: how well the model does.
    """

    data: dict[str, Any]
    checks: list[Check]


def gather(
    model: "TopicModel",
    source: Source,
    *,
    most_documents: int,
    over_time: str | None,
    seed: int,
) -> Contents:
    """Return what a report says about a model and some documents.

    Args:
        model: the model.
        source: the documents.
        most_documents: the number of documents that are shown at most.
        over_time: the metadata column of dates; None for the only one, if there is one.
        seed: of the sample and of the posterior draws.

    Raises:
        InputError: where the column holds no dates.
    """
    fitted = model.fitted_
    n_documents = source.counts.shape[0]
    everything = np.arange(n_documents)
    n_tokens = np.asarray(source.counts.sum(1), dtype=np.float64).ravel()
    proportions = infer_proportions(
        model.model_,
        source.counts,
        int(model.refinement),
        covariates=source.covariates(model, everything),
    ).astype(np.float32)
    here = n_tokens @ proportions
    here = here / here.sum() if here.sum() else np.zeros(fitted.n_topics)
    typicality = proportions * (n_tokens / (n_tokens + _SHORT))[:, None].astype(np.float32)
    choice = choose_documents(typicality, most_documents, np.random.default_rng(seed))

    column = find_dates(source.shown) if over_time is None else over_time
    timing = None if column is None else _Timing.of(source, choice, column)
    shown, time = _draw(model, source, choice, n_tokens, timing, seed)

    words = relevant_words(fitted.components, fitted.evidence.topic_share)
    texts = _texts(source, choice, fitted)
    is_fit = _is_fit(model, source)
    coherence = coherence_of_topics(model, source)
    passages = _passages(fitted, source, choice, shown, proportions, texts)
    data = {
        "level": 90,
        "documents": {
            "total": n_documents,
            "tokens": int(n_tokens.sum()),
            "empty": int((n_tokens == 0).sum()),
            "texts": source.texts is not None,
            "isFit": is_fit,
            **_documents(fitted, source, choice, shown, n_tokens, texts),
        },
        "words": _words(fitted, source, words),
        "topics": _topics(fitted, words, here, coherence, passages),
        "time": time,
        "curves": covariate_curves(model, fitted.n_topics),
        "effects": effect_ratios(model),
        "formula": _formula(fitted),
        "tree": _tree(fitted),
        "training": _training(fitted),
    }
    return Contents(data, checks(model, source, coherence, is_fit))


# -- documents -----------------------------------------------------------------------------------


class _Timing(NamedTuple):
    """When documents of the random sample were written."""

    column: str
    places: NDArray[np.int64]  # among the shown documents
    starts: Any
    of_documents: NDArray[np.int64]
    n_undated: int

    @classmethod
    def of(cls, source: Source, choice: Choice, column: str) -> "_Timing":
        times, is_there = dated(source.metadata, column)
        found = periods(times)
        period = np.full(len(is_there), -1)
        period[is_there] = found.of_documents
        of_shown = period[choice.rows]
        places = np.flatnonzero(choice.is_random & (of_shown >= 0))
        n_undated = int((~is_there).sum())
        return cls(column, places, found.starts, of_shown[places], n_undated)


def _draw(
    model: "TopicModel",
    source: Source,
    choice: Choice,
    n_tokens: NDArray[np.float64],
    timing: _Timing | None,
    seed: int,
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
        source.covariates(model, choice.rows),
    )
    watched = watch_documents(blocks, lengths, effort.n_independent, found)
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
    table = share_table(grouped, timing.starts, "time", 0.95, no_words)
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


class _Texts(NamedTuple):
    """The texts of the shown documents, or their words where there are none."""

    texts: list[str]
    are_words: bool


def _texts(source: Source, choice: Choice, fitted: Any) -> _Texts:
    if source.texts is not None:
        return _Texts([str(text) for text in source.texts(choice.rows)], False)
    texts = []
    for row in choice.rows:
        counts = source.counts[row]
        order = np.argsort(-counts.data, kind="stable")[:25]
        texts.append(
            " · ".join(
                plain(fitted.word(column), _WORD_WIDTH)
                + (f" \N{MULTIPLICATION SIGN}{_number(count)}" if count != 1 else "")
                for column, count in zip(counts.indices[order], counts.data[order], strict=True)
            )
        )
    return _Texts(texts, True)


def _number(count: float) -> str:
    return f"{count:,.0f}" if count == int(count) else f"{count:.2g}"


def _documents(
    fitted: Any,
    source: Source,
    choice: Choice,
    shown: list[DocumentTopics],
    n_tokens: NDArray[np.float64],
    texts: _Texts,
) -> dict[str, Any]:
    found: dict[str, Any] = {
        "ids": [plain(source.id(row), _ID_WIDTH) for row in choice.rows.tolist()],
        "excerpts": _excerpts(_own_parts(fitted, texts)),
        "lengths": [_whole(value) for value in n_tokens[choice.rows].tolist()],
        "topics": [_flat(topics) for topics in shown],
        "columns": [],
    }
    if source.labels is not None and any(source.labels):
        labels = [source.labels[row] for row in choice.rows.tolist()]
        found["columns"].append(_column("label", labels))
    if source.shown is not None:
        some = source.shown.iloc[choice.rows]
        for place in range(min(_MOST_COLUMNS, some.shape[1])):
            values = some.iloc[:, place]
            found["columns"].append(_column(str(some.columns[place]), _cells(values)))
    return found


def _flat(topics: DocumentTopics) -> list[int]:
    """Return topics as numbers in turn: topic, tenths of tokens, low, high."""
    tokens = np.rint(10 * topics.tokens).astype(np.int64)
    return np.stack([topics.topics, tokens, topics.low, topics.high], 1).ravel().tolist()


def _cells(values: Any) -> list[Any]:
    """Return the values of a column as texts or numbers, "" where they are missing."""
    is_number = values.dtype.kind in "iuf" or str(values.dtype) in ("Int64", "Float64")
    return [
        "" if gone else _plain_number(cell) if is_number else str(cell).removesuffix(" 00:00:00")
        for cell, gone in zip(values.astype(object), values.isna(), strict=True)
    ]


def _plain_number(value: Any) -> Any:
    number = float(value)
    if not np.isfinite(number):
        return ""
    return int(number) if number == int(number) and abs(number) < 2**53 else number


def _column(name: str, cells: list[Any]) -> dict[str, Any]:
    """Return a column; of repeated texts, each is listed once, and the cells are their numbers."""
    if all(isinstance(cell, int | float) or cell == "" for cell in cells):
        return {"name": plain(name, 60), "numbers": [None if c == "" else c for c in cells]}
    texts = [plain(str(cell), _VALUE_WIDTH) for cell in cells]
    levels = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    return {"name": plain(name, 60), "levels": list(levels), "cells": [levels[x] for x in texts]}


def _own_parts(fitted: Any, texts: _Texts) -> list[str]:
    """Return texts without what the model does not read, such as the headers of an e-mail."""
    vectorizer = fitted.vectorizer
    if texts.are_words or vectorizer is None:
        return texts.texts
    parts = vectorizer.build_part_finder()
    return [" ".join(text[start:end] for start, end in parts(text)) or text for text in texts.texts]


def _excerpts(texts: list[str]) -> list[str]:
    """Return the beginnings of texts, as long as the page has room for."""
    if not texts:
        return []
    most = int(np.clip(_EXCERPT_BYTES // len(texts), _SHORTEST, _LONGEST))
    short = [" ".join(text[: 4 * most].split()) for text in texts]
    n_bytes = sum(len(text[:most].encode("utf-8", "replace")) for text in short)
    if n_bytes > _EXCERPT_BYTES:  # of scripts that take several bytes per character
        most = max(_SHORTEST // 2, int(most * _EXCERPT_BYTES / n_bytes))
    return [plain(_cut(text, most)) for text in short]


def _cut(text: str, most: int) -> str:
    """Return the beginning of a text, up to the end of a word if there is one in reach."""
    if len(text) <= most:
        return text
    end = text.rfind(" ", most - 20, most)
    return text[: end if end > 0 else most] + "…"


# -- topics --------------------------------------------------------------------------------------


def _words(fitted: Any, source: Source, words: TopicWords) -> dict[str, Any]:
    total = np.asarray(sums(source.counts, 0)).ravel()[words.columns]
    uses = []
    for row in words.uses:
        order = np.argsort(-row, kind="stable")[:8]
        kept = [(int(k), round(100 * float(row[k]))) for k in order if row[k] >= 0.01]
        uses.append([number for pair in kept for number in pair])
    return {
        "text": [plain(fitted.word(column), _WORD_WIDTH) for column in words.columns.tolist()],
        "overall": [significant(x) for x in words.overall[words.columns].tolist()],
        "total": [_whole(x) for x in total.tolist()],
        "uses": uses,
    }


def _topics(
    fitted: Any,
    words: TopicWords,
    here: NDArray[np.float64],
    coherence: list[float | None],
    passages: list[list[dict[str, Any]]],
) -> list[dict[str, Any]]:
    components, share = fitted.components, fitted.evidence.topic_share
    positions = topic_positions(components)
    distances = topic_distances(components)
    occurrence = {name: values.tolist() for name, values in occurrence_columns(fitted).items()}
    found = []
    for k in range(fitted.n_topics):
        near = [int(j) for j in np.argsort(distances[k], kind="stable") if j != k][:_NEIGHBOURS]
        columns = words.columns[words.of_topics[k]]
        found.append(
            {
                "label": plain(fitted.label(k), 80),
                "name": None if fitted.name(k) is None else plain(fitted.name(k), 80),
                "share": round(float(share[k]), 5),
                "here": round(float(here[k]), 5),
                "at": [round(float(x), 4) for x in positions[k]],
                **{
                    name: [
                        significant(occurrence[key][k])
                        for key in (name, f"{name}_low", f"{name}_high")
                    ]
                    for name in ("presence", "amount", "tokens")
                },
                "coherence": None if (found_ := coherence[k]) is None else round(found_, 3),
                "words": words.of_topics[k].tolist(),
                "p": [significant(x) for x in components[k, columns].tolist()],
                "near": [[j, round(float(1 - distances[k, j]), 2)] for j in near],
                "passages": passages[k],
            }
        )
    return found


def _passages(
    fitted: Any,
    source: Source,
    choice: Choice,
    shown: list[DocumentTopics],
    proportions: NDArray[np.float32],
    texts: _Texts,
) -> list[list[dict[str, Any]]]:
    """Return the documents that show each topic best, with the passage that does."""
    low = np.zeros((fitted.n_topics, len(shown)), dtype=np.float32)
    lengths = np.asarray(source.counts.sum(1)).ravel()[choice.rows]
    for place, found in enumerate(shown):
        # Not much is known of the proportions of a short document, even if all words agree.
        low[found.topics, place] = found.low / (lengths[place] + _SHORT)
    finder, counts = PassageFinder(fitted), source.counts[choice.rows]
    of_topics = []
    for k in range(fitted.n_topics):
        entries = []
        for place in typical_places(low[k], counts, _PASSAGES):
            of_document = counts[[place]], k, proportions[choice.rows[place]]
            if texts.are_words:
                parts = _as_text(finder.words(*of_document))
            else:
                parts = _alternating(finder.passage(texts.texts[place], *of_document))
            entries.append({"d": place, "parts": parts})
        of_topics.append(entries)
    return of_topics


def _alternating(pieces: Iterable[Marked]) -> list[str]:
    """Return pieces of a text so that every second one, from the second on, is marked."""
    parts = [""]
    for piece in pieces:
        if piece.is_marked:
            parts += [plain(piece.text), ""]
        else:
            parts[-1] += plain(piece.text)
    return parts


def _as_text(words: Iterable[tuple[str, float, bool]]) -> list[str]:
    """Return words and their counts as a text, ready for the page."""
    pieces: list[Marked] = []
    for word, count, is_marked in words:
        between = Marked(" · ", False)
        pieces += [between] if pieces else []
        times = "" if count == 1 else f" \N{MULTIPLICATION SIGN}{_number(count)}"
        pieces += [Marked(plain(word, _WORD_WIDTH), is_marked), Marked(times, False)]
    return _alternating(pieces)


# -- the model -----------------------------------------------------------------------------------


def _is_fit(model: "TopicModel", source: Source) -> bool:
    """Return whether these seem to be the documents that the model was fitted to."""
    origin = model.fitted_.origin
    same_size = source.counts.shape[0] == origin.n_documents
    return same_size and float(source.counts.sum()) == origin.n_tokens


def _formula(fitted: Any) -> str | None:
    prevalence = fitted.prevalence
    if prevalence is None or prevalence.design.formula is None:
        return None
    return plain(str(prevalence.design.formula), 300)


def _tree(fitted: Any) -> list[list[dict[str, Any]]]:
    """Return the nodes of each layer, from the topics up; nothing where there are no others."""
    if not fitted.structure.n_layers:
        return []
    table = topic_tree(fitted, 8)
    layers = []
    for _, rows in table.groupby("layer", sort=True):
        parents = rows["parent"].astype(object).where(rows["parent"].notna(), None)
        layers.append(
            [
                {
                    "parent": None if parent is None else int(parent),
                    "weight": significant(row.weight),
                    "share": round(float(row.share), 5),
                    "words": [plain(word, _WORD_WIDTH) for word in row.words],
                }
                for parent, row in zip(parents, rows.itertuples(), strict=True)
            ]
        )
    return layers


def _training(fitted: Any) -> dict[str, Any] | None:
    values = [epoch.get("perplexity") for epoch in fitted.history]
    if len(values) < 2 or not all(v is not None and np.isfinite(v) for v in values):
        return None
    return {
        "perplexity": [significant(value, 5) for value in values],
        "heldOut": len(fitted.validation_indices),
    }


def _whole(value: float) -> Any:
    return int(value) if value == int(value) else round(float(value), 2)
