"""Which pairs of topics could be merged, and what each merge would cost."""

from itertools import combinations
from numbers import Integral
from typing import TYPE_CHECKING, Any

import numpy as np

from topicgen.errors import InputError, shown
from topicgen.evaluation.matching import match_topics
from topicgen.evaluation.significance import paired_test
from topicgen.topic_model.editing.changes import documents_for, weights_after
from topicgen.topic_model.editing.composition import Composition, merging
from topicgen.topic_model.editing.costs import Completion
from topicgen.topic_model.fitted import Fitted
from topicgen.topic_model.kept import KeptDocuments

if TYPE_CHECKING:
    import pandas as pd

# Pairs of topics whose cost is measured: the most similar ones of each topic.
_NEIGHBOURS = 3
# The cost of a pair is measured on the documents with the most tokens of either topic.
_MOST_DOCUMENTS = 150
_FEWEST_TOKENS = 1.0
# A pair is suggested if it costs less than this (scripts/study_editing.py).
TOLERANCE = 0.2


def merge_suggestions(
    fitted: Fitted, n: int, documents: KeptDocuments | None = None
) -> "pd.DataFrame":
    """Return the pairs of topics that cost least to merge; see ``TopicModel.suggest_merges``.

    Raises:
        InputError: where n is no positive whole number, or there are no documents.
    """
    import pandas as pd

    if not isinstance(n, Integral) or isinstance(n, bool) or n < 1:
        raise InputError(f"n must be a whole number of pairs from 1, got {shown(n)}; use 10")
    documents = documents_for(fitted, documents)
    columns = ["topic", "label", "other", "other_label", "similarity", "cost", "low", "high"]
    rows = _Pairs(fitted, documents).rows()
    table = pd.DataFrame(rows, columns=columns)
    table["suggested"] = table["high"] < TOLERANCE
    order = (
        table.assign(last=~table["suggested"]).sort_values(["last", "cost"], kind="stable").index
    )
    return table.loc[order].head(n).reset_index(drop=True)


class _Pairs:
    """Pairs of similar topics of a model, and what it costs to merge them."""

    def __init__(self, fitted: Fitted, documents: KeptDocuments) -> None:
        self.fitted, self.completion = fitted, Completion(documents)
        proportions = self.completion.proportions(fitted)
        self.before = self.completion.log_likelihood(fitted, proportions)
        self.tokens = proportions * self.completion.n_tokens[:, None]
        self.similarity = match_topics(fitted.components, fitted.components).all_similarities

    def rows(self) -> list[tuple[Any, ...]]:
        fitted = self.fitted
        return [
            (
                first,
                fitted.label(first),
                second,
                fitted.label(second),
                self.similarity[first, second],
                *self.cost(first, second),
            )
            for first, second in self.similar()
        ]

    def similar(self) -> list[tuple[int, int]]:
        """Return the pairs of each topic and those most similar to it."""
        free = np.flatnonzero(self.fitted.weights["free"].ravel())
        similarity = self.similarity[np.ix_(free, free)]
        np.fill_diagonal(similarity, -1)
        nearest = np.argsort(-similarity, axis=1, kind="stable")[:, :_NEIGHBOURS]
        is_near = np.zeros(similarity.shape, dtype=bool)
        np.put_along_axis(is_near, nearest, True, axis=1)
        return [
            (int(free[i]), int(free[j]))
            for i, j in combinations(range(len(free)), 2)
            if is_near[i, j] or is_near[j, i]
        ]

    def cost(self, first: int, second: int) -> tuple[float, float, float]:
        """Return the cost of merging two topics, and the ends of its interval.

        It is in nats per token of the smaller topic. Otherwise, merging a small topic with a large
        one would seem cheap because of the large topic's tokens.
        """
        tokens = self.tokens[:, [first, second]]
        most = np.argsort(-tokens, axis=0, kind="stable")[:_MOST_DOCUMENTS]
        rows = np.unique(most[np.take_along_axis(tokens, most, 0) >= _FEWEST_TOKENS])
        if len(rows) < 2:
            return np.nan, np.nan, np.nan
        tokens = tokens[rows]
        matrix = merging(self.fitted.n_topics, [first, second])
        parts = Composition(matrix, self.fitted.evidence.topic_share)
        after = self.completion.select(rows).log_likelihood(weights_after(self.fitted, parts))
        smaller = tokens[:, tokens.sum(0).argmin()]
        return paired_test(self.before[rows], after, smaller, n_resamples=1999)[:3]
