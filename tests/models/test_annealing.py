from itertools import pairwise

import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix

from topicgen.models import SparseCounts, annealed_bound, evidence_bound, importance_bound

ROWS = np.array([[15, 0, 5, 0], [0, 2, 0, 2], [0, 0, 0, 0]])
N = 2000


MODELS = [
    {},
    {"likelihood": "poisson"},
    {"likelihood": "negative_binomial"},
    {"n_layers": 1},
    {"n_layers": 2},
]


@pytest.mark.parametrize("options", MODELS, ids=str)
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_bounds_bracket_the_exact_log_likelihood(enumerable, mean_and_error, options, row):
    """2000 walks, 4 standard errors: 3e-5 of the seeds fail each of the seven comparisons.

    Up from the approximate posterior it is a lower bound, and the weights' mean is the likelihood;
    down from exact samples it is an upper bound. Both tighten with the temperatures.
    """
    model = enumerable(**options)
    hierarchy, documents = model.hierarchy, model.copies(row, N)
    exact, start = model.log_likelihood(row), model.posterior_sample(row, N)
    before = [counts.clone() for counts in start]

    low = [mean_and_error(annealed_bound(hierarchy, documents, n_temperatures=n)) for n in (3, 30)]
    high = [
        mean_and_error(annealed_bound(hierarchy, documents, n_temperatures=n, start=start))
        for n in (3, 30)
    ]
    assert low[0][0] < low[1][0] + low[0][1] + low[1][1]
    assert low[1][0] < exact + low[1][1]
    assert high[0][0] > high[1][0] - high[0][1] - high[1][1]
    assert high[1][0] > exact - high[1][1]
    gaps = [upper[0] - lower[0] for lower, upper in zip(low, high, strict=True)]
    assert gaps[1] < 0.5 * gaps[0] + sum(error for _, error in (*low, *high))
    assert all(torch.equal(first, counts) for first, counts in zip(start, before, strict=True))
    weights = (annealed_bound(hierarchy, documents, n_temperatures=30) - exact).exp()
    mean, error = mean_and_error(weights)
    assert abs(mean - 1) < error


@pytest.mark.parametrize("row", ROWS[:2], ids=str)
def test_elbo_importance_and_annealed_bounds_are_in_order(enumerable, mean_and_error, row):
    """300 copies, 4 standard errors: 1e-4 of the seeds fail.

    As perplexities the ELBO is above IWAE-100, which is above IWAE-1000, which is above the exact
    value; annealing comes closer than 1,000 importance samples do.
    """
    model = enumerable()
    hierarchy, documents = model.hierarchy, model.copies(row, 300)
    exact = model.log_likelihood(row)
    bounds = [
        evidence_bound(hierarchy, documents, n_samples=10).elbo,
        importance_bound(hierarchy, documents, n_samples=100),
        importance_bound(hierarchy, documents, n_samples=1000),
        annealed_bound(hierarchy, documents, n_temperatures=500, n_samples=5),
    ]
    values = [mean_and_error(bound) for bound in bounds]
    for (lower, first), (higher, second) in pairwise(values):
        assert lower < higher + first + second
    assert exact - values[1][0] < 0.8 * (exact - values[0][0]) + values[0][1] + values[1][1]
    assert values[3][0] == pytest.approx(exact, abs=0.02 + values[3][1])


@pytest.mark.parametrize("n_layers", [0, 1])
def test_with_one_temperature_it_is_importance_sampling(enumerable, mean_and_error, n_layers):
    """From independent counts of every layer: 2000 walks, 4 standard errors."""
    model = enumerable(n_layers)
    hierarchy, documents = model.hierarchy, model.copies(ROWS[1], N)
    mean, error = mean_and_error(annealed_bound(hierarchy, documents, n_temperatures=1))
    if n_layers == 0:
        expected = importance_bound(hierarchy, documents, n_samples=1)
        assert mean == pytest.approx(expected.mean().item(), abs=2 * error)
    many = annealed_bound(hierarchy, documents, n_temperatures=1, n_samples=50)
    assert many.mean().item() > mean - error


def test_documents_do_not_hear_of_one_another(enumerable, mean_and_error):
    """The bound of a document beside others is its bound alone: 2000 walks, 4 standard errors."""
    model = enumerable()
    hierarchy = model.hierarchy
    mixed = SparseCounts.from_csr(csr_matrix(np.tile(ROWS, (N, 1))), torch.float64)
    together = annealed_bound(hierarchy, mixed, n_temperatures=10).reshape(N, 3)
    for column, row in enumerate(ROWS):
        alone, error = mean_and_error(
            annealed_bound(hierarchy, model.copies(row, N), n_temperatures=10)
        )
        mean, other_error = mean_and_error(together[:, column])
        assert abs(alone - mean) < error + other_error
