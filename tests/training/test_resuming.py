"""A run that is taken up again ends as if it had never stopped, wherever it stopped."""

import math
from functools import partial

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix
from torch.distributions import Poisson

from topicgen.models import (
    DocumentCovariates,
    Known,
    LatentCountModel,
    LogLinear,
    count_atoms,
    fixed_prior,
)
from topicgen.training import Collection, Schedule, Trainer, generator, trainer
from topicgen.training.batches import Batches
from topicgen.training.resident import Resident

N_DOCUMENTS, N_WORDS, BATCH = 50, 30, 16
N_EPOCHS, N_BATCHES = 3, 4
SOURCES = {
    "batches": Batches,
    "resident": Resident,
    "resident in parts": partial(Resident, most_entries=150),
}


class KilledError(Exception):
    """Stands for the end of the process."""


@pytest.fixture(scope="module")
def collection():
    random = np.random.default_rng(0)
    return Collection(csr_matrix(random.poisson(0.4, (N_DOCUMENTS, N_WORDS)) + np.eye(50, 30)))


def new_trainer(*, has_covariates=False, seed=1, **options):
    model = LatentCountModel(
        fixed_prior(Poisson(torch.tensor(3.0)), 3, count_atoms(12)),
        torch.ones(N_WORDS),
        prior_count=9.0,
        latent="given",
        prevalence=LogLinear([0], [], 3) if has_covariates else None,
        generator=generator(0, "cpu"),
    )
    random = generator(seed, "cpu")
    return Trainer(model, **{"batch_size": BATCH, "generator": random, **options})


def run(one, collection, **options):
    known = None
    if one.model.prevalence is not None:
        matrix = torch.linspace(-1, 1, N_DOCUMENTS).unsqueeze(1)
        known = Known(DocumentCovariates(matrix, torch.zeros(N_DOCUMENTS, 0, dtype=torch.long)))
    one.run(
        collection,
        collection.select(torch.arange(N_DOCUMENTS)),
        Schedule(N_EPOCHS * N_BATCHES, (1.0, 0.5), 0.2),
        known=known,
        held_out_known=known,
        **options,
    )
    return one


def snapshots(make, collection):
    """Run, and return the trainer with a snapshot from after every step and every epoch."""
    one, taken = make(), []
    run(one, collection, after_step=lambda: taken.append(one.snapshot()))
    return one, taken


def everything(one):
    weights = {f"weights.{name}": value for name, value in one.model.state_dict().items()}
    return weights | one.state() | {"generator": one.generator.get_state()}


def assert_same(one, other):
    assert other.history == one.history
    expected, found = everything(one), everything(other)
    assert found.keys() == expected.keys()
    for name, value in expected.items():
        assert value.numpy().tobytes() == found[name].numpy().tobytes(), name


MODELS = {
    "gengs": {},
    "arrivals": {"estimator": "eat"},
    "score function": {"estimator": "leave_one_out"},
    "covariates": {"has_covariates": True},
    "impatient": {"patience": 1},
    "seeds": {"seeds": (np.array([0, 1]), np.array([2]))},
}


@pytest.mark.parametrize("name", MODELS)
def test_a_run_goes_on_from_any_step_with_the_same_results(name, collection):
    make = partial(new_trainer, **MODELS[name])
    whole, taken = snapshots(make, collection)
    assert len(taken) == len(whole.history) * (N_BATCHES + 1)
    for start in taken:
        other = make(seed=2)  # another generator, which takes over the state of the first
        assert_same(whole, run(other, collection, start=start))


@pytest.mark.parametrize("source", SOURCES)
def test_an_epoch_goes_on_in_the_middle_whatever_the_documents_lie_in(
    source, collection, monkeypatch
):
    monkeypatch.setattr(trainer, "Batches", SOURCES[source])
    whole, taken = snapshots(new_trainer, collection)
    assert len(taken) >= N_EPOCHS * (N_BATCHES + 1)
    for start in taken:
        assert_same(whole, run(new_trainer(seed=2), collection, start=start))


def test_snapshots_change_nothing(collection):
    assert_same(run(new_trainer(), collection), snapshots(new_trainer, collection)[0])


def test_a_snapshot_is_a_copy(collection):
    _, taken = snapshots(new_trainer, collection)
    for name, value in taken[0].arrays.items():
        if name.startswith(("weights.topic", "optimizer.topic", "run.")):
            assert not torch.equal(value, taken[-1].arrays[name]), name
    assert [len(each.facts["history"]) for each in taken[:6]] == [0, 0, 0, 0, 1, 1]
    assert math.isinf(taken[0].facts["progress"]["best_perplexity"])


def test_the_best_weights_of_before_are_not_forgotten(collection, monkeypatch):
    """The first epoch is the best, and the run stops after it."""
    given = iter([5.0, 9.0, 8.0])
    monkeypatch.setattr(trainer, "completion_perplexity", lambda *_: next(given))
    whole, taken = snapshots(new_trainer, collection)
    given = iter([9.0, 8.0])
    other = run(new_trainer(), collection, start=taken[N_BATCHES + 1])
    assert_same(whole, other)


def test_the_global_stream_cannot_be_taken_up_again(collection):
    one = new_trainer(generator=None)
    with pytest.raises(ValueError, match="global stream"):
        run(one, collection, after_step=one.snapshot)


def test_a_run_that_was_killed_goes_on(collection):
    """The trainer that goes on is a new one, as in another process."""
    whole, (one, taken) = run(new_trainer(), collection), (new_trainer(), [])

    def step():
        taken.append(one.snapshot())
        if len(taken) == 7:
            raise KilledError

    with pytest.raises(KilledError):
        run(one, collection, after_step=step)
    assert_same(whole, run(new_trainer(), collection, start=taken[-1]))
