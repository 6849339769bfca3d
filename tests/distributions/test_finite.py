import math

import numpy as np
import pytest
import torch
from scipy.stats import chi2
from torch.distributions import (
    Binomial,
    Geometric,
    NegativeBinomial,
    Poisson,
    kl_divergence,
)

from topicgen.distributions import Finite, GeneralizedGumbelSoftmax, Truncated

DOUBLE = torch.float64
N_DRAWS = 1_000_000
ERROR_RATE = 1e-3


def doubles(*values):
    return torch.tensor(values, dtype=DOUBLE)


def poisson():
    return Truncated(Poisson(doubles(0.3, 4.0, 30.0)), upper=12)


def negative_binomial():
    return Truncated(NegativeBinomial(doubles(2.0, 5.0, 9.0), logits=doubles(-2.0, 0, 1)), upper=12)


def geometric():
    return Truncated(Geometric(doubles(0.9, 0.5, 0.2)), upper=12)


def binomial():
    return Truncated(Binomial(12, doubles(0.01, 0.5, 0.9)), upper=12)


def shifted_poisson():
    return Truncated(Poisson(doubles(0.3, 4.0, 30.0)), lower=2, upper=9)


def free_masses():
    rng = np.random.default_rng(0)
    logits = torch.from_numpy(rng.normal(size=(3, 5)) * 3)
    return Finite(logits, doubles(-2.0, 0.0, 0.5, 3.0, 10.0))


def with_impossible_atoms():
    logits = doubles([0.0, -math.inf, 1.0], [-math.inf, 0.0, -math.inf], [0.5, 0.0, -math.inf])
    return Finite(logits, doubles(0.0, 1.0, 4.0))


def relaxed_poisson():
    return GeneralizedGumbelSoftmax(poisson(), temperature=0.5)


LAWS = [
    poisson,
    negative_binomial,
    geometric,
    binomial,
    shifted_poisson,
    free_masses,
    with_impossible_atoms,
    relaxed_poisson,
]


@pytest.fixture(autouse=True)
def seeded():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


@pytest.fixture(params=LAWS, ids=lambda make: make.__name__)
def law(request):
    return request.param()


def test_shapes(law):
    assert law.batch_shape == (3,)
    assert law.event_shape == ()
    n = len(law.atoms)
    assert law.probs.shape == law.logits.shape == (3, n)
    for statistic in (law.mean, law.variance, law.stddev, law.entropy()):
        assert statistic.shape == (3,)
    assert law.sample().shape == (3,)
    assert law.sample((2, 5)).shape == (2, 5, 3)
    assert law.sample((0,)).shape == (0, 3)
    assert law.log_prob(law.sample((2, 5))).shape == (2, 5, 3)
    assert law.log_prob(law.atoms[0]).shape == (3,)
    assert law.enumerate_support().shape == (n, 3)
    assert law.enumerate_support(expand=False).shape == (n, 1)


def test_samples_are_in_the_support(law):
    z = law.sample((1000,))
    assert z.dtype == DOUBLE
    assert bool(law.support.check(z).all())
    assert not bool(law.support.check(z + 0.25).any())
    assert bool(law.log_prob(z).isfinite().all())


def test_support_is_discrete(law):
    assert law.support.is_discrete
    assert law.has_enumerate_support


def test_masses_sum_to_one(law):
    masses = law.log_prob(law.enumerate_support()).exp()
    torch.testing.assert_close(masses.T, law.probs, rtol=0, atol=1e-15)
    torch.testing.assert_close(masses.sum(0), torch.ones(3, dtype=DOUBLE), rtol=0, atol=1e-12)


def test_log_prob_beside_the_atoms_is_minus_infinity(law):
    for value in (law.atoms[0] - 1, law.atoms[0] + 0.25, law.atoms[-1] + 1, math.inf, math.nan):
        assert law.log_prob(torch.as_tensor(value)).tolist() == [-math.inf] * 3


def test_log_prob_takes_integers_and_broadcasts(law):
    value = torch.tensor([[4], [3]])
    expected = torch.stack([law.log_prob(doubles(4.0)), law.log_prob(doubles(3.0))])
    torch.testing.assert_close(law.log_prob(value), expected, rtol=0, atol=0)


