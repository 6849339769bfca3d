"""Tables of a fitted model's topics and documents; only the tree and the seeds need torch."""

from collections.abc import Iterable
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

from topicgen.corpus.unknown import unknown_share
from topicgen.errors import InputError, listed, shown
from topicgen.plain import quoted
from topicgen.topic_model.fitted import Fitted
from topicgen.topic_model.measure_names import USUAL_MEASURE
from topicgen.topic_model.topics import Topic, Topics
from topicgen.topic_model.word_measures import (
    distinctive_columns,
    leading_words,
    ranking,
    top_columns,
    word_scores,
)

if TYPE_CHECKING:
    import pandas as pd

    from topicgen.models import LatentCountModel


def check_n_words(n: Any) -> None:
    """Check a number of words per topic.

    Raises:
        InputError: where it is not a whole number from 1 up.
    """
    if not _is_whole(n) or n < 1:
        raise InputError(f"expected at least 1 word per topic, got {quoted(n)}; use for example 10")


def check_topic(fitted: Fitted, k: Any) -> int:
    """Return the number of a topic that is given by its number or its name.

    Raises:
        InputError: where there is no such topic.
    """
    if isinstance(k, str):
        return _number_of_name(fitted, k)
    if not _is_whole(k) or not 0 <= k < fitted.n_topics:
        raise InputError(f"topics are numbered from 0 to {fitted.n_topics - 1}, got {shown(k)}")
    return int(k)


def check_topics(fitted: Fitted, k: Any) -> list[int]:
    """Return the numbers of topics given by numbers or names: of one, several, or all for None.

    Raises:
        InputError: where there is no such topic, or none at all.
    """
    if k is None:
        return list(range(fitted.n_topics))
    if isinstance(k, str) or _is_whole(k):
        return [check_topic(fitted, k)]
    numbers = listed(k)
    if not numbers:
        raise InputError(
            f"k must be the number or name of a topic, or several, got {quoted(k)}; pass 0, for "
            "example"
        )
    return list(dict.fromkeys(check_topic(fitted, one) for one in numbers))


def _number_of_name(fitted: Fitted, name: str) -> int:
    names = [fitted.name(number) for number in range(fitted.n_topics)]
    if name in names:
        return names.index(name)
    known = ", ".join(repr(other) for other in names if other is not None)
    given = (
        f"the names are {known}"
        if known
        else f"the topics have no names; pass a number from 0 to {fitted.n_topics - 1}"
    )
    raise InputError(f"no topic is named {shown(name)}; {given}")


def _is_whole(value: Any) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def top_words(
    fitted: Fitted, n: int, measure: str = USUAL_MEASURE, weight: float | None = None
) -> list[list[str]]:
    """Return the n words that speak most for each topic, the best first.

    Args:
        fitted: the model.
        n: words per topic.
        measure: of how well a word speaks for a topic; see ``word_scores``.
        weight: of the measure, or None for the usual one.

    Raises:
        InputError: where n is below 1, or there is no such measure.
    """
    check_n_words(n)
    return leading_words(fitted, n, measure, weight)


def topic_words(
    fitted: Fitted,
    k: int | str,
    n: int,
    measure: str = USUAL_MEASURE,
    weight: float | None = None,
) -> dict[str, list[Any]]:
    """Return the n words that speak most for topic k: the columns ``word`` and ``probability``.

    A further column holds the values of a measure other than the probability.

    Raises:
        InputError: where topic k does not exist, n is below 1, or there is no such measure.
    """
    return words_of_topics(fitted, [check_topic(fitted, k)], n, measure, weight)[0]


def words_of_topics(
    fitted: Fitted,
    topics: Iterable[int],
    n: int,
    measure: str = USUAL_MEASURE,
    weight: float | None = None,
) -> list[dict[str, list[Any]]]:
    """Return the ``topic_words`` of several topics, for which the measure is computed once.

    Raises:
        InputError: where n is below 1, or there is no such measure.
    """
    check_n_words(n)
    scores, order = word_scores(fitted, measure, weight), ranking(fitted, measure, weight)
    found = []
    for k in topics:
        columns = top_columns(order[k], n)
        found.append(
            {
                "word": [fitted.word(column) for column in columns.tolist()],
                "probability": fitted.components[k, columns].tolist(),
                measure: scores[k, columns].tolist(),
            }
        )
    return found


def top_topics(
    fitted: Fitted, n: int | None, top_n: int, measure: str, weight: float | None
) -> Topics:
    """Return the n topics with the largest shares; see ``TopicModel.show_topics``.

    Raises:
        InputError: where a number is below 1, or there is no such measure.
    """
    if n is not None and (not _is_whole(n) or n < 1):
        raise InputError(
            f"n must be a whole number of topics from 1, got {quoted(n)}; use 10, or None"
        )
    occurrence = fitted.evidence.occurrence
    share = fitted.evidence.topic_share
    largest = np.argsort(-share, kind="stable")[:n].tolist()
    topics = []
    for k, of_topic in zip(
        largest, words_of_topics(fitted, largest, top_n, measure, weight), strict=True
    ):
        occurs = float(occurrence.presence[0, k]), float(occurrence.amount[0, k])
        words, weights = of_topic["word"], of_topic[measure]
        topics.append(
            Topic(k, fitted.label(k), fitted.name(k), float(share[k]), *occurs, words, weights)
        )
    return Topics(topics, measure)


