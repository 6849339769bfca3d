from itertools import pairwise

import numpy as np
import pytest
import torch
from torch.distributions import Geometric, NegativeBinomial, Poisson

from topicgen.distributions import Truncated
from topicgen.models import support
from topicgen.models.support import bin_widths, binned, count_atoms

LAWS = {
    "poisson": Poisson(torch.tensor([0.3, 4.0, 60.0], dtype=torch.float64)),
    "geometric": Geometric(torch.tensor([0.7, 0.1, 0.03], dtype=torch.float64)),
    "negative_binomial": NegativeBinomial(
        torch.tensor([0.05, 0.5, 3.0], dtype=torch.float64),
        logits=torch.tensor([3.0, 3.0, 2.5], dtype=torch.float64),
    ),
}


@pytest.fixture(params=LAWS)
def law(request):
    return LAWS[request.param]


@pytest.mark.parametrize("greatest", [0, 1, 11, 12, 13, 14, 15, 100, 1095, 10**6])
def test_atoms_are_each_count_up_to_12_and_then_about_a_fifth_apart(greatest):
    atoms = count_atoms(greatest).tolist()
    assert atoms[:13] == list(range(min(greatest, 12) + 1))
    assert atoms[-1] == greatest
    steps = [(b - a) / a for a, b in pairwise(atoms[12:])]
    assert all(0.1 < step < 0.25 for step in steps[:-1])
    assert all(0 < step < 0.25 for step in steps[-1:])


def nearest_atoms(atoms, greatest):
    """The index of the atom nearest to each count, the lower of two, by brute force."""
    gaps = np.abs(np.arange(greatest + 1)[:, None] - atoms.numpy())
    return gaps.argmin(1)


def test_bins_hold_the_masses_of_the_nearest_counts(law):
    atoms = count_atoms(200)
    fine = np.exp(law.log_prob(torch.arange(201, dtype=torch.float64)[:, None]).numpy())
    fine[-1] += 1 - fine.sum(0)
    expected = np.zeros((3, len(atoms)))
    for count, atom in enumerate(nearest_atoms(atoms, 200)):
        expected[:, atom] += fine[count]
    np.testing.assert_allclose(binned(law, atoms).probs, expected, rtol=0, atol=1e-12)


def test_masses_sum_to_one_and_keep_the_mean(law):
    ours = binned(law, count_atoms(2_000))
    torch.testing.assert_close(ours.probs.sum(-1), torch.ones(3, dtype=torch.float64))
    torch.testing.assert_close(ours.mean, law.mean, rtol=0.02, atol=0)


def test_on_contiguous_atoms_it_is_the_truncated_law(law):
    ours = binned(law, torch.arange(31.0))
    torch.testing.assert_close(ours.probs, Truncated(law, upper=30).probs)


@pytest.mark.parametrize("greatest", [4_097, 20_000])
@pytest.mark.parametrize(
    "law",
    [
        Geometric(torch.tensor([0.7, 1e-2, 1e-4, 1e-6], dtype=torch.float64)),
        NegativeBinomial(
            torch.tensor([0.003, 0.5, 30.0, 100.0, 100.0], dtype=torch.float64),
            logits=torch.tensor([8.0, 7.0, 5.0, 5.0, -3.0], dtype=torch.float64),
        ),
    ],
    ids=lambda law: type(law).__name__,
)
def test_runs_of_many_counts_have_the_mass_that_every_count_sums_to(monkeypatch, law, greatest):
    atoms = count_atoms(greatest)
    ours = binned(law, atoms)
    monkeypatch.setattr(support, "_EVERY_MASS_UP_TO", greatest)
    exact = binned(law, atoms)
    torch.testing.assert_close(ours.probs, exact.probs, rtol=2e-3, atol=1e-9)
    torch.testing.assert_close(ours.mean, exact.mean, rtol=1e-3, atol=0)


def test_the_number_of_runs_grows_with_the_root_of_the_greatest_count():
    bins = (count_atoms(10**6)[1:] + count_atoms(10**6)[:-1]) / 2
    middles, lengths = support._runs(bins.double().floor() + 1, 10**6)
    assert len(middles) < 4_600
    assert int(lengths.sum()) > 10**6
    assert middles[:10].tolist() == list(range(10))


def test_impossible_counts_have_finite_log_masses():
    logits = binned(Poisson(torch.tensor([1e-3, 900.0])), count_atoms(1_000)).logits
    assert bool(logits.isfinite().all())


def test_widths_are_the_counts_nearest_to_each_atom_one_between_two_shared():
    atoms = count_atoms(100)
    gaps = np.abs(np.arange(201)[:, None] - atoms.numpy())
    is_nearest = gaps == gaps.min(1, keepdims=True)
    expected = (is_nearest / is_nearest.sum(1, keepdims=True)).sum(0)
    # What lies beyond the last atom is not counted, but as much as lies before it.
    np.testing.assert_allclose(bin_widths(atoms)[:-1], expected[:-1])
    assert bin_widths(atoms)[-1] == atoms[-1] - atoms[-2]


def test_a_single_atom_stands_for_one_count():
    assert bin_widths(torch.tensor([0.0])).tolist() == [1.0]
