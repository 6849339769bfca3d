"""How the words of a model's topics differ between groups of documents, such as parties."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import csr_matrix

from topicgen.effects.content import Content, fit_content
from topicgen.effects.per_class import Classes, read_classes
from topicgen.errors import InputError, shown
from topicgen.models import Known, LatentCountModel
from topicgen.plain import quoted
from topicgen.topic_model.columns import Columns
from topicgen.topic_model.documents import Input
from topicgen.topic_model.draws import Effort, draw_blocks
from topicgen.topic_model.fitted import Fitted
from topicgen.topic_model.inspection import check_n_words, check_topic
from topicgen.topic_model.kept import KeptDocuments
from topicgen.training import whole_tokens

if TYPE_CHECKING:
    import pandas as pd

_EFFORT = Effort(n_draws=20, n_chains=1, settling=10)
_MOST_LEVELS = 50


def groups_to_compare(column: str, data: Input) -> tuple[str, Classes]:
    """Return the groups that a metadata column sorts documents into, after its name.

    Raises:
        InputError: where the column does not exist or has missing values, or the groups are fewer
            than two or too many.
    """
    columns = Columns(lambda: data.metadata, data.counts.shape[0])
    classes = read_classes(columns.of(column, "content"), f"content={quoted(column)}")
    n_levels = len(classes.names)
    if n_levels < 2:
        raise InputError(
            f"content={quoted(column)} has the same value in all documents, so that nothing can "
            "differ; choose another column, or leave it out"
        )
    if n_levels > _MOST_LEVELS:
        raise InputError(
            f"content={quoted(column)} has {n_levels:,} different values, and at most "
            f"{_MOST_LEVELS} groups are compared; combine some of them"
        )
    return column, classes


def find_content(
    model: LatentCountModel,
    counts: csr_matrix,
    groups: np.ndarray,
    names: "pd.Index",
    column: str,
    *,
    known: Known | None,
    seed: int,
) -> Content:
    """Return how the words of topics differ between groups of documents.

    Args:
        model: the topics, in double precision.
        counts: CSR of shape (n_documents, n_words), whole numbers.
        groups: the number of each document's group, shape (n_documents,).
        names: of the groups.
        column: what the groups are called.
        known: what else is known of the documents, or None.
        seed: of the posterior draws.
    """
    draws = draw_blocks(model, counts, _EFFORT, seed, known)
    proportions = np.concatenate([block.proportions.mean(0) for block in draws])
    topics = model.topic_word().detach().cpu().numpy()
    plain = bool | int | float  # others, such as dates, are named by their text
    levels = [name if isinstance(name, plain) else str(name) for name in names.tolist()]
    return fit_content(counts, proportions, topics, groups, column, levels)


def content_of(fitted: Fitted, documents: KeptDocuments, known: Known | None, seed: int) -> Content:
    """Return how the words of a model's topics differ between the groups of kept documents.

    Args:
        fitted: a model with content, of these topics or of others.
        documents: with their groups.
        known: what else is known of the documents, or None.
        seed: of the posterior draws.
    """
    import pandas as pd

    content = _content(fitted)
    assert documents.groups is not None  # they are kept with content
    return find_content(
        fitted.model,
        whole_tokens(documents.counts),
        documents.groups,
        pd.Index(content.levels, dtype=object),
        content.column,
        known=known,
        seed=seed,
    )


def group_named(fitted: Fitted, text: str) -> dict[str, Any]:
    """Return the group that a text such as "party=Con" names, as ``topic_words_given`` takes it.

    Raises:
        InputError: where the model has no such groups, or the text is of another form.
    """
    content = _content(fitted)
    column, equals, value = text.partition("=")
    if not equals:
        raise InputError(
            f"expected a column and one of its values, such as {content.column}="
            f"{content.levels[0]}, got {shown(text)}"
        )
    levels = {str(level): level for level in content.levels}
    return {column: levels.get(value, value)}


def topic_words_given(
    fitted: Fitted, k: int | str, n: int, given: Mapping[str, Any], level: float
) -> "pd.DataFrame":
    """Return the table of ``TopicModel.get_topic`` for one of the groups.

    Raises:
        InputError: where the model has no such groups, or an argument cannot be used.
    """
    content = _content(fitted)
    if not isinstance(given, Mapping) or len(given) != 1:
        raise InputError(
            f"given must be a column with one of its values, such as {{{quoted(content.column)}: "
            f"{quoted(content.levels[0])}}}, got {shown(given)}"
        )
    [(column, value)] = given.items()
    if column != content.column:
        raise InputError(
            f"the model's words differ by {quoted(content.column)}, got given={shown(given)}; fit "
            f"it with content={quoted(column)}, or ask for {{{quoted(content.column)}: ...}}"
        )
    if value not in content.levels:
        raise InputError(
            f"the model knows no {quoted(column)} with the value {shown(value)}; choose one of "
            f"{', '.join(map(repr, content.levels))}"
        )
    k = check_topic(fitted, k)
    table = _of_group(fitted, content, k, content.levels.index(value), level)
    return (
        table.sort_values("probability", ascending=False, kind="stable")
        .head(n)
        .reset_index(drop=True)
    )


def content_table(fitted: Fitted, n: int, level: float) -> "pd.DataFrame":
    """Return the table of ``TopicModel.get_content_info``.

    Raises:
        InputError: where the model has no groups, or n is below 1.
    """
    import pandas as pd

    content = _content(fitted)
    check_n_words(n)
    evidence = content.evidence()
    tables = []
    for k in range(fitted.n_topics):
        for group, name in enumerate(content.levels):
            order = np.argsort(-np.abs(evidence[group, k]), kind="stable")[:n]
            table = _of_group(fitted, content, k, group, level).iloc[order]
            table.insert(0, "topic", k)
            table.insert(1, content.column, name)
            tables.append(table)
    return pd.concat(tables, ignore_index=True)


def _content(fitted: Fitted) -> Content:
    if fitted.content is None:
        raise InputError(
            "the model was fitted without groups of documents, so it has no words of groups; fit "
            "it with content='...' (--content), the name of a metadata column"
        )
    return fitted.content


def _of_group(fitted: Fitted, content: Content, k: int, group: int, level: float) -> "pd.DataFrame":
    """Return a row for each word that is kept of a topic."""
    import pandas as pd

    columns = content.words[k]
    probability = fitted.components[k].copy()
    probability[columns] *= content.ratio[group, k]
    low, high = content.interval(group, k, level)
    return pd.DataFrame(
        {
            "word": [fitted.word(column) for column in columns],
            "probability": probability[columns] / probability.sum(),
            "log_ratio": np.log(content.ratio[group, k]),
            "low": low,
            "high": high,
        }
    )
