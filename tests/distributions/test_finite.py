import math

import numpy as np
import pytest
import torch
from torch.distributions import Poisson, kl_divergence

from topicgen.distributions import Finite, GeneralizedGumbelSoftmax, Truncated

from .laws import (
    CHI_SQUARE_LEVEL,
    DOUBLE,
    N_DRAWS,
    N_ROWS,
    chi_square_pvalue,
    counts_of_atoms,
    doubles,
)

# In float32 a tail of .01, as one minus all else, has an error of some 5e-5.
TOLERANCES = {torch.float32: {"rtol": 1e-4, "atol": 1e-6}, DOUBLE: {"rtol": 1e-9, "atol": 1e-10}}

# Each makes of any atom a value that is none.
SHIFTS = [0.25, 100.0, math.inf, math.nan]


@pytest.fixture(params=["plain", "relaxed"])
def law(request, case, dtype):
    plain = case.law(dtype)
    return plain if request.param == "plain" else GeneralizedGumbelSoftmax(plain, 0.5)


def enumerated_moments(law):
    """Mean, variance, entropy and mode by plain enumeration, in float64."""
    probs = law.probs.double().numpy()
    atoms = law.atoms.double().numpy()
    mean = np.tensordot(probs, atoms, 1)
    deviations = atoms - np.expand_dims(mean, 1)
    weights = probs.reshape(*probs.shape, *[1] * (atoms.ndim - 1))
    entropy = -(probs * np.log(np.where(probs > 0, probs, 1))).sum(-1)
    return mean, (weights * deviations**2).sum(1), entropy, atoms[probs.argmax(-1)]