def test_moments_and_entropy_equal_enumeration(law):
    c = law.enumerate_support().numpy()
    p = np.exp(law.log_prob(law.enumerate_support()).numpy())
    mean = (p * c).sum(0)
    variance = (p * c**2).sum(0) - mean**2
    entropy = -(p * np.log(np.where(p > 0, p, 1))).sum(0)
    np.testing.assert_allclose(law.mean, mean, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(law.variance, variance, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(law.entropy(), entropy, rtol=1e-12, atol=1e-12)


def test_kl_equals_enumeration_and_is_zero_for_equal_laws(law):
    other = Finite(law.logits.flip(0), law.atoms)
    p, q = law.probs.numpy(), other.probs.numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(p > 0, p * (np.log(p) - np.log(q)), 0.0)
    np.testing.assert_allclose(kl_divergence(law, other), terms.sum(-1), rtol=0, atol=1e-6)
    assert kl_divergence(law, law).tolist() == [0.0] * 3


def test_expand_repeats_the_law(law):
    wide = law.expand((4, 3))
    assert wide.batch_shape == (4, 3)
    assert wide.sample((2,)).shape == (2, 4, 3)
    assert wide.log_prob(law.sample()).shape == (4, 3)
    for name in ("mean", "variance", "probs"):
        expected = getattr(law, name)
        torch.testing.assert_close(getattr(wide, name), expected.expand(4, *expected.shape))
    assert kl_divergence(wide, law).abs().max() == 0
    assert wide.enumerate_support().shape == (len(law.atoms), 4, 3)


def test_hard_samples_follow_the_masses(law):
    """Pearson's chi-square at 1e6 draws of each row; cells expected below 5 are pooled.

    A right sampler fails at a share of 1e-3 of the seeds, over all laws and rows together
    (Bonferroni).
    """
    n_rows = 3
    threshold = ERROR_RATE / (n_rows * len(LAWS))
    draws = law.sample((N_DRAWS,))
    for row in range(n_rows):
        values, counts = draws[:, row].unique(return_counts=True)
        observed = np.zeros(len(law.atoms))
        observed[np.searchsorted(law.atoms.numpy(), values.numpy())] = counts.numpy()
        expected = law.probs[row].numpy() * N_DRAWS
        assert observed[expected == 0].sum() == 0
        rare = expected < 5
        if rare.any():
            observed = np.append(observed[~rare], observed[rare].sum())
            expected = np.append(expected[~rare], expected[rare].sum())
        # A pool this light is a Poisson count of its own, and no cell for a chi-square.
        if expected[-1] < 5:
            assert observed[-1] <= 40
            observed, expected = observed[:-1], expected[:-1]
        statistic = ((observed - expected) ** 2 / expected).sum()
        if len(expected) > 1:
            assert chi2.sf(statistic, len(expected) - 1) > threshold


def test_single_law_without_a_batch():
    law = Finite(doubles(0.25, 0.75).log(), doubles(0.0, 2.0))
    assert law.batch_shape == ()
    assert law.mean.item() == pytest.approx(1.5)
    assert law.variance.item() == pytest.approx(0.75)
    assert law.sample().shape == ()
    assert law.sample((7,)).shape == (7,)
    assert law.enumerate_support().tolist() == [0.0, 2.0]


def test_batches_of_two_axes_sample_each_their_own_law():
    atoms = doubles(0.0, 1.0, 2.0)
    logits = torch.eye(3, dtype=DOUBLE)[torch.tensor([[0, 1], [2, 0]])].log()
    law = Finite(logits, atoms)
    assert law.sample((3,)).tolist() == [[[0.0, 1.0], [2.0, 0.0]]] * 3


def test_kl_against_a_law_without_an_atom_is_infinite():
    p = Finite(doubles(0.0, 0.0), doubles(0.0, 1.0))
    q = Finite(doubles(0.0, -math.inf), doubles(0.0, 1.0))
    assert kl_divergence(p, q).item() == math.inf
    assert kl_divergence(q, p).item() == pytest.approx(math.log(2))


def test_impossible_atoms_leave_gradients_finite():
    logits = doubles(0.3, -math.inf, 0.0).requires_grad_()
    law = Finite(logits, doubles(0.0, 1.0, 2.0))
    other = Finite(doubles(0.0, -math.inf, 0.0), law.atoms)
    (law.mean + law.variance + law.entropy() + kl_divergence(law, other)).backward()
    assert bool(logits.grad.isfinite().all())
    assert logits.grad[1] == 0


def test_logits_keep_their_dtype():
    law = Finite(torch.zeros(2), torch.tensor([0, 1]))
    assert law.atoms.dtype == law.mean.dtype == law.sample().dtype == torch.float32


def test_repr_is_short():
    assert repr(poisson()) == "Truncated(batch_shape=(3,), 13 atoms from 0 to 12)"
    assert repr(Finite(torch.zeros(2), torch.tensor([-1.5, 1.0]))) == (
        "Finite(batch_shape=(), 2 atoms from -1.5 to 1)"
    )


@pytest.mark.parametrize(
    ("logits", "atoms", "got"),
    [
        (torch.zeros(2), torch.zeros(2, 1), r"\(2, 1\) and logits of shape \(2,\)"),
        (torch.tensor(0.0), torch.zeros(1), r"\(1,\) and logits of shape \(\)"),
        (torch.zeros(4, 2), torch.arange(3.0), r"\(3,\) and logits of shape \(4, 2\)"),
    ],
)
def test_shapes_that_do_not_agree_are_refused(logits, atoms, got):
    with pytest.raises(ValueError, match=rf"expected atoms of shape \(n,\).*got .*{got}; give a"):
        Finite(logits, atoms)


@pytest.mark.parametrize("atoms", [[1.0, 0.0], [1.0, 1.0]])
def test_atoms_out_of_order_are_refused(atoms):
    with pytest.raises(ValueError, match=r"expected atoms in ascending order, got \[1\.0.*; sort"):
        Finite(torch.zeros(2), torch.tensor(atoms))


@pytest.mark.parametrize("row", [[math.nan, 0.0], [-math.inf, -math.inf], [math.inf, 0.0]])
def test_rows_without_masses_are_refused(row):
    with pytest.raises(ValueError, match=r"expected logits that are numbers.*\(2, 2\)"):
        Finite(torch.tensor([[0.0, 0.0], row]), torch.arange(2.0))


def test_kl_between_other_atoms_is_refused():
    p, q = Truncated(Poisson(1.0), upper=3), Truncated(Poisson(1.0), upper=4)
    with pytest.raises(ValueError, match=r"same atoms, got .*to 3\) and .*to 4\); truncate both"):
        kl_divergence(p, q)
