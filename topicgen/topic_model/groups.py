"""The shares and words of topics in groups of documents, from the estimator's own inputs."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.sparse import csr_matrix

from topicgen.effects.group_table import share_table
from topicgen.effects.group_tokens import GroupTokens, TopicDraws, group_tokens
from topicgen.effects.group_words import most_probable, words_of_groups
from topicgen.effects.per_class import Classes, differences
from topicgen.errors import InputError
from topicgen.plain import quoted
from topicgen.topic_model.fitted import Fitted
from topicgen.topic_model.inspection import check_n_words
from topicgen.topic_model.posterior import Posterior

if TYPE_CHECKING:
    import pandas as pd


class Grouped(NamedTuple):
    """What is known of groups of documents.

    Args:
        tokens: how many tokens of each topic they have.
        words: for each group, the words of each topic.
    """

    tokens: GroupTokens
    words: list[list[list[str]]]


def check_level(level: Any) -> float:
    """Return the level of intervals.

    Raises:
        InputError: where it is not between 0 and 1.
    """
    if not (isinstance(level, int | float | np.floating) and 0 < level < 1):
        raise InputError(
            f"level must be between 0 and 1, got {quoted(level)}; use for example 0.95"
        )
    return float(level)


def group(
    fitted: Fitted,
    posterior: Posterior,
    counts: csr_matrix,
    groups: np.ndarray,
    n_groups: int,
    *,
    clusters: np.ndarray | None,
    top_n: int,
) -> Grouped:
    """Return what is known of groups of documents, in one pass over the posterior draws.

    Args:
        fitted: the model.
        posterior: of the documents.
        counts: their words, CSR of shape (n_documents, n_words).
        groups: the number of each document's group, shape (n_documents,).
        n_groups: how many groups there are.
        clusters: the number of each document's cluster, or None.
        top_n: words per topic and group.

    Raises:
        InputError: where ``top_n`` is below 1.
    """
    check_n_words(top_n)
    proportions = np.empty((counts.shape[0], fitted.n_topics), np.float32)

    def watched() -> Iterator[tuple[slice, TopicDraws]]:
        for rows, draws in posterior.blocks():
            proportions[rows] = draws.proportions.mean(0)
            yield rows, draws

    tokens = group_tokens(watched(), posterior.n_tokens, groups, n_groups, clusters)
    of_groups = words_of_groups(counts, proportions, fitted.components, groups, n_groups)
    words = [
        [[fitted.word(column) for column in columns] for columns in most_probable(of_group, top_n)]
        for of_group in of_groups
    ]
    return Grouped(tokens, words)


def per_class(grouped: Grouped, classes: Classes, level: float) -> "pd.DataFrame":
    """Return the table of ``TopicModel.topics_per_class``."""
    table = share_table(grouped.tokens, classes.names, "class", level, grouped.words)
    found = differences(grouped.tokens, grouped.tokens.elsewhere(), level)
    names = ("difference", "difference_low", "difference_high")
    for place, (name, values) in enumerate(zip(names, found, strict=True)):
        table.insert(5 + place, name, values.T.ravel())
    return table