class TestContract:
    """What holds for every law, in both precisions, relaxed or not."""

    def test_shapes(self, law):
        n, event = len(law.atoms), law.event_shape
        assert law.batch_shape == (3,)
        assert law.atoms.shape == (n, *event)
        assert law.probs.shape == law.logits.shape == (3, n)
        for moment in (law.mean, law.variance, law.stddev, law.mode):
            assert moment.shape == (3, *event)
        assert law.entropy().shape == kl_divergence(law, law).shape == (3,)
        assert law.sample().shape == (3, *event)
        assert law.sample((2, 5)).shape == (2, 5, 3, *event)
        assert law.log_prob(law.sample((2, 5))).shape == (2, 5, 3)
        assert law.log_prob(law.atoms[0]).shape == (3,)
        assert law.enumerate_support().shape == (n, 3, *event)
        assert law.enumerate_support(expand=False).shape == (n, 1, *event)

    def test_an_empty_sample_shape_draws_nothing(self, law):
        draws = law.sample((0,))
        assert draws.shape == (0, 3, *law.event_shape)
        assert law.log_prob(draws).shape == (0, 3)
        assert law.sample((2, 0, 1)).shape == (2, 0, 1, 3, *law.event_shape)

    def test_all_values_have_the_dtype_of_the_parameters(self, law, dtype):
        values = [law.atoms, law.logits, law.probs, law.mean, law.variance, law.mode, law.sample()]
        values += [law.entropy(), law.log_prob(law.mode), kl_divergence(law, law)]
        assert {value.dtype for value in values} == {dtype}

    def test_masses_equal_scipy_and_sum_to_one(self, law, case, dtype):
        masses = law.log_prob(law.enumerate_support()).exp()
        np.testing.assert_allclose(masses.T, case.expected(law), **TOLERANCES[dtype])
        torch.testing.assert_close(law.probs, masses.T, rtol=0, atol=0)
        # Log-masses at 50 are differences of numbers near 100, which are rounded at such a size.
        rounding = 100 * torch.finfo(dtype).eps
        np.testing.assert_allclose(law.probs.double().sum(-1), 1.0, rtol=0, atol=rounding)

    def test_samples_are_atoms(self, law):
        z = law.sample((1000,))
        assert law.support.is_discrete
        assert law.support.event_dim == len(law.event_shape)
        assert bool(law.support.check(z).all())
        assert not bool(law.support.check(z + 0.25).any())
        assert bool(law.log_prob(z).isfinite().all())

    def test_the_log_prob_of_a_value_that_is_no_atom_is_refused(self, law):
        for shift in SHIFTS:
            with pytest.raises(ValueError, match=r"within the support \(Atoms\(\d+\)\)"):
                law.log_prob(law.sample() + shift)

    def test_it_is_minus_infinity_without_validation(self, law):
        unchecked = Finite(law.logits, law.atoms, validate_args=False)
        atoms = unchecked.enumerate_support()
        expected = unchecked.log_prob(atoms)
        expected[:, 1] = -math.inf
        for shift in SHIFTS:
            values = atoms.clone()
            values[:, 1] += shift
            assert torch.equal(unchecked.log_prob(values), expected)

    def test_log_prob_broadcasts_and_takes_integers(self, law):
        last = law.atoms[-1]
        values = torch.stack([last, last]).unsqueeze(1)
        expected = law.logits[:, -1].expand(2, 3)
        assert torch.equal(law.log_prob(values), expected)
        if bool((law.atoms == law.atoms.long()).all()):
            assert torch.equal(law.log_prob(values.long()), expected)

    def test_the_moments_the_mode_and_the_entropy_equal_enumeration(self, law, dtype):
        mean, variance, entropy, mode = enumerated_moments(law)
        tolerance = 1e-12 if dtype == DOUBLE else 3e-5
        np.testing.assert_allclose(law.mean, mean, rtol=tolerance, atol=tolerance)
        np.testing.assert_allclose(law.variance, variance, rtol=tolerance, atol=tolerance)
        np.testing.assert_allclose(law.entropy(), entropy, rtol=tolerance, atol=tolerance)
        np.testing.assert_array_equal(law.mode, mode)

    def test_the_kl_equals_enumeration_and_is_zero_between_equal_laws(self, law, dtype):
        other = Finite(law.logits.flip(0), law.atoms)
        p, q = law.probs.double().numpy(), other.probs.double().numpy()
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = np.where(p > 0, p * (np.log(p) - np.log(q)), 0.0)
        # A mass below 1e-38 has no float32, but its logarithm has.
        has_mass = q.min(-1) > 0
        kl = kl_divergence(law, other).numpy()
        tolerance = 1e-6 if dtype == DOUBLE else 1e-4
        np.testing.assert_allclose(kl[has_mass], terms.sum(-1)[has_mass], rtol=tolerance, atol=1e-6)
        assert bool((kl >= -1e-6).all())
        assert kl_divergence(law, law).tolist() == [0.0] * 3

    def test_expand_repeats_the_law(self, law):
        wide = law.expand((4, 3))
        assert type(wide) is type(law)
        assert wide.batch_shape == (4, 3)
        assert wide.event_shape == law.event_shape
        assert wide.sample((2,)).shape == (2, 4, 3, *law.event_shape)
        assert wide.log_prob(law.sample()).shape == (4, 3)
        assert wide.enumerate_support().shape == (len(law.atoms), 4, 3, *law.event_shape)
        for name in ("mean", "variance", "mode", "probs"):
            expected = getattr(law, name)
            torch.testing.assert_close(getattr(wide, name), expected.expand(4, *expected.shape))
        assert bool((kl_divergence(wide, law) == 0).all())
        assert law.expand((0, 3)).sample((2,)).shape == (2, 0, 3, *law.event_shape)

    def test_the_repr_is_short(self, law):
        assert repr(law).startswith(f"{type(law).__name__}(batch_shape=(3,), {len(law.atoms)} atom")
        assert len(repr(law)) < 80

    def test_a_batch_may_be_empty(self, law):
        empty = type(law).expand(law, (0, 3))
        flat = Finite(law.logits[:0], law.atoms)
        for nothing, batch in ((empty, (0, 3)), (flat, (0,))):
            draws = nothing.sample((2,))
            assert draws.shape == (2, *batch, *law.event_shape)
            assert nothing.log_prob(draws).shape == (2, *batch)
            assert nothing.mean.shape == nothing.mode.shape == (*batch, *law.event_shape)
            assert nothing.entropy().shape == kl_divergence(nothing, nothing).shape == batch


def test_parameters_may_be_of_an_empty_batch(case, dtype):
    if not case.is_batched_by_torch:
        pytest.skip("torch's law itself takes no empty batch")
    law = case.empty_law(dtype)
    assert law.batch_shape == (0,)
    assert law.mean.shape == (0, *law.event_shape)
    assert law.sample((2,)).shape == (2, 0, *law.event_shape)
    assert law.entropy().shape == (0,)


