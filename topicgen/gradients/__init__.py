"""Estimators of the gradient through a discrete sample, under one protocol."""

from topicgen.gradients.enumeration import Enumeration
from topicgen.gradients.estimator import GradientEstimator, PathwiseEstimator
from topicgen.gradients.exponential_arrivals import ExponentialArrivals
from topicgen.gradients.gaussian import GaussianApproximation
from topicgen.gradients.gengs import GenGS
from topicgen.gradients.muprop import MuProp
from topicgen.gradients.nvil import Nvil
from topicgen.gradients.registry import ESTIMATORS, RELAXATIONS, differentiable_sample
from topicgen.gradients.relax import Relax
from topicgen.gradients.score_function import LeaveOneOut, Reinforce, Vimco

__all__ = [
    "ESTIMATORS",
    "RELAXATIONS",
    "Enumeration",
    "ExponentialArrivals",
    "GaussianApproximation",
    "GenGS",
    "GradientEstimator",
    "LeaveOneOut",
    "MuProp",
    "Nvil",
    "PathwiseEstimator",
    "Reinforce",
    "Relax",
    "Vimco",
    "differentiable_sample",
]
