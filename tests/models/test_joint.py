import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix

from topicgen.models import GammaRates, SparseCounts, fit_rates, joint_sampler
from topicgen.models.latent_counts import LatentCountModel
from topicgen.models.priors import PRIORS
from topicgen.models.support import count_atoms


def model_of(latent="negative_binomial", likelihood="multinomial", seed=0):
    generator = torch.Generator().manual_seed(seed)
    atoms = count_atoms(40)
    prior = PRIORS[latent](torch.full((3,), 10.0), atoms)
    return LatentCountModel(
        prior,
        torch.rand(12, generator=generator) + 0.5,
        latent=latent,
        likelihood=likelihood,
        prior_count=30.0,
        mean_length=20.0,
        generator=generator,
    )


def documents(n=40):
    counts = np.random.default_rng(0).poisson(1.5, (n, 12)).astype(float)
    return SparseCounts.from_csr(csr_matrix(counts))


def test_walks_of_a_document_are_independent_and_lie_together():
    model = model_of()
    sampler = joint_sampler(
        model,
        documents(5),
        model.topic_word(),
        n_chains=3,
        generator=torch.Generator().manual_seed(0),
    )
    state = sampler.sweep()
    assert state.tokens.shape == (15, 3)
    totals = state.tokens.sum(1).view(3, 5)
    assert torch.equal(totals[0], totals[1])
    assert not torch.equal(state.tokens[:5], state.tokens[5:10])


@pytest.mark.parametrize("likelihood", ["multinomial", "poisson", "negative_binomial"])
@pytest.mark.parametrize("latent", ["negative_binomial", "geometric", "poisson", "binomial"])
def test_every_model_has_a_sampler_in_single_precision(latent, likelihood):
    model = model_of(latent, likelihood).double()
    counts = documents()
    counts = counts.replace(counts.values.double())
    sampler = joint_sampler(
        model, counts, model.topic_word(), generator=torch.Generator().manual_seed(0)
    )
    for _ in range(3):
        state = sampler.sweep()
    assert state.log_rates.dtype == torch.float32
    torch.testing.assert_close(state.tokens.sum(1).double(), counts.n_tokens)
    assert (state.own <= state.tokens).all()
    assert torch.isfinite(state.log_rates).all()


def test_fitting_does_not_change_the_model():
    model = model_of()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    fit = fit_rates(model, documents(), generator=torch.Generator().manual_seed(0))
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name])
    assert not torch.allclose(fit.rates.shape.float(), model.rate_shape)
    assert (fit.log_shape_error > 0).all()


def test_geometric_counts_keep_their_dispersion():
    fit = fit_rates(model_of("geometric"), documents(), generator=torch.Generator().manual_seed(0))
    assert fit.rates.shape.tolist() == [1.0] * 3
    assert fit.log_shape_error is None


@pytest.mark.parametrize("update", [False, True])
def test_counts_on_atoms_have_no_gamma_rates(update):
    fit = fit_rates(
        model_of("poisson"), documents(), update=update, generator=torch.Generator().manual_seed(0)
    )
    assert fit.rates is None
    assert fit.tokens.shape[1:] == (40, 3)


def test_rates_that_are_kept():
    model = model_of()
    fit = fit_rates(model, documents(), update=False, generator=torch.Generator().manual_seed(0))
    assert isinstance(fit.rates, GammaRates)
    assert torch.equal(fit.rates.shape, model.rate_shape)


def test_words_that_do_not_occur_make_no_difference():
    model, counts = model_of(), np.random.default_rng(0).poisson(1.5, (20, 12)).astype(float)
    counts[:, [0, 5, 11]] = 0
    samplers = [
        joint_sampler(model, SparseCounts.from_csr(csr_matrix(counts)), topics, generator=generator)
        for topics in (model.topic_word(), model.topic_word().contiguous())
        for generator in [torch.Generator().manual_seed(0)]
    ]
    assert samplers[0].topics.word_topic.shape == (9, 3)
    torch.testing.assert_close(*(sampler.sweep().tokens for sampler in samplers))
