"""The topics of a model as a readable list: as text, as a table, and in a notebook."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from topicgen.html import Html, bar, table
from topicgen.html import fragment as html_fragment
from topicgen.plain import plain, quoted
from topicgen.rows import aligned
from topicgen.topic_model.measure_names import USUAL_MEASURE

if TYPE_CHECKING:
    import pandas as pd

_LONGEST_WORD = 40
# More words would make a row of the text too long to read.
_WORDS_IN_TEXT = 10


class Topic(NamedTuple):
    """A topic as it is shown.

    Args:
        number: of the topic.
        label: its name or, without one, its three top words.
        name: the name that it was given, or None.
        share: its share of the tokens.
        presence: the share of the documents with at least one token of it.
        amount: its share of a document's tokens where it is present; NaN where it never is.
        words: its top words, best first.
        weights: the value of each word by the measure that was asked for.
    """

    number: int
    label: str
    name: str | None
    share: float
    presence: float
    amount: float
    words: list[str]
    weights: list[float]

    def __repr__(self) -> str:
        shown = ", ".join(plain(word, _LONGEST_WORD) for word in self.words[:_WORDS_IN_TEXT])
        name = "" if self.name is None else f" {quoted(plain(self.name, _LONGEST_WORD))}"
        return f"Topic({self.number}{name}, {self.share:.1%}: {shown})"


class Topics(Sequence[Topic]):
    """Topics in the order in which they are shown; see ``TopicModel.show_topics``.

    Example:
        >>> topic = Topic(3, "economy", "economy", 0.25, 0.5, 0.5, ["bank", "rate"], [0.1, 0.05])
        >>> topics = Topics([topic])
        >>> topics
        topic  label    share  presence  amount  words
            3  economy  25.0%       50%     50%  bank, rate
        >>> topics[0].words, topics.to_frame()["weights"].tolist()
        (['bank', 'rate'], [[0.1, 0.05]])
    """

    def __init__(self, topics: Iterable[Topic], measure: str = USUAL_MEASURE) -> None:
        self._topics = list(topics)
        self.measure = measure

    @overload
    def __getitem__(self, index: int) -> Topic: ...
    @overload
    def __getitem__(self, index: slice) -> "Topics": ...
    def __getitem__(self, index: Any) -> "Topic | Topics":
        if isinstance(index, slice):
            return Topics(self._topics[index], self.measure)
        return self._topics[index]

    def __len__(self) -> int:
        return len(self._topics)

    def to_frame(self) -> "pd.DataFrame":
        """Return a row for each topic, with the columns that ``Topic`` names."""
        import pandas as pd

        return pd.DataFrame(self._topics, columns=Topic._fields)

    def __repr__(self) -> str:
        header = ["topic", "label", "share", "presence", "amount", "words"]
        return aligned([header, *map(_cells, self)], left=[1], has_text=True)

    def _repr_html_(self) -> str:
        return html_fragment(self.to_html())

    def to_html(self) -> Html:
        """Return the topics as a table of HTML, in which all text from data is escaped."""
        longest = max((topic.share for topic in self), default=1.0)
        rows = []
        for topic in self:
            number, label, share, presence, amount, words = _cells(topic, most=len(topic.words))
            rows.append(
                [number, label, bar(topic.share, share, longest=longest), presence, amount, words]
            )
        by = "" if self.measure == "probability" else f", words by {self.measure}"
        header = ["topic", "label", "share of tokens", "in documents", "amount there", "words"]
        caption = f"{len(self)} {'topic' if len(self) == 1 else 'topics'}{by}"
        return table(header, rows, caption=caption, numbers=[0, 3, 4])


def _cells(topic: Topic, most: int = _WORDS_IN_TEXT) -> list[str]:
    words = ", ".join(plain(word, _LONGEST_WORD) for word in topic.words[:most])
    label = plain(topic.label, _LONGEST_WORD)
    shares = [_percent(topic.presence), _percent(topic.amount)]
    return [str(topic.number), label, f"{topic.share:.1%}", *shares, words]


def _percent(share: float) -> str:
    """Return a share in whole per cent, or in tenths where that would hide it; "" for NaN."""
    if share != share:
        return ""
    return f"{share:.1%}" if 0 < share < 0.01 else f"{share:.0%}"
