import math

import pytest
import torch
from scipy import stats

from topicgen.distributions import relaxation
from topicgen.distributions.relaxation import (
    _log_exponential_,
    _parts,
    _softmax_,
    _uniform_,
    relaxed_pick,
)

DOUBLE = torch.float64
LENGTHS = [1, 2, 5, relaxation._LONG_ROW - 1, relaxation._LONG_ROW, 40]


@pytest.fixture(params=LENGTHS, ids=lambda n: f"{n} atoms")
def n_atoms(request):
    return request.param


@pytest.fixture(params=[(), (2,), (2, 3)], ids=["numbers", "vectors", "matrices"])
def event(request):
    return request.param


@pytest.fixture(params=[2**17, 50, 7], ids=["one part", "several parts", "parts of a row"])
def part(request, monkeypatch):
    monkeypatch.setattr(relaxation, "_PART", request.param)


def scores_and_atoms(n_rows, n_atoms, event=(), dtype=DOUBLE):
    scores = torch.randn(n_rows, n_atoms, dtype=dtype).mul_(2).requires_grad_()
    return scores, torch.randn(n_atoms, *event, dtype=dtype)


def noise_of(scores, n_samples):
    """The noise that relaxed_pick draws next, part by part."""
    noise = torch.empty(n_samples, *scores.shape, dtype=scores.dtype)
    for part in _parts(noise.shape, noise.device):
        noise[part] = -_log_exponential_(torch.empty_like(noise[part]))
    return noise


def plain_pick(scores, atoms, temperature, noise):
    return torch.tensordot(((scores + noise) / temperature).softmax(-1), atoms, 1)


def both_picks(scores, atoms, temperature, n_samples, **options):
    """The values of relaxed_pick, and those of the plain operations with the same noise."""
    torch.manual_seed(3)
    noise = noise_of(scores, n_samples)
    torch.manual_seed(3)
    return (
        relaxed_pick(scores, atoms, temperature, n_samples, **options),
        plain_pick(scores, atoms, temperature, noise),
    )


@pytest.mark.usefixtures("part")
@pytest.mark.parametrize("n_samples", [1, 4])
@pytest.mark.parametrize("temperature", [0.1, 1.0])
def test_values_and_gradients_equal_the_plain_operations(n_atoms, event, temperature, n_samples):
    scores, atoms = scores_and_atoms(6, n_atoms, event)
    ours, plain = both_picks(scores, atoms, temperature, n_samples)
    assert ours.shape == (n_samples, 6, *event)
    torch.testing.assert_close(ours, plain, rtol=1e-9, atol=1e-9)
    weights = torch.randn_like(plain)
    gradients = [torch.autograd.grad((z.sin() * weights).sum(), scores)[0] for z in (ours, plain)]
    torch.testing.assert_close(*gradients, rtol=1e-8, atol=1e-9)


@pytest.mark.usefixtures("part")
@pytest.mark.parametrize("n_samples", [1, 3])
def test_single_precision_gives_the_same_to_its_own_digits(n_atoms, n_samples):
    scores, atoms = scores_and_atoms(6, n_atoms, dtype=torch.float32)
    ours, plain = both_picks(scores, atoms, 0.5, n_samples)
    torch.testing.assert_close(ours, plain, rtol=1e-4, atol=1e-5)
    gradients = [torch.autograd.grad((z**2).sum(), scores)[0] for z in (ours, plain)]
    torch.testing.assert_close(*gradients, rtol=1e-3, atol=1e-4)


@pytest.mark.usefixtures("part")
@pytest.mark.parametrize("n_samples", [1, 3])
def test_a_second_backward_pass_gives_the_same_gradient(n_atoms, n_samples):
    """The first hands its weights over to the gradient, and they are drawn again."""
    scores, atoms = scores_and_atoms(6, n_atoms)
    torch.manual_seed(3)
    value = (relaxed_pick(scores, atoms, 0.5, n_samples) ** 2).sum()
    torch.rand(5)
    first, second, third = (
        torch.autograd.grad(value, scores, retain_graph=True)[0].clone() for _ in range(3)
    )
    torch.testing.assert_close(second, first, rtol=1e-12, atol=1e-14)
    torch.testing.assert_close(third, first, rtol=1e-12, atol=1e-14)


