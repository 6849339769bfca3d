import math
from itertools import pairwise

import pytest
import torch
from torch.distributions import (
    Bernoulli,
    Binomial,
    Categorical,
    Geometric,
    Multinomial,
    NegativeBinomial,
    OneHotCategorical,
    Poisson,
    kl_divergence,
)

from topicgen.distributions import (
    Finite,
    GeneralizedGumbelSoftmax,
    Truncated,
    relaxation,
    relaxed_moments,
)

from .laws import (
    CHI_SQUARE_LEVEL,
    DOUBLE,
    N_DRAWS,
    SHARES,
    chi_square_pvalue,
    counts_of_atoms,
    doubles,
)

# A right sampler passes a bound of 4 standard errors in all but 6e-5 of the seeds.
BOUND = 4.0


def assert_near(values, expected, allowance=1e-5):
    """Assert that the mean over the first axis is within 4 of its standard errors."""
    error = values.std(0) / math.sqrt(len(values))
    gap = (values.mean(0) - expected).abs()
    assert bool((gap <= BOUND * error + allowance).all()), (gap / error).max()


def test_shapes(case, dtype):
    law = case.law(dtype)
    relaxed = GeneralizedGumbelSoftmax(law, temperature=0.5)
    event = law.event_shape
    assert relaxed.has_rsample
    for straight_through in (False, True):
        relaxed.straight_through = straight_through
        for sample_shape in ((), (1,), (2, 5), (0,), (2, 0)):
            z = relaxed.rsample(sample_shape)
            assert z.shape == (*sample_shape, 3, *event)
            assert z.dtype == dtype
    wide = relaxed.expand((4, 3))
    assert wide.rsample((2,)).shape == (2, 4, 3, *event)
    assert relaxed.expand((0, 3)).rsample((2,)).shape == (2, 0, 3, *event)
    assert isinstance(wide, GeneralizedGumbelSoftmax)
    assert (wide.temperature, wide.straight_through) == (0.5, True)


def test_it_is_the_law_but_for_its_relaxed_samples(case, dtype):
    law = case.law(dtype)
    relaxed = GeneralizedGumbelSoftmax(law, temperature=2.0)
    assert kl_divergence(relaxed, law).tolist() == kl_divergence(law, relaxed).tolist() == [0.0] * 3
    for name in ("mean", "variance", "mode", "probs"):
        assert torch.equal(getattr(relaxed, name), getattr(law, name))
    assert torch.equal(relaxed.entropy(), law.entropy())
    assert bool(law.support.check(relaxed.sample((100,))).all())


def test_relaxed_samples_lie_between_the_atoms(case, dtype):
    law = case.law(dtype)
    z = GeneralizedGumbelSoftmax(law, 0.5).rsample((1000,))
    margin = 1e-5 * (1 + law.atoms.abs().max())
    assert bool((z >= law.atoms.amin(0) - margin).all())
    assert bool((z <= law.atoms.amax(0) + margin).all())


def test_straight_through_samples_follow_the_masses_of_scipy(case):
    """Pearson's chi-square at 1e6 draws of each law, a third of each row.

    A right sampler fails, here or in the twin of this test for plain samples, in 1e-3 of the
    seeds, over all laws and rows together (Bonferroni).
    """
    law = case.law(torch.float32)
    relaxed = GeneralizedGumbelSoftmax(law, temperature=0.5, straight_through=True)
    counts = counts_of_atoms(relaxed.rsample((N_DRAWS,)), law.atoms)
    for row, masses in zip(counts, case.expected(law), strict=True):
        assert chi_square_pvalue(row, masses) > CHI_SQUARE_LEVEL


@pytest.mark.parametrize("temperature", [0.3, 1.0])
def test_relaxed_samples_have_the_integrated_moments(case, temperature):
    """Mean and variance of each number of each row, at 1e5 draws within 4 standard errors.

    Some 350 numbers are compared: a right sampler fails in 2 percent of the seeds.
    """
    relaxed = GeneralizedGumbelSoftmax(case.law(), temperature)
    mean, variance = relaxed_moments(relaxed)
    z = relaxed.rsample((100_000,))
    assert_near(z, mean)
    assert_near((z - mean).square(), variance)


