r"""Finding the two halves of a topic, in the tokens that documents have from it.

The expected tokens :math:`n_{dv}` of the topic are divided between two halves,

.. math::
    n_{dv} \sim \sum_{h = 1, 2} \varphi_{dh} \beta_{hv}, \qquad
    \varphi_d \sim \operatorname{Dirichlet}(a, a), \qquad
    \beta_h \sim \operatorname{Dirichlet}(b \beta) ,

by expectation maximisation, with :math:`b` pseudo-tokens around the topic :math:`\beta` and an
:math:`a` that expects documents of one half each. It starts at the first axis of a correspondence
analysis, which separates the documents best, and at random, and keeps the likeliest end.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, diags
from scipy.sparse.linalg import svds

from topicgen.errors import InputError

Floats = NDArray[np.float64]

_CONCENTRATION = 0.2
_PSEUDO_TOKENS = 20.0
_ROUNDS, _STARTS = 60, 4
# With fewer expected tokens, a document says nothing about which words go together.
_FEWEST_TOKENS, _FEWEST_DOCUMENTS = 2.0, 10


class Halves(NamedTuple):
    """The two halves of a topic, the larger one first.

    Args:
        share: the part of the topic's tokens that comes from the first half.
        words: their word distributions, shape (2, n_words).
    """

    share: float
    words: Floats


def find_halves(tokens: csr_matrix, topic: Floats, random: np.random.Generator) -> Halves:
    """Return the halves of a topic.

    Args:
        tokens: expected tokens of the topic, CSR of shape (n_documents, n_words).
        topic: its word distribution, shape (n_words,).
        random: the source of the random starts.

    Raises:
        InputError: where too few documents have tokens of the topic.
    """
    of_documents = np.asarray(tokens.sum(1)).ravel()
    rows = np.flatnonzero(of_documents >= _FEWEST_TOKENS)
    if len(rows) < _FEWEST_DOCUMENTS:
        raise InputError(
            f"only {len(rows)} documents have {_FEWEST_TOKENS:g} or more tokens of the topic, too "
            f"few to split it ({_FEWEST_DOCUMENTS} are needed); pass more documents as X"
        )
    tokens = tokens[rows]
    columns = np.flatnonzero(np.asarray(tokens.sum(0)).ravel())
    some = csr_matrix(tokens[:, columns])
    starts = [_first_axis(some), *random.normal(size=(_STARTS, len(rows)))]
    ends = [_ascend(some, topic[columns], start) for start in starts]
    _, within, weights = max(ends, key=lambda end: end[0])
    words = np.tile(topic, (2, 1))
    # Words that no document has from the topic keep its probabilities in both halves.
    words[:, columns] = within * topic[columns].sum()
    words /= words.sum(1, keepdims=True)
    order = np.argsort(-weights)
    return Halves(float(weights[order[0]] / weights.sum()), words[order])


def _first_axis(tokens: csr_matrix) -> Floats:
    """Return the documents' coordinates on the first axis of a correspondence analysis."""
    rows, columns = (np.asarray(tokens.sum(axis)).ravel() for axis in (1, 0))
    if min(tokens.shape) < 3:
        return np.arange(tokens.shape[0]) - (tokens.shape[0] - 1) / 2
    scaled = diags(rows**-0.5) @ tokens @ diags(columns**-0.5)
    start = np.ones(min(scaled.shape)) / np.sqrt(min(scaled.shape))
    left, values, _ = svds(scaled, k=2, v0=start)
    second: Floats = left[:, values.argmin()]  # the largest singular value is trivial
    return second / np.sqrt(rows)


def _ascend(tokens: csr_matrix, topic: Floats, axis: Floats) -> tuple[float, Floats, Floats]:
    """Return the log posterior, the halves' words and their tokens, from a start on an axis."""
    n = tokens.shape[0]
    of_rows = np.repeat(np.arange(n), np.diff(tokens.indptr))
    values, columns = tokens.data.astype(np.float64), tokens.indices
    prior = _PSEUDO_TOKENS * topic / topic.sum()
    side = 1 / (1 + np.exp(-3 * (axis - np.median(axis)) / max(axis.std(), 1e-12)))
    first = values * side[of_rows]
    for _ in range(_ROUNDS):
        of_halves = first, values - first
        words = np.stack(
            [np.bincount(columns, of_half, minlength=len(topic)) + prior for of_half in of_halves]
        )
        words /= words.sum(1, keepdims=True)
        of_documents = np.stack(
            [np.bincount(of_rows, of_half, minlength=n) for of_half in of_halves]
        )
        mixed = (of_documents + _CONCENTRATION) / (of_documents.sum(0) + 2 * _CONCENTRATION)
        each = mixed[:, of_rows] * words[:, columns]
        total = each.sum(0)
        first = values * each[0] / total
    likelihood = values @ np.log(total) + (prior * np.log(words)).sum()
    likelihood += _CONCENTRATION * np.log(mixed).sum()
    return float(likelihood), words, np.array([first.sum(), (values - first).sum()])