def test_a_gradient_is_not_altered_by_the_next_one():
    scores, atoms = scores_and_atoms(6, 5)
    value = (relaxed_pick(scores, atoms, 0.5) ** 2).sum()
    (first,) = torch.autograd.grad(value, scores, retain_graph=True)
    before = first.clone()
    torch.autograd.grad(2 * value, scores)
    assert torch.equal(first, before)


@pytest.mark.usefixtures("part")
def test_drawing_again_leaves_the_generator_as_it_is():
    scores, atoms = scores_and_atoms(6, 5)
    value = relaxed_pick(scores, atoms, 0.5).sum()
    torch.autograd.grad(value, scores, retain_graph=True)
    before = torch.get_rng_state()
    torch.autograd.grad(value, scores)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.usefixtures("part")
@pytest.mark.parametrize("n_samples", [1, 3])
def test_second_derivatives_equal_those_of_the_plain_operations(n_atoms, event, n_samples):
    scores, atoms = scores_and_atoms(6, n_atoms, event)
    results = []
    for z in both_picks(scores, atoms, 0.5, n_samples):
        weights = torch.linspace(0.1, 1.0, z.numel(), dtype=DOUBLE).reshape(z.shape)
        (gradient,) = torch.autograd.grad((z**2 * weights).sum(), scores, create_graph=True)
        (second,) = torch.autograd.grad((gradient**2).sum(), scores)
        results.append((gradient.detach(), second))
    torch.testing.assert_close(*results, rtol=1e-7, atol=1e-8)


def test_first_and_second_derivatives_pass_the_check_of_torch():
    scores, atoms = scores_and_atoms(3, 4)

    def pick(scores):
        torch.manual_seed(3)
        return relaxed_pick(scores, atoms, 0.7, 2)

    assert torch.autograd.gradcheck(pick, scores)
    assert torch.autograd.gradgradcheck(pick, scores)


def test_second_derivatives_come_also_after_a_first_backward_pass():
    scores, atoms = scores_and_atoms(6, 5)
    ours, plain = both_picks(scores, atoms, 0.5, 1)
    seconds = []
    for z in (ours, plain):
        value = (z**2).sum()
        torch.autograd.grad(value, scores, retain_graph=True)
        (gradient,) = torch.autograd.grad(value, scores, create_graph=True)
        seconds.append(torch.autograd.grad((gradient**2).sum(), scores)[0])
    torch.testing.assert_close(*seconds, rtol=1e-8, atol=1e-9)


def test_second_derivatives_are_finite_beside_an_impossible_atom():
    scores = torch.tensor([[0.3, -math.inf, 0.0, -800.0]], dtype=DOUBLE, requires_grad=True)
    atoms = torch.arange(4, dtype=DOUBLE)
    results = []
    for z in both_picks(scores, atoms, 0.5, 2):
        (gradient,) = torch.autograd.grad((z**2).sum(), scores, create_graph=True)
        (second,) = torch.autograd.grad((gradient**2).sum(), scores)
        results.append((gradient.detach(), second))
    torch.testing.assert_close(*results, rtol=1e-8, atol=1e-9)
    assert bool(results[0][1].isfinite().all())


@pytest.mark.usefixtures("part")
@pytest.mark.parametrize("n_samples", [1, 3])
def test_straight_through_picks_the_winner_with_the_relaxed_gradient(n_atoms, event, n_samples):
    scores, atoms = scores_and_atoms(6, n_atoms, event)
    hard, plain = both_picks(scores, atoms, 0.5, n_samples, straight_through=True)
    torch.manual_seed(3)
    winner = (scores + noise_of(scores, n_samples)).argmax(-1)
    torch.testing.assert_close(hard, atoms[winner], rtol=0, atol=0)
    weights = torch.randn_like(plain)
    gradients = [torch.autograd.grad((z * weights).sum(), scores)[0] for z in (hard, plain)]
    torch.testing.assert_close(*gradients, rtol=1e-8, atol=1e-9)


