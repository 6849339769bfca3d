"""Distributions at the ends of their parameters' ranges, with values known without topicgen."""

import numpy as np
import pytest
import torch
from scipy import stats
from torch.distributions import (
    Bernoulli,
    Beta,
    Binomial,
    Categorical,
    Exponential,
    Geometric,
    MixtureSameFamily,
    Multinomial,
    NegativeBinomial,
    Normal,
    OneHotCategorical,
    Poisson,
    TransformedDistribution,
    Uniform,
    kl_divergence,
)
from torch.distributions.transforms import AffineTransform

from topicgen.distributions import (
    ConwayMaxwellPoisson,
    Finite,
    GeneralizedGumbelSoftmax,
    Truncated,
    ZeroInflatedPoisson,
    enumerated,
)

from .laws import DOUBLE, clamped, doubles


def negative_binomial(size, mean, dtype):
    size = torch.tensor(size, dtype=dtype)
    return NegativeBinomial(size, logits=(mean / size).log())


# Of 32-bit parameters the chance itself is known to so many digits only.
TOLERANCE = {torch.float32: 2e-5, DOUBLE: 1e-9}


@pytest.mark.parametrize("size", [1e3, 1e5, 1e6, 1e8, 1e12, 1e20])
def test_a_negative_binomial_of_large_dispersion_tends_to_poisson(size, dtype):
    law = Truncated(negative_binomial(size, 3.0, dtype), upper=15)
    poisson = Truncated(Poisson(torch.tensor(3.0, dtype=dtype)), upper=15)
    assert law.probs.sum().item() == pytest.approx(1, abs=1e-6)
    torch.testing.assert_close(law.mean, poisson.mean, rtol=TOLERANCE[dtype] + 20 / size, atol=0)
    kl = kl_divergence(law, poisson).item()
    assert kl == pytest.approx((3 / size) ** 2 / 4, rel=0.2, abs=1e-7)  # to leading order


