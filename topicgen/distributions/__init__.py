"""Discrete laws on finitely many atoms, and their Generalized Gumbel-Softmax relaxation."""

from topicgen.distributions.finite import Finite
from topicgen.distributions.gengs import GeneralizedGumbelSoftmax
from topicgen.distributions.truncated import Truncated, truncation_point

__all__ = ["Finite", "GeneralizedGumbelSoftmax", "Truncated", "truncation_point"]