@pytest.mark.parametrize("straight_through", [False, True])
def test_learnt_atoms_and_temperatures_have_the_gradients_of_the_plain_operations(straight_through):
    scores, atoms = scores_and_atoms(6, 5)
    atoms.requires_grad_()
    temperature = torch.tensor(0.5, dtype=DOUBLE, requires_grad=True)
    ours, plain = both_picks(scores, atoms, temperature, 3, straight_through=straight_through)
    inputs = scores, temperature
    weights = torch.randn_like(plain)
    gradients = [
        torch.autograd.grad((z * weights).sum(), inputs, retain_graph=True) for z in (ours, plain)
    ]
    torch.testing.assert_close(*gradients, rtol=1e-10, atol=1e-12)
    if not straight_through:
        torch.testing.assert_close(ours, plain)
        gradients = [torch.autograd.grad((z * weights).sum(), atoms)[0] for z in (ours, plain)]
        torch.testing.assert_close(*gradients, rtol=1e-10, atol=1e-12)


def test_the_learnt_path_draws_what_the_other_draws():
    scores, atoms = scores_and_atoms(6, 5)
    torch.manual_seed(3)
    fixed = relaxed_pick(scores, atoms, 0.5, 3)
    torch.manual_seed(3)
    learnt = relaxed_pick(scores, atoms, torch.tensor(0.5, requires_grad=True), 3)
    torch.testing.assert_close(fixed, learnt, rtol=1e-6, atol=1e-7)


@pytest.mark.usefixtures("part")
@pytest.mark.parametrize("straight_through", [False, True])
def test_the_same_seed_gives_the_same_values_with_and_without_gradients(n_atoms, straight_through):
    scores, atoms = scores_and_atoms(6, n_atoms, dtype=torch.float32)
    draws = []
    for mode in (torch.enable_grad, torch.no_grad, torch.inference_mode):
        torch.manual_seed(3)
        with mode():
            draws.append(relaxed_pick(scores, atoms, 0.5, 4, straight_through=straight_through))
    assert draws[0].requires_grad
    assert not draws[1].requires_grad
    assert torch.equal(draws[0], draws[1])
    assert torch.equal(draws[0], draws[2])
    assert not torch.equal(draws[0], relaxed_pick(scores, atoms, 0.5, 4)) or n_atoms == 1


@pytest.mark.usefixtures("part")
@pytest.mark.parametrize("straight_through", [False, True])
def test_neither_pass_alters_its_input(n_atoms, straight_through):
    scores, atoms = scores_and_atoms(6, n_atoms, (2,))
    before = scores.detach().clone(), atoms.clone()
    z = relaxed_pick(scores, atoms, 0.5, 2, straight_through=straight_through)
    gradient = torch.ones_like(z)
    z.backward(gradient)
    assert torch.equal(scores, before[0])
    assert torch.equal(atoms, before[1])
    assert torch.equal(gradient, torch.ones_like(z))


@pytest.mark.usefixtures("part")
def test_rows_and_samples_have_noise_of_their_own():
    scores, atoms = torch.zeros(6, 5), torch.arange(5.0)
    z = relaxed_pick(scores, atoms, 0.5, 4)
    assert len(z.flatten().unique()) == 24


@pytest.mark.usefixtures("part")
@pytest.mark.parametrize(("n_samples", "n_rows"), [(0, 3), (3, 0), (0, 0), (1, 0)])
def test_nothing_is_drawn_for_no_rows_or_no_samples(n_samples, n_rows):
    scores, atoms = scores_and_atoms(n_rows, 5)
    for straight_through in (False, True):
        z = relaxed_pick(scores, atoms, 0.5, n_samples, straight_through=straight_through)
        assert z.shape == (n_samples, n_rows)
        (gradient,) = torch.autograd.grad(z.sum(), scores)
        assert torch.equal(gradient, torch.zeros(n_rows, 5, dtype=DOUBLE))


