"""The training loop."""

from topicgen.training.computing import one_core_spared, seeded
from topicgen.training.schedule import Schedule, automatic_batch_size, automatic_epochs
from topicgen.training.trainer import POSTERIOR_LAYERS, Trainer

__all__ = [
    "POSTERIOR_LAYERS",
    "Schedule",
    "Trainer",
    "automatic_batch_size",
    "automatic_epochs",
    "one_core_spared",
    "seeded",
]
