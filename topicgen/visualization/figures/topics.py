"""Which topics a figure shows, and what it calls them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import TYPE_CHECKING, Any, TypeAlias, Union

from topicgen.errors import InputError, listed, shown
from topicgen.topic_model.fitted import Fitted
from topicgen.visualization.figures.text import printable

if TYPE_CHECKING:
    import numpy as np

    from topicgen.topic_model import TopicModel

Topics: TypeAlias = Iterable[int] | Mapping[int, str] | None
Model: TypeAlias = Union["TopicModel", Fitted]


@dataclass(frozen=True)
class Shown:
    """The topics of a figure.

    Args:
        numbers: of the topics, in the order in which they are shown.
        headings: the number and the label of each, printable.
        note: how they were chosen, or None where they are those asked for, or all.
    """

    numbers: list[int]
    headings: list[str]
    note: str | None = None


def fitted_of(model: Any) -> Fitted:
    """Return what a model has learnt.

    Raises:
        InputError: where it is no topic model.
        sklearn.exceptions.NotFittedError: before ``fit``.
    """
    found = getattr(model, "fitted_", model)
    if isinstance(found, Fitted):
        return found
    if hasattr(model, "get_params"):
        from sklearn.utils.validation import check_is_fitted

        check_is_fitted(model)
    raise InputError(f"expected a fitted TopicModel, got {shown(model)}; pass what fit returns")


def topics_of_model(model: Any, topics: Topics, most: int) -> Shown:
    """Return the topics to show of a model, by default those of the largest shares.

    Args:
        model: a fitted model.
        topics: numbers of topics; a dictionary of them with labels; or None.
        most: how many to show by default.

    Raises:
        InputError: where a topic does not exist, or there is none.
    """
    fitted = fitted_of(model)
    largest = largest_first(fitted.evidence.topic_share)
    return choose(topics, largest, most, label_of(fitted), "largest")


def choose(
    topics: Topics, available: Sequence[int], most: int, label: Callable[[int], str], which: str
) -> Shown:
    """Return the topics to show.

    Args:
        topics: numbers of topics; a dictionary of them with labels; or None for the first of
            ``available``.
        available: the numbers of all topics, the most important first.
        most: how many to show by default.
        label: returns the label of a topic.
        which: what the most important ones are, such as "largest".

    Raises:
        InputError: where a topic does not exist, or there is none.
    """
    if topics is None:
        numbers = list(available[:most])
        n, cut = len(available), len(numbers) < len(available)
        note = f"the {len(numbers)} {which} of {n} topics" if cut else None
        return Shown(numbers, [heading(k, label(k)) for k in numbers], note)
    given_topics = listed(topics)
    if given_topics is None:
        raise InputError(
            f"topics must be numbers, or a dictionary of numbers and labels, got {shown(topics)}; "
            "use for example [0, 3] or {3: 'economy'}"
        )
    known = set(available)
    numbers = []
    for k in given_topics:
        if isinstance(k, bool) or not isinstance(k, Integral) or int(k) not in known:
            some = ", ".join(map(str, sorted(known)[:3])) + (", ..." if len(known) > 3 else "")
            raise InputError(
                f"topics has {shown(k)}, which is not the number of a topic here; the "
                f"{len(known)} topics are {some}"
            )
        numbers.append(int(k))
    if not numbers:
        raise InputError("topics is empty; pass at least one number, or leave it out")
    given = {int(k): name for k, name in topics.items()} if isinstance(topics, Mapping) else {}
    numbers = list(dict.fromkeys(numbers))
    labels = [given[k] if k in given else label(k) for k in numbers]
    return Shown(numbers, [heading(k, name) for k, name in zip(numbers, labels, strict=True)])


def heading(k: int, label: str) -> str:
    """Return the number and the label of a topic.

    Example:
        >>> heading(3, "bank, rate, growth"), heading(3, "")
        ('3 bank, rate, growth', 'topic 3')
    """
    return f"{k} {printable(label)}" if label else f"topic {k}"


def label_of(fitted: Fitted | None) -> Callable[[int], str]:
    """Return a function that returns the label of a topic: "" where nothing is known."""
    if fitted is None:
        return lambda k: ""
    return fitted.label


def largest_first(shares: "np.ndarray | Sequence[float]") -> list[int]:
    """Return the numbers of topics, the largest first; ties in order.

    Example:
        >>> largest_first([0.2, 0.5, 0.3])
        [1, 2, 0]
    """
    return sorted(range(len(shares)), key=lambda k: -shares[k])
