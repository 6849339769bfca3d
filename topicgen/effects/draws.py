"""Joint posterior draws of the tokens per topic in the documents of a fit."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, vstack

from topicgen.arrays import in_few_bytes


@dataclass(frozen=True, eq=False)
class TokenDraws:
    """How many tokens of each topic the documents have, drawn several times.

    Most topics are absent from most documents, so the draws are kept sparse.

    Args:
        counts: CSR of shape (n_draws * n_documents, n_topics): the documents of the first draw,
            then those of the second, and so on.
        lengths: the tokens of each document, shape (n_documents,), above 0.

    Example:
        >>> draws = TokenDraws.of([np.array([[3, 0], [1, 1]]), np.array([[2, 1], [1, 1]])])
        >>> draws.n_draws, draws.lengths, draws.mean.tolist()
        (2, array([3., 2.]), [[2.5, 0.5], [1.0, 1.0]])
    """

    counts: csr_matrix
    lengths: NDArray[np.float64]

    @classmethod
    def of(cls, draws: Iterable[NDArray[np.generic]]) -> "TokenDraws":
        """Return the value for these draws, each of shape (n_documents, n_topics)."""
        matrices = [csr_matrix(draw) for draw in draws]
        lengths = np.asarray(matrices[0].sum(1), dtype=np.float64).ravel()
        counts = vstack(matrices, format="csr")
        counts.data = in_few_bytes(counts.data)
        return cls(counts, lengths)

    def merged(self, matrix: NDArray[np.floating]) -> "TokenDraws":
        """Return the draws of new topics, each of which is a sum of old ones.

        Args:
            matrix: 1 where an old topic goes to a new one, else 0, shape (n_topics, n_new).

        Example:
            >>> draws = TokenDraws.of([np.array([[3, 0, 1], [1, 1, 0]])])
            >>> draws.merged(np.array([[1, 0], [0, 1], [1, 0]])).draw(0).tolist()
            [[4.0, 0.0], [1.0, 1.0]]
        """
        counts = csr_matrix(self.counts.astype(np.int64) @ csr_matrix(matrix.astype(np.int64)))
        counts.sort_indices()
        counts.data = in_few_bytes(counts.data)
        return TokenDraws(counts, self.lengths)

    @property
    def n_documents(self) -> int:
        """The number of documents."""
        return len(self.lengths)

    @property
    def n_topics(self) -> int:
        """The number of topics."""
        return int(self.counts.shape[1])

    @property
    def n_draws(self) -> int:
        """The number of draws."""
        return int(self.counts.shape[0] // max(self.n_documents, 1))

    def draw(self, number: int) -> NDArray[np.float64]:
        """Return one of the draws, shape (n_documents, n_topics)."""
        n = self.n_documents
        tokens: NDArray[np.float64] = self.counts[number * n : (number + 1) * n].toarray()
        return tokens.astype(np.float64)

    @cached_property
    def mean(self) -> NDArray[np.float64]:
        """The mean over the draws, shape (n_documents, n_topics)."""
        total = np.zeros((self.n_documents, self.n_topics))
        for number in range(self.n_draws):
            total += self.draw(number)
        return total / self.n_draws
