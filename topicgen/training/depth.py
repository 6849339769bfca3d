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
from topicgen.training.collection import Collection
from topicgen.training.initial_topics import smoothed_frequency, start_at_clusters
from topicgen.training.schedule import Schedule, automatic_batch_size, automatic_epochs
from topicgen.training.trainer import Trainer

# A document holds few of the upper topics, and a unit in twenty tells them apart.
_UNITS = 20.0
_MOST_DOCUMENTS = 1_500
_MOST_WATCHED = 500
_ROUNDS = 8


def add_layer(
    hierarchy: Hierarchy, collection: Collection, n_topics: int, random: np.random.Generator
) -> None:
    """Train a layer above those there are, with the same code as the topics of words.

    Args:
        hierarchy: gets one layer more.
        collection: the documents that the layers below were trained on.
        n_topics: of the new layer, fewer than the layer below has.
        random: seeds the clusters that the topics start from.
    """
    collection = collection.to(torch.float64)
    parts = [hierarchy.sample_top(collection.select(rows)) for rows in _batches(collection)]
    below = torch.cat(parts).cpu()
    model = _train(csr_matrix(below.numpy()), n_topics, random).to(parts[0])
    family = hierarchy.top.latent
    n_units = below.sum(-1).mean().item()
    layer = Layer(model, family, hierarchy.top.atoms, n_units).to(parts[0])
    hierarchy.layers.append(layer)
    step = -(-len(collection) // _MOST_DOCUMENTS)
    sample = collection.select(torch.arange(0, len(collection), step))
    try:
        hierarchy.fit_top(sample, _ROUNDS)
    except BaseException:  # a Ctrl-C must not leave half a layer
        del hierarchy.layers[-1]
        raise


def _batches(collection: Collection) -> tuple[torch.Tensor, ...]:
    return torch.arange(len(collection)).split(1024)


def _train(below: csr_matrix, n_topics: int, random: np.random.Generator) -> LatentCountModel:
    mean = torch.full((n_topics,), _UNITS / n_topics)
    atoms = count_atoms(greatest_count(_UNITS))
    collection = Collection(below)
    model = LatentCountModel(
        PRIORS["negative_binomial"](mean, atoms),
        smoothed_frequency(collection.word_totals()),
        prior_count=_UNITS,
    )
    start_at_clusters(model, collection, random)
    batch_size = automatic_batch_size(len(collection))
    n_epochs = automatic_epochs(len(collection), batch_size)
    schedule = Schedule(n_epochs * -(-len(collection) // batch_size), (1.0, 1.0), 0.2)
    watched = SparseCounts.from_csr(collection.at_most(_MOST_WATCHED))
    Trainer(model, batch_size=batch_size).run(collection, watched, schedule)
    return model
