import math

import pytest
import torch
from torch.distributions import Poisson

from topicgen.errors import InputError
from topicgen.gradients import NVIL, LeaveOneOut
from topicgen.models import LEARNING_ESTIMATORS, LatentCountModel, count_atoms, fixed_prior
from topicgen.training import Collection, Schedule, Trainer, generator
from topicgen.training.ranks import Ranks


@pytest.fixture(scope="module")
def collection(planted_counts):
    return Collection(planted_counts)


def make_trainer(estimator, **options):
    prior = fixed_prior(Poisson(torch.tensor(3.0)), 3, count_atoms(12))
    fixed = {"prior_count": 9.0, "latent": "given", "generator": generator(0, "cpu")}
    model = LatentCountModel(prior, torch.ones(30), **fixed)
    fixed = {"batch_size": 30, "generator": generator(1, "cpu"), "estimator": estimator}
    return Trainer(model, **fixed | options)


def run(trainer, collection, n_epochs, **options):
    watched = collection.select(torch.arange(len(collection)))
    n_steps = n_epochs * math.ceil(len(collection) / 30)
    trainer.run(collection, watched, Schedule(n_steps, (1.0, 0.5), 0.2), **options)


def weights(trainer):
    return {name: value.clone() for name, value in trainer.gradient.state_dict().items()}


@pytest.mark.parametrize("name", LEARNING_ESTIMATORS)
def test_one_estimator_learns_in_all_steps(name, collection):
    trainer = make_trainer(name)
    estimator, before = trainer.gradient, weights(trainer)
    run(trainer, collection, 2)
    assert trainer.gradient is estimator
    for entry, value in weights(trainer).items():
        assert not torch.equal(value, before[entry]), entry


def test_the_learnt_baseline_takes_most_of_the_loss_away(collection):
    """A token costs log(30) = 3.4 nats at first, which the baseline has to follow."""
    trainer = make_trainer("nvil")
    run(trainer, collection, 15)
    baseline = trainer.gradient
    means = torch.tensor([[7.0, 1.0, 1.0]])
    explained = baseline.loss_mean + baseline.baseline(means).squeeze()
    assert explained.item() == pytest.approx(-trainer.history[-1]["log_likelihood"], abs=0.5)


@pytest.mark.parametrize("name", LEARNING_ESTIMATORS)
def test_a_run_goes_on_from_a_snapshot_with_what_was_learnt(name, collection):
    whole, first, second = (make_trainer(name) for _ in range(3))
    run(whole, collection, 2)
    snapshots = []

    def take():
        if len(snapshots) < 3:
            snapshots.append(first.snapshot())

    run(first, collection, 2, after_step=take)
    run(second, collection, 2, start=snapshots[-1])
    assert second.history == whole.history
    for entry, value in weights(second).items():
        assert torch.equal(value, weights(whole)[entry]), entry


@pytest.mark.parametrize("name", LEARNING_ESTIMATORS)
def test_an_estimator_that_learns_is_refused_in_several_processes(name):
    with pytest.raises(InputError, match=f"gradient_estimator='{name}' learns .* got 2 processes"):
        make_trainer(name, ranks=Ranks(0, 2))


def test_an_estimator_of_ones_own_takes_part_in_all_steps(collection):
    learns, does_not = NVIL(3, generator=generator(2, "cpu")), LeaveOneOut(3)
    before = learns.baseline[0].weight.clone()
    for estimator in (learns, does_not):
        trainer = make_trainer(estimator)
        assert trainer.gradient is estimator
        run(trainer, collection, 1)
        assert math.isfinite(trainer.history[0]["log_likelihood"])
    assert not torch.equal(learns.baseline[0].weight, before)


def test_the_name_stands_for_an_estimator_that_does_not_learn():
    assert make_trainer("vimco").gradient == "vimco"
