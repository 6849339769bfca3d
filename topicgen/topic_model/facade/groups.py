"""The topics of groups of documents: over time and by class."""

from typing import TYPE_CHECKING, Any

from topicgen.effects.change_points import change_table
from topicgen.effects.group_table import share_table
from topicgen.effects.group_tokens import group_tokens
from topicgen.effects.over_time import periods
from topicgen.effects.per_class import read_classes
from topicgen.randomness import RandomSource
from topicgen.topic_model import groups

if TYPE_CHECKING:
    import pandas as pd
from topicgen.topic_model.facade.base import Documents, FittedModel


class GroupMethods(FittedModel):
    """What ``TopicModel`` says of groups of documents."""

    def topics_over_time(
        self,
        X: Documents,
        timestamps: Any,
        *,
        freq: str | None = None,
        n_bins: int | None = None,
        cluster: Any = None,
        metadata: Any = None,
        embeddings: Any = None,
        level: float = 0.95,
        top_n: int = 5,
        n_draws: int | None = None,
        random_state: RandomSource = 0,
    ) -> "pd.DataFrame":
        """Return the share and the words of each topic in each period of time, with intervals.

        The intervals allow for other documents from the same source, and for what the documents'
        words leave open about their topics (docs/over_time.md).

        Args:
            X: as in ``transform``; counts have to be whole numbers.
            timestamps: a date, a datetime, a pandas Period, an ISO 8601 string or a year (a number)
                for each document; or the name of a metadata column.
            freq: "day", "week" (from Monday), "month", "quarter", "year" or "decade"; for years as
                numbers, one of the last two. By default the shortest that gives at most 60 periods
                and at least 10 documents per period on average, or else 20 periods of equal length.
            n_bins: the number of periods of equal length, instead of ``freq``.
            cluster: which documents belong together, such as those of one author, and count as one
                observation: a value for each document, or the name of a metadata column; by default
                each document is on its own.
            metadata: as in ``transform``.
            embeddings: as in ``transform``.
            level: the probability of the intervals.
            top_n: words per topic and period.
            n_draws: as in ``posterior``.
            random_state: as in ``posterior``.

        Returns:
            A row for each topic and period, periods without documents included: ``topic``;
            ``time``, the start of the period; ``share``, the topic's expected share of the period's
            tokens, with its interval from ``low`` to ``high`` (NaN without tokens); ``tokens``, its
            expected tokens; ``documents``, the number of documents in the period with known words;
            and ``words``, the most probable words of the topic in the period, to which the topic's
            own word distribution contributes as much as 100 tokens.

        Raises:
            InputError: where timestamps are missing or cannot be read, or another argument cannot
                be used.
            sklearn.exceptions.NotFittedError: before ``fit``.

        Example:
            >>> from topicgen import TopicModel
            >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
            >>> model = TopicModel(n_components=2, random_state=0).fit(docs)
            >>> table = model.topics_over_time(docs, [1999, 2001] * 20)
            >>> table[["topic", "time", "documents"]].to_numpy().tolist()
            [[0, 1999, 20], [0, 2000, 0], [0, 2001, 20], [1, 1999, 20], [1, 2000, 0], [1, 2001, 20]]
        """
        level, counts = groups.check_level(level), self._read(X)
        columns = self._columns(X, metadata, counts.shape[0])
        found = periods(columns.of(timestamps, "timestamps"), freq=freq, n_bins=n_bins)
        grouped = groups.group(
            self._fitted(),
            self._posterior(X, counts, metadata, embeddings, n_draws, random_state),
            counts,
            found.of_documents,
            len(found.starts),
            clusters=columns.clusters(cluster),
            top_n=top_n,
        )
        return share_table(grouped.tokens, found.starts, "time", level, grouped.words)

    def topics_per_class(
        self,
        X: Documents,
        classes: Any,
        *,
        cluster: Any = None,
        metadata: Any = None,
        embeddings: Any = None,
        level: float = 0.95,
        top_n: int = 5,
        n_draws: int | None = None,
        random_state: RandomSource = 0,
    ) -> "pd.DataFrame":
        """Return the share and the words of each topic in each class of documents, with intervals.

        Args:
            X: as in ``transform``; counts have to be whole numbers.
            classes: the class of each document, such as its party or source; or the name of a
                metadata column.
            cluster: as in ``topics_over_time``.
            metadata: as in ``transform``.
            embeddings: as in ``transform``.
            level: the probability of the intervals.
            top_n: words per topic and class.
            n_draws: as in ``posterior``.
            random_state: as in ``posterior``.

        Returns:
            A row for each topic and class, with the columns of ``topics_over_time``, but ``class``
            instead of ``time``; and ``difference``, how much larger the share is than in the
            documents of all other classes together, with its interval from ``difference_low`` to
            ``difference_high``.

        Raises:
            InputError: where classes are missing, or another argument cannot be used.
            sklearn.exceptions.NotFittedError: before ``fit``.

        Example:
            >>> from topicgen import TopicModel
            >>> docs = ["cats purr and cats sleep", "dogs bark and dogs run"] * 20
            >>> model = TopicModel(n_components=2, random_state=0).fit(docs)
            >>> table = model.topics_per_class(docs, ["feline", "canine"] * 20)
            >>> table[["topic", "class", "documents"]].to_numpy().tolist()
            [[0, 'canine', 20], [0, 'feline', 20], [1, 'canine', 20], [1, 'feline', 20]]
        """
        level, counts = groups.check_level(level), self._read(X)
        columns = self._columns(X, metadata, counts.shape[0])
        found = read_classes(columns.of(classes, "classes"))
        grouped = groups.group(
            self._fitted(),
            self._posterior(X, counts, metadata, embeddings, n_draws, random_state),
            counts,
            found.of_documents,
            len(found.names),
            clusters=columns.clusters(cluster),
            top_n=top_n,
        )
        return groups.per_class(grouped, found, level)

    def topic_changes(
        self,
        X: Documents,
        timestamps: Any,
        *,
        freq: str | None = None,
        n_bins: int | None = None,
        cluster: Any = None,
        metadata: Any = None,
        embeddings: Any = None,
        level: float = 0.95,
        n_draws: int | None = None,
        random_state: RandomSource = 0,
    ) -> "pd.DataFrame":
        """Return when the share of each topic changes its level: its change points.

        Args:
            X: as in ``transform``; counts have to be whole numbers.
            timestamps: as in ``topics_over_time``.
            freq: as in ``topics_over_time``; a change is between two periods.
            n_bins: as in ``topics_over_time``.
            cluster: as in ``topics_over_time``.
            metadata: as in ``transform``.
            embeddings: as in ``transform``.
            level: the probability that no change is found in a topic that does not change, and the
                probability of the intervals.
            n_draws: as in ``posterior``.
            random_state: as in ``posterior``.

        Returns:
            A row for each change: ``topic``; ``time``, the start of the first period after the
            change, with its interval from ``low`` to ``high``; ``before``, the topic's share from
            the previous change (or the start) to this one; and ``after``, its share from there to
            the next (or the end).

        Raises:
            InputError: as ``topics_over_time``.
            sklearn.exceptions.NotFittedError: before ``fit``.

        Example:
            >>> from topicgen import TopicModel
            >>> docs = ["cats purr and cats sleep"] * 40 + ["dogs bark and dogs run"] * 40
            >>> model = TopicModel(n_components=2, random_state=0).fit(docs)
            >>> years = [1990 + row // 4 for row in range(80)]
            >>> changes = model.topic_changes(docs, years, freq="year")
            >>> changes["time"].tolist()
            [2000, 2000]
        """
        level, counts = groups.check_level(level), self._read(X)
        columns = self._columns(X, metadata, counts.shape[0])
        found = periods(columns.of(timestamps, "timestamps"), freq=freq, n_bins=n_bins)
        posterior = self._posterior(X, counts, metadata, embeddings, n_draws, random_state)
        tokens = group_tokens(
            posterior.blocks(),
            posterior.n_tokens,
            found.of_documents,
            len(found.starts),
            columns.clusters(cluster),
        )
        return change_table(tokens, found.starts, level)
