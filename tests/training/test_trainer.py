import math

import pytest
import torch
from torch.distributions import Poisson

from topicgen.distributions import Truncated
from topicgen.models import LatentCountModel, SparseCounts
from topicgen.training import Schedule, Trainer, one_core_spared, seeded


@pytest.fixture
def model():
    with seeded(0, "cpu"):
        return LatentCountModel(Truncated(Poisson(torch.full((3,), 2.0)), upper=12), torch.ones(30))


@pytest.fixture(scope="module")
def counts(planted_counts):
    return SparseCounts.from_csr(planted_counts)


def run(model, counts, n_epochs, **options):
    trainer = Trainer(model, batch_size=32, **options)
    with seeded(1, "cpu"):
        trainer.run(
            counts, counts, Schedule(n_epochs * math.ceil(len(counts) / 32), (1.0, 0.5), 0.2)
        )
    return trainer


def test_the_bound_rises(model, counts):
    history = run(model, counts, 15).history
    assert len(history) == 15
    assert history[-1]["elbo"] > history[0]["elbo"] + 10
    assert history[-1]["perplexity"] < 20


def test_the_reported_perplexity_is_that_of_the_reported_bound(model, counts):
    row = run(model, counts, 1).history[0]
    n_tokens = counts.n_tokens.sum().item() / len(counts)
    assert row["perplexity"] == pytest.approx(math.exp(-row["elbo"] / n_tokens))


def test_the_model_is_left_with_its_best_weights(model, counts):
    trainer = run(model, counts, 6, patience=100)
    assert trainer.best_state is not None
    assert torch.equal(model.topic_logits, trainer.best_state["topic_logits"])


def test_an_error_in_training_leaves_the_best_weights(model, counts, monkeypatch):
    trainer = Trainer(model, batch_size=32)
    epoch, calls = trainer._epoch, []

    def failing(*arguments):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return epoch(*arguments)

    monkeypatch.setattr(trainer, "_epoch", failing)
    with pytest.raises(KeyboardInterrupt), seeded(1, "cpu"):
        trainer.run(counts, counts, Schedule(40, (1.0, 0.5), 0.2))
    assert len(trainer.history) == 2
    assert torch.equal(model.topic_logits, trainer.best_state["topic_logits"])


def test_a_small_scale_keeps_topics_near_the_collection(counts):
    spread = {}
    for scale in (0.3, 10.0):
        with seeded(0, "cpu"):
            prior = Truncated(Poisson(torch.full((3,), 2.0)), upper=12)
            model = LatentCountModel(prior, torch.ones(30), topic_scale=scale)
        run(model, counts, 10)
        spread[scale] = model.topic_logits.std().item()
    assert spread[0.3] < 0.7 * spread[10.0]


def test_threads_are_given_back():
    before = torch.get_num_threads()
    with one_core_spared():
        assert 1 <= torch.get_num_threads() <= before
    assert torch.get_num_threads() == before
