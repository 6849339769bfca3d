r"""The tokens per topic in groups of documents, with intervals of the topics' shares.

The documents of a group are a sample, and which of their tokens come from a topic is only known
from posterior draws. Tokens of one document resemble each other, so the :math:`T_g` tokens of a
group say as much about a share as :math:`T_g / \varphi_{gk}` independent tokens (Rao and Scott,
1992), with the design effect

.. math::
    \varphi_{gk} = 1 + \Big(\frac{\sum_d N_d^2}{\sum_d N_d} - 1\Big) \rho_k ,

and the intraclass correlation :math:`\rho_k` estimated by the analysis of variance within all
groups together (Ridout, Demetrio and Firth, 1999). So even a group of one or two documents has an
interval, which its own documents alone could not give: 95% intervals by the Bayesian bootstrap
(Rubin, 1981) have a coverage of .3 to .6 with 2 to 5 documents, and .8 with 20
(scripts/study_over_time.py). Given a draw and Jeffreys' prior, the share has a Beta distribution,

.. math::
    \operatorname{Beta}(x_{gk} / \varphi_{gk} + 1/2, \; (T_g - x_{gk}) / \varphi_{gk} + 1/2) ,

and the interval is that of the Beta distribution with the mean and variance of this mixture over
the draws :math:`x_{gk}`. Where few documents determine the correlation, tokens count for less, by
the ratio of the normal to Student's quantile, squared (Korn and Graubard, 1998).
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy import stats

# Draws from which the correlations are estimated, fewer where documents are very many: they are
# kept document by document, in at most so many numbers.
_DRAWS_TO_CORRELATE = 8
_MOST_NUMBERS = 2**26


class TopicDraws(Protocol):
    """Posterior draws of some documents."""

    @property
    def tokens(self) -> NDArray[Any]:
        """Tokens of each topic, shape (n_draws, n_documents, n_topics)."""

    @property
    def proportions(self) -> NDArray[Any]:
        """Topic proportions, likewise."""


@dataclass(frozen=True, eq=False)
class GroupTokens:
    r"""Tokens of each topic in groups of documents.

    Args:
        drawn: posterior draws of the tokens of each topic, shape (n_draws, n_groups, n_topics).
        total: :math:`T`, each group's tokens, shape (n_groups,).
        documents: each group's documents with tokens, shape (n_groups,).
        neighbours: :math:`\sum N_d^2 / \sum N_d`, the mean number of tokens in the document (or
            cluster) of a token, shape (n_groups,).
        correlation: :math:`\rho`, shape (n_topics,).
        freedom: the degrees of freedom from which the correlation is estimated: documents (or
            clusters) minus groups. If 0, the correlation is taken to be 1, so that a document says
            as much as a single token.
    """

    drawn: NDArray[np.float64]
    total: NDArray[np.float64]
    documents: NDArray[np.int64]
    neighbours: NDArray[np.float64]
    correlation: NDArray[np.float64]
    freedom: int

    @cached_property
    def tokens(self) -> NDArray[np.float64]:
        """The expected tokens of each topic, shape (n_groups, n_topics)."""
        return self.drawn.mean(0)

    @property
    def share(self) -> NDArray[np.float64]:
        """The expected shares of the tokens, likewise; NaN for a group without tokens."""
        with np.errstate(invalid="ignore"):
            return self.tokens / self.total[:, None]

    def elsewhere(self) -> "GroupTokens":
        """Return for each group the tokens of all the other groups together."""
        squares = self.neighbours * self.total
        total = self.total.sum() - self.total
        return replace(
            self,
            drawn=self.drawn.sum(1, keepdims=True) - self.drawn,
            total=total,
            documents=self.documents.sum() - self.documents,
            neighbours=(squares.sum() - squares) / np.maximum(total, 1),
        )

    def interval(self, level: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the ends of the intervals of the shares, each of shape (n_groups, n_topics)."""
        known = self.total > 0
        ends = np.full((2, *self.tokens.shape), np.nan)
        successes, failures = self.evidence(level)
        tails = np.array([(1 - level) / 2, (1 + level) / 2])[:, None, None]
        share = self.share[known]
        ends[:, known] = stats.beta.ppf(tails, successes[known], failures[known])
        ends[0, known] = np.minimum(ends[0, known], share)
        ends[1, known] = np.maximum(ends[1, known], share)
        return ends[0], ends[1]

    def evidence(self, level: float = 0.95) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the parameters of each share's Beta distribution, (n_groups, n_topics) each.

        Args:
            level: of the intervals that the parameters are used for.
        """
        design = 1 + np.maximum(self.neighbours - 1, 0)[:, None] * self.correlation
        if self.freedom:
            tail = (1 + level) / 2
            design *= (stats.t.ppf(tail, self.freedom) / stats.norm.ppf(tail)) ** 2
        size = self.total[:, None] / design
        mean = (self.drawn / design + 0.5) / (size + 1)
        variance = (mean * (1 - mean)).mean(0) / (size + 2) + mean.var(0)
        mean = mean.mean(0)
        size = mean * (1 - mean) / variance - 1
        return mean * size, (1 - mean) * size


def group_tokens(
    blocks: Iterable[tuple[slice, TopicDraws]],
    n_tokens: NDArray[np.float64],
    groups: NDArray[np.int64],
    n_groups: int,
    clusters: NDArray[np.int64] | None = None,
) -> GroupTokens:
    """Return the tokens of each topic in groups of documents.

    Args:
        blocks: the rows of some documents with their draws, in order.
        n_tokens: each document's tokens, shape (n_documents,).
        groups: the number of each document's group, likewise.
        n_groups: how many groups there are.
        clusters: the number of each document's cluster, such as its author, likewise; the documents
            of a cluster in a group count as one document. By default, each is on its own.

    Example:
        >>> from types import SimpleNamespace
        >>> tokens = np.array([[[9, 1], [7, 3], [2, 8], [4, 6]]] * 10)
        >>> draws = SimpleNamespace(tokens=tokens, proportions=tokens / 10)
        >>> found = group_tokens(
        ...     [(slice(0, 4), draws)], np.full(4, 10.0), np.array([0, 0, 1, 1]), 2
        ... )
        >>> found.share.tolist()
        [[0.8, 0.2], [0.3, 0.7]]
        >>> [end[0].round(2).tolist() for end in found.interval(0.95)]
        [[0.33, 0.02], [0.98, 0.67]]
    """
    n_documents = len(n_tokens)
    clusters = np.arange(n_documents) if clusters is None else clusters
    has_tokens = n_tokens > 0
    # A cluster within a group is a unit, of which the groups have samples.
    pairs = np.stack([groups, clusters])[:, has_tokens]
    units, of_documents = np.unique(pairs, axis=1, return_inverse=True)
    unit = np.full(n_documents, -1)
    unit[has_tokens] = of_documents.ravel()
    length = np.bincount(unit[has_tokens], n_tokens[has_tokens], units.shape[1]).astype(float)
    drawn = of_units = np.zeros((0, 0, 0))
    for rows, draws in blocks:
        some = draws.tokens
        n_draws, _, n_topics = some.shape
        if not len(drawn):
            most = max(_MOST_NUMBERS // (units.shape[1] * n_topics + 1), 1)
            n_chosen = min(_DRAWS_TO_CORRELATE, n_draws, most)
            chosen = np.arange(n_chosen) * n_draws // n_chosen
            drawn = np.zeros((n_draws, n_groups, n_topics))
            of_units = np.zeros((len(chosen), units.shape[1], n_topics), np.float32)
        _add(drawn, groups[rows], some)
        _add(of_units, unit[rows], some[chosen], unit[rows] >= 0)
    total = np.bincount(groups, n_tokens, n_groups).astype(float)
    squares = np.bincount(units[0], length**2, n_groups)
    freedom = units.shape[1] - len(np.unique(units[0]))
    of_group = units[0]
    if not freedom:  # the differences between groups are then taken for differences within one
        of_group, freedom = np.zeros_like(of_group), max(units.shape[1] - 1, 0)
    correlation = intraclass_correlation(of_units, length, of_group)
    return GroupTokens(
        drawn=drawn,
        total=total,
        documents=np.bincount(groups[has_tokens], minlength=n_groups),
        neighbours=squares / np.maximum(total, 1),
        correlation=correlation if freedom else np.ones_like(correlation),
        freedom=freedom,
    )


def intraclass_correlation(
    tokens: NDArray[np.floating], length: NDArray[np.float64], groups: NDArray[np.int64]
) -> NDArray[np.float64]:
    r"""Return how alike the tokens of a unit are, compared with those of its group: (n_topics,).

    .. math::
        \rho = \frac{B - W}{B + (\bar n - 1) W}, \qquad
        \bar n = \frac{1}{D - G} \sum_g \Big(T_g - \frac{1}{T_g} \sum_{d \in g} N_d^2\Big)

    with the mean squares B between the D units within their G groups, and W within units.

    Args:
        tokens: draws of the tokens of each topic, shape (n_draws, n_units, n_topics).
        length: :math:`N`, each unit's tokens, above 0, shape (n_units,).
        groups: the number of each unit's group, likewise.

    Example:
        >>> tokens = np.array([[[10, 0], [0, 10], [10, 0], [0, 10]]])
        >>> intraclass_correlation(tokens, np.full(4, 10.0), np.zeros(4, int))
        array([1., 1.])
    """
    n_groups = int(groups.max(initial=-1)) + 1
    total = np.bincount(groups, length, n_groups)
    between = within = np.zeros(tokens.shape[2])
    for drawn in tokens.astype(np.float64):
        of_groups = np.zeros((n_groups, drawn.shape[1]))
        np.add.at(of_groups, groups, drawn)
        share = of_groups[groups] / total[groups, None]
        between = between + ((drawn - share * length[:, None]) ** 2 / length[:, None]).sum(0)
        within = within + (drawn * (length[:, None] - drawn) / length[:, None]).sum(0)
    n_between = len(length) - len(np.unique(groups))
    squares = np.bincount(groups, length**2, n_groups)
    size = (total - squares / np.maximum(total, 1)).sum() / max(n_between, 1)
    between = between / (len(tokens) * max(n_between, 1))
    within = within / (len(tokens) * max((length - 1).sum(), 1))
    scale = between + (size - 1) * within
    found = np.divide(between - within, scale, out=np.zeros_like(scale), where=scale > 0)
    return found.clip(0, 1)


def _add(
    sums: NDArray[Any],
    groups: NDArray[np.int64],
    tokens: NDArray[Any],
    chosen: NDArray[np.bool_] | None = None,
) -> None:
    """Add the tokens of documents to those of their groups."""
    if chosen is not None:
        groups, tokens = groups[chosen], tokens[:, chosen]
    present, number = np.unique(groups, return_inverse=True)
    indicator = (np.arange(len(present))[:, None] == number).astype(sums.dtype)
    sums[:, present] += indicator @ tokens.astype(sums.dtype)
