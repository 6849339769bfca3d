"""The posterior of a document's latent counts, as arrays."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Posterior:
    """What is known of each document's count of each topic, given its words.

    Args:
        probs: the mass of each atom, shape (n_documents, n_topics, n_atoms).
        atoms: the counts that carry the masses, shape (n_atoms,).
        proportions: the expected topic proportions, shape (n_documents, n_topics), rows sum to 1.
        n_tokens: the tokens of known words, shape (n_documents,).

    Example:
        >>> posterior = Posterior(
        ...     probs=np.array([[[0.25, 0.5, 0.25]]]),
        ...     atoms=np.array([0.0, 1.0, 2.0]),
        ...     proportions=np.array([[1.0]]),
        ...     n_tokens=np.array([7]),
        ... )
        >>> posterior.mean, posterior.variance
        (array([[1.]]), array([[0.5]]))
        >>> posterior.interval(0.5)
        (array([[0.]]), array([[1.]]))
    """

    probs: np.ndarray
    atoms: np.ndarray
    proportions: np.ndarray
    n_tokens: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """The expected counts, shape (n_documents, n_topics)."""
        mean: np.ndarray = self.probs @ self.atoms
        return mean

    @property
    def variance(self) -> np.ndarray:
        """The variance of the counts, shape (n_documents, n_topics)."""
        deviations = self.atoms - self.mean[..., None]
        variance: np.ndarray = (self.probs * deviations**2).sum(-1)
        return variance

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
        cdf = self.probs.cumsum(-1)
        # Rounding leaves the last sum just off 1, and must not move an end.
        rounding = 1e-9
        lower = (cdf < tail - rounding).sum(-1)
        upper = (cdf < 1 - tail - rounding).sum(-1)
        last = len(self.atoms) - 1
        return self.atoms[np.minimum(lower, last)], self.atoms[np.minimum(upper, last)]
