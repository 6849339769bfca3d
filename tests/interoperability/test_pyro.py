"""The laws as sites of a Pyro program."""

import numpy as np
import pytest
import torch
from scipy import stats

from topicgen.distributions import Finite, GeneralizedGumbelSoftmax, Truncated

pyro = pytest.importorskip("pyro")
TorchDistributionMixin = pyro.distributions.torch_distribution.TorchDistributionMixin

UPPER = 15
RATE = 4.0
OBSERVED = torch.tensor([2.0, 5.0, 9.0])
SPREAD = 2.0


class PyroTruncated(Truncated, TorchDistributionMixin):
    pass


class PyroFinite(Finite, TorchDistributionMixin):
    pass


class PyroRelaxed(GeneralizedGumbelSoftmax, TorchDistributionMixin):
    pass


@pytest.fixture(autouse=True)
def no_parameters():
    pyro.clear_param_store()
    yield
    pyro.clear_param_store()


def model():
    with pyro.plate("data", len(OBSERVED)):
        prior = PyroTruncated(pyro.distributions.Poisson(torch.tensor(RATE)), upper=UPPER)
        z = pyro.sample("z", prior)
        pyro.sample("x", pyro.distributions.Normal(z, SPREAD), obs=OBSERVED)


def guide():
    logits = pyro.param("logits", torch.zeros(len(OBSERVED), UPPER + 1))
    law = Finite(logits, torch.arange(UPPER + 1))
    with pyro.plate("data", len(OBSERVED)):
        pyro.sample("z", PyroRelaxed(law, temperature=0.5, straight_through=True))


def exact_posterior():
    """The masses of z given each observation, by enumeration in numpy, shape (3, 16)."""
    atoms = np.arange(UPPER + 1)
    prior = np.append(stats.poisson(RATE).pmf(atoms[:-1]), stats.poisson(RATE).sf(UPPER - 1))
    joint = prior * stats.norm(atoms, SPREAD).pdf(OBSERVED.numpy()[:, None])
    return joint / joint.sum(-1, keepdims=True), atoms


def fit(loss, n_steps):
    svi = pyro.infer.SVI(model, guide, pyro.optim.Adam({"lr": 0.05}), loss)
    return [svi.step() for _ in range(n_steps)]


def test_a_guide_of_relaxed_counts_finds_the_exact_posterior():
    """The means of the guide after 400 steps are within .35 of the exact ones.

    The straight-through gradient is biased, which leaves them some .1 away at any seed; the prior's
    mean is 2.7 from the farthest of them. The bound lies .1 to .3 nats below the evidence.
    """
    posterior, atoms = exact_posterior()
    loss = pyro.infer.TraceMeanField_ELBO(num_particles=8, vectorize_particles=True)
    losses = fit(loss, 400)
    law = Finite(pyro.param("logits").detach(), torch.arange(UPPER + 1))
    mean = posterior @ atoms
    assert np.abs(mean - RATE).max() > 2
    np.testing.assert_allclose(law.mean, mean, rtol=0, atol=0.35)
    assert np.mean(losses[-50:]) < np.mean(losses[:50])
    # But for the noise of its last 50 estimates, the bound cannot lie above the evidence.
    likelihoods = stats.norm(atoms, SPREAD).pdf(OBSERVED.numpy()[:, None])
    evidence = np.log(likelihoods @ stats.poisson(RATE).pmf(atoms)).sum()
    assert -evidence - 0.1 < np.mean(losses[-50:]) < -evidence + 0.6


def test_the_kl_of_the_sites_is_that_of_the_laws():
    """The mean-field bound takes it in closed form: its loss hangs on the samples of x alone."""
    prior = PyroTruncated(pyro.distributions.Poisson(torch.tensor(RATE)), upper=UPPER).expand([3])
    law = PyroRelaxed(Finite(torch.zeros(3, UPPER + 1), torch.arange(UPPER + 1)), 0.5)
    kl = torch.distributions.kl_divergence(law, prior)
    masses = np.append(stats.poisson(RATE).pmf(range(UPPER)), stats.poisson(RATE).sf(UPPER - 1))
    expected = -np.log(16) - np.log(masses).mean()
    np.testing.assert_allclose(kl, [expected] * 3, rtol=1e-5)


def test_laws_can_be_sites_to_sample_to_mask_and_to_make_an_event():
    law = PyroTruncated(pyro.distributions.Poisson(torch.ones(3)), upper=4)
    assert law.expand([2, 3]).to_event(1).batch_shape == (2,)
    assert law.mask(torch.tensor([True, False, True])).log_prob(torch.ones(3))[1] == 0
    assert law().shape == (3,)
    assert law.has_enumerate_support
    relaxed = PyroRelaxed(law, 0.5)
    assert relaxed.has_rsample
    assert relaxed.expand([2, 3])().shape == (2, 3)
    assert isinstance(relaxed.expand([2, 3]), PyroRelaxed)


@pytest.mark.parametrize("lower", [0, None])
def test_ends_are_chosen_for_a_law_of_pyro(lower):
    ours = Truncated(pyro.distributions.Poisson(torch.tensor([90.0, 110.0])), lower)
    torchs = Truncated(torch.distributions.Poisson(torch.tensor([90.0, 110.0])), lower)
    assert torch.equal(ours.atoms, torchs.atoms)
    assert torch.equal(ours.logits, torchs.logits)


def test_a_discrete_site_is_enumerated_in_parallel():
    """With the guide's law enumerated, the bound has no noise: two estimates are the same."""

    @pyro.infer.config_enumerate
    def enumerated_guide():
        logits = torch.linspace(-1, 1, 3 * (UPPER + 1)).reshape(3, UPPER + 1)
        with pyro.plate("data", len(OBSERVED)):
            pyro.sample("z", PyroFinite(logits, torch.arange(UPPER + 1)))

    loss = pyro.infer.TraceEnum_ELBO(max_plate_nesting=1)
    noisy = pyro.infer.Trace_ELBO()
    assert noisy.loss(model, guide) != noisy.loss(model, guide)
    first, second = (loss.loss(model, enumerated_guide) for _ in range(2))
    assert first == pytest.approx(second, rel=1e-6)
