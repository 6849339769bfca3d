"""Layer upon layer: each is trained on samples of the counts below, as the first on words."""

import numpy as np
import torch
from scipy.sparse import csr_matrix

from topicgen.models import (
    PRIORS,
    Hierarchy,
    LatentCountModel,
    Layer,
    SparseCounts,
    count_atoms,
    greatest_count,
)
from topicgen.training.initial_topics import smoothed_frequency, start_at_clusters
from topicgen.training.schedule import Schedule, automatic_batch_size, automatic_epochs
from topicgen.training.trainer import Trainer

# A document holds few of the upper topics, and a unit in twenty tells them apart.
_UNITS = 20.0
_MOST_DOCUMENTS = 1_500
_MOST_WATCHED = 500
_ROUNDS = 8


def add_layer(
    hierarchy: Hierarchy, counts: SparseCounts, n_topics: int, random: np.random.Generator
) -> None:
    """Train a layer above those there are, with the same code as the topics of words.

    Args:
        hierarchy: gets one layer more.
        counts: the documents that the layers below were trained on.
        n_topics: of the new layer, fewer than the layer below has.
        random: seeds the clusters that the topics start from.
    """
    parts = [hierarchy.sample_top(counts.select(rows)) for rows in _chunks(counts)]
    below = torch.cat(parts).cpu()
    model = _train(csr_matrix(below.numpy()), n_topics, random).to(counts.values)
    family = hierarchy.top.latent
    n_units = below.sum(-1).mean().item()
    layer = Layer(model, family, hierarchy.top.atoms, n_units).to(counts.values)
    hierarchy.layers.append(layer)
    step = -(-len(counts) // _MOST_DOCUMENTS)
    sample = torch.arange(0, len(counts), step, device=counts.values.device)
    try:
        hierarchy.fit_top(counts.select(sample), _ROUNDS)
    except BaseException:  # a Ctrl-C must not leave half a layer
        del hierarchy.layers[-1]
        raise


def _chunks(counts: SparseCounts) -> tuple[torch.Tensor, ...]:
    return torch.arange(len(counts), device=counts.values.device).split(1024)


def _train(below: csr_matrix, n_topics: int, random: np.random.Generator) -> LatentCountModel:
    mean = torch.full((n_topics,), _UNITS / n_topics)
    atoms = count_atoms(greatest_count(_UNITS))
    model = LatentCountModel(
        PRIORS["negative_binomial"](mean, atoms), smoothed_frequency(below), prior_count=_UNITS
    )
    start_at_clusters(model, below, random)
    counts = SparseCounts.from_csr(below)
    batch_size = automatic_batch_size(len(counts))
    n_epochs = automatic_epochs(len(counts), batch_size)
    schedule = Schedule(n_epochs * -(-len(counts) // batch_size), (1.0, 1.0), 0.2)
    watched = counts.select(torch.arange(0, len(counts), -(-len(counts) // _MOST_WATCHED)))
    Trainer(model, batch_size=batch_size).run(counts, watched, schedule)
    return model
