import math
from itertools import product

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix
from torch.distributions import Poisson

from topicgen.distributions import Truncated
from topicgen.models import (
    PRIORS,
    Hierarchy,
    LatentCountModel,
    Layer,
    SparseCounts,
    count_atoms,
    fixed_prior,
)

ROWS = np.array([[3, 0, 1, 0], [0, 2, 0, 2], [0, 0, 0, 0]])
ATOMS = torch.arange(3.0)


def sparse(matrix):
    return SparseCounts.from_csr(csr_matrix(matrix), torch.float64)


def small_model(frequency, upper=2):
    law = Truncated(Poisson(torch.tensor([0.8, 1.5])), upper=upper)
    prior = fixed_prior(law, 2, torch.arange(upper + 1.0))
    return LatentCountModel(prior, torch.tensor(frequency), prior_count=2.3, latent="poisson")


def small_hierarchy(n_layers=1):
    base = small_model((4.0, 3.0, 2.0, 1.0))
    layers = [
        Layer(small_model((1.0, 1.0), upper=1), "negative_binomial", atoms, 2.0, tempering=0.5)
        for atoms in (ATOMS, ATOMS[:2])[:n_layers]
    ]
    return Hierarchy(base, layers).double()


def every_count(model):
    return torch.tensor(list(product(model.atoms.tolist(), repeat=2)), dtype=torch.float64)


def log_marginal(hierarchy, row):
    """By enumeration of the counts of every layer, from the top down."""
    counts = every_count(hierarchy.top)
    log_p = hierarchy.top.prior.log_prob(counts).sum(-1)
    models = [hierarchy.base, *(layer.model for layer in hierarchy.layers)]
    for layer, below in zip(reversed(hierarchy.layers), reversed(models[:-1]), strict=True):
        law, counts = layer.below(counts), every_count(below)
        conditional = torch.stack([law.log_prob(z.expand(len(log_p), 2)).sum(-1) for z in counts])
        log_p = (conditional + log_p).logsumexp(-1)
    documents = sparse(np.tile(row, (len(counts), 1)))
    topic_word = hierarchy.base.topic_word()
    return (
        (log_p + hierarchy.base.log_likelihood(documents, topic_word, counts)).logsumexp(0).item()
    )


def test_each_document_has_its_own_law_below():
    layer = small_hierarchy().layers[0]
    y = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]], dtype=torch.float64)
    law = layer.below(y)
    assert law.batch_shape == (3, 2)
    torch.testing.assert_close(law.probs[0], law.probs[2])
    assert not torch.allclose(law.probs[0], law.probs[1])


@pytest.mark.parametrize("n_layers", [1, 2])
@pytest.mark.parametrize("row", ROWS)
def test_bounds_lie_below_the_exact_log_marginal(n_layers, row):
    """1500 copies, 4 standard errors: 3e-5 of the seeds fail each comparison."""
    hierarchy, n = small_hierarchy(n_layers), 1500
    exact = log_marginal(hierarchy, row)
    copies = sparse(np.tile(row, (n, 1)))
    elbo = hierarchy.hard_bound(copies, n_samples=1).elbo
    few, many = (hierarchy.importance_bound(copies, n_samples=s) for s in (1, 30))
    errors = [4 * bound.std().item() / math.sqrt(n) for bound in (elbo, few, many)]
    assert elbo.mean() < exact + errors[0]
    assert abs(elbo.mean() - few.mean()) < errors[0] + errors[1]
    assert few.mean() < many.mean() + errors[1] + errors[2]
    assert many.mean() < exact + errors[2]
    assert exact - many.mean() < 0.7 * (exact - elbo.mean()) + errors[0] + errors[2]


def test_without_layers_the_bound_is_that_of_the_base():
    hierarchy = small_hierarchy(0)
    copies = sparse(np.tile(ROWS[0], (2000, 1)))
    ours = hierarchy.hard_bound(copies, n_samples=1)
    base = hierarchy.base.hard_bound(copies, n_samples=1)
    torch.testing.assert_close(ours.kl, base.kl)
    assert ours.elbo.mean().item() == pytest.approx(base.elbo.mean().item(), abs=0.1)


def test_topics_of_every_layer_are_distributions_over_words():
    for topics in small_hierarchy(2).topics():
        assert topics.shape == (2, 4)
        torch.testing.assert_close(topics.sum(-1), torch.ones(2, dtype=torch.float64))


def test_fitting_raises_the_bound():
    atoms = count_atoms(30)
    prior = PRIORS["negative_binomial"](torch.full((4,), 5.0), atoms)
    base = LatentCountModel(prior, torch.ones(4), prior_count=20.0)
    with torch.no_grad():
        base.topic_logits.copy_(6 * torch.eye(4))
    upper = LatentCountModel(
        PRIORS["negative_binomial"](torch.full((2,), 5.0), count_atoms(20)), torch.ones(4)
    )
    hierarchy = Hierarchy(base, [Layer(upper, "negative_binomial", atoms, 20.0)]).double()
    # Words 0 and 1 go together, and so do 2 and 3.
    counts = sparse(np.tile([[9, 8, 0, 0], [0, 0, 9, 8]], (30, 1)))
    before = hierarchy.hard_bound(counts, n_samples=5).elbo.mean()
    hierarchy.fit_top(counts, 5)
    after = hierarchy.hard_bound(counts, n_samples=5).elbo.mean()
    assert after > before + 0.5
    groups = upper.topic_word().detach()[:, [0, 2]]
    assert set(groups.argmax(0).tolist()) == {0, 1}


def test_a_layer_comes_back_from_its_state():
    layer = small_hierarchy().layers[0]
    again = Layer.from_state(layer.state_dict(), family="negative_binomial").double()
    y = torch.ones(1, 2, dtype=torch.float64)
    torch.testing.assert_close(again.below(y).probs, layer.below(y).probs)