@pytest.mark.parametrize(("n_samples", "n_rows"), [(1, 1), (1, 30), (4, 6), (9, 2), (0, 3), (3, 0)])
@pytest.mark.parametrize("n_atoms", [1, 3, 40])
@pytest.mark.parametrize("size", [1, 7, 50, 10_000])
def test_parts_cover_each_sample_of_each_row_once(monkeypatch, n_samples, n_rows, n_atoms, size):
    monkeypatch.setattr(relaxation, "_PART", size)
    covered = torch.zeros(n_samples, n_rows, dtype=torch.int64)
    for part in _parts(torch.Size((n_samples, n_rows, n_atoms)), covered.device):
        covered[part] += 1
        assert covered[part].numel() * n_atoms <= max(size, n_atoms)
    assert bool((covered == 1).all())


@pytest.mark.parametrize("dtype", [torch.float32, DOUBLE])
@pytest.mark.parametrize("shape", [(100_000,), (99_999,), (333, 3, 100)])
def test_the_uniform_noise_is_uniform(dtype, shape):
    """Kolmogorov and Smirnov's test at 1e5 draws: fails in 1e-4 of the seeds."""
    block = torch.empty(shape, dtype=dtype)
    _uniform_(block)
    assert stats.kstest(block.flatten().double().numpy(), "uniform").pvalue > 1e-4


def test_neighbours_of_the_uniform_noise_are_independent():
    """Two draws share the bits of a random integer.

    Their correlation, and that of their squares, lies within 4 standard errors: fails in 1.3e-4 of
    the seeds.
    """
    block = torch.empty(400_000)
    _uniform_(block)
    pairs = block.double().reshape(-1, 2).T
    for values in (pairs, (pairs - 0.5).square()):
        assert abs(values.corrcoef()[0, 1].item()) < 4 / math.sqrt(pairs.shape[1])


@pytest.mark.parametrize("dtype", [torch.float32, DOUBLE])
def test_the_gumbel_noise_is_gumbel(dtype):
    """Kolmogorov and Smirnov's test at 1e5 draws: fails in 1e-4 of the seeds."""
    noise = -_log_exponential_(torch.empty(100_000, dtype=dtype)).double().numpy()
    assert stats.kstest(noise, "gumbel_r").pvalue > 1e-4


@pytest.mark.parametrize("bits", [-(2**63), 2**63 - 1, -1, 0, 2**31 - 1, -(2**31), 2**32])
def test_no_integer_gives_a_uniform_draw_of_zero_or_one(monkeypatch, bits):
    monkeypatch.setattr(torch.Tensor, "random_", lambda block, *_, **__: block.fill_(bits))
    block = torch.empty(4)
    _uniform_(block)
    assert bool(((block > 0) & (block < 1)).all())
    assert bool(_log_exponential_(block).isfinite().all())


@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16, DOUBLE])
@pytest.mark.parametrize("draw", [0.0, 1.0])
def test_no_draw_of_the_generator_gives_a_uniform_draw_of_zero_or_one(monkeypatch, dtype, draw):
    def uniform_(block, low, high, generator=None):
        return block.fill_(low + draw * (high - low))

    monkeypatch.setattr(torch.Tensor, "uniform_", uniform_)
    block = torch.empty(4, dtype=dtype)
    _uniform_(block)
    assert bool(((block > 0) & (block < 1)).all())
    assert bool(_log_exponential_(block).isfinite().all())


