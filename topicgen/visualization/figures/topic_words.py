"""The top words of topics, one panel per topic."""

from typing import TYPE_CHECKING

from topicgen.topic_model.inspection import topic_words as words_of
from topicgen.visualization.figures import style
from topicgen.visualization.figures.text import printable
from topicgen.visualization.figures.topics import Model, Topics, fitted_of, topics_of_model

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def topic_words(
    model: Model, topics: Topics = None, n: int = 10, *, width: float = 7.0
) -> "Figure":
    """Return a figure of the words of topics: one bar per word, as long as its probability.

    Each panel has its own scale from 0, in per cent of the topic's tokens.

    Args:
        model: a fitted model.
        topics: numbers of topics, or a dictionary of numbers and labels; by default the 20 of the
            largest shares.
        n: words per topic.
        width: of the figure, in inches.

    Raises:
        InputError: where an argument cannot be used.
        sklearn.exceptions.NotFittedError: before ``fit``.

    Example:
        >>> from topicgen import TopicModel
        >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
        >>> model = TopicModel(2, random_state=0).fit(docs)
        >>> figure = topic_words(model, n=3)
        >>> sorted(label.get_text() for label in figure.axes[0].get_yticklabels())
        ['bark', 'dogs', 'run']
    """
    return style.finished(_draw(model, topics, n, style.check_width(width)))


def _draw(model: Model, topics: Topics, n: int, width: float) -> "Figure":
    fitted, chosen = fitted_of(model), topics_of_model(model, topics, style.MOST_PANELS)
    tables = [words_of(fitted, k, n) for k in chosen.numbers]
    height = 0.42 + style.ROW * 0.82 * max(len(table["word"]) for table in tables)
    figure, axes = style.panels(len(tables), width, height)
    panel = 72 * width / style.columns_for(len(tables), width)
    indents = []
    for axis, table in zip(axes, tables, strict=True):
        values = [100 * probability for probability in table["probability"]]
        axis.barh(range(len(values)), values, height=0.7, color=style.INK)
        words = [printable(word) for word in table["word"]]
        indents.append(style.rows(axis, words, panel * 0.45))
        axis.set_xlim(0, 1.05 * max(values))
        style.ticks(axis.xaxis, in_percent=True, most=3)
    for axis, heading in zip(axes, chosen.headings, strict=True):
        style.title(axis, heading, panel - 8, indent=max(indents))
    style.caption(figure, "probability of the word in the topic")
    style.note(figure, chosen.note)
    return figure
