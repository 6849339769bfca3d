"""The posterior of the latent counts of documents."""

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

import numpy as np

from topicgen.topic_model.inference import Block


class Posterior:
    """What is known about each document's count of each topic, given its words.

    The masses of all counts of a million documents would take more memory than a machine has: they
    are computed anew, some documents at a time, whenever something is asked that needs them.

    Args:
        atoms: the counts that carry the masses, shape (n_atoms,).
        n_tokens: the tokens of known words, shape (n_documents,).
        n_topics: the number of topics.
        blocks: what returns the posterior of the documents, some at a time.

    Example:
        >>> from topicgen.topic_model.inference import Block
        >>> block = Block(probs=np.array([[[0.25, 0.5, 0.25]]]), proportions=np.array([[1.0]]))
        >>> posterior = Posterior(np.arange(3.0), np.array([7]), 1, lambda: [block])
        >>> posterior.mean, posterior.variance
        (array([[1.]]), array([[0.5]]))
        >>> posterior.interval(0.5)
        (array([[0.]]), array([[1.]]))
    """

    def __init__(
        self,
        atoms: np.ndarray,
        n_tokens: np.ndarray,
        n_topics: int,
        blocks: Callable[[], Iterable[Block]],
    ) -> None:
        self.atoms = atoms
        self.n_tokens = n_tokens
        self._shape = (len(n_tokens), n_topics)
        self._blocks = blocks

    def __repr__(self) -> str:
        n_documents, n_topics = self._shape
        return f"Posterior({n_documents:,} documents, {n_topics} topics)"

    def blocks(self) -> Iterator[Block]:
        """Yield the posterior of the documents in their order, some at a time."""
        yield from self._blocks()

    def numbered_blocks(self) -> Iterator[tuple[slice, Block]]:
        """Yield the rows of some documents with their posterior, in order."""
        start = 0
        for block in self.blocks():
            stop = start + len(block.probs)
            yield slice(start, stop), block
            start = stop

    @property
    def probs(self) -> np.ndarray:
        """The mass of each atom, shape (n_documents, n_topics, n_atoms): 8 bytes each."""
        probs = np.empty((*self._shape, len(self.atoms)))
        for rows, block in self.numbered_blocks():
            probs[rows] = block.probs
        return probs

    @property
    def mean(self) -> np.ndarray:
        """The expected counts, shape (n_documents, n_topics)."""
        return self._moments[0]

    @property
    def variance(self) -> np.ndarray:
        """The variance of the counts, shape (n_documents, n_topics)."""
        return self._moments[1]

    @property
    def proportions(self) -> np.ndarray:
        """The expected topic proportions, shape (n_documents, n_topics), rows sum to 1."""
        return self._moments[2]

    @cached_property
    def _moments(self) -> np.ndarray:
        """The mean, the variance and the proportions, which take one pass together."""
        moments = np.empty((3, *self._shape))
        for rows, block in self.numbered_blocks():
            mean = block.probs @ self.atoms
            deviations = self.atoms - mean[..., None]
            variance = (block.probs * deviations**2).sum(-1)
            moments[:, rows] = mean, variance, block.proportions
        return moments

    def interval(self, level: float = 0.9) -> tuple[np.ndarray, np.ndarray]:
        """Return the ends of the equal-tailed interval that holds at least this probability.

        Args:
            level: between 0 and 1.

        Returns:
            The lower and the upper ends, each a count, shape (n_documents, n_topics).

        Raises:
            ValueError: where the level is not between 0 and 1.
        """
        if not 0 < level < 1:
            raise ValueError(f"expected a level between 0 and 1, got {level}; 0.9 is usual")
        tail = (1 - level) / 2
        # Rounding leaves the last sum just off 1, and must not move an end.
        rounding = 1e-9
        last = len(self.atoms) - 1
        ends = np.empty((2, *self._shape))
        for rows, block in self.numbered_blocks():
            cdf = block.probs.cumsum(-1)
            lower = (cdf < tail - rounding).sum(-1)
            upper = (cdf < 1 - tail - rounding).sum(-1)
            ends[:, rows] = self.atoms[np.minimum([lower, upper], last)]
        return ends[0], ends[1]