@pytest.mark.parametrize("temperature", [1e-3, 0.3, 1e3])
def test_the_softmax_equals_that_of_torch_in_rows_of_any_length(n_atoms, temperature):
    race = torch.randn(7, n_atoms, dtype=DOUBLE) * 100
    race[0] = 5.0
    race[1, 1:] = -math.inf
    expected = (race / temperature).softmax(-1)
    _softmax_(race, temperature)
    torch.testing.assert_close(race, expected, rtol=1e-9, atol=1e-14)


def test_compiled_code_uses_the_plain_operations(monkeypatch):
    monkeypatch.setattr(torch.compiler, "is_compiling", lambda: True)
    scores, atoms = scores_and_atoms(6, 5)
    ours, plain = both_picks(scores, atoms, 0.5, 3)
    torch.testing.assert_close(ours, plain, rtol=1e-12, atol=1e-12)
    assert "RelaxedPick" not in ours.grad_fn.name()


@pytest.fixture
def n_threads():
    before = torch.get_num_threads()
    yield torch.set_num_threads
    torch.set_num_threads(before)


@pytest.mark.parametrize("dtype", [torch.float32, DOUBLE])
@pytest.mark.parametrize("n_rows", [1, 7, 999])
@pytest.mark.parametrize("n_samples", [1, 3])
def test_values_and_gradients_are_the_same_for_any_number_of_threads(
    n_threads, n_atoms, event, n_rows, n_samples, dtype
):
    scores, atoms = scores_and_atoms(n_rows, n_atoms, event, dtype)
    found = []
    for n in (1, 2, 3, 8):
        n_threads(n)
        generator = torch.Generator().manual_seed(4)
        z = relaxed_pick(scores, atoms, 0.5, n_samples, generator=generator)
        value = (z * torch.linspace(-1, 1, z.numel(), dtype=dtype).reshape(z.shape)).sum()
        # The second gradient is that of noise which is drawn again.
        first = torch.autograd.grad(value, scores, retain_graph=True)[0].clone()
        found.append((z.detach(), first, torch.autograd.grad(value, scores)[0]))
    for other in found[1:]:
        assert all(torch.equal(a, b) for a, b in zip(found[0], other, strict=True))


def test_no_part_depends_on_the_number_of_threads(n_threads):
    shape, found = torch.Size((3, 5000, 100)), []
    for n in (1, 2, 7):
        n_threads(n)
        found.append(list(_parts(shape, torch.device("cpu"))))
    assert found[0] == found[1] == found[2]
    assert len(found[0]) > 3


@pytest.mark.usefixtures("part")
@pytest.mark.parametrize("n_samples", [1, 3])
def test_noise_that_is_drawn_again_comes_from_the_generator_that_was_given(n_atoms, n_samples):
    scores, atoms = scores_and_atoms(6, n_atoms)
    generator, alike = (torch.Generator().manual_seed(4) for _ in range(2))
    torch.manual_seed(3)
    before = torch.get_rng_state()
    value = (relaxed_pick(scores, atoms, 0.5, n_samples, generator=generator) ** 2).sum()
    state = generator.get_state()
    first = torch.autograd.grad(value, scores, retain_graph=True)[0].clone()
    second = torch.autograd.grad(value, scores, retain_graph=True)[0]
    third = torch.autograd.grad(value, scores, create_graph=True)[0].detach()
    torch.testing.assert_close(second, first, rtol=1e-12, atol=1e-14)
    torch.testing.assert_close(third, first, rtol=1e-8, atol=1e-9)
    assert torch.equal(generator.get_state(), state)
    assert torch.equal(torch.get_rng_state(), before)
    again = relaxed_pick(scores, atoms, 0.5, n_samples, generator=alike)
    torch.testing.assert_close((again**2).sum(), value, rtol=0, atol=0)


def test_the_global_stream_and_a_generator_in_its_state_give_the_same_values():
    scores, atoms = scores_and_atoms(6, 5)
    generator = torch.Generator().manual_seed(3)
    torch.manual_seed(3)
    assert torch.equal(
        relaxed_pick(scores, atoms, 0.5, generator=generator), relaxed_pick(scores, atoms, 0.5)
    )
