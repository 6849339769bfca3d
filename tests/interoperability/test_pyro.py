"""The laws as sites of a Pyro program."""

import numpy as np
import pytest
import torch
from scipy import stats

from topicgen.distributions import (
    ConwayMaxwellPoisson,
    Finite,
    GeneralizedGumbelSoftmax,
    Truncated,
    ZeroInflatedPoisson,
)

pyro = pytest.importorskip("pyro", reason="pyro-ppl is not installed: pip install pyro-ppl")
TorchDistributionMixin = pyro.distributions.torch_distribution.TorchDistributionMixin

UPPER = 15
RATE = 4.0
OBSERVED = torch.tensor([2.0, 5.0, 9.0])
SPREAD = 2.0


class PyroTruncated(Truncated, TorchDistributionMixin):
    pass


class PyroFinite(Finite, TorchDistributionMixin):
    pass


class PyroZeroInflated(ZeroInflatedPoisson, TorchDistributionMixin):
    pass


class PyroConwayMaxwell(ConwayMaxwellPoisson, TorchDistributionMixin):
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


N_PLANTED = 1000
positive = torch.distributions.constraints.positive


def no_guide():
    """Everything is known or enumerated: the bound is the likelihood itself."""


def maximise(model, loss, n_steps=300):
    svi = pyro.infer.SVI(model, no_guide, pyro.optim.ClippedAdam({"lr": 0.05, "lrd": 0.99}), loss)
    for _ in range(n_steps):
        svi.step()


def standard_errors(log_likelihood, *values):
    """Return those of maximum likelihood estimates, from the observed information."""
    information = -torch.autograd.functional.hessian(
        lambda parameters: log_likelihood(*parameters), torch.stack(values)
    )
    return information.inverse().diagonal().sqrt()


OBSERVED_LAWS = {
    "zero-inflated": (PyroZeroInflated, {"gate": 0.3, "rate": 4.0}),
    "more dispersed": (PyroConwayMaxwell, {"rate": 2.0, "dispersion": 0.7}),
    "less dispersed": (PyroConwayMaxwell, {"rate": 6.0, "dispersion": 1.5}),
}


@pytest.mark.parametrize("law", OBSERVED_LAWS)
def test_observed_counts_give_back_the_planted_parameters(law):
    """They are within 4 standard errors: by chance, one of the six is not in .04% of the seeds."""
    kind, planted = OBSERVED_LAWS[law]
    planted = {name: torch.tensor(value) for name, value in planted.items()}
    data = kind(**planted).sample((N_PLANTED,))

    def model():
        found = {name: pyro.param(name, torch.tensor(0.5), positive) for name in planted}
        with pyro.plate("data", N_PLANTED):
            pyro.sample("x", kind(**found), obs=data)

    maximise(model, pyro.infer.Trace_ELBO())
    found = [pyro.param(name).detach() for name in planted]
    errors = standard_errors(lambda *values: kind(*values).log_prob(data).sum(), *found)
    truth = torch.stack(list(planted.values()))
    assert ((torch.stack(found) - truth).abs() < 4 * errors).all(), (found, errors)
    assert (errors < truth / 5).all()


@pytest.mark.parametrize("loss", ["TraceEnum_ELBO", "TraceTMC_ELBO"])
def test_the_rate_of_hidden_counts_is_found_by_enumeration(loss):
    """It is within 4 standard errors, those of seeing the counts with this noise: .01% do not."""
    counts = torch.poisson(torch.full((N_PLANTED,), 3.0))
    data = counts + 0.5 * torch.randn(N_PLANTED)

    @pyro.infer.config_enumerate
    def model():
        rate = pyro.param("rate", torch.tensor(1.0), positive)
        with pyro.plate("data", N_PLANTED):
            z = pyro.sample("z", PyroTruncated(pyro.distributions.Poisson(rate), upper=20))
            pyro.sample("x", pyro.distributions.Normal(z, 0.5), obs=data)

    maximise(model, getattr(pyro.infer, loss)(max_plate_nesting=1), 150)
    error = ((3 + 0.25) / N_PLANTED) ** 0.5
    assert pyro.param("rate").item() == pytest.approx(3, abs=4 * error)


def test_the_masses_of_hidden_values_are_found_by_enumeration():
    """Each is within 4 standard errors: by chance, one of them is not in .03% of the seeds."""
    atoms, masses = torch.tensor([-1.0, 0.5, 2.0, 7.0]), torch.tensor([0.1, 0.2, 0.3, 0.4])
    z = PyroFinite(masses.log(), atoms).sample((N_PLANTED,))
    data = z + 0.1 * torch.randn(N_PLANTED)

    @pyro.infer.config_enumerate
    def model():
        logits = pyro.param("logits", torch.zeros(4))
        with pyro.plate("data", N_PLANTED):
            z = pyro.sample("z", PyroFinite(logits, atoms))
            pyro.sample("x", pyro.distributions.Normal(z, 0.1), obs=data)

    maximise(model, pyro.infer.TraceEnum_ELBO(max_plate_nesting=1), 150)
    found = pyro.param("logits").detach().softmax(-1)
    errors = (masses * (1 - masses) / N_PLANTED).sqrt()
    assert ((found - masses).abs() < 4 * errors).all(), found
