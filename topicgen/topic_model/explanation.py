r"""Which words of a document come from which topics."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from topicgen.html import Html, Mark, bar, fragment, marked, table, tag
from topicgen.plain import plain
from topicgen.rows import aligned
from topicgen.topic_model.fitted import Fitted
from topicgen.topic_model.posterior import Posterior
from topicgen.topic_model.responsibilities import responsibilities

if TYPE_CHECKING:
    import pandas as pd

_SHOWN_TOPICS, _SHOWN_WORDS = 8, 8
_LONGEST_WORD = 40
# A topic is listed from this many expected tokens on.
_FEWEST_TOKENS = 0.5
# A word is marked by a solid line from this probability of its topic on, else by a dotted one.
_SURE = 0.8

# Colours that differ for colour-blind people too (Okabe and Ito, 2008); the number of the topic
# stands beside each word, so that nothing depends on them.
_COLOURS = (
    "0, 114, 178",
    "230, 159, 0",
    "0, 158, 115",
    "204, 121, 167",
    "213, 94, 0",
    "86, 180, 233",
    "150, 140, 30",
    "120, 120, 120",
)


class Explanation:
    r"""Where the tokens of a document's topics come from; see ``TopicModel.explain``.

    .. math::
        E[n_{vk} \mid x] = x_v \, E\left[
            \frac{\theta_k \beta_{kv}}{\sum_j \theta_j \beta_{jv}} \,\middle|\, x \right]

    for each word v and topic k, where the mean is over posterior draws of :math:`\theta`. A word's
    row sums to its count, and a topic's column to its expected tokens in the document, as in
    ``TopicModel.posterior`` apart from the noise of the draws.

    In a notebook, each counted word of the text is marked with its most probable topic: by a
    colour, by the topic's number, and by a line that is dotted where the topic is less certain.

    Args:
        words: the words of the document, n of them.
        counts: how often each occurs, shape (n,).
        tokens: the expected tokens of each word from each topic, shape (n, n_topics).
        labels: of all topics.
        text: the document, or None where there is only a count of its words.
        spans: where words stand in the text: start, end and the place in ``words``.
    """

    def __init__(
        self,
        words: Sequence[str],
        counts: NDArray[np.float64],
        tokens: NDArray[np.float64],
        labels: Sequence[str],
        text: str | None = None,
        spans: Sequence[tuple[int, int, int]] = (),
    ) -> None:
        self.words = list(words)
        self.counts = counts
        self.tokens = tokens
        self.labels = list(labels)
        self.text = text
        self.spans = list(spans)

    @property
    def topics(self) -> "pd.DataFrame":
        """A row for each topic, the largest first: ``topic``, ``label`` and expected ``tokens``."""
        import pandas as pd

        total = self.tokens.sum(0)
        order = np.argsort(-total, kind="stable")
        labels = [self.labels[topic] for topic in order]
        return pd.DataFrame({"topic": order, "label": labels, "tokens": total[order]})

    def to_frame(self) -> "pd.DataFrame":
        """Return a row for each word and topic, the most expected tokens first.

        Columns: ``word``; ``count``, its tokens in the document; ``topic``; its ``label``; and
        ``tokens``, how many of the word's tokens are expected to come from the topic. All topics
        are listed, so that the rows of a word sum to its count.
        """
        import pandas as pd

        n_words, n_topics = self.tokens.shape
        at, topics = (index.ravel() for index in np.indices((n_words, n_topics)))
        order = np.argsort(-self.tokens.ravel(), kind="stable")
        at, topics = at[order], topics[order]
        return pd.DataFrame(
            {
                "word": pd.Series([self.words[word] for word in at], dtype=object),
                "count": self.counts[at],
                "topic": topics,
                "label": [self.labels[topic] for topic in topics],
                "tokens": self.tokens[at, topics],
            }
        )

    def __repr__(self) -> str:
        rows = [["topic", "label", "tokens", "words"]]
        for topic, label, tokens in self._listed():
            words = (f"{plain(word, _LONGEST_WORD)} {n:.1f}" for word, n in self._words_of(topic))
            rows.append([str(topic), label, f"{tokens:.1f}", ", ".join(words)])
        return f"{self._title()}\n{aligned(rows, left=[1], has_text=True)}"

    def _repr_html_(self) -> str:
        listed = self._listed()
        style = {topic: _style(place) for place, (topic, _, _) in enumerate(listed)}
        longest = max((tokens for _, _, tokens in listed), default=1.0)
        rows = [
            [
                tag("mark", topic, style=_style(place)),
                plain(label, 3 * _LONGEST_WORD),
                bar(tokens, f"{tokens:.1f}", longest=longest),
                ", ".join(
                    f"{plain(word, _LONGEST_WORD)} {n:.1f}" for word, n in self._words_of(topic)
                ),
            ]
            for place, (topic, label, tokens) in enumerate(listed)
        ]
        header = ["topic", "label", "tokens", "words, with their tokens from the topic"]
        parts = [table(header, rows, caption=self._title())]
        if self.text is not None:
            parts.append(tag("p", self._marked(style), class_="text"))
            note = "Words are marked with the number of their most probable topic; a dotted line"
            parts.append(tag("p", tag("small", f"{note} means a probability below {_SURE:.0%}.")))
        return fragment(*parts)

    def _title(self) -> str:
        n_tokens = int(self.counts.sum())
        return f"Explanation of {n_tokens:,} {'token' if n_tokens == 1 else 'tokens'}"

    def _listed(self) -> list[tuple[int, str, float]]:
        total = self.tokens.sum(0)
        order = np.argsort(-total, kind="stable")[:_SHOWN_TOPICS].tolist()
        found = [topic for topic in order if total[topic] >= _FEWEST_TOKENS]
        return [(topic, self.labels[topic], float(total[topic])) for topic in found or order[:1]]

    def _words_of(self, topic: int) -> list[tuple[str, float]]:
        tokens = self.tokens[:, topic]
        order = np.argsort(-tokens, kind="stable")[:_SHOWN_WORDS].tolist()
        return [(self.words[at], float(tokens[at])) for at in order if tokens[at] >= 0.05]

    def _marked(self, style: dict[int, str]) -> Html:
        probability = self.tokens / np.maximum(self.counts, 1e-12)[:, None]
        likely = probability.argmax(1).tolist()
        marks = []
        for start, end, at in self.spans:
            topic = likely[at]
            sure = float(probability[at, topic])
            line = "solid" if sure >= _SURE else "dotted"
            own = style.get(topic, _style(_SHOWN_TOPICS - 1))
            title = f"topic {topic} ({plain(self.labels[topic], _LONGEST_WORD)}), {sure:.0%}"
            marks.append(Mark(start, end, f"{own}; border-bottom-style: {line}", title, str(topic)))
        return marked(self.text or "", marks)


def _style(place: int) -> str:
    colour = _COLOURS[place % len(_COLOURS)]
    return f"background: rgba({colour}, .22); border-bottom: 2px solid rgb({colour})"


def explain(
    fitted: Fitted, posterior: Posterior, counts: csr_matrix, document: Any = None
) -> Explanation:
    """Return where the tokens of a document's topics come from.

    Args:
        fitted: the model.
        posterior: of the document.
        counts: of the document, CSR of shape (1, n_words).
        document: its text, or list of tokens; None where there is only the count of its words.
    """
    columns, values = counts.indices, counts.data.astype(np.float64)
    [(_, draws)] = posterior.blocks()
    of_words = responsibilities(draws.proportions[:, 0], fitted.components[:, columns])
    text, spans = None, []
    if document is not None and fitted.vectorizer is not None:
        place = {column: at for at, column in enumerate(columns.tolist())}
        text = document if isinstance(document, str) else " ".join(document)
        found = fitted.vectorizer.build_span_finder()(document)
        spans = [(start, end, place[column]) for start, end, column in found if column in place]
    return Explanation(
        [fitted.word(column) for column in columns],
        values,
        values[:, None] * of_words,
        [fitted.label(topic) for topic in range(fitted.n_topics)],
        text,
        spans,
    )
