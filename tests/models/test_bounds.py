import math

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix
from torch.distributions import kl_divergence

from topicgen.distributions import Finite
from topicgen.models import (
    Hierarchy,
    SparseCounts,
    annealed_bound,
    evidence_bound,
    importance_bound,
)
from topicgen.models.latent_counts import BOUND_STEPS
from topicgen.models.local_expectations import tightened

ROWS = np.array([[15, 0, 5, 0], [0, 2, 0, 2], [0, 0, 0, 0]])
INFERENCES = ["explicit", "implicit"]
BOUNDS = {
    "elbo": lambda *a, **k: evidence_bound(*a, n_samples=3, **k).elbo,
    "importance": lambda *a, **k: importance_bound(*a, n_samples=3, **k),
    "annealed": lambda *a, **k: annealed_bound(*a, n_temperatures=3, **k),
}


def rows():
    return SparseCounts.from_csr(csr_matrix(ROWS), torch.float64)


@pytest.mark.parametrize("n_layers", [0, 1, 2])
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_bounds_lie_below_the_exact_log_likelihood_in_their_order(
    enumerable, mean_and_error, n_layers, row
):
    """3000 copies, 4 standard errors: 3e-5 of the seeds fail each of the five comparisons."""
    model = enumerable(n_layers)
    exact, copies = model.log_likelihood(row), model.copies(row, 3000)
    elbo, error = mean_and_error(evidence_bound(model.hierarchy, copies, n_samples=1).elbo)
    (one, one_error), (five, five_error), (fifty, fifty_error) = (
        mean_and_error(importance_bound(model.hierarchy, copies, n_samples=n)) for n in (1, 5, 50)
    )
    assert abs(elbo - one) < error + one_error
    assert one < five + one_error + five_error
    assert five < fifty + five_error + fifty_error
    assert fifty < exact + fifty_error
    assert exact - fifty < 0.8 * (exact - elbo) + error + fifty_error


@pytest.mark.parametrize("tighten", [False, True])
@pytest.mark.parametrize("inference", INFERENCES)
def test_the_elbo_is_that_of_the_posterior(enumerable, inference, tighten):
    """By enumeration. The likelihood of 20 tokens spreads less than 6 nats: 4 standard errors."""
    hierarchy = enumerable(inference=inference).hierarchy
    random = [torch.Generator().manual_seed(0) for _ in range(2)]
    bound = evidence_bound(hierarchy, rows(), n_samples=2000, tighten=tighten, generator=random[0])
    base = hierarchy.base
    q = base.posterior(rows(), base.topic_word(), BOUND_STEPS)
    if tighten:
        q = tightened(base, rows(), q, generator=random[1])
    torch.testing.assert_close(bound.kl, kl_divergence(q, base.prior).sum(-1).detach())
    torch.testing.assert_close(bound.elbo, bound.log_likelihood - bound.kl)
    for document, row in enumerate(ROWS):
        (z,), joint = enumerable(inference=inference).joint(row)
        log_q = Finite(q.logits[document], q.atoms).log_prob(z).sum(-1).detach()
        exact = (log_q.exp() * (joint - log_q)).sum().item()
        assert bound.elbo[document].item() == pytest.approx(exact, abs=4 * 6 / math.sqrt(2000))


@pytest.mark.parametrize("inference", INFERENCES)
def test_uniform_topics_are_as_perplexed_as_the_vocabulary_is_large(enumerable, inference):
    base = enumerable(inference=inference).hierarchy.base
    with torch.no_grad():
        base.topic_logits.fill_(0.3)
        base.log_frequency.fill_(-math.log(4))
    bound = evidence_bound(Hierarchy(base, []), rows(), n_samples=2)
    n_tokens = rows().n_tokens
    perplexity = (-bound.log_likelihood / n_tokens.clamp_min(1)).exp()
    np.testing.assert_allclose(perplexity, [4.0, 4.0, 1.0], rtol=1e-6)


@pytest.mark.parametrize("n_layers", [0, 1])
def test_a_document_without_words_costs_nothing(enumerable, n_layers):
    """What the layers above say of it, its posterior takes over from its prior."""
    model = enumerable(n_layers)
    nothing = model.copies(ROWS[2], 1)
    bound = evidence_bound(model.hierarchy, nothing, n_samples=3)
    assert bound.log_likelihood.item() == 0
    if n_layers == 0:
        assert bound.kl.item() == pytest.approx(0, abs=1e-12)
        importance = importance_bound(model.hierarchy, nothing, n_samples=3)
        assert importance.item() == pytest.approx(0, abs=1e-12)


class OwnPriors(Hierarchy):
    """A hierarchy that expects other counts of each document, as a regression on covariates would.

    Documents are copies of two, in turn.
    """

    rates = torch.tensor([[0.3, 3.0], [2.0, 0.5]], dtype=torch.float64)

    def prior(self, level, above):
        if above is not None:
            return super().prior(level, above)
        atoms = self.top.atoms
        logits = atoms * self.rates.log().unsqueeze(-1) - torch.lgamma(atoms + 1)
        # Enumeration has one document, named by the rates.
        repeats = getattr(self, "n_copies", 1)
        return Finite(logits.repeat(repeats, 1, 1), atoms)


@pytest.mark.parametrize("bound", BOUNDS)
@pytest.mark.parametrize("n_layers", [0, 1])
def test_every_bound_takes_a_prior_of_each_document(enumerable, mean_and_error, bound, n_layers):
    """2000 copies of each document, 4 standard errors: 3e-5 of the seeds fail each comparison."""
    n = 2000
    small = enumerable(n_layers)
    own = OwnPriors(small.hierarchy.base, list(small.hierarchy.layers))
    own.n_copies = n
    copies = SparseCounts.from_csr(csr_matrix(np.tile(ROWS[:2], (n, 1))), torch.float64)
    values = BOUNDS[bound](own, copies).reshape(n, 2)
    for document in range(2):
        alone = OwnPriors(small.hierarchy.base, list(small.hierarchy.layers))
        alone.rates = OwnPriors.rates[document : document + 1]
        exact = small._replace(hierarchy=alone).log_likelihood(ROWS[document])
        mean, error = mean_and_error(values[:, document])
        assert exact - 1.5 < mean < exact + error


@pytest.mark.parametrize("bound", BOUNDS)
@pytest.mark.parametrize("n_layers", [0, 2])
def test_a_generator_decides_every_draw(enumerable, bound, n_layers):
    hierarchy = enumerable(n_layers).hierarchy
    state = torch.random.get_rng_state()
    first, again, other = (
        BOUNDS[bound](hierarchy, rows(), generator=torch.Generator().manual_seed(seed))
        for seed in (1, 1, 2)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(torch.random.get_rng_state(), state)
