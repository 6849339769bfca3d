import pytest
import torch
from torch.distributions import Poisson

from topicgen.distributions import Finite
from topicgen.models import PRIORS, count_atoms, fixed_prior
from topicgen.models.priors import negative_binomial

MEAN = torch.tensor([0.5, 3.0, 10.0], dtype=torch.float64)
ATOMS = torch.arange(301, dtype=torch.float64)


@pytest.mark.parametrize("name", PRIORS)
def test_law_has_the_mean(name):
    prior = PRIORS[name](MEAN, ATOMS)
    assert prior.law.batch_shape == (3,)
    torch.testing.assert_close(prior.law.mean, MEAN, rtol=1e-4, atol=0)
    assert torch.equal(prior.mean, MEAN)
    assert prior.dispersion.isnan().all() == (name != "negative_binomial")


def test_families_have_their_variances():
    variance = {name: PRIORS[name](MEAN, ATOMS).law.variance for name in PRIORS}
    torch.testing.assert_close(variance["poisson"], MEAN)
    torch.testing.assert_close(variance["geometric"], MEAN + MEAN**2)
    torch.testing.assert_close(variance["binomial"], MEAN * (1 - MEAN / 300))
    law = negative_binomial(MEAN, torch.tensor(2.0))
    torch.testing.assert_close(law.variance, MEAN + MEAN**2 / 2)


def test_dispersion_is_recovered_from_masses():
    """Up to half a step between the shapes that are tried, a tenth of a decade."""
    shapes = torch.tensor([0.05, 0.7, 8.0], dtype=torch.float64)
    masses = negative_binomial(MEAN, shapes).log_prob(ATOMS[:, None]).exp().T
    prior = PRIORS["negative_binomial"](MEAN, ATOMS, masses)
    assert bool(((prior.dispersion / shapes).log10().abs() < 0.051).all())
    torch.testing.assert_close(prior.law.mean, MEAN, rtol=1e-2, atol=0)


def test_masses_of_a_poisson_law_have_the_steadiest_dispersion():
    masses = Poisson(MEAN).log_prob(ATOMS[:, None]).exp().T
    prior = PRIORS["negative_binomial"](MEAN, ATOMS, masses)
    assert bool((prior.dispersion == prior.dispersion.max()).all())
    assert prior.dispersion.max() > 50


@pytest.mark.parametrize("rate", [2.0, [1.0, 2.0, 3.0]])
def test_given_law_is_taken_for_all_topics_or_one_for_each(rate):
    prior = fixed_prior(Poisson(torch.tensor(rate)), 3, count_atoms(30))
    expected = torch.tensor(rate).expand(3)
    torch.testing.assert_close(prior.law.mean, expected, rtol=1e-3, atol=0)
    assert torch.equal(prior.mean, prior.law.mean)


@pytest.mark.parametrize("batch", [(), (3,)])
def test_given_finite_law_keeps_its_atoms(batch):
    law = Finite(torch.zeros(*batch, 3), torch.tensor([0.0, 2.0, 7.0]))
    prior = fixed_prior(law, 3, count_atoms(30))
    assert prior.law.atoms.tolist() == [0.0, 2.0, 7.0]
    torch.testing.assert_close(prior.mean, torch.full((3,), 3.0))


def test_given_law_of_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"batch shape \(\) or \(3,\), got \(2,\); give one"):
        fixed_prior(Poisson(torch.ones(2)), 3, count_atoms(30))
