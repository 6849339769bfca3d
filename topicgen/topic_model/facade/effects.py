"""The effects of covariates on the topics."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from topicgen.corpus.metadata.frames import as_grid
from topicgen.effects import Quantity, contrast_table, effect_table, prediction_table

if TYPE_CHECKING:
    import pandas as pd
from topicgen.topic_model.facade.base import FittedModel


class EffectMethods(FittedModel):
    """What ``TopicModel`` says of the covariates of its documents."""

    def effects(
        self,
        kind: str = "log_rate",
        *,
        of: str = "attention",
        level: float = 0.95,
        cluster: Any = None,
    ) -> "pd.DataFrame":
        """Return the effects of the covariates of ``prevalence`` on each topic, with intervals.

        The intervals allow for the sampling of documents, and for what these leave open about the
        topics of their tokens, the topics' words and the coefficients: joint posterior draws are
        regressed on the covariates, and the regressions combined (Rubin, 1987; docs/effects.md).

        Args:
            kind: "log_rate", the log ratio of the topic's tokens; "share", the difference of its
                share of a document; "presence", the difference of the probability that a document
                has the topic at all; "log_amount", the log ratio among documents that have it.
            of: for rates: "attention", tokens of the topic per token of the document, or "amount",
                tokens of the topic per document, which longer documents have more of.
            level: the probability that an interval contains the effect.
            cluster: which documents belong together, such as those of one author, and count as one
                observation: a value for each document of the fit, or the name of a metadata column
                (after ``load``, that of a random intercept); by default the first random intercept
                of the formula, if it has one.

        Returns:
            A row for each topic and column of the design (``party[T.Lab]``), in the units of the
            formula: ``topic``; ``term``, the name of the column; ``estimate``, a log ratio (natural
            logarithm) or a difference; ``std_error``; and the interval from ``low`` to ``high``.
            ``attrs["references"]`` names the level that each factor's levels are compared with.

        Raises:
            InputError: where an argument cannot be used, or the model has no ``prevalence``.
            sklearn.exceptions.NotFittedError: before ``fit``.

        Example:
            >>> from topicgen import TopicModel
            >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
            >>> people = {"owner": ["old", "young"] * 20, "year": range(40)}
            >>> model = TopicModel(2, prevalence="~ owner + year", max_epochs=2, random_state=0)
            >>> model.fit(docs, metadata=people).effects(kind="share").columns.tolist()
            ['topic', 'term', 'estimate', 'std_error', 'low', 'high']
        """
        quantity = Quantity.named(kind, of)
        return effect_table(self._imputed(), quantity, level=level, cluster=cluster)

    def predict_prevalence(
        self,
        at: Any,
        *,
        kind: str = "share",
        of: str = "attention",
        level: float = 0.95,
        simultaneous: bool = False,
        average: bool = False,
        cluster: Any = None,
    ) -> "pd.DataFrame":
        """Return what is expected of each topic at some values of the covariates.

        Args:
            at: a data frame with the columns of the formula and a row for each prediction; or the
                name of one of them, which then varies over its range, or all its levels, while the
                others are at their mean or most frequent level, or averaged over.
            kind: as in ``effects``: an expected share or probability or, for rates, expected tokens
                (per token of the document, or per document), not their logarithm.
            of: as in ``effects``.
            level: the probability that an interval contains what is expected.
            simultaneous: whether the intervals of a topic hold for all rows at once, as a band
                around a curve should.
            average: whether to take the mean over the documents of the fit, all set to the values
                in ``at``, with their own values of the other covariates (standardisation). Then
                ``at`` names or has only the columns to set. For shares and presence.
            cluster: as in ``effects``.

        Returns:
            A row for each topic and row of ``at``: ``topic``, the columns of ``at``, ``estimate``,
            ``std_error`` (for rates, that of the logarithm), ``low`` and ``high``.
            ``attrs["held"]`` says in words what the covariates that do not vary are held at.

        Warns:
            UserWarning: where a number or date lies outside those of the documents of the fit.

        Raises:
            InputError: where an argument cannot be used, or the model has no ``prevalence``.
            sklearn.exceptions.NotFittedError: before ``fit``.

        Example:
            >>> from topicgen import TopicModel
            >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
            >>> people = {"owner": ["old", "young"] * 20}
            >>> model = TopicModel(2, prevalence="~ owner", max_epochs=2, random_state=0)
            >>> expected = model.fit(docs, metadata=people).predict_prevalence("owner")
            >>> expected[["topic", "owner"]].to_numpy().tolist()
            [[0, 'old'], [0, 'young'], [1, 'old'], [1, 'young']]
        """
        imputed, quantity = self._imputed(), Quantity.named(kind, of)
        grid = imputed.design.grid(at) if isinstance(at, str) else as_grid(at)
        if isinstance(at, str) and average is True:
            grid = grid[[at]]
        options = {"level": level, "simultaneous": simultaneous, "cluster": cluster}
        return prediction_table(imputed, quantity, grid, average=average, **options)

    def contrast(
        self,
        first: Mapping[str, Any],
        second: Mapping[str, Any],
        *,
        kind: str = "share",
        of: str = "attention",
        level: float = 0.95,
        cluster: Any = None,
    ) -> "pd.DataFrame":
        """Return how much more of each topic is expected at ``first`` than at ``second``.

        Args:
            first: values of some variables of the formula, such as ``{"party": "Lab"}``; the others
                are at their mean or most frequent level.
            second: the values to compare with, likewise.
            kind: as in ``effects``.
            of: as in ``effects``.
            level: the probability that an interval contains the difference.
            cluster: as in ``effects``.

        Returns:
            A row for each topic: ``topic``, ``estimate``, ``std_error``, ``low`` and ``high``; the
            estimate is a difference or, for rates, a log ratio.

        Warns:
            UserWarning: where a number or date lies outside those of the documents of the fit.

        Raises:
            InputError: where an argument cannot be used, or the model has no ``prevalence``.
            sklearn.exceptions.NotFittedError: before ``fit``.

        Example:
            >>> from topicgen import TopicModel
            >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
            >>> people = {"owner": ["old", "young"] * 20}
            >>> model = TopicModel(2, prevalence="~ owner", max_epochs=2, random_state=0)
            >>> model = model.fit(docs, metadata=people)
            >>> model.contrast({"owner": "young"}, {"owner": "old"}).columns.tolist()
            ['topic', 'estimate', 'std_error', 'low', 'high']
        """
        imputed, quantity = self._imputed(), Quantity.named(kind, of)
        return contrast_table(imputed, quantity, first, second, level=level, cluster=cluster)