@pytest.mark.parametrize("size", [0.5, 90.0, 110.0, 1e4, 1e6])
@pytest.mark.parametrize("mean", [0.1, 3.0, 200.0])
def test_negative_binomial_masses_equal_scipy_at_any_dispersion(size, mean):
    law = Truncated(negative_binomial(size, mean, DOUBLE), lower=2, upper=250)
    expected = clamped([stats.nbinom(size, size / (size + mean))], 2, 250)[0]
    np.testing.assert_allclose(law.probs, expected, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("total", [1e3, 1e5, 1e6, 1e7])
@pytest.mark.parametrize("mean", [0.1, 3.0])
def test_binomial_masses_equal_scipy_at_large_totals(total, mean, dtype):
    probs = torch.tensor(mean / total, dtype=dtype)
    law = Truncated(Binomial(torch.tensor(total, dtype=dtype), probs), upper=15)
    expected = clamped([stats.binom(total, probs.item())], 0, 15)[0]
    np.testing.assert_allclose(law.probs, expected, rtol=1e-5, atol=1e-8)


def test_a_binomial_of_many_trials_is_enumerated_and_truncated_about_its_mean():
    law = Truncated(Binomial(torch.tensor(1e7), torch.tensor(0.5)), lower=None)
    assert law.mean.item() == pytest.approx(5e6, abs=2)
    assert law.variance.item() == pytest.approx(2.5e6, rel=1e-4)
    law = enumerated(Binomial(50_000, torch.tensor(0.3)))
    assert len(law.atoms) == 50_001
    assert law.mean.item() == pytest.approx(15_000, rel=1e-5)


def test_a_multinomial_of_many_trials_is_enumerated():
    law = enumerated(Multinomial(50_000, torch.tensor([0.3, 0.7])))
    torch.testing.assert_close(law.mean, torch.tensor([15_000.0, 35_000.0]))
    torch.testing.assert_close(law.probs.sum(), torch.tensor(1.0))


@pytest.mark.parametrize(("rate", "dispersion"), [(2e4, 1.0), (100.0, 0.5), (1e8, 2.0)])
def test_a_conway_maxwell_poisson_at_large_rates(rate, dispersion):
    single = ConwayMaxwellPoisson(torch.tensor(rate), torch.tensor(dispersion))
    double = ConwayMaxwellPoisson(doubles(rate), doubles(dispersion))
    count = single.mean.round()
    torch.testing.assert_close(single.mean, double.mean[0].float(), rtol=1e-6, atol=0)
    torch.testing.assert_close(
        single.log_prob(count).double(), double.log_prob(count.double())[0], rtol=0, atol=1e-4
    )
    if dispersion == 1.0:
        assert single.log_prob(count).item() == pytest.approx(
            stats.poisson(rate).logpmf(2e4), abs=1e-5
        )


@pytest.mark.parametrize("size", [1e3, 1e6, 1e9])
def test_the_mean_has_the_slope_of_its_formula_at_large_sizes(size, dtype):
    """Means r p / (1 - p) and n p, both with p held."""
    for make, odds in (
        (lambda r: NegativeBinomial(r, logits=torch.tensor(3 / size, dtype=dtype).log()), 3 / size),
        (lambda n: Binomial(n, torch.tensor(3 / size, dtype=dtype)), 3 / size),
    ):
        parameter = torch.tensor(size, dtype=dtype, requires_grad=True)
        Truncated(make(parameter), upper=60).mean.backward()
        assert parameter.grad.item() == pytest.approx(odds, rel=1e-4)


# Each with a parameter at an end of its range, the masses there, and the slopes of the masses.
EDGES = {
    "Poisson, rate 0": (lambda x: Truncated(Poisson(x), upper=20), 0.0, {0: 1}, {0: -1, 1: 1}),
    "Poisson, rate 0, upper 1": (
        lambda x: Truncated(Poisson(x), upper=1), 0.0, {0: 1}, {0: -1, 1: 1},
    ),
    "Poisson, rate 0, many atoms": (
        lambda x: Truncated(Poisson(x), upper=1000), 0.0, {0: 1}, {0: -1, 1: 1},
    ),
    "Poisson, rate 0, lower 1": (lambda x: Truncated(Poisson(x), 1, 5), 0.0, {0: 1}, {}),
    "NegativeBinomial, p 0": (
        lambda x: Truncated(NegativeBinomial(torch.tensor(4.0), x), upper=20),
        0.0, {0: 1}, {0: -4, 1: 4},
    ),
    "NegativeBinomial, size 0": (
        lambda x: Truncated(NegativeBinomial(x, torch.tensor(0.5)), upper=3),
        0.0, {0: 1}, {0: -np.log(2), 1: 0.5, 2: 0.125, 3: np.log(2) - 0.625},
    ),
    "Geometric, p 1": (lambda x: Truncated(Geometric(x), upper=20), 1.0, {0: 1}, {0: 1, 1: -1}),
    "Binomial, p 0": (
        lambda x: Truncated(Binomial(torch.tensor(6.0), x), upper=6), 0.0, {0: 1}, {0: -6, 1: 6},
    ),
    "Binomial, p 1": (
        lambda x: Truncated(Binomial(torch.tensor(6.0), x)), 1.0, {6: 1}, {6: 6, 5: -6},
    ),
    "Binomial, p 1, upper 5": (
        lambda x: Truncated(Binomial(torch.tensor(6.0), x), upper=5), 1.0, {5: 1}, {},
    ),
    "Binomial of torch, p 0": (lambda x: enumerated(Binomial(6, x)), 0.0, {0: 1}, {0: -6, 1: 6}),
    "Binomial of torch, p 1": (lambda x: enumerated(Binomial(6, x)), 1.0, {6: 1}, {6: 6, 5: -6}),
    "Bernoulli, p 0": (lambda x: enumerated(Bernoulli(x)), 0.0, {0: 1}, {0: -1, 1: 1}),
    "Bernoulli, p 1": (lambda x: enumerated(Bernoulli(x)), 1.0, {1: 1}, {0: -1, 1: 1}),
    "Categorical": (
        lambda x: enumerated(Categorical(torch.stack([1 - x, x]))), 0.0, {0: 1}, {0: -1, 1: 1},
    ),
    "ZeroInflatedPoisson, rate 0": (
        lambda x: Truncated(ZeroInflatedPoisson(torch.tensor(0.25), x), upper=9),
        0.0, {0: 1}, {0: -0.75, 1: 0.75},
    ),
    "ZeroInflatedPoisson, gate 1": (
        lambda x: Truncated(ZeroInflatedPoisson(x, torch.tensor(2.0)), upper=2),
        1.0, {0: 1},
        {0: 1 - np.exp(-2), 1: -2 * np.exp(-2), 2: 3 * np.exp(-2) - 1},
    ),
}  # fmt: skip


@pytest.fixture(params=EDGES)
def edge(request):
    return EDGES[request.param]


def test_masses_at_an_edge_are_exact(edge):
    make, at, masses, _ = edge
    law = make(torch.tensor(at))
    expected = torch.tensor([float(masses.get(j, 0)) for j in range(len(law.atoms))])
    assert torch.equal(law.probs, expected)
    assert torch.equal(law.logits.exp(), expected)
    assert law.entropy().item() == pytest.approx(0, abs=1e-12)


def test_slopes_at_an_edge_are_those_of_the_masses(edge):
    make, at, _, slopes = edge
    x = torch.tensor(at, requires_grad=True)
    law = make(x)
    expected = torch.tensor([float(slopes.get(j, 0)) for j in range(len(law.atoms))])
    loss = (law.atoms - 3).square()
    relaxed = GeneralizedGumbelSoftmax(law, 0.5)
    for value, weights in (
        ((law.probs * loss).sum(), loss),
        (law.mean, law.atoms),
        (relaxed.mean, law.atoms),
        (law.expand((2,)).mean[1], law.atoms),
    ):
        (slope,) = torch.autograd.grad(value, x, retain_graph=True)
        torch.testing.assert_close(slope, (expected * weights).sum(), rtol=1e-5, atol=1e-5)


def test_other_gradients_at_an_edge_are_finite(edge):
    make, at, _, _ = edge
    x = torch.tensor(at, requires_grad=True)
    law = make(x)
    other = Finite(torch.zeros(len(law.atoms)), law.atoms)
    z = GeneralizedGumbelSoftmax(law, 0.5).rsample((50,))
    for value in (law.entropy(), kl_divergence(law, other), law.variance, z.sum()):
        (slope,) = torch.autograd.grad(value, x, retain_graph=True)
        assert bool(slope.isfinite())


def test_the_gate_of_a_zero_inflated_poisson_has_its_slope_at_zero():
    gate = torch.tensor(0.0, requires_grad=True)
    law = Truncated(ZeroInflatedPoisson(gate, torch.tensor(2.0)), upper=40)
    law.mean.backward()
    assert gate.grad.item() == pytest.approx(-2, abs=1e-5)
    assert ZeroInflatedPoisson(gate, torch.tensor(300.0)).log_prob(torch.tensor(0.0)) == -300


def test_a_batch_of_totals_has_the_atoms_of_the_largest():
    probs = torch.tensor([0.5, 0.3], requires_grad=True)
    law = Truncated(Binomial(torch.tensor([3.0, 5.0]), probs))
    assert law.atoms.tolist() == [0, 1, 2, 3, 4, 5]
    expected = [stats.binom(n, p).pmf(range(6)) for n, p in ((3, 0.5), (5, probs[1].item()))]
    np.testing.assert_allclose(law.probs.detach(), expected, atol=1e-7)
    assert law.log_prob(torch.tensor([4.0, 4.0])).isinf().tolist() == [True, False]
    torch.testing.assert_close(law.mean, torch.tensor([1.5, 1.5]))
    other = Truncated(Binomial(torch.tensor([3.0, 5.0]), torch.tensor([0.4, 0.4])))
    kl = [stats.entropy(p, q) for p, q in zip(expected, other.probs.numpy(), strict=True)]
    np.testing.assert_allclose(kl_divergence(law, other).detach(), kl, atol=1e-6)
    np.testing.assert_allclose(
        law.entropy().detach(), [stats.entropy(p) for p in expected], atol=1e-6
    )
    z = GeneralizedGumbelSoftmax(law, 0.5).rsample((20,))
    value = kl_divergence(law, other).sum() + law.entropy().sum() + z.sum()
    value.backward()
    assert bool(probs.grad.isfinite().all())
    assert enumerated(law.base).atoms.tolist() == [0, 1, 2, 3, 4, 5]


def test_a_batch_of_totals_of_very_different_size():
    probs = torch.tensor([0.5, 3e-7], requires_grad=True)
    law = Truncated(Binomial(torch.tensor([3.0, 1e7]), probs), upper=15)
    torch.testing.assert_close(law.mean, torch.tensor([1.5, 3.0]))
    law.mean.sum().backward()
    torch.testing.assert_close(probs.grad, torch.tensor([3.0, 1e7]), rtol=1e-4, atol=0)


CONTINUOUS = [
    Exponential(1.0),
    Normal(0.0, 0.1),
    Uniform(0.0, 1.0),
    Beta(torch.ones(2), torch.ones(2)),
    MixtureSameFamily(Categorical(torch.ones(2)), Normal(torch.zeros(2), torch.ones(2))),
    TransformedDistribution(Poisson(3.0), [AffineTransform(0.0, 0.5)]),
    Finite(torch.zeros(2), torch.tensor([0.0, 0.5])),
]


@pytest.mark.parametrize("law", CONTINUOUS, ids=lambda law: type(law).__name__)
@pytest.mark.parametrize("options", [{"upper": 5}, {}, {"lower": -3, "upper": 3}])
def test_what_is_not_on_whole_numbers_is_refused(law, options):
    with pytest.raises(ValueError, match=r"(?s)needs a distribution on whole numbers, got .*use"):
        Truncated(law, **options)


def test_the_refusal_says_what_to_do():
    with pytest.raises(ValueError, match="Truncated") as caught:
        Truncated(Normal(0.0, 1.0), upper=5)
    assert str(caught.value) == (
        "Truncated needs a distribution on whole numbers, got Normal(loc: 0.0, scale: 1.0), whose "
        "support is Real(); use a distribution of counts, such as Poisson, or give the masses of "
        "your own atoms to Finite"
    )


@pytest.mark.parametrize("rate", [5.0, 600.0])
def test_a_mixture_of_counts_is_truncated(rate):
    mixture = MixtureSameFamily(Categorical(torch.ones(2)), Poisson(torch.tensor([1.0, rate])))
    law = Truncated(mixture)
    assert law.mean.item() == pytest.approx((1 + rate) / 2, rel=1e-4)


def test_a_distribution_on_some_whole_numbers_is_truncated():
    law = Truncated(Finite(torch.zeros(3), torch.tensor([0.0, 2.0, 9.0])), upper=5)
    torch.testing.assert_close(law.probs, torch.tensor([1.0, 0.0, 1.0, 0.0, 0.0, 1.0]) / 3)


@pytest.fixture(params=[torch.float16, torch.bfloat16], ids=str)
def half(request):
    return request.param


HALVES = {
    "Poisson": lambda x: Truncated(Poisson(x), upper=20),
    "Poisson, ends chosen": lambda x: Truncated(Poisson(x)),
    "NegativeBinomial": lambda x: Truncated(NegativeBinomial(x, x / 8), upper=20),
    "Geometric": lambda x: Truncated(Geometric((x + 1) / 4), upper=20),
    "Binomial": lambda x: Truncated(Binomial(torch.full_like(x, 6), x / 4)),
    "ZeroInflatedPoisson": lambda x: Truncated(ZeroInflatedPoisson(x / 4, x), upper=20),
    "ConwayMaxwellPoisson": lambda x: Truncated(ConwayMaxwellPoisson(x + 1, x + 1), upper=20),
    "Finite": lambda x: Finite(torch.stack([x, -x], -1), torch.tensor([0.0, 3.0])),
    "Categorical": lambda x: enumerated(Categorical(torch.stack([x, 4 - x], -1))),
    "OneHotCategorical": lambda x: enumerated(OneHotCategorical(torch.stack([x, 4 - x], -1))),
}


@pytest.mark.parametrize("name", HALVES)
def test_half_precision_has_the_values_of_single_to_its_own_digits(name, half):
    single, law = (HALVES[name](torch.tensor([0.0, 3.0], dtype=t)) for t in (torch.float32, half))
    n = min(len(single.atoms), len(law.atoms))
    close = {"rtol": 0, "atol": 0.02}
    torch.testing.assert_close(law.probs[:, :n].float(), single.probs[:, :n], **close)
    z = GeneralizedGumbelSoftmax(law, 0.5).rsample((4000,))
    values = law.mean, law.sample(), law.entropy(), kl_divergence(law, law), z
    assert all(value.dtype == half and not value.isnan().any() for value in values)
    # Within 6 standard errors of what single precision draws.
    wide = GeneralizedGumbelSoftmax(single, 0.5).rsample((40_000,))
    error = wide.std(0) / 4000**0.5
    assert bool(((z.float().mean(0) - wide.mean(0)).abs() <= 6 * error + 0.02).all())


def test_half_precision_has_gradients(half):
    x = torch.tensor([0.5, 3.0], dtype=half, requires_grad=True)
    law = Truncated(Poisson(x), upper=20)
    (GeneralizedGumbelSoftmax(law, 0.5).rsample((100,)).mean() + law.entropy().sum()).backward()
    assert x.grad.dtype == half
    assert bool(x.grad.isfinite().all() & x.grad.all())


def test_an_end_that_a_narrow_dtype_cannot_hold_is_refused(half):
    limit = 2048 if half == torch.float16 else 256
    law = Poisson(torch.tensor([3.0], dtype=half))
    assert len(Truncated(law, upper=limit).atoms) == limit + 1
    with pytest.raises(ValueError, match=rf"holds whole numbers up to {limit:,} only, got an end"):
        Truncated(law, upper=limit + 1)
