"""Statistical tests are seeded; each would fail for one seed in a thousand if all is right."""

import numpy as np
import pytest
import torch
from scipy import stats

from topicgen.distributions import Finite
from topicgen.models.rates import AtomRates, GammaRates, log_gamma_draw

P_VALUE = 1e-3
N = 4_000


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def agrees(draws, law):
    return stats.kstest(np.asarray(draws, dtype=float), law.cdf).pvalue > P_VALUE


@pytest.mark.parametrize("shape", [0.05, 0.5, 1.0, 40.0])
def test_log_gamma_draws_are_gamma(shape):
    drawn = log_gamma_draw(torch.full((N,), shape, dtype=torch.float64), generator=generator())
    assert agrees(drawn.exp(), stats.gamma(shape))


def test_log_gamma_draws_of_tiny_shapes_are_finite_and_exponential():
    # log G(a) is nearly minus an exponential variable over a.
    drawn = log_gamma_draw(torch.full((N,), 1e-3), generator=generator())
    assert torch.isfinite(drawn).all()
    assert agrees(-1e-3 * drawn, stats.expon())


def test_log_gamma_draws_take_expanded_shapes():
    drawn = log_gamma_draw(torch.ones(1).expand(3, 5), generator=generator())
    assert len(drawn.unique()) == 15


def test_gamma_rates_before_and_after_tokens():
    rates = GammaRates(torch.tensor([0.5, 3.0]), torch.tensor([2.0, 7.0]))
    before = rates.draw(N, generator=generator()).exp()
    assert agrees(before[:, 0], stats.gamma(0.5, scale=4.0))
    assert agrees(before[:, 1], stats.gamma(3.0, scale=7 / 3))
    tokens, cost = torch.tensor([[4.0, 0.0]]).expand(N, 2), torch.full((N, 1), 2.0)
    after = rates.given(tokens, cost, generator=generator(1)).exp()
    assert agrees(after[:, 0], stats.gamma(4.5, scale=1 / (0.25 + 2)))
    assert agrees(after[:, 1], stats.gamma(3.0, scale=1 / (3 / 7 + 2)))


def test_poisson_tokens_of_gamma_rates_are_negative_binomial():
    rates = GammaRates(torch.tensor([0.3]), torch.tensor([5.0]))
    tokens = torch.poisson(rates.draw(N, generator=generator()).exp(), generator())
    assert tokens.var() == pytest.approx(5 + 25 / 0.3, rel=0.2)


def test_rescaled_rates_keep_their_proportions_and_their_prior():
    rates = GammaRates(torch.tensor([0.5, 3.0]), torch.tensor([2.0, 7.0]))
    before = rates.draw(N, generator=generator())
    after = rates.rescaled(before, generator=generator(1))
    torch.testing.assert_close(before.softmax(-1), after.softmax(-1), rtol=1e-4, atol=1e-6)
    assert abs(np.corrcoef((before - after)[:, 1], before[:, 1])[0, 1]) > 0.5
    assert agrees(after.exp()[:, 0], stats.gamma(0.5, scale=4.0))
    assert agrees(after.exp()[:, 1], stats.gamma(3.0, scale=7 / 3))


def test_rates_between_have_the_weight_of_the_others():
    one = GammaRates(torch.tensor([1.0]), torch.tensor([1.0]))
    other = GammaRates(torch.tensor([16.0]), torch.tensor([81.0]))
    between = one.between(other, 0.25)
    torch.testing.assert_close(between.shape, torch.tensor([2.0]))
    torch.testing.assert_close(between.mean, torch.tensor([3.0]))


LAW = Finite(torch.tensor([[0.5, 0.3, 0.2], [0.1, 0.1, 0.8]]).log(), torch.tensor([0.0, 1.0, 3.0]))
ATOM_RATES = AtomRates(LAW, torch.tensor([0.2, 0.2]), torch.tensor(2.0))


def test_atom_rates_before_tokens():
    drawn = ATOM_RATES.draw(N, generator=generator()).exp()
    for k in range(2):
        values, times = drawn[:, k].round(decimals=3).unique(return_counts=True)
        assert values.tolist() == pytest.approx([0.4, 2.4, 6.4])
        exact = LAW.probs[k].double()
        assert stats.chisquare(times, N * exact / exact.sum()).pvalue > P_VALUE


