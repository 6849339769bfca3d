import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix

from topicgen.models import (
    PRIORS,
    Hierarchy,
    LatentCountModel,
    Layer,
    SparseCounts,
    count_atoms,
    evidence_bound,
)
from topicgen.training import Collection, add_layer, generator
from topicgen.training.depth import fit_top

# Words 0 and 1 go together, and so do 2 and 3.
PAIRS = np.tile([[9, 8, 0, 0], [0, 0, 9, 8]], (30, 1))


def own_words():
    """A model with a topic for each of four words."""
    prior = PRIORS["negative_binomial"](torch.full((4,), 5.0), count_atoms(30))
    topics = 6 * torch.eye(4)
    return LatentCountModel(prior, torch.ones(4), prior_count=20.0, topic_logits=topics).double()


def bound(hierarchy):
    counts = SparseCounts.from_csr(csr_matrix(PAIRS), torch.float64)
    draws = generator(0, "cpu")
    return evidence_bound(hierarchy, counts, n_samples=5, generator=draws).elbo.mean().item()


def groups(hierarchy):
    """Which upper topic has most of the topics 0 and 2."""
    return hierarchy.top.topic_word().detach()[:, [0, 2]].argmax(0).tolist()


def test_fitting_the_top_raises_the_bound():
    base = own_words()
    prior = PRIORS["negative_binomial"](torch.full((2,), 5.0), count_atoms(20))
    upper = LatentCountModel(prior, torch.ones(4), generator=generator(1, "cpu"))
    layer = Layer(upper, "negative_binomial", base.atoms, 20.0)
    hierarchy = Hierarchy(base, [layer]).double()
    before = bound(hierarchy)
    counts = SparseCounts.from_csr(csr_matrix(PAIRS), torch.float64)
    fit_top(hierarchy, counts, 5, generator=generator(0, "cpu"))
    assert bound(hierarchy) > before + 0.5
    assert set(groups(hierarchy)) == {0, 1}


def grown(seed):
    hierarchy = Hierarchy(own_words(), [])
    random, draws = np.random.default_rng(0), generator(seed, "cpu")
    add_layer(hierarchy, Collection(csr_matrix(PAIRS)), 2, random, generator=draws)
    return hierarchy


def test_a_layer_groups_the_topics_that_go_together_and_raises_the_bound():
    hierarchy = grown(0)
    assert set(groups(hierarchy)) == {0, 1}
    assert bound(hierarchy) > bound(Hierarchy(hierarchy.base, [])) + 0.5


def test_the_generators_decide_every_draw():
    state = torch.random.get_rng_state()
    first, again, other = (grown(seed).weights() for seed in (1, 1, 2))
    name = "layers.0.model.topic_logits"
    assert torch.equal(first[name], again[name])
    assert not torch.equal(first[name], other[name])
    assert torch.equal(torch.random.get_rng_state(), state)


def test_an_interrupt_leaves_no_half_layer(monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("topicgen.training.depth.fit_top", interrupted)
    hierarchy = Hierarchy(own_words(), [])
    with pytest.raises(KeyboardInterrupt):
        add_layer(hierarchy, Collection(csr_matrix(PAIRS)), 2, np.random.default_rng(0))
    assert len(hierarchy.layers) == 0
