"""Estimators of the gradient through a discrete sample."""

from topicgen.gradients.estimators import ESTIMATORS, differentiable_sample

__all__ = ["ESTIMATORS", "differentiable_sample"]
