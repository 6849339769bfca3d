"""Which topics the tokens of one document come from."""

from typing import TYPE_CHECKING, Any

import numpy as np

from topicgen.errors import InputError
from topicgen.visualization.figures import style
from topicgen.visualization.figures.text import printable, shortened
from topicgen.visualization.figures.topics import Topics, choose, fitted_of

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from topicgen.topic_model import TopicModel

_MOST = 10


def document(
    model: "TopicModel",
    document: Any,
    *,
    topics: Topics = None,
    level: float = 0.9,
    metadata: Any = None,
    embeddings: Any = None,
    random_state: Any = 0,
    width: float = 7.0,
) -> "Figure":
    """Return a figure of how many tokens of a document come from each topic, with intervals.

    Args:
        model: a fitted model.
        document: a text, or anything with one document that ``TopicModel.posterior`` takes.
        topics: numbers of topics, or a dictionary of numbers and labels; by default the topics,
            at most 10, that may have a token, the most tokens first.
        level: the probability that an interval contains the number of tokens.
        metadata: as in ``TopicModel.posterior``, of this document.
        embeddings: likewise.
        random_state: of the posterior draws, likewise.
        width: of the figure, in inches.

    Raises:
        InputError: where an argument cannot be used, there is not one document, or it has no word
            that the model knows.
        sklearn.exceptions.NotFittedError: before ``fit``.

    Example:
        >>> from topicgen import TopicModel
        >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
        >>> model = TopicModel(2, random_state=0).fit(docs)
        >>> figure = document(model, "cats purr and dogs sleep and cats run")
        >>> figure.axes[0].get_xlabel()
        'of the 6 tokens that the model knows'
    """
    width, fitted = style.check_width(width), fitted_of(model)
    documents = [document] if isinstance(document, str) else document
    posterior = model.posterior(
        documents, metadata=metadata, embeddings=embeddings, random_state=random_state
    )
    low, high = posterior.interval(level, of="tokens")
    if len(low) != 1:
        raise InputError(f"expected one document, got {len(low)}; pass one, such as docs[0]")
    n_tokens = round(float(posterior.n_tokens[0]))
    if not n_tokens:
        raise InputError(
            "the document has no word of the model's vocabulary; pass another document"
        )
    tokens = posterior.tokens[0]
    order = np.argsort(-tokens, kind="stable").tolist()
    n_possible = max(1, int((high[0] > 0).sum()))
    most = min(_MOST, n_possible)
    chosen = choose(topics, order, most, fitted.label, "largest")
    numbers = chosen.numbers
    figure, (axis,) = style.panels(1, width, 0.6 + style.ROW * len(numbers))
    style.rows(axis, chosen.headings, 72 * width * 0.4)
    style.stripes(axis, len(numbers))
    rows = range(len(numbers))
    style.dot_and_interval(axis, rows, tokens[numbers], low[0, numbers], high[0, numbers])
    style.from_0(axis, high[0, numbers], in_percent=False)
    which = f"of the {n_tokens:,} tokens that the model knows"
    axis.set_xlabel(which, fontsize=style.SMALL, color=style.GREY)
    if isinstance(document, str):
        text = printable(" ".join(document[:1000].split()), 200)
        style.note(figure, shortened(text, 72 * width - 8, style.SMALL))
    return style.finished(figure)
