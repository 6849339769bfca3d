import math
import os

import pytest
import torch
from scipy import stats

from topicgen.distributions import Finite, GeneralizedGumbelSoftmax

if os.environ.get("TRITON_INTERPRET") != "1":
    pytest.skip("these tests are for Triton's interpreter", allow_module_level=True)
races = pytest.importorskip("topicgen.kernels.races", reason="needs Triton")

SEED = torch.tensor(2**61 + 12345)
TAU = 0.3


def scores_of(n_rows, n_atoms, dtype=torch.float64):
    generator = torch.Generator().manual_seed(n_atoms)
    return 3 * torch.randn(n_rows, n_atoms, generator=generator, dtype=dtype)


def reference(scores, atoms, n_samples, temperature=TAU):
    """The races in plain operations, with the same noise."""
    race = scores - races.noise(SEED, n_samples, scores).double()
    return (race / temperature).softmax(-1) @ atoms, race.argmax(-1)


@pytest.mark.parametrize("n_samples", [1, 3])
@pytest.mark.parametrize("n_rows", [1, 70])
@pytest.mark.parametrize("n_atoms", [2, 3, 27, 64, 512])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.float64, 1e-7)])
def test_values_and_gradients_are_those_of_plain_operations(
    n_samples, n_rows, n_atoms, dtype, tolerance
):
    scores = scores_of(n_rows, n_atoms, dtype).requires_grad_()
    atoms = torch.arange(n_atoms, dtype=dtype)
    values, winner = races.RelaxedPick.apply(scores, atoms, TAU, n_samples, True, SEED)
    exact = scores.detach().double().requires_grad_()
    expected, first = reference(exact, atoms.double(), n_samples)
    assert values.shape == (n_samples, n_rows)
    assert values.dtype == dtype
    torch.testing.assert_close(values.double(), expected, rtol=tolerance, atol=tolerance * n_atoms)
    assert torch.equal(winner, first)
    given = torch.linspace(-1, 2, n_samples * n_rows).reshape(values.shape).to(dtype)
    (values * given).sum().backward()
    (expected * given).sum().backward()
    scale = tolerance * n_atoms
    torch.testing.assert_close(scores.grad.double(), exact.grad, rtol=10 * tolerance, atol=scale)


def test_a_single_atom_is_certain():
    scores = scores_of(5, 1).requires_grad_()
    values, _ = races.RelaxedPick.apply(scores, torch.tensor([4.0]).double(), 0.5, 1, False, SEED)
    assert values.tolist() == [[4.0] * 5]
    values.sum().backward()
    assert scores.grad.abs().max() == 0


def test_impossible_atoms_are_never_picked():
    scores = scores_of(30, 6)
    scores[:, ::2] = -math.inf
    values, winner = races.RelaxedPick.apply(
        scores, torch.arange(6.0).double(), 0.05, 10, True, SEED
    )
    assert bool(values.isfinite().all())
    assert set(winner.flatten().tolist()) == {1, 3, 5}


def test_no_rows_give_no_values():
    scores = torch.zeros(0, 4, requires_grad=True)
    values, _ = races.RelaxedPick.apply(scores, torch.arange(4.0), 0.5, 2, False, SEED)
    assert values.shape == (2, 0)
    values.sum().backward()
    assert scores.grad.shape == (0, 4)


def test_the_batch_may_have_several_axes():
    scores, atoms = scores_of(12, 5), torch.arange(5.0).double()
    flat, _ = races.RelaxedPick.apply(scores, atoms, TAU, 2, False, SEED)
    shaped, _ = races.RelaxedPick.apply(scores.reshape(3, 4, 5), atoms, TAU, 2, False, SEED)
    assert torch.equal(shaped, flat.reshape(2, 3, 4))


def test_a_temperature_may_be_a_tensor():
    scores, atoms = scores_of(7, 9, torch.float32), torch.arange(9.0)
    number, _ = races.RelaxedPick.apply(scores, atoms, 0.5, 1, False, SEED)
    tensor, _ = races.RelaxedPick.apply(scores, atoms, torch.tensor(0.5), 1, False, SEED)
    assert torch.equal(number, tensor)


