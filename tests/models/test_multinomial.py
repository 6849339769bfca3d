"""Statistical tests are seeded; each would fail for one seed in a thousand if all is right."""

import numpy as np
import torch
from scipy import stats

from topicgen.models.multinomial import draw_multinomial

P_VALUE = 1e-3


def test_draws_have_the_multinomial_distribution():
    n, n_items, weights = 4_000, 4, np.array([0.5, 1.5, 0.0, 2.0])
    numbers, rows = torch.full((n,), float(n_items)), torch.tensor(weights).expand(n, 4)
    drawn = draw_multinomial(numbers, rows, generator=torch.Generator().manual_seed(0)).numpy()
    law = stats.multinomial(n_items, weights / weights.sum())
    outcomes, times = np.unique(drawn, axis=0, return_counts=True)
    assert (drawn.sum(1) == n_items).all()
    expected = n * law.pmf(outcomes)
    often = expected > 5
    expected = np.append(expected[often], n - expected[often].sum())
    times = np.append(times[often], n - times[often].sum())
    assert stats.chisquare(times, expected).pvalue > P_VALUE


def test_items_are_all_there_however_many_and_however_uneven_the_weights():
    weights = torch.tensor([[1e-30, 1.0, 1e30], [0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [1.0, 1.0, 1.0]])
    numbers = torch.full((4,), 1e10, dtype=torch.float64)
    drawn = draw_multinomial(numbers, weights, generator=torch.Generator().manual_seed(0))
    assert drawn.sum(1).tolist() == [1e10] * 4
    assert drawn[:3].tolist() == [[0.0, 0.0, 1e10], [0.0, 0.0, 1e10], [1e10, 0.0, 0.0]]
    assert abs(float(drawn[3, 0]) - 1e10 / 3) < 4 * (1e10 * 2 / 9) ** 0.5
