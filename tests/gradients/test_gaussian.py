import pytest
import torch
from scipy import stats
from torch.distributions import Binomial, Multinomial, NegativeBinomial, Poisson

from topicgen.distributions import Finite, Truncated
from topicgen.gradients import GaussianApproximation

from .conftest import assert_mean, doubles, gradients, square

N = 100_000
LAWS = {
    "poisson": Poisson(doubles(0.3, 5.0)),
    "negative binomial": NegativeBinomial(doubles(3.0, 0.5), probs=doubles(0.4, 0.7)),
    "binomial": Binomial(20, probs=doubles(0.3, 0.9)),
    "free": Finite(doubles([0.0, 1.0, 0.5]), doubles(0.0, 2.0, 7.0)),
    "multinomial": Multinomial(3, doubles(0.7, 0.2, 0.1)),
}


@pytest.mark.parametrize("law", LAWS.values(), ids=LAWS)
def test_mean_and_variance_are_the_laws(law):
    """Each of the 18 comparisons fails for one seed in 16,000."""
    z = GaussianApproximation().sample(law, N)
    assert z.shape == (N, *law.batch_shape, *law.event_shape)
    assert_mean(z, law.mean)
    assert_mean((z - law.mean).square(), law.variance)


def test_values_are_normal():
    """Kolmogorov and Smirnov's test, which fails for one seed in 10,000."""
    z = GaussianApproximation().sample(Poisson(doubles(5.0)), N)[:, 0]
    assert stats.kstest(z.numpy(), stats.norm(5, 5**0.5).cdf).pvalue > 1e-4


def test_samples_and_latent_variables_are_independent():
    z = GaussianApproximation().sample(Poisson(doubles(5.0, 5.0)), N) - 5
    assert_mean(z[:, 0] * z[:, 1], 0.0)
    assert_mean(z[1:] * z[:-1], doubles(0.0, 0.0))


@pytest.mark.parametrize("rate", [0.5, 5.0, 50.0])
def test_gradient_is_exact_for_a_quadratic_loss(rate):
    """It needs two moments only: d/dr ((r - 3)^2 + r). Each fails for one seed in 16,000."""
    at = torch.tensor(rate, dtype=torch.float64)
    assert_mean(
        gradients(GaussianApproximation(), Poisson, at, square, 200_000), 2 * (rate - 3) + 1
    )


def test_gradient_is_biased_where_the_rate_is_small_and_the_loss_no_parabola():
    """E[exp(-z)] is exp(-0.63 r) of a Poisson and exp(-r / 2) of a normal law."""
    at = torch.tensor(0.5, dtype=torch.float64)
    draws = gradients(GaussianApproximation(), Poisson, at, lambda z: (-z).exp(), 200_000)
    assert_mean(draws, -0.5 * torch.tensor(-0.25).exp().item())


def test_moments_are_those_of_the_law_before_its_truncation():
    torch.manual_seed(1)
    expected = GaussianApproximation().sample(Poisson(doubles(5.0)), 10)
    torch.manual_seed(1)
    found = GaussianApproximation().sample(Truncated(Poisson(doubles(5.0)), upper=4), 10)
    assert torch.equal(found, expected)


def test_gradient_is_finite_where_nothing_varies():
    rate = torch.tensor([0.0, 1e-30], requires_grad=True)
    z = GaussianApproximation().sample(Poisson(rate), 100)
    z.sum().backward()
    assert not bool(z[:, 0].abs().max() > 1e-15)
    assert bool(rate.grad.isfinite().all())