def topic_info(fitted: Fitted, n: int) -> dict[str, Any]:
    """Return the columns of ``get_topic_info``, with the topics in order of their numbers.

    Raises:
        InputError: where n is below 1.
    """
    return {
        "topic": np.arange(fitted.n_topics),
        "name": [fitted.label(topic) for topic in range(fitted.n_topics)],
        "share": fitted.evidence.topic_share,
        **occurrence_columns(fitted),
        "words": top_words(fitted, n),
    }


def seed_info(fitted: Fitted) -> dict[str, list[Any]]:
    """Return the columns of ``get_seed_info``.

    Raises:
        InputError: where the model has no seeds.
    """
    from topicgen.training import seed_strength

    if fitted.seeds is None or fitted.vocabulary is None:
        raise InputError(
            "the model has no seeds; fit it with seeds={'name': ['word', ...]} (topicgen fit "
            "--seeds FILE)"
        )
    components, topic_share = fitted.components, fitted.evidence.topic_share
    columns: dict[str, list[Any]] = {}
    columns |= {name: [] for name in ("topic", "name", "word", "share", "strength")}
    of_topics = zip(fitted.seeds.words, fitted.seeds.columns(fitted.vocabulary), strict=True)
    for topic, (name, of_topic) in enumerate(of_topics):
        among = components[:, of_topic]
        share = topic_share[topic] * among[topic] / (topic_share @ among)
        columns["topic"] += [topic] * len(of_topic)
        columns["name"] += [fitted.name(topic) or name] * len(of_topic)
        columns["word"] += fitted.seeds.words[name]
        columns["share"] += share.tolist()
        columns["strength"] += seed_strength(among[topic] / among.sum(0)).tolist()
    return columns


def occurrence_columns(fitted: Fitted) -> dict[str, np.ndarray]:
    """Return how topics occur, each estimate followed by the ends of its 95% interval."""
    columns: dict[str, np.ndarray] = {}
    for name, values in vars(fitted.evidence.occurrence).items():
        columns |= dict(zip((name, f"{name}_low", f"{name}_high"), values, strict=True))
    return columns


def document_info(
    proportions: np.ndarray,
    n_tokens: np.ndarray,
    ids: Any,
    index: Any,
    lengths: np.ndarray | None = None,
    *,
    without_empty: bool = False,
) -> "pd.DataFrame":
    """Return the table of ``get_document_info``.

    Args:
        proportions: of the topics, shape (n_documents, n_topics).
        n_tokens: the documents' tokens in the vocabulary, shape (n_documents,).
        ids: of the documents, or None for their numbers.
        index: of the table, or None.
        lengths: how many terms each document has, known or not; None where only known ones came.
        without_empty: whether what is inferred of documents without known words is missing.
    """
    import pandas as pd

    n_documents = len(n_tokens)
    topic = proportions.argmax(1)
    table = pd.DataFrame(
        {
            "id": np.arange(n_documents) if ids is None else ids,
            "tokens": n_tokens,
            "unknown_share": unknown_share(n_tokens, lengths),
            "topic": topic,
            "share": proportions[np.arange(n_documents), topic],
        },
        index=index,
    )
    if without_empty:
        found = ["topic", "share"]
        table = table.astype({"topic": "Int64"})
        table[found] = table[found].mask(table["tokens"] == 0)
    return table


def topic_tree(fitted: Fitted, n: int) -> "pd.DataFrame":
    r"""Return one row per node of each layer; see ``TopicModel.get_topic_tree``.

    Raises:
        InputError: where n is below 1.
    """
    import pandas as pd

    hierarchy = fitted.hierarchy
    models = [layer.model for layer in hierarchy.layers]
    topic_share = fitted.evidence.topic_share
    shares = [topic_share, *(_expected_share(model) for model in models)]
    words = [top_words(fitted, n)]
    collection = topic_share @ fitted.components
    for topics in hierarchy.topics()[1:]:
        order = distinctive_columns(topics.detach().cpu().numpy(), collection, n)
        words.append([[fitted.word(column) for column in columns] for columns in order])
    tables = []
    for layer, share in enumerate(shares):
        parent, weight = pd.Series(pd.NA, range(len(share))), np.full(len(share), np.nan)
        if layer < len(models):
            joint = shares[layer + 1][:, None] * models[layer].topic_word().detach().cpu().numpy()
            parent, weight = joint.argmax(0), joint.max(0) / joint.sum(0)
        columns = {"layer": layer, "topic": np.arange(len(share)), "parent": parent}
        columns |= {"weight": weight, "share": share, "words": words[layer]}
        tables.append(pd.DataFrame(columns).astype({"parent": "Int64"}))
    return pd.concat(tables, ignore_index=True)


def _expected_share(model: "LatentCountModel") -> np.ndarray:
    """Return each node's share of the counts expected under the prior."""
    expected = model.prior.mean + model.smoothing
    share: np.ndarray = (expected / expected.sum()).cpu().numpy()
    return share
