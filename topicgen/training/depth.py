"""Training layer upon layer: each on samples of the counts below, as the topics are on words."""

import copy

import numpy as np
import torch
from scipy.sparse import csr_matrix
from torch import Generator, Tensor

from topicgen.distributions import Finite
from topicgen.models import (
    PRIORS,
    Hierarchy,
    Known,
    LatentCountModel,
    Layer,
    MakesEncoder,
    SparseCounts,
    count_atoms,
    evidence_bound,
    greatest_count,
)
from topicgen.training.adam import Adam
from topicgen.training.collection import Collection
from topicgen.training.initial_topics import smoothed_frequency, start_at_clusters
from topicgen.training.ranks import ALONE, Ranks
from topicgen.training.schedule import (
    Schedule,
    automatic_batch_size,
    automatic_epochs,
    automatic_learning_rate,
)
from topicgen.training.trainer import Trainer

# A document holds few of the upper topics: 20 units are enough to tell them apart.
_UNITS = 20.0
_MOST_DOCUMENTS = 1_500
_MOST_WATCHED = 500
_ROUNDS = 8

# The weights of the evidence that are tried. Counts that come in bursts say less about the layer
# above than words drawn one by one would.
_TEMPERINGS = (1.0, 0.5, 0.25, 0.1, 0.05)
_ROUNDS_PER_TRIAL, _MOST_ON_TRIAL = 3, 500
_STEPS_PER_ROUND, _RATE = 20, 0.05


def add_layer(
    hierarchy: Hierarchy,
    collection: Collection,
    n_topics: int,
    random: np.random.Generator,
    *,
    encoder: str | MakesEncoder = "unfolded",
    objective: str = "hidden_tokens",
    known: Known | None = None,
    generator: Generator | None = None,
    ranks: Ranks = ALONE,
) -> None:
    """Train a layer above the present ones, with the same code as the topics of words.

    Args:
        hierarchy: gets one more layer.
        collection: the documents that the layers below were trained on.
        n_topics: of the new layer, fewer than the layer below has.
        random: seeds the clusters that the topics start from.
        encoder: of the layer's model.
        objective: of the ``Trainer``.
        known: what else is known of the documents, or None.
        generator: where all other randomness comes from, on the device of the hierarchy; None for
            torch's global stream.
        ranks: the processes that train the layer together.
    """
    collection = collection.to(torch.float64)

    def given(rows: Tensor) -> Hierarchy:
        return hierarchy.given(
            None if known is None else known.select(rows).to(collection.device, torch.float64)
        )

    below = torch.cat(
        [
            given(rows).sample_top(collection.select(rows), generator=generator).cpu()
            for rows in torch.arange(len(collection)).split(1024)
        ]
    )
    counts = Collection(csr_matrix(below.numpy()), device=collection.device)
    model = _new_model(counts, n_topics, random, encoder, generator, ranks)
    _train(model, counts, objective, generator, ranks)
    n_units = below.sum(-1).mean().item()
    layer = Layer(model, hierarchy.top.latent, hierarchy.top.atoms, n_units)
    hierarchy.layers.append(layer.to(collection.device, torch.float64))
    rows = collection.positions_at_most(_MOST_DOCUMENTS)
    try:
        fit_top(given(rows), collection.select(rows), _ROUNDS, generator=generator)
    except BaseException:  # a Ctrl-C must not leave half a layer
        del hierarchy.layers[-1]
        raise


@torch.no_grad()
def fit_top(
    hierarchy: Hierarchy,
    counts: SparseCounts,
    n_rounds: int,
    *,
    generator: Generator | None = None,
) -> None:
    """Fit the uppermost layer to the joint bound: its prior, its topics, what it expects below.

    Each round infers the posteriors of its counts and, given a sample of them, of the counts below,
    and then takes steps up the expected log probability. The tempering with the best bound is kept.

    Args:
        hierarchy: has at least one layer.
        counts: the documents' words.
        n_rounds: how many rounds, after the trials of the temperings.
        generator: where the randomness comes from; None for torch's global stream.
    """
    layer = hierarchy.layers[-1]
    start = copy.deepcopy(layer.state_dict())
    first = torch.arange(min(len(counts), _MOST_ON_TRIAL), device=counts.rows.device)
    some, known = counts.select(first), hierarchy.base.known
    on_trial = hierarchy if known is None else hierarchy.given(known.select(first))
    trials = []
    for tempering in _TEMPERINGS:
        layer.load_state_dict({**start, "tempering": torch.tensor(tempering, dtype=torch.float32)})
        _rounds(on_trial, some, _ROUNDS_PER_TRIAL, generator)
        bound = evidence_bound(on_trial, some, n_samples=2, tighten=False, generator=generator)
        trials.append((bound.elbo.mean().item(), copy.deepcopy(layer.state_dict())))
    layer.load_state_dict(max(trials, key=lambda trial: trial[0])[1])
    _rounds(hierarchy, counts, n_rounds, generator)


def _rounds(
    hierarchy: Hierarchy, counts: SparseCounts, n_rounds: int, generator: Generator | None
) -> None:
    layer, level = hierarchy.layers[-1], len(hierarchy.layers) - 1
    ascended = hierarchy.posteriors(counts)
    below = ascended[level]
    for _ in range(n_rounds):
        q = hierarchy.posterior(level + 1, counts, ascended)
        layer.model.update_prior(q.probs.mean(0))
        y = q.sample(generator=generator)
        _fit_below(layer, y, below)
        below = hierarchy.posterior(level, counts, ascended, layer.below(y))


def _fit_below(layer: Layer, y: Tensor, below: Finite) -> None:
    """Take some steps up E[log p(z | y)] under q(z), in the topics and what is expected below."""
    weights = ("model.topic_logits", "log_units", "log_dispersion")
    optimizer = Adam({name: layer.get_parameter(name) for name in weights})
    masses = below.probs
    for _ in range(_STEPS_PER_ROUND):
        with torch.enable_grad():
            explained = (masses * layer.below(y).logits).sum((-1, -2)).mean()
            loss = -explained - layer.model.log_prior() / len(y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step(_RATE)


def _new_model(
    collection: Collection,
    n_topics: int,
    random: np.random.Generator,
    encoder: str | MakesEncoder,
    generator: Generator | None,
    ranks: Ranks,
) -> LatentCountModel:
    mean = torch.full((n_topics,), _UNITS / n_topics, dtype=collection.dtype)
    atoms = count_atoms(greatest_count(_UNITS)).to(mean)
    model = LatentCountModel(
        PRIORS["negative_binomial"](mean, atoms),
        smoothed_frequency(collection.word_totals()),
        prior_count=_UNITS,
        encoder=encoder,
        generator=generator,
    )
    if ranks.is_first:
        start_at_clusters(model, collection, random)
    ranks.copy_first_([model.topic_logits])
    return model.to(collection.device)


def _train(
    model: LatentCountModel,
    collection: Collection,
    objective: str,
    generator: Generator | None,
    ranks: Ranks,
) -> None:
    batch_size = automatic_batch_size(len(collection), device=collection.device)
    n_epochs = automatic_epochs(len(collection), batch_size)
    n_steps = n_epochs * -(-len(collection) // batch_size)
    schedule = Schedule(n_steps, (1.0, 1.0), automatic_learning_rate(batch_size))
    watched = SparseCounts.from_csr(
        collection.at_most(_MOST_WATCHED), collection.dtype, collection.device
    )
    trainer = Trainer(
        model, batch_size=batch_size, objective=objective, generator=generator, ranks=ranks
    )
    trainer.run(collection, watched, schedule)
