"""The topic model: counts as latent variables, topics as distributions over words."""

from topicgen.models.annealing import annealed_bound
from topicgen.models.bounds import Bound, evidence_bound, importance_bound
from topicgen.models.count_estimators import (
    COUNT_ESTIMATORS,
    LEARNING_ESTIMATORS,
    learning_estimator,
)
from topicgen.models.count_regression import (
    DocumentCovariates,
    Information,
    LogLinear,
    update_log_linear,
)
from topicgen.models.encoders import ENCODERS, Encoder, Encoding, Inputs, MakesEncoder, Seen
from topicgen.models.hierarchy import Hierarchy
from topicgen.models.imputation import impute_tokens, settle_topics
from topicgen.models.joint import FittedRates, fit_rates, joint_sampler
from topicgen.models.known import Known
from topicgen.models.latent_counts import LatentCountModel
from topicgen.models.layer import Layer
from topicgen.models.likelihoods import LIKELIHOODS
from topicgen.models.local_expectations import tightened
from topicgen.models.penalties import distinctive_part, topic_overlap
from topicgen.models.priors import PRIORS, Prior, fixed_prior
from topicgen.models.proportions import expected_proportions
from topicgen.models.rates import GammaRates
from topicgen.models.sparse import Documents, Rows, SparseCounts, kept_tokens
from topicgen.models.support import count_atoms, greatest_count
from topicgen.models.topic_order import reordered

__all__ = [
    "COUNT_ESTIMATORS",
    "ENCODERS",
    "LEARNING_ESTIMATORS",
    "LIKELIHOODS",
    "PRIORS",
    "Bound",
    "DocumentCovariates",
    "Documents",
    "Encoder",
    "Encoding",
    "FittedRates",
    "GammaRates",
    "Hierarchy",
    "Information",
    "Inputs",
    "Known",
    "LatentCountModel",
    "Layer",
    "LogLinear",
    "MakesEncoder",
    "Prior",
    "Rows",
    "Seen",
    "SparseCounts",
    "annealed_bound",
    "count_atoms",
    "distinctive_part",
    "evidence_bound",
    "expected_proportions",
    "fit_rates",
    "fixed_prior",
    "greatest_count",
    "importance_bound",
    "impute_tokens",
    "joint_sampler",
    "kept_tokens",
    "learning_estimator",
    "reordered",
    "settle_topics",
    "tightened",
    "topic_overlap",
    "update_log_linear",
]
