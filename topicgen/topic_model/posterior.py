"""The joint posterior of documents' topics: means, intervals and draws."""

import math
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, partial
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from topicgen.corpus.wording import quantity
from topicgen.counts import check_counts
from topicgen.errors import InputError
from topicgen.html import facts, fragment, tag
from topicgen.models import Known, LatentCountModel
from topicgen.plain import quoted
from topicgen.topic_model.draws import Draws, Effort, draw_blocks
from topicgen.topic_model.intervals import interval, interval_of_whole_numbers

_MOST_BYTES_KEPT = 2**29

QUANTITIES = ("tokens", "proportions", "counts")


class Posterior:
    r"""The joint posterior of each document's topics, given its words, as draws of all of them.

    Three quantities can be asked for by name:

    - ``"tokens"``, :math:`n_{dk}`: how many of the document's tokens come from each topic. They sum
      to the document's tokens in the vocabulary.
    - ``"proportions"``, :math:`\theta_{dk}`: the probabilities with which the document's tokens
      were drawn. They sum to 1, and the longer the document is, the better they are known.
    - ``"counts"``, :math:`\lambda_{dk}`: how many tokens of each topic a document with these topics
      is expected to have. A multinomial likelihood leaves their scale open, so only likelihoods
      that model the length have them.

    The draws come from a Gibbs sampler, which is exact apart from its finite running time. They
    cover what a document's words leave open, taking the learnt topics as given, not what the
    collection leaves open about the topics. The draws of a million documents would not fit into
    memory, so beyond half a gigabyte they are computed again whenever a quantity needs them, block
    by block and the same each time.

    Args:
        n_tokens: each document's number of tokens in the vocabulary, shape (n_documents,).
        n_topics: the number of topics.
        n_draws: the number of draws of each document.
        has_counts: whether the likelihood fixes the scale of the counts.
        blocks: a function that returns the draws of the documents in blocks, the same ones at every
            call.
        n_independent: how many independent draws they are worth; by default, ``n_draws``.

    Example:
        >>> draws = Draws(
        ...     proportions=np.array([[[0.6, 0.4]], [[0.8, 0.2]], [[0.7, 0.3]]], np.float32),
        ...     tokens=np.array([[[5, 2]], [[6, 1]], [[5, 2]]], np.uint16),
        ...     totals=np.array([[7.0], [7.0], [7.0]], np.float32),
        ... )
        >>> posterior = Posterior(np.array([7]), 2, 3, False, lambda: [draws])
        >>> posterior.tokens.round(2), posterior.proportions.round(2)
        (array([[5.33, 1.67]]), array([[0.7, 0.3]]))
        >>> posterior.interval(0.5, of="tokens")
        (array([[5., 2.]]), array([[5., 2.]]))
        >>> posterior.sample(2).shape
        (2, 1, 2)
    """

    def __init__(
        self,
        n_tokens: NDArray[np.float64],
        n_topics: int,
        n_draws: int,
        has_counts: bool,
        blocks: Callable[[], Iterable[Draws]],
        n_independent: float | None = None,
    ) -> None:
        self.n_tokens = n_tokens
        self.n_draws = n_draws
        self.n_independent = n_independent
        self.has_counts = has_counts
        self._shape = (len(n_tokens), n_topics)
        self._blocks = blocks
        n_bytes = (4 + 2) * n_draws * math.prod(self._shape)
        self._kept: list[Draws] | None = [] if n_bytes <= _MOST_BYTES_KEPT else None

    def __repr__(self) -> str:
        n_documents, n_topics = self._shape
        return f"Posterior({n_documents:,} documents, {n_topics} topics, {self.n_draws:,} draws)"

    def _repr_html_(self) -> str:
        n_documents, n_topics = self._shape
        numbers = {"document": n_documents, "topic": n_topics, "draw": self.n_draws}
        of = [name for name in QUANTITIES if self.has_counts or name != "counts"]
        ask = f"Ask for {', '.join(f'.{name}' for name in of)}, .interval(0.9) or .sample()."
        shown = [quantity(number, noun) for noun, number in numbers.items()]
        return fragment(facts("Posterior", shown), tag("p", ask))

    def blocks(self) -> Iterator[tuple[slice, Draws]]:
        """Yield the rows of some documents with their draws, in order.

        With many documents, this computes several quantities in a single pass.
        """
        start = 0
        for draws in self._drawn():
            stop = start + draws.tokens.shape[1]
            yield slice(start, stop), draws
            start = stop

    def _drawn(self) -> Iterable[Draws]:
        if self._kept is None:
            return self._blocks()
        self._kept = self._kept or list(self._blocks())
        return self._kept

    @property
    def tokens(self) -> NDArray[np.float64]:
        """The expected tokens of each topic, (n_documents, n_topics); rows sum to ``n_tokens``."""
        return self._means[0]

    @property
    def proportions(self) -> NDArray[np.float64]:
        """The expected topic proportions, shape (n_documents, n_topics), rows sum to 1."""
        return self._means[1]

    @property
    def counts(self) -> NDArray[np.float64]:
        """The expected counts in tokens, shape (n_documents, n_topics).

        Raises:
            InputError: where the likelihood does not model the length.
        """
        self._check("counts")
        return self._means[2]

    @property
    def presence(self) -> NDArray[np.float64]:
        """The probability of at least one token of each topic, shape (n_documents, n_topics)."""
        return self._means[3]

    @cached_property
    def _means(self) -> NDArray[np.float64]:
        """The means of the tokens, the proportions and the counts, and the presence."""
        means = np.zeros((4, *self._shape))
        for rows, draws in self.blocks():
            means[0, rows], means[1, rows] = _mean_tokens(draws), _mean_proportions(draws)
            if self.has_counts:
                means[2, rows] = np.einsum("sd,sdk->dk", draws.totals, draws.proportions)
            means[3, rows] = (draws.tokens > 0).mean(0)
        means[2] /= self.n_draws
        means.flags.writeable = False  # they are computed once, for all who ask
        return means

    def summaries(self, level: float = 0.9) -> Iterator[tuple[slice, dict[str, Any]]]:
        """Yield the rows of some documents with their means and intervals, in a single pass.

        Unlike the properties, this needs no memory for all documents at once.

        Args:
            level: as in ``interval``.

        Yields:
            The rows, and arrays of shape (n_documents of these rows, n_topics): "proportions",
            "proportions_low", "proportions_high", and the same of "tokens".

        Raises:
            InputError: where ``level`` is not between 0 and 1.
        """
        _check_level(level)
        for rows, draws in self.blocks():
            found = {"proportions": _mean_proportions(draws), "tokens": _mean_tokens(draws)}
            for of in tuple(found):
                found[f"{of}_low"], found[f"{of}_high"] = self._ends(rows, draws, level, of)
            yield rows, found

    def interval(
        self, level: float = 0.9, *, of: str = "tokens"
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return an interval that contains the quantity with this probability, topic by topic.

        The probability left out is the same on either side; where the lower end would be
        negligible, the interval starts at 0. Tokens are whole numbers: their interval has at least
        this probability, and exceeds it as little as whole numbers allow. Where there are too few
        draws for the level, the interval is approximate: Student's prediction interval, computed on
        square roots.

        Args:
            level: the probability, between 0 and 1.
            of: "tokens", "proportions" or "counts".

        Returns:
            The lower and the upper ends, both included, each of shape (n_documents, n_topics).

        Raises:
            InputError: where ``level`` is not between 0 and 1, or ``of`` is not available.
        """
        self._check(of)
        _check_level(level)
        ends = np.empty((2, *self._shape))
        for rows, draws in self.blocks():
            ends[:, rows] = self._ends(rows, draws, level, of)
        return ends[0], ends[1]

    def _ends(self, rows: slice, draws: Draws, level: float, of: str) -> NDArray[np.float64]:
        """Return the lower and upper ends of the intervals of some documents."""
        if of == "tokens":
            whole = interval_of_whole_numbers(draws.tokens, level, self.n_independent)
            ends = np.array(whole, dtype=np.float64)
        else:
            ends = np.array(interval(_values(draws, of), level, self.n_independent), np.float64)
        # Student's interval knows no largest value.
        if of == "tokens":
            np.minimum(ends, self.n_tokens[rows, None], out=ends)
        elif of == "proportions":
            np.minimum(ends, 1.0, out=ends)
        return ends

    def sample(self, n: int | None = None, *, of: str = "tokens") -> NDArray[np.float64]:
        """Return joint posterior draws: each draw has all topics of a document at once.

        Draws of the same number belong together, whatever the quantity: ``sample(n)`` and
        ``sample(n, of="proportions")`` come from the same states of the sampler.

        Args:
            n: how many, at most ``n_draws``; by default all.
            of: "tokens", "proportions" or "counts".

        Returns:
            Shape (n, n_documents, n_topics).

        Raises:
            InputError: where there are fewer draws than ``n``, or ``of`` is not available.
        """
        self._check(of)
        n = self.n_draws if n is None else n
        if not isinstance(n, Integral) or isinstance(n, bool) or n < 1:
            raise InputError(f"n must be a whole number of draws from 1, got {quoted(n)}; use 100")
        if n > self.n_draws:
            raise InputError(
                f"n must be at most {self.n_draws:,}, the number of draws, got {n}; for more, pass "
                f"n_draws={n} to TopicModel.posterior"
            )
        # Spread out, because successive draws resemble each other.
        chosen = np.arange(n) * self.n_draws // n
        sampled = np.empty((n, *self._shape))
        for rows, draws in self.blocks():
            sampled[:, rows] = _values(draws, of, chosen)
        return sampled

    def _check(self, of: str) -> None:
        if of not in QUANTITIES:
            raise InputError(
                f"of must be one of {', '.join(map(repr, QUANTITIES))}, got {quoted(of)}"
            )
        if of == "counts" and not self.has_counts:
            raise InputError(
                "a multinomial likelihood does not determine the scale of the counts; ask for "
                "'tokens' or 'proportions', or fit with likelihood='poisson'"
            )


def infer_posterior(
    model: LatentCountModel,
    counts: csr_matrix,
    *,
    effort: Effort,
    seed: int,
    known: Known | None = None,
) -> Posterior:
    """Return the posterior of documents under a model; draws are taken when first needed.

    Args:
        model: the topics, in double precision.
        counts: CSR of shape (n_documents, n_words).
        effort: how many draws of each document, and how.
        seed: the seed of the draws.
        known: what else is known of the documents, or None.

    Raises:
        InputError: where counts are not whole numbers.
    """
    counts = check_counts(counts, integers=True)
    return Posterior(
        n_tokens=np.asarray(counts.sum(1), dtype=np.float64).ravel(),
        n_topics=len(model.topic_logits),
        n_draws=effort.n_draws,
        has_counts=model.likelihood.models_length,
        blocks=partial(draw_blocks, model, counts, effort, seed, known),  # can be pickled
        n_independent=effort.n_independent,
    )


def _check_level(level: Any) -> None:
    is_number = isinstance(level, Real)
    if not (is_number and 0 < level < 1):
        raise InputError(f"level must be between 0 and 1, got {quoted(level)}; use for example 0.9")


def _mean_tokens(draws: Draws) -> NDArray[np.float64]:
    mean: NDArray[np.float64] = draws.tokens.mean(0)
    return mean


def _mean_proportions(draws: Draws) -> NDArray[np.float64]:
    mean = draws.proportions.mean(0, dtype=np.float64)
    proportions: NDArray[np.float64] = mean / mean.sum(-1, keepdims=True)
    return proportions


def _values(draws: Draws, of: str, chosen: NDArray[np.int64] | None = None) -> NDArray[Any]:
    """Return the draws of a quantity: the chosen ones, or all."""
    at = slice(None) if chosen is None else chosen
    if of == "tokens":
        return draws.tokens[at]
    if of == "proportions":
        return draws.proportions[at]
    return draws.proportions[at] * draws.totals[at][..., None]
