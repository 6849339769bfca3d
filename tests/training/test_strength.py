import math

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix

from topicgen import TopicModel
from topicgen.models import LatentCountModel, SparseCounts
from topicgen.models.priors import PRIORS
from topicgen.models.support import count_atoms
from topicgen.topic_model import fitting
from topicgen.training import completion_halves, completion_perplexity, fit_strength
from topicgen.training.strength import is_of_short_documents

# Two topics: each says its own word most of the time, and the other's else.
TOPICS = torch.tensor([[0.8, 0.2], [0.2, 0.8]])


def model_of(pseudo_counts, mean_length=4.0):
    atoms = count_atoms(300).float()
    prior = PRIORS["negative_binomial"](torch.tensor([50.0, 50.0]), atoms)
    frequency = torch.tensor([0.5, 0.5])
    logits = (TOPICS / frequency).log()
    model = LatentCountModel(prior, frequency, topic_logits=logits, mean_length=mean_length)
    with torch.no_grad():
        model.log_pseudo_counts.copy_(torch.tensor(pseudo_counts).log())
    return model


def documents(n, seed):
    """Four tokens each, of both topics in shares drawn from a Dirichlet of two tokens."""
    random = np.random.default_rng(seed)
    shares = random.dirichlet([1.0, 1.0], n)
    counts = [random.multinomial(4, share @ TOPICS.double().numpy()) for share in shares]
    return SparseCounts.from_csr(csr_matrix(np.array(counts)))


def test_the_factor_is_the_one_that_predicts_best():
    held_out = documents(500, seed=0)
    model = model_of([0.05, 0.15])
    rows = torch.arange(500).repeat(4)
    halves = completion_halves(held_out.select(rows))
    factor = fit_strength(model, held_out)
    assert model.log_pseudo_counts.exp().tolist() == pytest.approx([0.05 * factor, 0.15 * factor])
    found = {
        step: completion_perplexity(
            model_of([0.05 * math.exp(step / 4), 0.15 * math.exp(step / 4)]), halves
        )
        for step in range(-4, 13)
    }
    assert math.log(factor) == pytest.approx(min(found, key=found.get) / 4)
    assert factor > 2  # two tokens were drawn with, a fifth of one was assumed


def test_nothing_changes_where_nothing_predicts_better():
    held_out = documents(5, seed=0)
    model = model_of([1.0, 1.0])
    with torch.no_grad():
        model.topic_logits.zero_()  # of equal topics no proportions predict better than others
    before = model.log_pseudo_counts.clone()
    assert fit_strength(model, held_out) == 1.0
    assert torch.equal(model.log_pseudo_counts, before)


@pytest.mark.parametrize(("mean_length", "is_short"), [(2.0, True), (14.0, True), (16.0, False)])
def test_documents_are_short_by_their_mean_length(mean_length, is_short):
    assert is_of_short_documents(model_of([1.0, 1.0], mean_length)) is is_short


@pytest.mark.parametrize(("n_tokens", "is_fitted"), [(5, True), (40, False)])
def test_the_strength_is_fitted_after_training_to_short_documents_alone(
    monkeypatch, n_tokens, is_fitted
):
    called = []
    monkeypatch.setattr(fitting, "fit_strength", lambda *args: called.append(len(args[1])))
    random = np.random.default_rng(0)
    counts = csr_matrix(random.multinomial(n_tokens, np.full(30, 1 / 30), size=200))
    TopicModel(3, max_epochs=1, random_state=0).fit(counts)
    assert called == ([20] if is_fitted else [])
    called.clear()
    TopicModel(3, max_epochs=1, validation_fraction=0.0, random_state=0).fit(counts)
    assert called == []  # documents of the training would say that their topics are sure