def test_the_mean_and_variance_tend_to_those_of_the_law_as_the_temperature_falls():
    law = Truncated(Poisson(doubles(4.0)), upper=15)
    moments = [
        torch.cat(relaxed_moments(GeneralizedGumbelSoftmax(law, temperature)))
        for temperature in (1.0, 0.5, 0.3, 0.1)
    ]
    gaps = torch.stack(moments) - torch.cat([law.mean, law.variance])
    assert bool((gaps[1:].abs() < gaps[:-1].abs()).all())
    assert gaps[-1, 1].abs() < 0.12 * law.variance


def explicit_poisson():
    rate = torch.tensor(3.0, dtype=DOUBLE, requires_grad=True)
    return rate, Truncated(Poisson(rate), upper=12)


def explicit_negative_binomial():
    logits = torch.tensor(0.4, dtype=DOUBLE, requires_grad=True)
    return logits, Truncated(NegativeBinomial(doubles(2.5)[0], logits=logits), upper=12)


def implicit_masses():
    logits = doubles(0.3, -1.0, 0.8, 0.0, -2.0).requires_grad_()
    return logits, Finite(logits, doubles(0.0, 1.0, 2.0, 5.0, 9.0))


@pytest.mark.parametrize("temperature", [0.3, 1.0])
@pytest.mark.parametrize("make", [explicit_poisson, explicit_negative_binomial, implicit_masses])
def test_the_mean_gradient_equals_that_of_the_integrated_moments(make, temperature):
    """Gradients of E[z] and E[(z - 3)^2] over 1e6 draws, within 4 standard errors.

    The standard error is estimated from 100 blocks; a bound fails a right gradient in 1.2e-4 of
    the seeds, and any of the 28 in .4 percent.
    """
    parameter, law = make()
    relaxed = GeneralizedGumbelSoftmax(law, temperature)
    mean, variance = relaxed_moments(relaxed)
    exact = [
        torch.autograd.grad(value, parameter, retain_graph=True)[0]
        for value in (mean, variance + (mean - 3) ** 2)
    ]
    gradients = []
    for _ in range(100):
        z = relaxed.rsample((10_000,))
        gradients.append(
            [
                torch.autograd.grad(value.mean(), parameter, retain_graph=True)[0]
                for value in (z, (z - 3) ** 2)
            ]
        )
    assert_near(torch.stack([g[0] for g in gradients]), exact[0], allowance=0)
    assert_near(torch.stack([g[1] for g in gradients]), exact[1], allowance=0)


def test_the_gradient_of_vectors_equals_that_of_the_integrated_moments():
    """Gradient of a weighted sum of a multinomial's mean counts; fails in 4e-4 of the seeds."""
    weights = doubles(1.0, -2.0, 0.5)
    logits = torch.tensor(SHARES[0]).log().requires_grad_()
    relaxed = GeneralizedGumbelSoftmax(Multinomial(3, logits=logits), 0.5)
    (exact,) = torch.autograd.grad(relaxed_moments(relaxed)[0] @ weights, logits, retain_graph=True)
    gradients = []
    for _ in range(50):
        mean = (relaxed.rsample((2000,)) @ weights).mean()
        gradients.append(torch.autograd.grad(mean, logits, retain_graph=True)[0])
    assert_near(torch.stack(gradients), exact, allowance=0)


def test_the_bias_of_the_gradient_shrinks_with_the_temperature():
    """E[(z - 3)^2] of Poisson(5): the exact gradient of the relaxed value against enumeration."""
    rate = torch.tensor(5.0, dtype=DOUBLE, requires_grad=True)
    law = Truncated(Poisson(rate), upper=15)
    value = (law.probs * (law.atoms - 3) ** 2).sum()
    (true,) = torch.autograd.grad(value, rate, retain_graph=True)
    biases = []
    for temperature in (1.0, 0.5, 0.3, 0.1, 0.05):
        mean, variance = relaxed_moments(GeneralizedGumbelSoftmax(law, temperature))
        (gradient,) = torch.autograd.grad(variance + (mean - 3) ** 2, rate, retain_graph=True)
        biases.append(abs(gradient - true).item())
    assert all(bias < before for before, bias in pairwise(biases))
    assert biases[0] > 0.3
    assert biases[-1] < biases[0] / 8


