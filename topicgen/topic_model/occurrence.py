r"""In which documents topics occur, and how much of them they fill, with intervals.

The documents are a sample, and which of their tokens come from a topic is only known from posterior
draws. The intervals allow for both: each draw of the tokens is summarised under random weights of
the documents, from a flat Dirichlet distribution (the Bayesian bootstrap; Rubin, 1981).
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.95

_WEIGHTS_PER_DRAW = 20


@dataclass(frozen=True, eq=False)
class Occurrence:
    """How topics occur in documents: estimates with the ends of their 95% intervals.

    Args:
        tokens: the mean tokens per document, shape (3, n_topics): estimate, low, high.
        presence: the share of the documents with at least one token of the topic, likewise.
        amount: where it is present, its share of the document's tokens, likewise; NaN for a topic
            without tokens.
        dispersion: that of its negative binomial tokens, likewise; NaN for other families.
    """

    tokens: NDArray[np.float64]
    presence: NDArray[np.float64]
    amount: NDArray[np.float64]
    dispersion: NDArray[np.float64]

    def combined(self, new: "Occurrence", share: float) -> "Occurrence":
        """Return the weighted averages with the estimates from later documents.

        Dispersions are averaged geometrically, as the rates are (``GammaRates.between``).

        Args:
            new: how topics occur in the later documents.
            share: the share of the earlier documents in all documents.
        """
        with np.errstate(divide="ignore"):  # from 0 to infinity: nothing is known
            logs = np.log(self.dispersion), np.log(new.dispersion)
        return Occurrence(
            tokens=_averaged(self.tokens, new.tokens, share),
            presence=_averaged(self.presence, new.presence, share),
            amount=_averaged(self.amount, new.amount, share),
            dispersion=np.exp(_averaged(*logs, share)),
        )


def occurrence(
    tokens: NDArray[np.floating],
    lengths: NDArray[np.floating],
    dispersion: NDArray[np.float64],
    random: np.random.Generator,
) -> Occurrence:
    r"""Return how topics occur in documents, from draws of their tokens.

    With :math:`n_{dk}` tokens of topic k among the :math:`N_d` of document d,

    .. math::
        \text{presence}_k = E_d[n_{dk} > 0], \qquad
        \text{amount}_k = E_d[n_{dk} / N_d \mid n_{dk} > 0] .

    Args:
        tokens: shape (n_draws, n_documents, n_topics).
        lengths: :math:`N`, shape (n_documents,), above 0.
        dispersion: the estimates with their intervals, shape (3, n_topics).
        random: the source of the random weights.

    Example:
        >>> tokens = np.array([[[4, 0], [1, 3], [0, 4], [0, 4]]] * 10)
        >>> unknown = np.full((3, 2), np.nan)
        >>> found = occurrence(tokens, np.full(4, 4), unknown, np.random.default_rng(0))
        >>> found.tokens[0], found.presence[0], found.amount[0].round(3)
        (array([1.25, 2.75]), array([0.5 , 0.75]), array([0.625, 0.917]))
    """
    n_draws, n_documents, n_topics = tokens.shape
    equal = np.full((1, n_documents), 1 / n_documents)
    summaries = np.empty((3, n_draws, 1 + _WEIGHTS_PER_DRAW, n_topics))
    for number, drawn in enumerate(tokens.astype(np.float64)):
        weights = random.dirichlet(np.ones(n_documents), _WEIGHTS_PER_DRAW)
        weights = np.concatenate([equal, weights])
        presence = weights @ (drawn > 0)
        with np.errstate(invalid="ignore"):  # a topic without tokens fills nothing
            amount = weights @ (drawn / lengths[:, None]) / presence
        summaries[:, number] = weights @ drawn, presence, amount
    estimate = _over_numbers(np.nanmean, summaries[:, :, 0], axis=1)
    resampled = summaries[:, :, 1:].reshape(3, -1, n_topics)
    ends = _over_numbers(np.nanquantile, resampled, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=1)
    per_document, presences, amounts = np.stack([estimate, *ends], axis=1)
    return Occurrence(per_document, presences, amounts, dispersion)


def ends_on_log_scale(
    value: NDArray[np.float64], log_error: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the ends of the interval around a value, from the standard error of its logarithm.

    Example:
        >>> [end.round(2) for end in ends_on_log_scale(np.array([1.0]), np.array([0.1]))]
        [array([0.82]), array([1.22])]
    """
    with np.errstate(over="ignore"):  # nothing is known: from 0 to infinity
        factor = np.exp(NormalDist().inv_cdf((1 + LEVEL) / 2) * log_error)
    return value / factor, value * factor


def _averaged(
    old: NDArray[np.float64], new: NDArray[np.float64], share: float
) -> NDArray[np.float64]:
    """Return the weighted average, with the interval that two independent errors give it."""
    estimate = share * old[0] + (1 - share) * new[0]
    below, above = (
        np.hypot(share * (old[end] - old[0]), (1 - share) * (new[end] - new[0])) for end in (1, 2)
    )
    averaged = np.stack([estimate, estimate - below, estimate + above])
    return np.where(np.isnan(old), new, np.where(np.isnan(new), old, averaged))


def _over_numbers(
    function: Callable[..., Any], values: NDArray[np.float64], *args: Any, axis: int
) -> Any:
    """Return a function of the values that are not NaN; where all are, NaN without a warning."""
    nothing = np.isnan(values).all(axis)
    result = function(np.where(np.expand_dims(nothing, axis), 0.0, values), *args, axis=axis)
    return np.where(nothing, np.nan, result)
