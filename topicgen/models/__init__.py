"""The topic model: counts as latent variables, topics as distributions over words."""

from topicgen.models.latent_counts import LatentCountModel
from topicgen.models.proportions import expected_proportions
from topicgen.models.sparse import SparseCounts

__all__ = ["LatentCountModel", "SparseCounts", "expected_proportions"]