def test_hard_samples_follow_the_masses_of_scipy(case):
    """Pearson's chi-square at 1e6 draws of each law, a third of each row.

    A right sampler fails, here or in the twin of this test for straight-through samples, in 1e-3
    of the seeds, over all laws and rows together (Bonferroni).
    """
    law = case.law(torch.float32)
    counts = counts_of_atoms(law.sample((N_DRAWS,)), law.atoms)
    for row, masses in zip(counts, case.expected(law), strict=True):
        assert chi_square_pvalue(row, masses) > CHI_SQUARE_LEVEL


def test_the_chi_square_test_sees_a_wrong_mass():
    """A mass of .2 that is 5 percent too large stands some 12 standard errors away."""
    law = Truncated(Poisson(torch.tensor([4.0, 4.0, 4.0])), upper=12)
    counts = counts_of_atoms(law.sample((N_DRAWS,)), law.atoms)
    wrong = law.probs[0].double().numpy()
    wrong[4] *= 1.05
    assert len(counts) == N_ROWS
    for row in counts:
        assert chi_square_pvalue(row, wrong / wrong.sum()) < CHI_SQUARE_LEVEL


def test_a_single_law_has_no_batch():
    law = Finite(doubles(0.25, 0.75).log(), doubles(0.0, 2.0))
    assert law.batch_shape == ()
    assert law.mean.item() == pytest.approx(1.5)
    assert law.variance.item() == pytest.approx(0.75)
    assert law.mode.item() == 2
    assert law.entropy().item() == pytest.approx(-0.25 * math.log(0.25) - 0.75 * math.log(0.75))
    assert law.sample().shape == ()
    assert law.sample((7,)).shape == (7,)
    assert law.enumerate_support().tolist() == [0.0, 2.0]


def test_batches_of_two_axes_sample_each_their_own_law():
    logits = torch.eye(3)[torch.tensor([[0, 1], [2, 0]])].log()
    law = Finite(logits, torch.arange(3))
    assert law.sample((3,)).tolist() == [[[0.0, 1.0], [2.0, 0.0]]] * 3


def test_batches_of_two_axes_sample_each_their_own_vector():
    logits = torch.eye(3)[torch.tensor([[0, 1], [2, 0]])].log()
    law = Finite(logits, torch.eye(3))
    assert torch.equal(
        law.sample((3,)), torch.eye(3)[torch.tensor([[0, 1], [2, 0]])].expand(3, -1, -1, -1)
    )
    assert torch.equal(law.mean, law.sample())


def test_log_prob_tells_vectors_apart_that_share_an_entry():
    law = Finite(doubles(1.0, 2.0, 3.0), doubles([0.0, 1.0], [1.0, 0.0], [1.0, 1.0]))
    assert torch.equal(law.log_prob(doubles([1.0, 0.0], [1.0, 1.0])), law.logits[1:])
    with pytest.raises(ValueError, match="within the support"):
        law.log_prob(doubles(0.0, 0.0))


def test_the_kl_against_a_law_without_an_atom_is_infinite():
    p = Finite(doubles(0.0, 0.0), doubles(0.0, 1.0))
    q = Finite(doubles(0.0, -math.inf), doubles(0.0, 1.0))
    assert kl_divergence(p, q).item() == math.inf
    assert kl_divergence(q, p).item() == pytest.approx(math.log(2))


def test_the_kl_between_other_atoms_is_refused():
    p, q = Truncated(Poisson(1.0), upper=3), Truncated(Poisson(1.0), upper=4)
    with pytest.raises(ValueError, match=r"same atoms, got .*to 3\) and .*to 4\); truncate both"):
        kl_divergence(p, q)


def test_the_kl_is_between_equal_atoms_that_are_other_tensors():
    atoms = doubles([0.0, 1.0], [1.0, 0.0])
    p, q = Finite(doubles(0.0, 1.0), atoms), Finite(doubles(0.0, 1.0), atoms.clone())
    assert kl_divergence(p, q).item() == 0


def test_impossible_atoms_leave_gradients_finite():
    logits = doubles(0.3, -math.inf, 0.0).requires_grad_()
    law = Finite(logits, doubles(0.0, 1.0, 2.0))
    other = Finite(doubles(0.0, -math.inf, 0.0), law.atoms)
    (law.mean + law.variance + law.entropy() + kl_divergence(law, other)).backward()
    assert bool(logits.grad.isfinite().all())
    assert logits.grad[1] == 0


