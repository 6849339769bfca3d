import itertools
import tracemalloc

import numpy as np
import pytest
from scipy import stats

from topicgen.topic_model.inference import Block
from topicgen.topic_model.inspection import document_info
from topicgen.topic_model.posterior import Posterior

ATOMS = np.arange(41.0)


def posterior_of(probs, atoms=ATOMS):
    """The masses as they are, in blocks of three documents."""
    n_documents, n_topics, _ = np.shape(probs)
    probs, proportions = np.asarray(probs), np.full((n_documents, n_topics), 1 / n_topics)

    def blocks():
        for start in range(0, n_documents, 3):
            yield Block(probs[start : start + 3], proportions[start : start + 3])

    return Posterior(np.asarray(atoms), np.full(n_documents, 9), n_topics, blocks)


def poisson(*rates):
    """One topic a rate: the law's masses, the little beyond 40 at the end."""
    probs = stats.poisson(np.array([rates]).T).pmf(ATOMS)
    probs[:, -1] += 1 - probs.sum(-1)
    return posterior_of(probs[None])


def test_mean_and_variance_by_hand():
    probs = np.array([[[0.5, 0.5, 0.0], [0.0, 0.25, 0.75]], [[1.0, 0.0, 0.0], [0.2, 0.2, 0.6]]])
    posterior = posterior_of(probs, [0.0, 2.0, 3.0])
    np.testing.assert_allclose(posterior.mean, [[1.0, 2.75], [0.0, 2.2]])
    np.testing.assert_allclose(posterior.variance, [[1.0, 0.1875], [0.0, 1.36]], atol=1e-12)


def test_mean_and_variance_of_poisson_laws():
    posterior = poisson(0.1, 1.0, 9.0)
    np.testing.assert_allclose(posterior.mean, [[0.1, 1.0, 9.0]], rtol=1e-9)
    np.testing.assert_allclose(posterior.variance, [[0.1, 1.0, 9.0]], rtol=1e-9)


def test_variance_is_never_below_zero():
    probs = np.zeros((1, 1, 41), dtype=np.float32)
    probs[..., 39:] = 1e-7, 1 - 1e-7
    assert (posterior_of(probs, ATOMS.astype(np.float32)).variance >= 0).all()


@pytest.mark.parametrize("high", [10, 100, 1000, 4000])
def test_variance_of_high_counts_survives_single_precision(high):
    atoms = np.array([high, high + 1], dtype=np.float32)
    variance = posterior_of(np.array([[[0.7, 0.3]]], dtype=np.float32), atoms).variance
    np.testing.assert_allclose(variance, 0.21, rtol=1e-2)


@pytest.mark.parametrize("level", [0.01, 0.5, 0.8, 0.9, 0.999])
def test_interval_has_the_quantiles_of_the_law(level):
    rates = np.array([0.05, 1.0, 4.3, 12.0])
    lower, upper = poisson(*rates).interval(level)
    assert lower.shape == upper.shape == (1, 4)
    np.testing.assert_array_equal(lower[0], stats.poisson(rates).ppf((1 - level) / 2))
    np.testing.assert_array_equal(upper[0], stats.poisson(rates).ppf((1 + level) / 2))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("level", [0.1, 0.5, 0.9, 0.99])
def test_interval_holds_at_least_the_level_and_its_tails_at_most_their_share(seed, dtype, level):
    probs = np.random.default_rng(seed).dirichlet(np.full(41, 0.3), (20, 3)).astype(dtype)
    lower, upper = (end[..., None] for end in posterior_of(probs).interval(level))
    exact, atoms = probs.astype(float), ATOMS[None, None]
    below, above = (exact * (atoms < lower)).sum(-1), (exact * (atoms > upper)).sum(-1)
    assert (1 - below - above > level - 1e-6).all()
    tail = (1 - level) / 2 + 1e-6
    assert (below < tail).all()
    assert (above < tail).all()


def test_ends_are_counts_also_where_the_atoms_have_gaps():
    posterior = posterior_of([[[0.5, 0.5]]], [2.0, 7.0])
    lower, upper = posterior.interval()
    assert (lower.item(), upper.item()) == (2.0, 7.0)


def test_mass_that_rounding_leaves_short_of_one_stays_within_the_atoms():
    posterior = posterior_of(np.full((1, 1, 3), 0.333), np.arange(3.0))
    _, upper = posterior.interval(1 - 1e-12)
    assert upper.item() == 2


def test_sure_count_has_an_interval_of_one_point():
    posterior = posterior_of([[[0.0, 1.0, 0.0]]], np.arange(3.0))
    assert [end.item() for end in posterior.interval(0.999)] == [1.0, 1.0]


@pytest.mark.parametrize("level", [0, 1, -0.5, 90, float("nan")])
def test_level_out_of_range_is_refused(level):
    with pytest.raises(
        ValueError, match=r"level between 0 and 1, got .*; use for example 0\.9"
    ) as caught:
        poisson(1.0).interval(level)
    assert str(level) in str(caught.value)


@pytest.mark.parametrize(("most_kept", "passes"), [(2**28, 1), (10, 2)])
def test_masses_that_memory_has_no_room_for_are_computed_anew(monkeypatch, most_kept, passes):
    monkeypatch.setattr("topicgen.topic_model.posterior._MOST_BYTES_KEPT", most_kept)
    calls = []

    def blocks():
        calls.append(1)
        yield Block(np.full((2, 1, 2), 0.5), np.ones((2, 1)))

    posterior = Posterior(np.arange(2.0), np.array([3, 4]), 1, blocks)
    assert repr(posterior) == "Posterior(2 documents, 1 topics)"
    assert posterior.mean.tolist() == [[0.5], [0.5]]
    assert posterior.proportions.tolist() == [[1.0], [1.0]]
    assert posterior.variance.shape == (2, 1)
    assert len(calls) == 1
    posterior.interval()
    assert len(calls) == passes
    assert posterior.probs.shape == (2, 1, 2)


def test_a_table_of_documents_keeps_a_few_numbers_of_each():
    """The masses of one count of each document would be 1,000 numbers each."""
    atoms = np.arange(1000.0)
    probs = np.zeros((50, 2, 1000))
    probs[:, 0, 3] = probs[:, 1, 7] = 1.0
    block = Block(probs, np.tile([0.25, 0.75], (50, 1)))
    posterior = Posterior(atoms, np.full(5_000, 9), 2, lambda: itertools.repeat(block, 100))
    tracemalloc.start()
    info = document_info(posterior, None, None)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert info.iloc[-1].tolist() == [4_999, 9, 0.0, 1, 0.75, 7.0]
    assert peak < 5_000 * 1_000  # bytes; an eighth of those masses
