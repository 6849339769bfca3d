"""The likelihood of words in bursts, where a word that has occurred is likely to occur again."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_matrix
from scipy.special import gammaln

from topicgen.counts import check_counts
from topicgen.errors import InputError
from topicgen.evaluation.checks import check_each, check_numbers, sums
from topicgen.evaluation.perplexity import entry_rows, sum_entries, word_probabilities


def burst_log_likelihood(
    doc_topic: ArrayLike,
    topic_word: ArrayLike,
    held_out: Any,
    observed: Any,
    concentration: ArrayLike,
    *,
    in_sequence: bool = False,
) -> NDArray[np.float64]:
    r"""Log-probability of each document's held-out words, drawn from an urn after those observed.

    The urn starts with c theta . beta_w balls of each word w, and a drawn ball goes back with
    another of the same word (a Polya urn: the draws are Dirichlet-multinomial). After N_o observed
    words with the counts o, the next word is w with probability

    .. math::
        p(w \mid o) = \frac{c \, \theta \beta_w + o_w}{c + N_o} .

    By default each held-out token is conditioned on the observed words alone: the result is
    :math:`\sum_w x_w \log p(w \mid o)`. In sequence, it is conditioned on the earlier held-out
    tokens too, which gives the whole of :math:`\log p(x \mid o)`:

    .. math::
        \log p(x \mid o) = \sum_w \log \, (c \, \theta \beta_w + o_w)_{x_w}
            - \log \, (c + N_o)_{N_x} ,

    with the rising factorial :math:`(a)_n = a (a + 1) \cdots (a + n - 1)`; the order does not
    matter.

    Args:
        doc_topic: theta, (documents, topics), rows sum to 1; inferred from the observed words.
        topic_word: beta, (topics, vocabulary), rows sum to 1.
        held_out: x, (documents, vocabulary), sparse or dense.
        observed: o, likewise; see :func:`split_tokens`.
        concentration: c, (documents,), above 0: how many observed tokens weigh as much as the
            topics. The larger, the fewer bursts: the limit is :func:`log_likelihood`.
        in_sequence: whether each held-out token is conditioned on those before it.

    Returns:
        (documents,), in nats. A present word of probability 0 makes it ``-inf``; a document
        without held-out words has 0.

    Raises:
        InputError: as for :func:`log_likelihood`; halves of different shapes; a concentration that
            is not one finite number above 0 for each document.

    Source: Madsen, Kauchak and Elkan (2005), equation 2.

    Example:
        One ball for each of two words, and "a" was observed: it comes next with 2/3, then 3/4.

        >>> half = [[0.5, 0.5]], [[1.0, 0.0], [0.0, 1.0]]
        >>> np.exp(burst_log_likelihood(*half, [[2, 0]], [[1, 0]], [2.0])).round(3)
        array([0.444])
        >>> np.exp(burst_log_likelihood(*half, [[2, 0]], [[1, 0]], [2.0], in_sequence=True))
        array([0.5])
    """
    x, before = check_counts(held_out, "held_out"), check_counts(observed, "observed")
    if x.shape != before.shape:
        raise InputError(
            f"expected observed and held_out of the same shape, got {before.shape} and {x.shape}; "
            "pass both halves from split_tokens"
        )
    c = check_numbers(concentration, "concentration")
    if c.shape != (x.shape[0],):
        raise InputError(
            f"expected concentration with one number for each of {x.shape[0]} documents, got shape "
            f"{c.shape}; repeat the number if it holds for all documents"
        )
    check_each(c, (c > 0) & (c < np.inf), "finite numbers above 0 in concentration")
    mixture = word_probabilities(doc_topic, topic_word, held_out, x)
    rows = entry_rows(x)
    seen = np.asarray(csr_matrix(before)[rows, x.indices], dtype=np.float64).ravel()
    balls = c[rows] * mixture + seen
    all_balls = c + sums(before, axis=1)
    with np.errstate(divide="ignore"):  # log 0 = -inf is the documented answer
        if not in_sequence:
            return sum_entries(x.data * np.log(balls / all_balls[rows]), x)
        grown = np.where(balls > 0, gammaln(balls + x.data) - gammaln(balls), -np.inf)
    return sum_entries(grown, x) - gammaln(all_balls + sums(x, axis=1)) + gammaln(all_balls)
