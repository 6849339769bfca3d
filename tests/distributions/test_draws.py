import math
import threading

import numpy as np
import pytest
import torch
from scipy import stats
from torch.distributions import (
    Bernoulli,
    Binomial,
    Categorical,
    Distribution,
    Exponential,
    Geometric,
    Independent,
    Multinomial,
    NegativeBinomial,
    OneHotCategorical,
    Poisson,
)

from topicgen.distributions import (
    ConwayMaxwellPoisson,
    Finite,
    GeneralizedGumbelSoftmax,
    Truncated,
    ZeroInflatedPoisson,
    draw,
)

from .laws import DOUBLE, chi_square_pvalue

MADE = {
    "Poisson": lambda: Poisson(torch.tensor([0.0, 2.0, 60.0])),
    "NegativeBinomial": lambda: NegativeBinomial(torch.tensor([0.5, 2.0, 9.0]), torch.tensor(0.3)),
    "Geometric": lambda: Geometric(torch.tensor([0.2, 0.5, 1.0])),
    "Binomial": lambda: Binomial(torch.tensor([1.0, 4.0, 9.0]), torch.tensor([0.0, 0.5, 0.9])),
    "Bernoulli": lambda: Bernoulli(torch.tensor([0.0, 0.5, 0.9])),
    "Categorical": lambda: Categorical(logits=torch.randn(3, 4)),
    "OneHotCategorical": lambda: OneHotCategorical(logits=torch.randn(3, 4)),
    "Multinomial": lambda: Multinomial(5, logits=torch.randn(3, 4)),
    "Independent": lambda: Independent(Poisson(torch.ones(3, 2)), 1),
    "Finite": lambda: Finite(torch.randn(3, 4), torch.arange(4.0)),
    "Truncated": lambda: Truncated(Poisson(torch.tensor([0.0, 2.0, 60.0])), upper=70),
    "GenGS": lambda: GeneralizedGumbelSoftmax(Finite(torch.randn(3, 4), torch.arange(4.0)), 0.5),
    "ZeroInflatedPoisson": lambda: ZeroInflatedPoisson(torch.tensor(0.3), torch.ones(3)),
    "ConwayMaxwellPoisson": lambda: ConwayMaxwellPoisson(torch.tensor(3.0), torch.ones(3)),
}


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.fixture(params=MADE)
def law(request):
    return MADE[request.param]()


@pytest.mark.parametrize("sample_shape", [(), (5,), (3, 1)])
def test_draws_have_the_shape_and_dtype_of_torch(law, sample_shape):
    ours, theirs = draw(law, sample_shape, generator=generator()), law.sample(sample_shape)
    assert ours.shape == theirs.shape == (*sample_shape, 3, *law.event_shape)
    assert ours.dtype == theirs.dtype
    assert bool(law.support.check(ours).all())


def test_a_seed_fixes_the_draws_and_the_global_stream_stays_as_it_is(law):
    before = torch.get_rng_state()
    first, second, other = (draw(law, (200,), generator=generator(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, second)
    assert not torch.equal(first, other)
    assert torch.equal(torch.get_rng_state(), before)


def test_draws_without_a_generator_are_those_of_torch(law):
    torch.manual_seed(5)
    ours = draw(law, (20,))
    torch.manual_seed(5)
    assert torch.equal(ours, law.sample((20,)))


def test_two_draws_of_one_generator_differ(law):
    one = generator()
    assert not torch.equal(draw(law, (200,), generator=one), draw(law, (200,), generator=one))


def test_draws_have_no_gradient():
    rate = torch.ones(3, requires_grad=True)
    assert not draw(Poisson(rate), (2,), generator=generator()).requires_grad


@pytest.mark.parametrize(
    ("law", "reference"),
    [
        (Poisson(torch.tensor(2.0)), stats.poisson(2.0)),
        (NegativeBinomial(torch.tensor(1.5), torch.tensor(0.4)), stats.nbinom(1.5, 0.6)),
        (NegativeBinomial(torch.tensor(1.5), logits=torch.tensor(0.4)), stats.nbinom(1.5, 0.40131)),
        (Geometric(torch.tensor(0.3)), stats.geom(0.3, loc=-1)),
        (Binomial(torch.tensor(6.0), torch.tensor(0.3)), stats.binom(6, 0.3)),
        (Bernoulli(torch.tensor(0.3)), stats.bernoulli(0.3)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_draws_follow_the_masses_of_scipy(law, reference):
    """A chi-square test of 100,000 draws: each fails for one seed in 2,000."""
    counts = np.bincount(draw(law, (100_000,), generator=generator()).long().numpy())
    masses = reference.pmf(np.arange(len(counts) + 1))
    masses[-1] = reference.sf(len(counts) - 1)
    assert chi_square_pvalue(np.append(counts, 0), masses) > 5e-4


@pytest.mark.parametrize("make", [Categorical, OneHotCategorical])
def test_categories_follow_their_probabilities(make):
    """As above."""
    probs = torch.tensor([[0.2, 0.5, 0.3], [0.0, 0.9, 0.1]])
    draws = draw(make(probs), (100_000,), generator=generator())
    draws = draws.argmax(-1) if make is OneHotCategorical else draws
    for row, masses in zip(draws.T, probs.numpy(), strict=True):
        assert chi_square_pvalue(np.bincount(row.numpy(), minlength=3), masses) > 5e-4


def test_multinomial_counts_have_their_mean_and_covariance():
    """Within 5 standard errors, three numbers each: fails for one seed in 200,000."""
    probs = torch.tensor([0.2, 0.5, 0.3], dtype=DOUBLE)
    draws = draw(Multinomial(7, probs), (100_000,), generator=generator())
    assert bool((draws.sum(-1) == 7).all())
    assert bool(((draws.mean(0) - 7 * probs).abs() < 5 * math.sqrt(7 / 4e5)).all())
    covariance = 7 * (probs.diag() - probs.outer(probs))
    assert bool(((draws.T.cov() - covariance).abs() < 5 * math.sqrt(2) * 1.75 / 300).all())


def test_a_distribution_that_cannot_take_a_generator_is_refused():
    with pytest.raises(TypeError) as caught:
        draw(Exponential(torch.ones(2)), generator=generator())
    assert str(caught.value) == (
        "cannot draw from Exponential(rate: torch.Size([2])) with a generator; use a discrete "
        "distribution of torch or of topicgen.distributions, or leave the generator out"
    )
    assert draw(Exponential(torch.ones(2))).shape == (2,)


def test_a_distribution_of_the_users_own_may_take_a_generator():
    class Coin(Distribution):
        def sample(self, sample_shape=(), *, generator=None):
            return torch.rand(sample_shape, generator=generator)

    coin = Coin(validate_args=False)
    assert torch.equal(
        draw(coin, (3,), generator=generator()), torch.rand(3, generator=generator())
    )


def test_other_threads_do_not_disturb_a_generator():
    law = Truncated(Poisson(torch.full((400,), 5.0)), upper=20)
    relaxed = GeneralizedGumbelSoftmax(law, 0.5)
    expected = relaxed.rsample((50,), generator=generator())
    found = {}

    def work(name):
        for _ in range(3):
            torch.rand(1000)
            found[name] = relaxed.rsample((50,), generator=generator())

    threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(torch.equal(values, expected) for values in found.values())
