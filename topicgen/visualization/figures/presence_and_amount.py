"""In how many documents topics occur, and how much of these they fill."""

from typing import TYPE_CHECKING

from topicgen.visualization.figures import style
from topicgen.visualization.figures.topics import Model, Topics, fitted_of, topics_of_model

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PANELS = (
    ("presence", "Presence", "of the documents\nhave the topic"),
    ("amount", "Amount", "of the tokens\nof these documents"),
)


def presence_and_amount(model: Model, topics: Topics = None, *, width: float = 7.0) -> "Figure":
    """Return a figure of how topics occur in the training documents, with 95% intervals.

    On the left is each topic's presence, the share of the documents with at least one token of it;
    on the right its amount, its share of the tokens of these documents; both in per cent. This
    distinguishes a topic that fills a few documents from a topic that occurs a little in many.

    Args:
        model: a fitted model.
        topics: numbers of topics, or a dictionary of numbers and labels; by default the 50 of the
            largest shares, the largest first.
        width: of the figure, in inches.

    Raises:
        InputError: where an argument cannot be used.
        sklearn.exceptions.NotFittedError: before ``fit``.

    Example:
        >>> from topicgen import TopicModel
        >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
        >>> figure = presence_and_amount(TopicModel(2, random_state=0).fit(docs))
        >>> [axis.texts[0].get_text() for axis in figure.axes]
        ['Presence', 'Amount']
    """
    width = style.check_width(width)
    occurrence = fitted_of(model).evidence.occurrence
    chosen = topics_of_model(model, topics, style.MOST_ROWS)
    figure, axes = style.panels(
        2, width, 0.65 + style.ROW * len(chosen.numbers), narrowest=1.0, sharey=True
    )
    heights = range(len(chosen.numbers))
    for axis, (name, title, meaning) in zip(axes, _PANELS, strict=True):
        values, low, high = 100 * getattr(occurrence, name)[:, chosen.numbers]
        style.rows(axis, chosen.headings, 72 * width * 0.35)
        style.stripes(axis, len(heights))
        style.dot_and_interval(axis, heights, values, low, high)
        style.title(axis, title)
        axis.set_xlabel(meaning, fontsize=style.SMALL, color=style.GREY)
        style.from_0(axis, high)
    style.note(figure, chosen.note)
    return style.finished(figure)
