import numpy as np
import pytest
import torch
from scipy import stats

from topicgen.models import PRIORS, count_atoms
from topicgen.models.count_laws import count_law
from topicgen.models.support import bin_widths

MEANS = np.array([[0.1, 2.0, 7.5], [1e-4, 12.0, 0.5]])
DISPERSION = np.array([0.5, 2.0, 30.0])
EVERY_COUNT = torch.arange(61, dtype=torch.float64)
SCIPY = {
    "poisson": stats.poisson,
    "binomial": lambda mean: stats.binom(60, mean / 60),
    "geometric": lambda mean: stats.geom(1 / (1 + mean), loc=-1),
    "negative_binomial": lambda mean: stats.nbinom(DISPERSION[:, None], shape_share(mean)),
}


def shape_share(mean):
    return DISPERSION[:, None] / (DISPERSION[:, None] + mean)


def law(family, atoms):
    return count_law(family, torch.from_numpy(MEANS), atoms, torch.from_numpy(DISPERSION))


def test_every_family_of_priors_has_its_laws():
    assert set(SCIPY) == set(PRIORS)


@pytest.mark.parametrize("family", SCIPY)
@pytest.mark.parametrize("atoms", [EVERY_COUNT, count_atoms(60).double()], ids=["every", "few"])
def test_masses_are_those_of_the_law_times_the_counts_an_atom_stands_for(family, atoms):
    ours = law(family, atoms)
    expected = SCIPY[family](MEANS[..., None]).pmf(atoms.numpy()) * bin_widths(atoms).numpy()
    expected /= expected.sum(-1, keepdims=True)
    # The mean of a binomial law is kept from 0 by a millionth of the greatest count.
    np.testing.assert_allclose(ours.probs, expected, rtol=0, atol=1e-4)
    assert ours.batch_shape == (2, 3)


@pytest.mark.parametrize("family", ["poisson", "binomial"])
def test_means_are_those_asked_for(family):
    np.testing.assert_allclose(law(family, EVERY_COUNT).mean, MEANS, rtol=1e-3)


@pytest.mark.parametrize("family", ["poisson", "binomial"])
def test_mean_beyond_the_greatest_count_ends_there(family):
    q = count_law(family, torch.tensor([[1e3]]), count_atoms(60))
    assert 57 < q.mean.item() <= 60


def test_negative_binomial_law_needs_a_dispersion():
    with pytest.raises(ValueError, match="needs its dispersion"):
        count_law("negative_binomial", torch.tensor([[1.0]]), EVERY_COUNT)