def test_straight_through_returns_atoms_with_the_relaxed_gradient(case):
    plain = case.law(torch.float32)
    logits = plain.logits.detach().requires_grad_()
    law = Finite(logits, plain.atoms)
    gradients, samples = [], []
    for straight_through in (False, True):
        torch.manual_seed(5)
        relaxed = GeneralizedGumbelSoftmax(law, 0.5, straight_through=straight_through)
        z = relaxed.rsample((200,))
        samples.append(z.detach())
        weights = torch.arange(1.0, z.numel() + 1).reshape(z.shape)
        gradients.append(torch.autograd.grad((z * weights).sum(), logits)[0])
    soft, hard = samples
    assert torch.equal(gradients[0], gradients[1])
    assert bool(gradients[0].isfinite().all())
    assert bool(law.support.check(hard).all())
    if len(law.atoms) > 1:
        assert not bool(law.support.check(soft).all())


def test_straight_through_picks_the_atom_that_a_cold_relaxed_sample_is_at():
    law = Truncated(Poisson(torch.tensor([1.0, 4.0])), upper=15)
    torch.manual_seed(5)
    soft = GeneralizedGumbelSoftmax(law, 1e-3).rsample((1000,))
    torch.manual_seed(5)
    hard = GeneralizedGumbelSoftmax(law, 1e-3, straight_through=True).rsample((1000,))
    assert (soft.round() == hard).double().mean() > 0.99


def test_from_logits_is_the_constructor():
    logits, atoms = torch.tensor([[0.0, 1.0, 2.0]]), torch.tensor([0.0, 1.0, 5.0])
    direct = GeneralizedGumbelSoftmax(Finite(logits, atoms), 0.3, straight_through=True)
    short = GeneralizedGumbelSoftmax.from_logits(logits, atoms, 0.3, straight_through=True)
    assert torch.equal(direct.logits, short.logits)
    assert torch.equal(direct.atoms, short.atoms)
    assert (short.temperature, short.straight_through) == (0.3, True)


@pytest.mark.parametrize(
    "law",
    [
        Binomial(5, torch.tensor([0.2, 0.7])),
        Multinomial(3, torch.tensor([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]])),
        Categorical(torch.tensor([[0.7, 0.3], [0.5, 0.5]])),
        OneHotCategorical(torch.tensor([[0.7, 0.3], [0.5, 0.5]])),
        Bernoulli(torch.tensor([0.1, 0.6])),
    ],
    ids=lambda law: type(law).__name__,
)
def test_laws_of_torch_on_finitely_many_values_are_taken_as_they_are(law):
    relaxed = GeneralizedGumbelSoftmax(law, 0.5)
    assert (relaxed.batch_shape, relaxed.event_shape) == (law.batch_shape, law.event_shape)
    assert relaxed.rsample((4,)).shape == (4, 2, *law.event_shape)
    if not isinstance(law, Categorical):
        # A categorical law of torch has no mean.
        torch.testing.assert_close(relaxed.mean, law.mean)
        torch.testing.assert_close(relaxed.variance, law.variance)


@pytest.mark.parametrize(
    "law",
    [Poisson(1.0), Geometric(0.5), NegativeBinomial(2.0, 0.5)],
    ids=lambda law: type(law).__name__,
)
def test_a_law_on_infinitely_many_values_is_refused(law):
    with pytest.raises(
        TypeError, match=f"{type(law).__name__}.* has no finite support; truncate it"
    ):
        GeneralizedGumbelSoftmax(law, 0.5)


def test_the_same_seed_gives_the_same_samples(case):
    relaxed = GeneralizedGumbelSoftmax(case.law(torch.float32), 0.5)
    draws = []
    for seed in (3, 3, 4):
        torch.manual_seed(seed)
        draws.append(relaxed.rsample((10,)))
    assert torch.equal(draws[0], draws[1])
    if len(relaxed.atoms) > 1:
        assert not torch.equal(draws[0], draws[2])


