"""Estimators of the gradient through a discrete sample, under one protocol."""

from topicgen.gradients.enumeration import Enumeration
from topicgen.gradients.estimator import GradientEstimator, PathwiseEstimator
from topicgen.gradients.exponential_arrivals import ExponentialArrivals
from topicgen.gradients.gaussian import GaussianApproximation
from topicgen.gradients.gengs import GenGS
from topicgen.gradients.mean import Mean
from topicgen.gradients.muprop import MuProp
from topicgen.gradients.nvil import NVIL
from topicgen.gradients.registry import ESTIMATORS, RELAXATIONS, differentiable_sample
from topicgen.gradients.relax import Relax
from topicgen.gradients.score_function import VIMCO, LeaveOneOut, Reinforce

__all__ = [
    "ESTIMATORS",
    "NVIL",
    "RELAXATIONS",
    "VIMCO",
    "Enumeration",
    "ExponentialArrivals",
    "GaussianApproximation",
    "GenGS",
    "GradientEstimator",
    "LeaveOneOut",
    "Mean",
    "MuProp",
    "PathwiseEstimator",
    "Reinforce",
    "Relax",
    "differentiable_sample",
]
