"""The distributions of counts that are sums, or parts, of other counts."""

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import stats

from topicgen.distributions import Finite
from topicgen.models import PRIORS
from topicgen.models.priors import negative_binomial
from topicgen.models.support import binned
from topicgen.topic_model.editing.composition import Composition

Floats = NDArray[np.float64]

_LEAST = 1e-30


def convolved(first: Floats, second: Floats, atoms: Floats) -> Floats:
    """Return the masses of the sum of two independent counts, on the same atoms.

    A sum between two atoms is divided between them so that the mean is kept; sums beyond the last
    atom go there.

    Args:
        first: shape (n_atoms,), sums to 1.
        second: likewise.
        atoms: ascending.

    Example:
        >>> coin, atoms = np.array([0.5, 0.5, 0.0]), np.array([0.0, 1.0, 2.0])
        >>> convolved(coin, coin, atoms)
        array([0.25, 0.5 , 0.25])
    """
    sums, masses = np.add.outer(atoms, atoms).ravel(), np.outer(first, second).ravel()
    return _on_atoms(sums, masses, atoms)


def thinned(masses: Floats, share: float, atoms: Floats) -> Floats:
    r"""Return the masses of a part of a count, each unit of which belongs to it independently.

    .. math:: p'(a) = \sum_z p(z) \operatorname{Binomial}(a; z, \text{share})

    Args:
        masses: shape (n_atoms,), sums to 1.
        share: the probability of each unit.
        atoms: ascending, whole numbers.

    Example:
        >>> thinned(np.array([0.0, 0.0, 1.0]), 0.5, np.array([0.0, 1.0, 2.0]))
        array([0.25, 0.5 , 0.25])
    """
    result = np.zeros(len(atoms))
    for count, mass in zip(atoms, masses, strict=True):
        if mass > 0:
            counts = np.arange(int(count) + 1.0)
            result += _on_atoms(counts, mass * stats.binom.pmf(counts, int(count), share), atoms)
    return result


def recomposed_masses(masses: Floats, atoms: Floats, parts: Composition) -> Floats:
    """Return the masses of the counts of new topics, shape (n_topics after, n_atoms)."""
    result = np.empty((parts.matrix.shape[1], len(atoms)))
    for new, column in enumerate(parts.matrix.T):
        pieces = [
            masses[old] if column[old] == 1 else thinned(masses[old], column[old], atoms)
            for old in np.flatnonzero(column)
        ]
        total = pieces[0]
        for piece in pieces[1:]:
            total = convolved(total, piece, atoms)
        result[new] = total / total.sum()
    return result


def prior_logits(
    latent: str, mean: torch.Tensor, dispersion: torch.Tensor, atoms: torch.Tensor
) -> torch.Tensor:
    """Return the log masses of a family's counts, shape (n_topics, n_atoms)."""
    if latent == "negative_binomial":
        return binned(negative_binomial(mean, dispersion), atoms).logits
    law: Finite = PRIORS[latent](mean, atoms).law
    return law.logits


def _on_atoms(counts: Floats, masses: Floats, atoms: Floats) -> Floats:
    """Return masses on any counts as masses on the atoms, with the same mean up to the last."""
    if len(atoms) == 1:
        return np.array([masses.sum()])
    within: Floats = np.clip(counts, atoms[0], atoms[-1])
    upper = np.clip(np.searchsorted(atoms, within, "right"), 1, len(atoms) - 1)
    part = (within - atoms[upper - 1]) / (atoms[upper] - atoms[upper - 1])
    result = np.zeros(len(atoms))
    np.add.at(result, upper - 1, masses * (1 - part))
    np.add.at(result, upper, masses * part)
    return result