def test_second_derivatives_are_those_of_plain_operations():
    scores = scores_of(4, 6).requires_grad_()
    atoms = torch.arange(6.0).double()
    found = []
    for value in (
        races.RelaxedPick.apply(scores, atoms, TAU, 2, False, SEED)[0],
        reference(scores, atoms, 2)[0],
    ):
        (gradient,) = torch.autograd.grad(value.square().sum(), scores, create_graph=True)
        found.append(torch.autograd.grad(gradient.square().sum(), scores)[0])
    torch.testing.assert_close(*found, rtol=1e-5, atol=1e-6)


def test_the_noise_is_a_function_of_the_seed():
    like = torch.empty(20, 10)
    first, again = (races.noise(SEED, 2, like) for _ in range(2))
    assert torch.equal(first, again)
    assert not torch.equal(first, races.noise(SEED + 1, 2, like))
    # Rows and samples have noise of their own, and more rows do not change that of the first.
    assert len(first.flatten().unique()) == first.numel()
    assert torch.equal(races.noise(SEED, 2, torch.empty(40, 10))[:, :20], first)


@pytest.mark.parametrize("n_atoms", [27, 64])
def test_the_noise_is_exponential(n_atoms):
    """Kolmogorov and Smirnov's test, and those of neighbours' correlations: they fail one seed in
    a thousand, and the seed is fixed."""
    draws = races.noise(SEED, 4, torch.empty(500, n_atoms)).double().exp()
    assert stats.kstest(draws.flatten().numpy(), "expon").pvalue > 1e-3
    for axis in range(3):
        size = draws.shape[axis]
        pairs = torch.stack(
            [draws.narrow(axis, 0, size - 1).flatten(), draws.narrow(axis, 1, size - 1).flatten()]
        )
        correlation = torch.corrcoef(pairs)[0, 1].item()
        assert abs(correlation) < 3.3 / math.sqrt(pairs.shape[1])


def test_winners_have_the_masses_of_the_distribution():
    """A chi-square test at an error rate of one in a thousand, with a fixed seed."""
    masses = torch.tensor([0.05, 0.2, 0.5, 0.15, 0.1], dtype=torch.float64)
    scores = masses.log().expand(2000, 5)
    _, winner = races.RelaxedPick.apply(scores, torch.arange(5.0).double(), 0.5, 2, True, SEED)
    counts = torch.bincount(winner.flatten(), minlength=5).numpy()
    assert stats.chisquare(counts, masses.numpy() * counts.sum()).pvalue > 1e-3


@pytest.mark.parametrize("many_rows", [1, 2**14])
@pytest.mark.parametrize("straight_through", [False, True])
def test_relaxed_samples_are_taken_by_the_kernel(monkeypatch, many_rows, straight_through):
    """Means of random draws: more than 5 standard errors off once in a million seeds."""
    monkeypatch.setattr("topicgen.kernels.usable", lambda tensor: True)
    monkeypatch.setattr("topicgen.distributions.relaxation._MANY_ROWS", many_rows)
    n = 60 if many_rows == 1 else 400  # the interpreter runs sample after sample
    scores = torch.tensor([[0.1, -1.0, 0.5], [2.0, 0.0, -1.0]], requires_grad=True)
    law = Finite(scores, torch.tensor([0.0, 1.0, 4.0]))
    relaxed = GeneralizedGumbelSoftmax(law, 0.1, straight_through=straight_through)
    random = torch.Generator().manual_seed(0)
    z = relaxed.rsample((n,), generator=random)
    assert z.shape == (n, 2)
    error = (law.variance / n).sqrt()
    assert bool(((z.mean(0) - law.mean).abs() < 5 * error + 0.02).all())
    if straight_through:
        assert set(z.flatten().tolist()) == {0.0, 1.0, 4.0}
    z.mean().backward()
    assert scores.grad.abs().min() > 0
    assert relaxed.rsample(generator=random).shape == (2,)
    assert relaxed.rsample((2, 3), generator=random).shape == (2, 3, 2)
