import math
from contextlib import contextmanager

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix

from topicgen import TopicModel
from topicgen.models import LatentCountModel, SparseCounts
from topicgen.models.priors import PRIORS
from topicgen.models.support import count_atoms
from topicgen.training import completion_halves, completion_perplexity, fit_strength, trainer
from topicgen.training.strength import fitted_strength

# Two topics: each says its own word most of the time, and the other's else.
TOPICS = torch.tensor([[0.8, 0.2], [0.2, 0.8]])


def model_of(pseudo_counts):
    atoms = count_atoms(300).float()
    prior = PRIORS["negative_binomial"](torch.tensor([50.0, 50.0]), atoms)
    frequency = torch.tensor([0.5, 0.5])
    logits = (TOPICS / frequency).log()
    model = LatentCountModel(prior, frequency, topic_logits=logits)
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


def test_a_training_goes_on_with_what_it_learnt():
    model, held_out = model_of([0.05, 0.15]), documents(100, seed=0)
    before = model.log_pseudo_counts.clone()
    with fitted_strength(model, held_out):
        assert (model.log_pseudo_counts > before).all()
    assert torch.equal(model.log_pseudo_counts, before)


@pytest.mark.parametrize(
    ("n_words", "times", "fraction", "is_fitted"),
    [(5, 1, 0.1, True), (5, 8, 0.1, False), (30, 1, 0.1, False), (5, 1, 0.0, False)],
)
def test_the_strength_is_fitted_to_short_documents_that_are_held_out(
    monkeypatch, n_words, times, fraction, is_fitted
):
    """Documents of the training would say that their topics are sure."""
    called = []

    @contextmanager
    def noted(model, held_out, known, ranks):
        called.append(len(held_out))
        yield

    monkeypatch.setattr(trainer, "fitted_strength", noted)
    random = np.random.default_rng(0)
    counts = np.zeros((200, 40), dtype=int)
    for row in counts:
        row[random.choice(40, n_words, replace=False)] = times
    options = {"validation_fraction": fraction, "random_state": 0}
    TopicModel(3, max_epochs=2, **options).fit(csr_matrix(counts))
    assert called == ([20, 20] if is_fitted else [])


def test_the_best_weights_predict_with_the_fitted_strength():
    random = np.random.default_rng(0)
    topics = np.array([[8, 8, 8, 1, 1, 1], [1, 1, 1, 8, 8, 8]]) / 27
    shares = random.dirichlet([1.0, 1.0], 400)
    counts = csr_matrix(np.array([random.multinomial(4, share @ topics) for share in shares]))
    model = TopicModel(2, max_epochs=3, random_state=0).fit(counts)
    held_out = counts[model.validation_indices_]
    base = model.fitted_.build().base
    found = base.log_pseudo_counts.detach().clone()
    assert fit_strength(base, SparseCounts.from_csr(held_out)) == 1.0
    assert torch.equal(base.log_pseudo_counts, found)
