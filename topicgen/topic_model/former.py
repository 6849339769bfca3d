"""The earlier model in a new fit: where topics start, and which earlier topics they match."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray

from topicgen.errors import InputError
from topicgen.evaluation import match_topics
from topicgen.topic_model.fitted import Fitted
from topicgen.topic_model.seed_words import SeedWords
from topicgen.topic_model.word_measures import leading_words
from topicgen.training import FormerTopics

if TYPE_CHECKING:
    import pandas as pd

Numbers = NDArray[np.int64]
Floats = NDArray[np.float64]

# Topics that are less similar than this are not the same: the Jensen-Shannon divergence of their
# words is above a third of a bit.
SAME_TOPIC = 0.65

_NONE = -1


@dataclass(frozen=True, eq=False)
class Carried:
    """Which earlier topics a new fit has found again.

    Args:
        before: the earlier topic that each topic continues, or -1, shape (n_topics,).
        similarity: to that topic or, without one, to the most similar earlier topic.
        names: the name of each topic, or None.
        lost: the numbers of the earlier topics that are not found, ascending.
        lost_similarity: of the lost topics to the most similar new topic.
    """

    before: Numbers
    similarity: Floats
    names: tuple[str | None, ...]
    lost: Numbers
    lost_similarity: Floats

    def reordered(self, order: Numbers) -> "Carried":
        """Return the value for topics that were numbered anew, topic ``order[k]`` as topic k."""
        names = tuple(self.names[topic] for topic in order.tolist()) if self.names else ()
        return replace(
            self, before=self.before[order], similarity=self.similarity[order], names=names
        )

    def table(self, now: Fitted, former: Fitted, top_n: int = 5) -> "pd.DataFrame":
        """Return one row per topic and, below, one per topic that was lost."""
        import pandas as pd

        names = [now.name(topic) for topic in range(now.n_topics)]
        lost_names = [former.name(topic) for topic in self.lost.tolist()]
        lost_words = leading_words(former, top_n)
        words = [
            *map(" ".join, leading_words(now, top_n)),
            *(" ".join(lost_words[topic]) for topic in self.lost.tolist()),
        ]
        n_lost = len(self.lost)
        topics = pd.array([*range(now.n_topics), *[None] * n_lost], dtype="Int64")
        before = [None if topic == _NONE else topic for topic in self.before.tolist()]
        return pd.DataFrame(
            {
                "topic": topics,
                "before": pd.array([*before, *self.lost.tolist()], dtype="Int64"),
                "similarity": np.concatenate([self.similarity, self.lost_similarity]),
                "name": pd.Series([*names, *lost_names], dtype=object),
                "words": words,
            }
        )


@dataclass(frozen=True, eq=False)
class Former:
    """The earlier model, and which of its topics each new topic starts at.

    Args:
        fitted: the earlier model.
        is_warm: whether topics start at earlier topics; frozen topics always do.
        starts: for each new topic, the earlier topic that it continues, or -1, shape (n_topics,).
        pinned: whether a new topic cannot get another number, shape (n_topics,): it has seeds, is
            the background or frozen.
        seeds: the names and seed words of the first new topics; None without.
        background: whether the last new topic is the word distribution of the whole collection.
        columns: of the shared words, in the new vocabulary and in the earlier one, (2, n_shared).
    """

    fitted: Fitted
    is_warm: bool
    starts: Numbers
    pinned: NDArray[np.bool_]
    seeds: SeedWords | None
    background: bool
    columns: Numbers
    is_same: bool

    @classmethod
    def of(
        cls,
        fitted: Fitted,
        vocabulary: list[str] | None,
        n_words: int,
        n_topics: int,
        *,
        seeds: SeedWords | None,
        background: bool,
        is_warm: bool,
    ) -> "Former":
        """Return what a new fit carries over.

        Args:
            fitted: the earlier model.
            vocabulary: the words of the new fit, or None.
            n_words: how many there are.
            n_topics: of the new fit.
            seeds: of the new fit.
            background: of the new fit.
            is_warm: whether topics start at earlier topics.

        Raises:
            InputError: where no word is shared, or there are fewer topics than frozen ones.
        """
        columns = _shared_columns(fitted, vocabulary, n_words)
        starts, pinned = _starts(fitted, n_topics, seeds, background)
        return cls(
            fitted,
            is_warm,
            starts,
            pinned,
            seeds,
            background,
            columns,
            is_same=n_words == fitted.n_words == columns.shape[1]
            and bool((columns[0] == columns[1]).all()),
        )

    @property
    def frozen(self) -> tuple[int, ...]:
        """The new topics that are frozen."""
        return tuple(np.flatnonzero(np.isin(self.starts, self.fitted.frozen)).tolist())

    def topics(self) -> FormerTopics | None:
        """Return the earlier topics that new ones start at, as the training takes them, if any."""
        weights, fitted = self.fitted.weights, self.fitted
        chosen = self.starts != _NONE
        if not self.is_warm:
            chosen = np.isin(self.starts, fitted.frozen) & chosen
        if not chosen.any():
            return None
        before, columns = self.starts[chosen], self.columns[1]
        logits = weights["topic_logits"] * weights["free"]
        tokens = fitted.evidence.n_tokens * fitted.evidence.topic_share[before]
        pseudo_counts, word_weight = weights["log_pseudo_counts"], weights["log_word_weight"]
        return FormerTopics(
            topics=np.flatnonzero(chosen),
            columns=self.columns[0],
            logits=torch.tensor(logits[before][:, columns]),
            log_frequency=torch.tensor(weights["log_frequency"][columns]),
            tokens=torch.tensor(tokens),
            log_pseudo_counts=torch.tensor(pseudo_counts[before]),
            log_word_weight=torch.tensor(self.is_warm * word_weight[columns]),
            frozen=self.frozen,
            n_seeded=0 if self.seeds is None else len(self.seeds.words),
            is_same=self.is_same,
        )

    def carried(self, topic_word: NDArray[np.floating]) -> Carried:
        """Return which earlier topics the new fit has found again.

        Args:
            topic_word: shape (n_topics, n_words).
        """
        now = _over(topic_word, self.columns[0])
        before = _over(self.fitted.components, self.columns[1])
        matching = match_topics(before, now)
        found = np.full(len(now), _NONE)
        fixed = np.isin(self.starts, self.fitted.frozen) & (self.starts != _NONE)
        found[fixed] = self.starts[fixed]
        is_background = self.fitted.weights["free"].squeeze(1) == 0
        if self.background and is_background.any():
            found[-1] = len(before) - 1
        open_before = np.flatnonzero(~np.isin(np.arange(len(before)), found) & ~is_background)
        last = len(now) - self.background
        open_now = np.flatnonzero((found == _NONE)[:last])
        if len(open_before) and len(open_now):
            pairs = match_topics(before[open_before], now[open_now])
            is_found = pairs.similarity >= SAME_TOPIC
            found[open_now[pairs.pairs[is_found, 1]]] = open_before[pairs.pairs[is_found, 0]]
        similarities = matching.all_similarities
        of_found = similarities[found, np.arange(len(now))]
        lost = np.setdiff1d(np.arange(len(before)), found)
        return Carried(
            before=found,
            similarity=np.where(found == _NONE, similarities.max(0), of_found),
            names=self._names(found),
            lost=lost,
            lost_similarity=similarities[lost].max(1),
        )

    def order(self, carried: Carried) -> Numbers:
        """Return the topic that gets each number, so that topics keep their numbers.

        Topics with a number that is taken or now too high get the numbers that are left.
        """
        n_topics = len(self.starts)
        order = np.where(self.pinned, np.arange(n_topics), _NONE)
        for topic in np.flatnonzero(~self.pinned & (carried.before != _NONE)).tolist():
            number = carried.before[topic]
            if number < n_topics and order[number] == _NONE:
                order[number] = topic
        rest = np.setdiff1d(np.arange(n_topics), order)
        staying = rest[order[rest] == _NONE]
        order[staying] = staying
        order[order == _NONE] = np.setdiff1d(rest, staying)
        return order

    def _names(self, found: Numbers) -> tuple[str | None, ...]:
        own = [] if self.seeds is None else list(self.seeds.words)
        names: list[str | None] = [
            None if topic == _NONE else self.fitted.name(topic) for topic in found.tolist()
        ]
        for topic, name in enumerate(own):
            is_same = found[topic] != _NONE and found[topic] == self.starts[topic]
            names[topic] = (is_same and names[topic]) or name
        taken = set(names[: len(own)])
        for topic in range(len(own), len(names)):
            if names[topic] in taken:
                names[topic] = None
        return tuple(names) if any(name is not None for name in names) else ()


def table_of_carried(before: Fitted, now: Fitted, *, background: bool) -> "pd.DataFrame":
    """Return which earlier topics a finished fit has found again; see ``Carried.table``.

    Args:
        before: the earlier model.
        now: the model that was fitted after it.
        background: whether the last topic is the word distribution of the whole collection.
    """
    words = now.vocabulary, now.n_words
    former = Former.of(
        before, *words, now.n_topics, seeds=now.seeds, background=background, is_warm=True
    )
    return former.carried(now.components).table(now, before)


def _over(topic_word: NDArray[np.floating], columns: Numbers) -> Floats:
    """Return distributions over some of the words."""
    some = topic_word[:, columns].astype(np.float64)
    total = np.maximum(some.sum(1, keepdims=True), np.finfo(np.float64).tiny)
    result: Floats = some / total
    return result


def _shared_columns(fitted: Fitted, vocabulary: list[str] | None, n_words: int) -> Numbers:
    if vocabulary is None or fitted.vocabulary is None:
        if n_words != fitted.n_words:
            raise InputError(
                "without a vocabulary, topics can be carried over only between counts of the same "
                f"{fitted.n_words:,} words, got counts of {n_words:,}; pass a Corpus or a data "
                "frame of counts, which have a vocabulary"
            )
        return np.tile(np.arange(n_words), (2, 1))
    place = {word: column for column, word in enumerate(fitted.vocabulary)}
    pairs = [(now, place[word]) for now, word in enumerate(vocabulary) if word in place]
    if not pairs:
        raise InputError(
            f"none of the {n_words:,} words of the documents is among the {fitted.n_words:,} words "
            "of the model, so no topic can be carried over; call fit for a new model"
        )
    return np.array(pairs, dtype=np.int64).T


def _starts(
    fitted: Fitted, n_topics: int, seeds: SeedWords | None, background: bool
) -> tuple[Numbers, NDArray[np.bool_]]:
    """Return the earlier topic that each new topic continues, or -1, and which are pinned.

    Topics keep their numbers where they can. Where there is no room for all, frozen topics come
    first, then those with names, then the largest.
    """
    starts = np.full(n_topics, _NONE)
    pinned = np.zeros(n_topics, dtype=bool)
    names = {fitted.name(topic): topic for topic in range(fitted.n_topics)}
    if fitted.seeds is not None:
        names |= {name: topic for topic, name in enumerate(fitted.seeds.words)}
    for topic, name in enumerate([] if seeds is None else seeds.words):
        starts[topic], pinned[topic] = names.get(name, _NONE), True
    if background:
        pinned[-1] = True
    left = np.flatnonzero(fitted.weights["free"].squeeze(1) > 0)
    left = np.setdiff1d(left, starts)
    share = fitted.evidence.topic_share
    rank = sorted(
        left.tolist(), key=lambda k: (k not in fitted.frozen, fitted.name(k) is None, -share[k])
    )
    free = np.flatnonzero(~pinned)
    chosen = rank[: len(free)]
    frozen_out = sorted(set(rank[len(free) :]) & set(fitted.frozen))
    if frozen_out:
        raise InputError(
            f"{len(fitted.frozen)} topics are frozen, and n_components = {n_topics} leaves no room "
            f"for topic {frozen_out[0]}; raise n_components, or unfreeze the topic"
        )
    rest = []
    for topic in chosen:
        if topic < n_topics and not pinned[topic]:
            starts[topic] = topic
        else:
            rest.append(topic)
    numbers = free[starts[free] == _NONE]
    starts[numbers[: len(rest)]] = rest
    pinned |= np.isin(starts, fitted.frozen) & (starts != _NONE)
    return starts, pinned
