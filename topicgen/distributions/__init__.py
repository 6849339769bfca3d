"""Discrete distributions on finitely many atoms, and samples of them that carry gradients."""

from topicgen.distributions.conway_maxwell_poisson import ConwayMaxwellPoisson
from topicgen.distributions.draws import draw
from topicgen.distributions.enumerated import enumerated
from topicgen.distributions.finite import Finite
from topicgen.distributions.gengs import GeneralizedGumbelSoftmax
from topicgen.distributions.masses import log_masses_at, support_bounds
from topicgen.distributions.moments import relaxed_moments
from topicgen.distributions.truncated import Truncated, truncation_point
from topicgen.distributions.zero_inflated_poisson import ZeroInflatedPoisson

__all__ = [
    "ConwayMaxwellPoisson",
    "Finite",
    "GeneralizedGumbelSoftmax",
    "Truncated",
    "ZeroInflatedPoisson",
    "draw",
    "enumerated",
    "log_masses_at",
    "relaxed_moments",
    "support_bounds",
    "truncation_point",
]
