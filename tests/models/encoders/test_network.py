import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix
from torch.distributions import kl_divergence

from topicgen.models import LatentCountModel, Seen, SparseCounts, count_atoms
from topicgen.models.encoders import Network
from topicgen.models.priors import PRIORS

X = np.array([[4.0, 0, 1, 0], [0, 0, 0, 0], [0, 6, 0, 3]])


def make(latent="negative_binomial", inference="explicit", **options):
    mean = torch.tensor([2.0, 5.0, 3.0])
    prior = PRIORS[latent](mean, count_atoms(20).float())
    generator = torch.Generator().manual_seed(0)
    return LatentCountModel(
        prior,
        torch.ones(4),
        prior_count=10.0,
        latent=latent,
        inference=inference,
        encoder="network",
        generator=generator,
        **options,
    )


def trained(model):
    """The model as after some training."""
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        output = model.encoder.network.output
        output.copy_(torch.randn(output.shape, generator=generator) / 5)
    return model


def seen(model):
    documents = SparseCounts.from_csr(csr_matrix(X))
    return Seen(documents, model.topic_word(), documents.n_tokens)


@pytest.mark.parametrize("latent", PRIORS)
def test_free_masses_start_at_the_prior(latent):
    model = make(latent, "implicit")
    q = model.encoder.posterior(model, seen(model))
    assert q.batch_shape == (3, 3)
    torch.testing.assert_close(q.probs, model.prior.probs.expand(3, -1, -1), atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("latent", PRIORS)
def test_means_start_at_the_pseudo_counts_and_sum_to_the_expected_count(latent):
    model = make(latent)
    with torch.no_grad():
        model.log_pseudo_counts.copy_(torch.tensor([0.2, 0.5, 0.3]).log())
    q = model.encoder.posterior(model, seen(model))
    torch.testing.assert_close(
        q.mean, torch.tensor([2.0, 5.0, 3.0]).expand(3, -1), atol=0.05, rtol=0.1
    )
    if latent == "geometric":
        q, p = q.log_prob(torch.tensor(0.0)), model.prior.log_prob(torch.tensor(0.0))
        torch.testing.assert_close(q, p.expand(3, -1), atol=1e-3, rtol=1e-2)


@pytest.mark.parametrize("inference", ["explicit", "implicit"])
def test_the_posterior_of_the_documents_stays_where_the_prior_moves(inference):
    model = trained(make(inference=inference))
    before = model.encoder.posterior(model, seen(model)).probs
    masses = torch.rand(3, len(model.atoms), generator=torch.Generator().manual_seed(2))
    model.update_prior(masses / masses.sum(1, keepdim=True))
    torch.testing.assert_close(model.encoder.posterior(model, seen(model)).probs, before)


@pytest.mark.parametrize("latent", PRIORS)
@pytest.mark.parametrize("inference", ["explicit", "implicit"])
def test_every_weight_has_a_gradient_by_both_objectives(latent, inference):
    for objective in ("relaxed_prediction", "relaxed_bound"):
        model = trained(make(latent, inference))
        observed = SparseCounts.from_csr(csr_matrix(X))
        options = {"estimator": "gengs", "temperature": 0.5}
        found = getattr(model, objective)(observed, observed, model.topic_word(), **options)
        found.sum().backward()
        for name, weight in model.encoder.named_parameters():
            assert bool(weight.grad.isfinite().all()), name
            assert weight.grad.abs().sum() > 0, name


def test_an_impossible_count_stays_impossible():
    from topicgen.distributions import Finite
    from topicgen.models import fixed_prior

    law = Finite(torch.tensor([0.5, 0.0, 0.5]).log(), torch.arange(3.0))
    prior = fixed_prior(law, 2, torch.arange(3.0))
    model = LatentCountModel(
        prior, torch.ones(4), latent="given", inference="implicit", encoder="network"
    )
    q = trained(model).encoder.posterior(model, seen(model))
    assert bool((q.probs[..., 1] == 0).all())
    kl = kl_divergence(q, model.prior).sum()
    assert bool(kl.isfinite())
    kl.backward()
    assert bool(model.encoder.network.output.grad.isfinite().all())


def test_the_divergence_from_an_example_has_gradients_for_the_network_alone():
    model = trained(make())
    topic_word = model.topic_word()
    documents = SparseCounts.from_csr(csr_matrix(X))
    found = model.imitation(documents, topic_word, documents.n_tokens)
    assert found.shape == (3,)
    assert bool((found > 0).all())
    found.sum().backward()
    assert model.topic_logits.grad is None
    assert model.encoder.network.output.grad.abs().sum() > 0


def test_the_expected_tokens_are_those_of_the_words():
    model = trained(make())
    found = model.encode(SparseCounts.from_csr(csr_matrix(X)), model.topic_word())
    torch.testing.assert_close(found.proportions.sum(1), torch.ones(3))
    torch.testing.assert_close(found.evidence.sum(1), torch.tensor([5.0, 0.0, 9.0]))


def test_widths_are_those_asked_for():
    model = make()
    encoder = Network.of(model, inputs_of_words(), torch.Generator(), widths=(7, 5))
    assert [len(scale) for scale in encoder.network.scales] == [7, 5]


def inputs_of_words():
    from topicgen.models import Inputs

    return Inputs()
