"""The documents as a page lists them: ids, excerpts, topics and metadata."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicgen.plain import plain
from topicgen.reporting.choice import Choice
from topicgen.reporting.document_topics import DocumentTopics
from topicgen.reporting.excerpts import ShownTexts, excerpts, own_parts
from topicgen.reporting.plain_numbers import whole
from topicgen.reporting.source import Source
from topicgen.topic_model.fitted import Fitted

_ID_WIDTH, _VALUE_WIDTH, _NAME_WIDTH = 120, 120, 60
_MOST_COLUMNS = 12


def document_entries(
    fitted: Fitted,
    source: Source,
    choice: Choice,
    shown: list[DocumentTopics],
    n_tokens: NDArray[np.float64],
    texts: ShownTexts,
) -> dict[str, Any]:
    """Return the shown documents, a list for each thing that is said of them.

    Args:
        fitted: the model.
        source: the documents.
        choice: which of them are shown.
        shown: the topics of each of these.
        n_tokens: of all documents, shape (n_documents,).
        texts: of the shown documents.
    """
    found: dict[str, Any] = {
        "ids": [plain(source.id(row), _ID_WIDTH) for row in choice.rows.tolist()],
        "excerpts": excerpts(own_parts(fitted, texts)),
        "lengths": [whole(value) for value in n_tokens[choice.rows].tolist()],
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
    name = plain(name, _NAME_WIDTH)
    if all(isinstance(cell, int | float) or cell == "" for cell in cells):
        return {"name": name, "numbers": [None if cell == "" else cell for cell in cells]}
    texts = [plain(str(cell), _VALUE_WIDTH) for cell in cells]
    levels = {text: number for number, text in enumerate(dict.fromkeys(texts))}
    return {"name": name, "levels": list(levels), "cells": [levels[text] for text in texts]}
