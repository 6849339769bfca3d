"""The steps of a GPU, on the CPU: its kernels in Triton's interpreter, and nothing recorded."""

import math
import os
from functools import partial

import pytest
import torch
from torch.distributions import Poisson
from torch.utils._python_dispatch import TorchDispatchMode

from topicgen.models import LatentCountModel, count_atoms, fixed_prior
from topicgen.training import Collection, Schedule, Trainer, generator
from topicgen.training.resident import Resident

if os.environ.get("TRITON_INTERPRET") != "1":
    pytest.skip("these tests are for Triton's interpreter", allow_module_level=True)
pytest.importorskip("triton", reason="needs Triton")

# For these a program waits for the GPU; while a step is recorded, they are errors.
WAITING = (
    "aten::_local_scalar_dense",
    "aten::nonzero",
    "aten::masked_select",
    "aten::repeat_interleave",
    "aten::unique",
    "aten::equal",
    "aten::is_nonzero",
)


class Operations(TorchDispatchMode):
    """Notes the names of all operations."""

    def __init__(self):
        super().__init__()
        self.names = []

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        self.names.append(operation.name())
        return operation(*args, **(kwargs or {}))


class Steps:
    """Runs steps without recording them, and notes their operations."""

    def __init__(self, step, device, random):
        self.step, self.operations = step, []
        noted.append(self)

    def __call__(self, *arguments):
        with Operations() as operations:
            self.step(*arguments)
        self.operations.append(operations.names)


noted: list[Steps] = []


def trained(
    counts,
    n_epochs=2,
    likelihood="multinomial",
    inference="explicit",
    start=None,
    watch=lambda trainer: None,
    **options,
):
    noted.clear()
    collection = Collection(counts)
    model = LatentCountModel(
        fixed_prior(Poisson(torch.tensor(3.0)), 3, count_atoms(12)),
        torch.ones(30),
        prior_count=9.0,
        latent="given",
        likelihood=likelihood,
        inference=inference,
        generator=generator(0, "cpu"),
    )
    trainer = Trainer(model, batch_size=10, generator=generator(1, "cpu"), **options)
    watched = collection.select(torch.arange(len(collection)))
    n_batches = math.ceil(len(collection) / 10)
    trainer.run(
        collection,
        watched,
        Schedule(n_epochs * n_batches, (1.0, 0.5), 0.2),
        start=start,
        after_step=lambda: watch(trainer),
    )
    return trainer


@pytest.fixture
def as_on_a_gpu(monkeypatch):
    monkeypatch.setattr("topicgen.kernels.usable", lambda tensor: True)
    monkeypatch.setattr("topicgen.training.trainer.Batches", Resident)
    monkeypatch.setattr("topicgen.training.steps.Recorded", Steps)


@pytest.fixture
def counts(planted_counts):
    return planted_counts[:15]


def test_the_steps_of_a_gpu_learn_as_those_of_a_cpu(counts, request):
    theirs = trained(counts).history
    request.getfixturevalue("as_on_a_gpu")
    ours = trained(counts).history
    # The random halves of the documents and the noise are others.
    assert ours[-1]["perplexity"] < ours[0]["perplexity"]
    assert ours[-1]["perplexity"] == pytest.approx(theirs[-1]["perplexity"], rel=0.1)
    assert ours[-1]["log_likelihood"] == pytest.approx(theirs[-1]["log_likelihood"], rel=0.1)
    # The same launches every time: from the second step on, as Adam starts in the first.
    assert [len(names) for names in noted[0].operations[1:]] == [len(noted[0].operations[1])] * 3


@pytest.mark.parametrize(
    "options",
    [{}, {"estimator": "gengs_st"}, {"likelihood": "poisson"}, {"inference": "implicit"}],
    ids=str,
)
def test_a_step_never_waits_for_the_gpu(counts, as_on_a_gpu, monkeypatch, options):
    # On a CPU Adam reads its numbers, and so does the check of the temperature.
    monkeypatch.setattr(Trainer, "move", lambda self, rate, ramp: None)
    monkeypatch.setattr("topicgen.distributions.gengs._check_temperature", lambda *_: None)
    trained(counts[:4], n_epochs=1, **options)
    assert not {name.split(".")[0] for name in noted[0].operations[0]} & set(WAITING)


@pytest.mark.parametrize(
    "options", [{"estimator": "eat"}, {"likelihood": "negative_binomial"}], ids=str
)
def test_what_would_wait_is_not_recorded(counts, as_on_a_gpu, options):
    trainer = trained(counts[:4], n_epochs=1, **options)
    assert not noted
    assert math.isfinite(trainer.history[-1]["perplexity"])


@pytest.mark.parametrize("most_entries", [None, 150], ids=["whole", "in parts"])
def test_a_replayed_run_goes_on_from_any_step(counts, as_on_a_gpu, monkeypatch, most_entries):
    source = partial(Resident, most_entries=most_entries)
    monkeypatch.setattr("topicgen.training.trainer.Batches", source)
    taken = []
    whole = trained(counts, watch=lambda trainer: taken.append(trainer.snapshot()))
    assert len(taken) >= 6
    for start in taken:
        other = trained(counts, start=start)
        assert other.history == whole.history
        assert torch.equal(other.model.topic_logits, whole.model.topic_logits)
        for name, value in whole.state().items():
            assert torch.equal(other.state()[name], value), name