@pytest.mark.parametrize(
    "logits",
    [
        [1e4, -1e4, 0.0],
        [-1e4, -1e4, -1e4],
        [1e4, 1e4, 1e4],
        [0.0, 0.0, 0.0],
        [-math.inf, 0.0, -math.inf],
    ],
)
def test_extreme_logits_give_finite_values_and_gradients(logits, dtype):
    logits = torch.tensor(logits, dtype=dtype, requires_grad=True)
    law = Finite(logits, torch.tensor([0, 1, 5]))
    prior = Finite(torch.zeros(3, dtype=dtype), law.atoms)
    assert law.probs.sum().item() == pytest.approx(1)
    for value in (law.mean, law.variance, law.entropy(), kl_divergence(law, prior)):
        (gradient,) = torch.autograd.grad(value, logits, retain_graph=True)
        assert bool(value.isfinite())
        assert bool(gradient.isfinite().all())
    assert bool(law.support.check(law.sample((100,))).all())


def test_atoms_take_the_dtype_of_the_logits():
    assert Finite(torch.zeros(2), torch.tensor([0, 1])).atoms.dtype == torch.float32


def test_validation_may_be_switched_off():
    law = Finite(torch.tensor([math.nan, 0.0]), torch.tensor([1.0, 0.0]), validate_args=False)
    assert bool(law.mean.isnan())


@pytest.mark.parametrize(
    ("law", "expected"),
    [
        (Truncated(Poisson(torch.ones(3)), upper=12), "batch_shape=(3,), 13 atoms from 0 to 12"),
        (
            Finite(torch.zeros(2), torch.tensor([-1.5, 1.0])),
            "batch_shape=(), 2 atoms from -1.5 to 1",
        ),
        (Finite(torch.zeros(4, 2), torch.eye(2)), "batch_shape=(4,), 2 atoms of shape (2,)"),
    ],
)
def test_the_repr_tells_the_atoms(law, expected):
    assert repr(law) == f"{type(law).__name__}({expected})"


@pytest.mark.parametrize(
    ("logits", "atoms", "got"),
    [
        (torch.zeros(2), torch.zeros(3, 1), r"\(3, 1\) and logits of shape \(2,\)"),
        (torch.zeros(2), torch.tensor(0.0), r"\(\) and logits of shape \(2,\)"),
        (torch.tensor(0.0), torch.zeros(1), r"\(1,\) and logits of shape \(\)"),
        (torch.zeros(4, 2), torch.arange(3.0), r"\(3,\) and logits of shape \(4, 2\)"),
        (torch.zeros(4, 0), torch.zeros(0), r"\(0,\) and logits of shape \(4, 0\)"),
    ],
)
def test_shapes_that_do_not_agree_are_refused(logits, atoms, got):
    with pytest.raises(ValueError, match=rf"expected atoms of shape \(n,\).*got .*{got}; give a"):
        Finite(logits, atoms)


@pytest.mark.parametrize("atoms", [[1.0, 0.0], [1.0, 1.0]])
def test_atoms_out_of_order_are_refused(atoms):
    with pytest.raises(ValueError, match=r"expected atoms in ascending order, got \[1\.0.*; sort"):
        Finite(torch.zeros(2), torch.tensor(atoms))


def test_vectors_that_come_twice_are_refused():
    with pytest.raises(ValueError, match="expected distinct atoms, got duplicates among 2; drop"):
        Finite(torch.zeros(2), torch.ones(2, 3))


@pytest.mark.parametrize(
    ("row", "constraint", "found"),
    [
        ([math.nan, 0.0], "finite, or -inf for no mass", r"\(1, 0\): nan"),
        ([0.0, math.inf], "finite, or -inf for no mass", r"\(1, 1\): inf"),
        ([-math.inf, -math.inf], "an atom with a mass in each row", r"\(1,\)$"),
    ],
)
def test_logits_that_are_no_masses_are_refused(row, constraint, found):
    with pytest.raises(
        ValueError,
        match=rf"parameter logits \(Tensor of shape \(2, 2\)\) of distribution Finite .*"
        rf"{constraint}, but found invalid values, the first at index {found}",
    ):
        Finite(torch.tensor([[0.0, 0.0], row]), torch.arange(2.0))
