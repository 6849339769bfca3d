"""Models small enough to walk through all combinations of their counts."""

import math
from itertools import product
from typing import NamedTuple

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix
from torch import Tensor
from torch.distributions import Poisson

from topicgen.models import Hierarchy, LatentCountModel, Layer, SparseCounts, fixed_prior


class Enumerable(NamedTuple):
    """A hierarchy of two topics at every level, and what enumeration says of it."""

    hierarchy: Hierarchy

    @staticmethod
    def copies(row: np.ndarray, n: int) -> SparseCounts:
        return SparseCounts.from_csr(csr_matrix(np.tile(row, (n, 1))), torch.float64)

    def joint(self, row: np.ndarray) -> tuple[list[Tensor], Tensor]:
        """All counts of all levels, the base's first, and log p(x, z) of each combination."""
        hierarchy = self.hierarchy
        atoms = [hierarchy.base.atoms, *(layer.model.atoms for layer in hierarchy.layers)]
        every = list(product(*(a.tolist() for a in atoms for _ in range(2))))
        z = list(torch.tensor(every, dtype=torch.float64).split(2, dim=1))
        above = [*z[1:], None]
        log_p = sum(
            hierarchy.prior(level, above[level]).log_prob(z[level]).sum(-1)
            for level in range(len(z))
        )
        documents, topic_word = self.copies(row, len(every)), hierarchy.base.topic_word()
        return z, (log_p + hierarchy.base.log_likelihood(documents, topic_word, z[0])).detach()

    def log_likelihood(self, row: np.ndarray) -> float:
        """The exact log p(x) of a document."""
        return self.joint(row)[1].logsumexp(0).item()

    def posterior_sample(self, row: np.ndarray, n: int) -> list[Tensor]:
        """Exact samples of p(z | x), each of shape (n, 2), the base's first."""
        z, joint = self.joint(row)
        drawn = torch.multinomial((joint - joint.logsumexp(0)).exp(), n, replacement=True)
        return [counts[drawn] for counts in z]


@pytest.fixture
def enumerable():
    """Return a function that makes a hierarchy of so many layers, with options of its base."""

    def make(n_layers=0, **options):
        torch.manual_seed(5)
        base = _small_model(4, 4, **options)
        below = [base.atoms, torch.arange(3.0)]
        layers = [
            Layer(_small_model(2, 2), "negative_binomial", atoms, 2.0) for atoms in below[:n_layers]
        ]
        return Enumerable(Hierarchy(base, layers).double())

    return make


@pytest.fixture
def mean_and_error():
    """Return a function of the mean of a bound's copies, and four standard errors of it."""

    def measure(bound):
        # Where every sample is exact nothing but rounding is left.
        return bound.mean().item(), 4 * bound.std().item() / math.sqrt(len(bound)) + 1e-9

    return measure


def _small_model(n_words, greatest, **options):
    prior = fixed_prior(Poisson(torch.tensor([0.8, 1.5])), 2, torch.arange(greatest + 1.0))
    options = {"latent": "poisson", "prior_count": 2.3, "mean_length": 4.0, **options}
    return LatentCountModel(prior, torch.arange(n_words, 0, -1.0), **options)
