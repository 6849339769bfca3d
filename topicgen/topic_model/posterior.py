"""The posterior of documents' latent counts."""

import math
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

import numpy as np
from scipy.sparse import csr_matrix

from topicgen.models import LatentCountModel
from topicgen.topic_model.inference import Block, infer_blocks

_MOST_BYTES_KEPT = 2**28


class Posterior:
    """What is known about each document's count of each topic, given its words.

    The posterior masses of a million documents would not fit into memory, so beyond a quarter of a
    gigabyte they are computed again, one block of documents at a time, whenever a quantity needs
    them.

    Args:
        atoms: the possible counts, shape (n_atoms,).
        n_tokens: each document's number of tokens in the vocabulary, shape (n_documents,).
        n_topics: the number of topics.
        blocks: a function that returns the posterior of the documents in blocks.

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
        n_bytes = 8 * math.prod(self._shape) * len(atoms)
        self._kept: list[Block] | None = [] if n_bytes <= _MOST_BYTES_KEPT else None

    def __repr__(self) -> str:
        n_documents, n_topics = self._shape
        return f"Posterior({n_documents:,} documents, {n_topics} topics)"

    def blocks(self) -> Iterator[Block]:
        """Yield the posterior of the documents in order, block by block."""
        if self._kept is None:
            yield from self._blocks()
        else:
            self._kept = self._kept or list(self._blocks())
            yield from self._kept

    def numbered_blocks(self) -> Iterator[tuple[slice, Block]]:
        """Yield the rows of some documents with their posterior, in order."""
        start = 0
        for block in self.blocks():
            stop = start + len(block.probs)
            yield slice(start, stop), block
            start = stop

    @property
    def probs(self) -> np.ndarray:
        """The mass of each count, shape (n_documents, n_topics, n_atoms), 8 bytes each."""
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
        """The mean, the variance and the proportions, all from one pass."""
        moments = np.empty((3, *self._shape))
        for rows, block in self.numbered_blocks():
            mean = block.probs @ self.atoms
            deviations = self.atoms - mean[..., None]
            variance = (block.probs * deviations**2).sum(-1)
            moments[:, rows] = mean, variance, block.proportions
        return moments

    def interval(self, level: float = 0.9) -> tuple[np.ndarray, np.ndarray]:
        """Return the ends of the equal-tailed interval with at least this probability.

        Args:
            level: the probability of the interval, between 0 and 1.

        Returns:
            The lower and the upper ends, each a count, shape (n_documents, n_topics).

        Raises:
            ValueError: where ``level`` is not between 0 and 1.
        """
        if not 0 < level < 1:
            raise ValueError(f"expected a level between 0 and 1, got {level}; use for example 0.9")
        tail = (1 - level) / 2
        # The last cumulative sum is only nearly 1, which must not move an end.
        rounding = 1e-9
        last = len(self.atoms) - 1
        ends = np.empty((2, *self._shape))
        for rows, block in self.numbered_blocks():
            cdf = block.probs.cumsum(-1)
            lower = (cdf < tail - rounding).sum(-1)
            upper = (cdf < 1 - tail - rounding).sum(-1)
            ends[:, rows] = self.atoms[np.minimum([lower, upper], last)]
        return ends[0], ends[1]


def infer_posterior(model: LatentCountModel, counts: csr_matrix, refinement: int) -> Posterior:
    """Return the posterior of documents under a model, which is computed when it is asked for."""
    return Posterior(
        atoms=model.atoms.cpu().numpy(),
        n_tokens=np.asarray(counts.sum(1)).ravel(),
        n_topics=len(model.topic_logits),
        blocks=lambda: infer_blocks(model, counts, refinement),
    )
