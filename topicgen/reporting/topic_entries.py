"""The topics as a page shows them: words, shares, neighbours and passages."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from topicgen.evaluation.checks import sums
from topicgen.plain import plain
from topicgen.reporting.choice import Choice
from topicgen.reporting.document_topics import DocumentTopics
from topicgen.reporting.excerpts import WORD_WIDTH, ShownTexts
from topicgen.reporting.passages import Marked, PassageFinder, typical_places
from topicgen.reporting.plain_numbers import count_text, significant, whole
from topicgen.reporting.source import Source
from topicgen.reporting.topic_words import TopicWords
from topicgen.topic_model.fitted import Fitted
from topicgen.topic_model.inspection import occurrence_columns
from topicgen.visualization.layout import topic_distances, topic_positions

_PASSAGES, _NEIGHBOURS, _MOST_USES = 6, 5, 8
_LABEL_WIDTH = 80
# A document shorter than this is less typical than its share of a topic says.
SHORT = 30


def word_entries(fitted: Fitted, source: Source, words: TopicWords) -> dict[str, Any]:
    """Return the words that are shown for some topic, with where their uses come from."""
    total = np.asarray(sums(source.counts, 0)).ravel()[words.columns]
    uses = []
    for row in words.uses:
        order = np.argsort(-row, kind="stable")[:_MOST_USES]
        kept = [(int(k), round(100 * float(row[k]))) for k in order if row[k] >= 0.01]
        uses.append([number for pair in kept for number in pair])
    return {
        "text": [plain(fitted.word(column), WORD_WIDTH) for column in words.columns.tolist()],
        "overall": [significant(x) for x in words.overall[words.columns].tolist()],
        "total": [whole(x) for x in total.tolist()],
        "uses": uses,
    }


def topic_entries(
    fitted: Fitted,
    words: TopicWords,
    here: NDArray[np.float64],
    coherence: list[float | None],
    passages: list[list[dict[str, Any]]],
) -> list[dict[str, Any]]:
    """Return what is shown of each topic.

    Args:
        fitted: the model.
        words: those of the topics.
        here: the share of each topic in the documents of the report, shape (n_topics,).
        coherence: of each topic, or None.
        passages: of each topic.
    """
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
                "label": plain(fitted.label(k), _LABEL_WIDTH),
                "name": None if (name := fitted.name(k)) is None else plain(name, _LABEL_WIDTH),
                "share": round(float(share[k]), 5),
                "here": round(float(here[k]), 5),
                "at": [round(float(x), 4) for x in positions[k]],
                **{
                    what: [
                        significant(occurrence[key][k])
                        for key in (what, f"{what}_low", f"{what}_high")
                    ]
                    for what in ("presence", "amount", "tokens")
                },
                "coherence": None if (of_words := coherence[k]) is None else round(of_words, 3),
                "words": words.of_topics[k].tolist(),
                "p": [significant(x) for x in components[k, columns].tolist()],
                "near": [[j, round(float(1 - distances[k, j] ** 2), 2)] for j in near],
                "passages": passages[k],
            }
        )
    return found


def passage_entries(
    fitted: Fitted,
    source: Source,
    choice: Choice,
    shown: list[DocumentTopics],
    proportions: NDArray[np.float32],
    texts: ShownTexts,
) -> list[list[dict[str, Any]]]:
    """Return the documents that show each topic best, with the passage that does."""
    low = np.zeros((fitted.n_topics, len(shown)), dtype=np.float32)
    lengths = np.asarray(source.counts.sum(1)).ravel()[choice.rows]
    for place, found in enumerate(shown):
        # Not much is known of the proportions of a short document, even if all words agree.
        low[found.topics, place] = found.low / (lengths[place] + SHORT)
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
        times = "" if count == 1 else f" \N{MULTIPLICATION SIGN}{count_text(count)}"
        pieces += [Marked(plain(word, WORD_WIDTH), is_marked), Marked(times, False)]
    return _alternating(pieces)