def test_drawing_does_not_alter_the_law(case):
    law = case.law(torch.float32)
    relaxed = GeneralizedGumbelSoftmax(law, 0.5)
    before = relaxed.logits.clone(), relaxed.atoms.clone()
    relaxed.rsample((3,))
    assert torch.equal(relaxed.logits, before[0])
    assert torch.equal(relaxed.atoms, before[1])


def test_the_temperature_may_be_a_tensor():
    law = Truncated(Poisson(torch.tensor([1.0, 4.0])), upper=15)
    torch.manual_seed(1)
    first = GeneralizedGumbelSoftmax(law, 0.5).rsample((10,))
    torch.manual_seed(1)
    assert torch.equal(GeneralizedGumbelSoftmax(law, torch.tensor(0.5)).rsample((10,)), first)


def test_a_learnt_temperature_has_the_gradient_of_finite_differences():
    law = Truncated(Poisson(doubles(1.0, 4.0)), upper=15)

    def value(temperature):
        torch.manual_seed(1)
        return (GeneralizedGumbelSoftmax(law, temperature).rsample((100,)) ** 2).sum()

    temperature = torch.tensor(0.7, dtype=DOUBLE, requires_grad=True)
    (gradient,) = torch.autograd.grad(value(temperature), temperature)
    step = 1e-6
    difference = (
        (value(temperature.detach() + step) - value(temperature.detach() - step)) / step / 2
    )
    assert gradient.item() == pytest.approx(difference.item(), rel=1e-6)


@pytest.mark.parametrize("straight_through", [False, True])
def test_impossible_atoms_are_never_drawn_and_leave_the_gradient_finite(straight_through, dtype):
    logits = torch.tensor([0.3, 0.0, -math.inf], dtype=dtype, requires_grad=True)
    law = Finite(logits, torch.tensor([0.0, 1.0, 1e6]))
    relaxed = GeneralizedGumbelSoftmax(law, 0.5, straight_through=straight_through)
    z = relaxed.rsample((1000,))
    assert z.max() <= 1.0001
    z.sum().backward()
    assert bool(logits.grad.isfinite().all())
    assert logits.grad[2] == 0
    assert logits.grad[0] != 0


@pytest.mark.parametrize("other", [-math.inf, -1000.0])
@pytest.mark.parametrize("straight_through", [False, True])
def test_the_most_extreme_noise_does_not_rule_out_a_sure_atom(
    monkeypatch, other, straight_through, dtype
):
    def extreme_(block, generator, among):
        block[..., 0] = 2.0**-26
        block[..., 1] = 1 - torch.finfo(block.dtype).eps / 2

    monkeypatch.setattr(relaxation, "_uniform_", extreme_)
    law = Finite(torch.tensor([0.0, other], dtype=dtype), torch.tensor([3.0, 7.0]))
    relaxed = GeneralizedGumbelSoftmax(law, 0.5, straight_through=straight_through)
    assert relaxed.rsample().item() == 3


@pytest.mark.parametrize("straight_through", [False, True])
@pytest.mark.parametrize("temperature", [1e-3, 1e3])
def test_extreme_temperatures_give_finite_values_and_gradients(
    temperature, straight_through, dtype
):
    rate = torch.tensor([1e-6, 1.0, 1e4], dtype=dtype, requires_grad=True)
    law = Truncated(Poisson(rate), upper=15)
    relaxed = GeneralizedGumbelSoftmax(law, temperature, straight_through=straight_through)
    z = relaxed.rsample((100,))
    z.sum().backward()
    assert bool(z.isfinite().all())
    assert bool(rate.grad.isfinite().all())


def test_an_infinite_temperature_would_give_the_mean_of_the_atoms():
    law = Finite(torch.tensor([2.0, 0.0, -1.0]), torch.tensor([0.0, 1.0, 5.0]))
    z = GeneralizedGumbelSoftmax(law, 1e6).rsample((100,))
    torch.testing.assert_close(z, torch.full_like(z, 2.0), rtol=0, atol=1e-3)


