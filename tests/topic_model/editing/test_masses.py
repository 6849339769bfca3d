import numpy as np
import pytest
from scipy import stats

from topicgen.topic_model.editing.composition import Composition, dropping, merging, splitting
from topicgen.topic_model.editing.masses import convolved, recomposed_masses, thinned

ATOMS = np.arange(41.0)
SPARSE = np.array([0.0, 1.0, 3.0, 10.0, 40.0])


def poisson(mean, atoms=ATOMS):
    masses = stats.poisson.pmf(atoms, mean)
    return masses / masses.sum()


def test_poisson_counts_add_up():
    np.testing.assert_allclose(
        convolved(poisson(2.0), poisson(3.0), ATOMS), poisson(5.0), atol=1e-12
    )


def test_a_part_of_a_poisson_count_is_poisson():
    np.testing.assert_allclose(thinned(poisson(5.0), 0.4, ATOMS), poisson(2.0), atol=1e-12)


def test_means_are_kept_on_atoms_with_gaps():
    masses = np.array([0.4, 0.3, 0.2, 0.1, 0.0])
    mean = masses @ SPARSE
    assert convolved(masses, masses, SPARSE) @ SPARSE == pytest.approx(2 * mean)
    assert thinned(masses, 0.3, SPARSE) @ SPARSE == pytest.approx(0.3 * mean)


def test_sums_beyond_the_last_atom_go_there():
    masses = np.array([0.0, 0.0, 0.0, 0.0, 1.0])
    assert convolved(masses, masses, SPARSE).tolist() == [0, 0, 0, 0, 1]


def test_a_single_atom_keeps_all_mass():
    assert convolved(np.ones(1), np.ones(1), np.zeros(1)).tolist() == [1.0]


def test_masses_of_new_topics():
    masses = np.stack([poisson(1.0), poisson(2.0), poisson(4.0)])
    share = np.full(3, 1 / 3)
    merged = recomposed_masses(masses, ATOMS, Composition(merging(3, [0, 2]), share))
    np.testing.assert_allclose(merged, [poisson(5.0), poisson(2.0)], atol=1e-9)
    dropped = recomposed_masses(masses, ATOMS, Composition(dropping(3, [0]), share))
    np.testing.assert_allclose(dropped, masses[1:], atol=1e-15)
    split = recomposed_masses(masses, ATOMS, Composition(splitting(3, 2, 0.75, place=3), share))
    np.testing.assert_allclose(split[2:], [poisson(3.0), poisson(1.0)], atol=1e-9)