def test_atom_rates_given_tokens_have_the_exact_conditional():
    tokens, cost = torch.tensor([[3.0, 1.0]]).expand(N, 2), torch.full((N, 1), 0.7)
    drawn = ATOM_RATES.given(tokens, cost, generator=generator()).exp()
    at = np.array([0.4, 2.4, 6.4])
    for k, n in enumerate((3, 1)):
        exact = LAW.probs[k].numpy() * at**n * np.exp(-0.7 * at)
        times = [(drawn[:, k] - value).abs().lt(1e-3).sum() for value in at]
        assert stats.chisquare(times, N * exact / exact.sum()).pvalue > P_VALUE


def test_atom_rates_stay_where_they_are():
    log_rates = ATOM_RATES.draw(3, generator=generator())
    assert ATOM_RATES.rescaled(log_rates) is log_rates


def test_tilted_rates_have_other_shapes_and_the_same_scales():
    rates = GammaRates(torch.tensor([0.5, 3.0]), torch.tensor([2.0, 7.0]))
    tilted = rates.tilted(torch.tensor([[0.0, 0.0], [1.0, -2.0]], dtype=torch.float64))
    factor = torch.tensor([[1.0, 1.0], [np.e, np.exp(-2)]], dtype=torch.float32)
    torch.testing.assert_close(tilted.shape, rates.shape * factor)
    torch.testing.assert_close(tilted.mean, rates.mean * factor)
    torch.testing.assert_close(tilted.inverse_scale, rates.inverse_scale.expand(2, 2))


def test_documents_may_have_shapes_of_their_own():
    shape, mean = torch.tensor([[0.5, 3.0], [2.0, 1.0]]), torch.tensor([[2.0, 7.0], [4.0, 1.0]])
    rates = GammaRates(shape.repeat_interleave(N // 2, 0), mean.repeat_interleave(N // 2, 0))
    before = rates.draw(N, generator=generator()).exp()
    assert agrees(before[: N // 2, 0], stats.gamma(0.5, scale=4.0))
    assert agrees(before[N // 2 :, 0], stats.gamma(2.0, scale=2.0))
    tokens = torch.tensor([4.0, 0.0]).expand(N, 2)
    after = rates.given(tokens, torch.full((N, 1), 0.5), generator=generator(1)).exp()
    assert agrees(after[: N // 2, 0], stats.gamma(4.5, scale=1 / 0.75))
    assert agrees(after[N // 2 :, 0], stats.gamma(6.0, scale=1.0))


def test_sums_of_rates_of_their_own_are_drawn_anew():
    shape = torch.tensor([[0.5, 3.0], [2.0, 1.0]])
    mean = torch.tensor([[2.0, 7.0], [4.0, 1.0]])
    rates = GammaRates(shape.repeat_interleave(N // 2, 0), mean.repeat_interleave(N // 2, 0))
    log_rates = torch.tensor([[0.3, 0.7]]).log().expand(N, 2)
    drawn = rates.rescaled(log_rates, generator=generator())
    torch.testing.assert_close(drawn.softmax(-1), log_rates.exp())
    total = drawn.exp().sum(1)
    first = 0.3 * 0.5 / 2 + 0.7 * 3 / 7
    assert agrees(total[: N // 2], stats.gamma(3.5, scale=1 / first))
    assert agrees(total[N // 2 :], stats.gamma(3.0, scale=1 / (0.3 * 2 / 4 + 0.7 * 1 / 1)))


def test_documents_may_have_atoms_of_their_own():
    logits = torch.tensor([[[0.0, -30.0]], [[-30.0, 0.0]]])
    law = Finite(logits, torch.tensor([0.0, 1.0]))
    rates = AtomRates(law, torch.tensor([0.5]), torch.tensor(2.0))
    drawn = rates.draw(2, generator=generator()).exp()
    torch.testing.assert_close(drawn, torch.tensor([[1.0], [3.0]]))