@pytest.mark.parametrize("straight_through", [False, True])
@pytest.mark.parametrize("temperature", [0.1, 0.5, 1.0])
@pytest.mark.parametrize(
    "logits",
    [
        [1e4, -1e4, 0.0],
        [-1e4, -1e4, -1e4],
        [1e4, 1e4, 1e4],
        [0.0, 0.0, 0.0],
        [-math.inf, 0.0, -math.inf],
        [7.0],
    ],
)
def test_extreme_logits_give_finite_draws_and_gradients(
    logits, temperature, straight_through, dtype
):
    logits = torch.tensor(logits, dtype=dtype, requires_grad=True)
    law = Finite(logits, torch.tensor([0, 1, 5])[: len(logits)])
    relaxed = GeneralizedGumbelSoftmax(law, temperature, straight_through=straight_through)
    z = relaxed.rsample((50,))
    (gradient,) = torch.autograd.grad((z**2).sum(), logits)
    assert bool(z.isfinite().all())
    assert bool(gradient.isfinite().all())
    if len(set(logits.tolist())) > 1:
        assert bool(((z - law.mode).abs() < 1e-4).all())


@pytest.mark.parametrize("straight_through", [False, True])
def test_an_empty_batch_has_an_empty_gradient(straight_through):
    logits = torch.zeros(0, 3, requires_grad=True)
    law = Finite(logits, torch.arange(3))
    z = GeneralizedGumbelSoftmax(law, 0.5, straight_through=straight_through).rsample((4,))
    (gradient,) = torch.autograd.grad(z.sum(), logits)
    assert gradient.shape == (0, 3)


@pytest.mark.parametrize("straight_through", [False, True])
def test_no_samples_have_a_gradient_of_zero(straight_through):
    logits = torch.zeros(2, 3, requires_grad=True)
    law = Finite(logits, torch.arange(3))
    z = GeneralizedGumbelSoftmax(law, 0.5, straight_through=straight_through).rsample((0,))
    (gradient,) = torch.autograd.grad(z.sum(), logits)
    assert torch.equal(gradient, torch.zeros(2, 3))


@pytest.mark.parametrize(
    ("temperature", "got"),
    [
        (0, "0"),
        (-0.5, "-0.5"),
        (math.nan, "nan"),
        (math.inf, "inf"),
        (torch.tensor(0.0), "0.0"),
        (torch.tensor(math.nan), "nan"),
    ],
)
def test_a_temperature_that_is_not_above_zero_is_refused(temperature, got):
    law = Finite(torch.zeros(2), torch.arange(2.0))
    with pytest.raises(
        ValueError,
        match=r"parameter temperature \(Tensor of shape \(\)\) of distribution "
        r"GeneralizedGumbelSoftmax to satisfy the constraint GreaterThan\(lower_bound=0.0\), but "
        rf"found invalid values, the first at index \(\): {got}",
    ):
        GeneralizedGumbelSoftmax(law, temperature)


def test_a_temperature_for_each_law_is_refused():
    """It would meet the atoms' axis, and pass unseen where a batch is as long as the support."""
    law = Finite(torch.zeros(2, 2), torch.arange(2.0))
    with pytest.raises(
        ValueError, match=r"expected one temperature for the whole batch, got tensor\(\["
    ):
        GeneralizedGumbelSoftmax(law, torch.tensor([0.01, 5.0]))


def test_from_logits_checks_the_logits():
    with pytest.raises(ValueError, match=r"parameter logits .*first at index \(1,\): nan"):
        GeneralizedGumbelSoftmax.from_logits(doubles(0.0, math.nan), doubles(0.0, 1.0), 0.5)


def test_validation_is_that_of_the_law_unless_it_is_given():
    law = Finite(torch.zeros(2), torch.arange(2), validate_args=False)
    half = torch.tensor(0.5)
    assert GeneralizedGumbelSoftmax(law, 1.0).log_prob(half).item() == -math.inf
    with pytest.raises(ValueError, match="within the support"):
        GeneralizedGumbelSoftmax(law, 1.0, validate_args=True).log_prob(half)
