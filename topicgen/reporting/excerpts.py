"""The texts that a report shows, and their beginnings, as long as the page has room for."""

from typing import NamedTuple

import numpy as np

from topicgen.plain import plain
from topicgen.reporting.choice import Choice
from topicgen.reporting.plain_numbers import count_text
from topicgen.reporting.source import Source
from topicgen.topic_model.fitted import Fitted

WORD_WIDTH = 60
# Bytes for the beginnings of all documents together, and characters of each.
_EXCERPT_BYTES, _SHORTEST, _LONGEST = 3_200_000, 80, 600
_MOST_WORDS = 25


class ShownTexts(NamedTuple):
    """The texts of the shown documents, or their words where there are none."""

    texts: list[str]
    are_words: bool


def shown_texts(source: Source, choice: Choice, fitted: Fitted) -> ShownTexts:
    """Return the texts of the shown documents, or their most frequent words."""
    if source.texts is not None:
        return ShownTexts([str(text) for text in source.texts(choice.rows)], False)
    texts = []
    for row in choice.rows:
        counts = source.counts[row]
        order = np.argsort(-counts.data, kind="stable")[:_MOST_WORDS]
        texts.append(
            " · ".join(
                plain(fitted.word(column), WORD_WIDTH)
                + (f" \N{MULTIPLICATION SIGN}{count_text(count)}" if count != 1 else "")
                for column, count in zip(counts.indices[order], counts.data[order], strict=True)
            )
        )
    return ShownTexts(texts, True)


def own_parts(fitted: Fitted, texts: ShownTexts) -> list[str]:
    """Return texts without what the model does not read, such as the headers of an e-mail."""
    vectorizer = fitted.vectorizer
    if texts.are_words or vectorizer is None:
        return texts.texts
    parts = vectorizer.build_part_finder()
    return [" ".join(text[start:end] for start, end in parts(text)) or text for text in texts.texts]


def excerpts(texts: list[str]) -> list[str]:
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
