"""The training loop."""

from topicgen.training.climb import Climber
from topicgen.training.collection import Collection, whole_tokens
from topicgen.training.completion import completion_halves, completion_perplexity
from topicgen.training.computing import generator, one_core_spared
from topicgen.training.depth import add_layer
from topicgen.training.former_topics import FormerTopics, start_at_former
from topicgen.training.initial_topics import (
    cluster_topics,
    smoothed_frequency,
    start_at_clusters,
)
from topicgen.training.prevalence import PrevalenceUpdate
from topicgen.training.ranks import LostRankError, Ranks, current_ranks, joined, launched
from topicgen.training.schedule import (
    Schedule,
    are_short,
    automatic_batch_size,
    automatic_epochs,
    automatic_learning_rate,
    extra_passes,
)
from topicgen.training.seed_prior import seed_strength
from topicgen.training.seed_topics import seeded_topics, start_at_seeds
from topicgen.training.strength import fit_strength
from topicgen.training.trainer import Trainer
from topicgen.training.word_prior import WordPrior

__all__ = [
    "Climber",
    "Collection",
    "FormerTopics",
    "LostRankError",
    "PrevalenceUpdate",
    "Ranks",
    "Schedule",
    "Trainer",
    "WordPrior",
    "add_layer",
    "are_short",
    "automatic_batch_size",
    "automatic_epochs",
    "automatic_learning_rate",
    "cluster_topics",
    "completion_halves",
    "completion_perplexity",
    "current_ranks",
    "extra_passes",
    "fit_strength",
    "generator",
    "joined",
    "launched",
    "one_core_spared",
    "seed_strength",
    "seeded_topics",
    "smoothed_frequency",
    "start_at_clusters",
    "start_at_former",
    "start_at_seeds",
    "whole_tokens",
]
