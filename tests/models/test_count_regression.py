"""Regressions of counts against optimisers and closed forms.

Statistical tests are seeded; each would fail for one seed in a thousand if all is right.
"""

import numpy as np
import pytest
import torch
from scipy import optimize, special, stats

from topicgen.models import DocumentCovariates, Information, LogLinear, update_log_linear

P_VALUE = 1e-3
DOUBLE = torch.float64


def covariates(matrix, levels=None):
    matrix = torch.as_tensor(np.asarray(matrix), dtype=DOUBLE)
    if levels is None:
        levels = np.zeros((len(matrix), 0), dtype=np.int64)
    return DocumentCovariates(matrix, torch.as_tensor(np.asarray(levels)))


def poisson(counts, exposure=1.0):
    counts, exposure = torch.as_tensor(counts, dtype=DOUBLE), torch.as_tensor(exposure)

    def information(predictor):
        mean = exposure * predictor.exp()
        return Information(counts - mean, mean)

    return information


def moved(function, known, information, n_updates, n_topics, **options):
    intercept = torch.zeros(n_topics, dtype=DOUBLE)
    for _ in range(n_updates):
        intercept = update_log_linear(function, intercept, known, information, **options)
    return intercept


def vague(monkeypatch):
    """Let coefficients and intercepts be what the counts say."""
    monkeypatch.setattr("topicgen.models.count_regression._INTERCEPT_DEVIATION", 1e6)
    monkeypatch.setattr(
        "topicgen.models.count_regression._variance",
        lambda square, *_: torch.full_like(square, 1e9),
    )


# -- the function ----------------------------------------------------------------------------


def test_the_value_is_a_sum_over_columns_and_groups():
    function = LogLinear([0, 0], [2, 3], 2, DOUBLE)
    function.coefficients.copy_(torch.tensor([[1.0, 2.0], [10.0, 20.0]]))
    function.intercepts(0).copy_(torch.tensor([[0.1, 0.2], [0.3, 0.4]]))
    function.intercepts(1).copy_(torch.tensor([[5.0, 5.0], [6.0, 6.0], [7.0, 7.0]]))
    value = function(covariates([[1.0, 0.0], [0.0, 2.0]], [[0, 2], [1, 0]]))
    torch.testing.assert_close(value, torch.tensor([[8.1, 9.2], [25.3, 45.4]], dtype=DOUBLE))


def test_an_unknown_level_adds_nothing():
    function = LogLinear([], [2], 1, DOUBLE)
    function.intercepts(0).fill_(3.0)
    assert function(covariates(np.zeros((2, 0)), [[-1], [1]])).tolist() == [[0.0], [3.0]]


def test_without_columns_or_groups_the_value_is_0():
    assert LogLinear([], [], 3)(covariates(np.zeros((4, 0)))).tolist() == [[0.0] * 3] * 4


def test_the_state_holds_all():
    function = LogLinear([0, 1, 1], [4, 2], 3, DOUBLE)
    for value in function.buffers():
        if value.is_floating_point():
            value.normal_()
    again = LogLinear.from_state(function.state_dict())
    assert again.state_dict().keys() == function.state_dict().keys()
    for name, value in function.state_dict().items():
        assert torch.equal(again.state_dict()[name], value)
    assert (again.coefficients.dtype, again.n_groupings) == (DOUBLE, 2)


def test_documents_are_chosen_and_moved():
    known = covariates([[1.0], [2.0], [3.0]], [[0], [1], [2]])
    assert len(known) == 3
    chosen = known.select(torch.tensor([2, 0]))
    assert (chosen.matrix.tolist(), chosen.levels.tolist()) == ([[3.0], [1.0]], [[2], [0]])
    part = known.part(slice(1, 3), torch.zeros(1))
    assert (part.matrix.dtype, part.levels.dtype) == (torch.float32, torch.int64)
    assert part.matrix.tolist() == [[2.0], [3.0]]


# -- where it moves --------------------------------------------------------------------------


def test_newton_finds_the_maximum_likelihood(monkeypatch):
    vague(monkeypatch)
    random = np.random.default_rng(0)
    x, exposure = random.normal(size=(300, 2)), random.gamma(2.0, 5.0, (300, 1))
    counts = random.poisson(exposure * np.exp([-1.0, 0.5] + x @ [[0.5, -0.3], [0.0, 1.0]]))
    function = LogLinear([0, 1], [], 2, DOUBLE)
    intercept = moved(function, covariates(x), poisson(counts, exposure), 2, 2, n_steps=30)
    z = np.column_stack([np.ones(300), x])
    for k in range(2):

        def loss(beta, k=k):
            return (exposure[:, 0] * np.exp(z @ beta) - counts[:, k] * (z @ beta)).sum()

        best = optimize.minimize(loss, np.zeros(3), method="BFGS", options={"gtol": 1e-4}).x
        found = [intercept[k].item(), *function.coefficients[:, k].tolist()]
        np.testing.assert_allclose(found, best, atol=1e-5)


def test_without_columns_the_intercept_is_the_log_of_the_mean(monkeypatch):
    vague(monkeypatch)
    counts = torch.tensor([[1.0, 4.0], [3.0, 8.0]])
    function = LogLinear([], [], 2, DOUBLE)
    intercept = moved(function, covariates(np.zeros((2, 0))), poisson(counts), 1, 2, n_steps=20)
    np.testing.assert_allclose(intercept.exp(), [2.0, 6.0], rtol=1e-5)
    assert function.variances.shape == (0,)
    drawn = moved(
        function, covariates(np.zeros((2, 0))), poisson(counts), 1, 2, n_steps=20, is_drawn=True
    )
    assert torch.isfinite(drawn).all()


def test_parts_of_the_documents_do_not_matter(monkeypatch):
    random = np.random.default_rng(0)
    x = random.normal(size=(50, 2))
    counts = random.poisson(3.0, (50, 2))
    found = []
    for most in (2**24, 12):
        monkeypatch.setattr("topicgen.models.count_regression._PRODUCTS", most)
        function = LogLinear([0, 0], [], 2, DOUBLE)
        moved(function, covariates(x), poisson(counts), 3, 2)
        found.append(function.coefficients)
    torch.testing.assert_close(*found)


def test_what_is_not_there_is_shrunk_away_and_what_is_there_is_not():
    random = np.random.default_rng(1)
    x = random.normal(size=(400, 2))
    true = random.normal(0, 1.0, 20)
    counts = random.poisson(np.exp(0.5 + x[:, :1] * true))
    function = LogLinear([0, 1], [], 20, DOUBLE)
    moved(function, covariates(x), poisson(counts), 60, 20)
    planted, nothing = function.variances.tolist()
    assert planted == pytest.approx((true**2).mean(), rel=0.1)
    # The standard error of a coefficient alone is about .04.
    assert nothing < 0.08**2
    np.testing.assert_allclose(function.coefficients[0], true, atol=0.15)
    assert function.coefficients[1].abs().max() < 0.08


def test_columns_of_a_term_share_a_variance():
    random = np.random.default_rng(2)
    x = random.normal(size=(500, 3))
    counts = random.poisson(np.exp(1.0 + x @ [[1.0], [0.0], [0.0]]))
    function = LogLinear([0, 0, 1], [], 1, DOUBLE)
    moved(function, covariates(x), poisson(counts), 40, 1)
    # One of two coefficients is 1; the prior is worth one of .2.
    assert function.variances[0].item() == pytest.approx((1.0 + 0.04) / 3, rel=0.1)
    assert function.variances[1].item() < 0.05


def test_random_intercepts_solve_the_equation_of_their_mode():
    random = np.random.default_rng(3)
    levels = np.repeat(np.arange(30), 4)[:, None]
    true = random.normal(0, 0.8, (30, 1))
    counts = random.poisson(2.0 * np.exp(true[levels[:, 0]]))
    known = covariates(np.zeros((120, 0)), levels)
    function = LogLinear([], [30], 1, DOUBLE)
    intercept = moved(function, known, poisson(counts), 100, 1)
    u, variance = function.intercepts(0), function.group_variances[0]
    mean = (intercept + u).exp() * 4
    total = torch.zeros(30, 1, dtype=DOUBLE).index_add_(
        0, known.levels[:, 0], torch.tensor(counts).double()
    )
    torch.testing.assert_close(total - mean, u / variance, atol=1e-3, rtol=1e-3)
    assert variance.item() == pytest.approx(0.64, rel=0.5)
    assert np.corrcoef(u[:, 0], true[:, 0])[0, 1] > 0.85
    # Shrunk: nearer to 0 than each group by itself.
    alone = (total / 4).clamp_min(0.1).log() - intercept
    assert (u.abs() <= alone.abs() + 1e-6).all()


def test_documents_of_unknown_groups_do_not_move_the_others():
    counts = np.array([[3.0], [5.0], [400.0]])
    known = covariates(np.zeros((3, 0)), [[0], [1], [-1]])
    function = LogLinear([], [2], 1, DOUBLE)
    moved(function, known, poisson(counts, exposure=torch.tensor([[1.0], [1.0], [80.0]])), 50, 1)
    # The rates of all are alike, near 5, and the third document says nothing of any group.
    assert function.intercepts(0).abs().max() < 0.3


def test_groups_move_at_their_own_pace():
    """A group with far more than expected does not hold up the others."""
    counts, exposure = np.array([[500.0], [30.0], [20.0]]), torch.tensor([[1.0], [1e3], [1e3]])
    known = covariates(np.zeros((3, 0)), [[0], [1], [2]])
    function = LogLinear([], [3], 1, DOUBLE)
    intercept = torch.full((1,), -4.0, dtype=DOUBLE)
    update_log_linear(function, intercept, known, poisson(counts, exposure), n_steps=8)
    u = function.intercepts(0)
    assert u[0] > 2
    assert (u[1] - u[2]).item() == pytest.approx(np.log(1.5), abs=0.1)


@pytest.mark.parametrize("is_drawn", [False, True])
def test_perfect_separation_stays_finite(is_drawn):
    """Topic 0 occurs with the covariate only, topic 1 never."""
    x = np.repeat([0.0, 1.0], 50)[:, None]
    counts = np.stack([20.0 * x[:, 0], np.zeros(100)], 1)
    known = covariates((x - 0.5) / 0.5, np.repeat([0, 1], 50)[:, None])
    function = LogLinear([0], [2], 2, DOUBLE)
    random = torch.Generator().manual_seed(0)
    intercept = moved(function, known, poisson(counts), 200, 2, is_drawn=is_drawn, generator=random)
    assert torch.isfinite(intercept[0])
    for value in function.buffers():
        assert torch.isfinite(value.double()).all()
    value = function(known)[:, 0]
    assert value[-1] - value[0] > 3
    assert function.coefficients.abs().max() < 10
    assert function.variances.max() <= 4.0


@pytest.mark.parametrize("is_drawn", [False, True])
def test_a_topic_that_occurs_nowhere_stays_rare(is_drawn):
    x = np.random.default_rng(0).normal(size=(100, 1))
    counts = np.stack([np.full(100, 5.0), np.zeros(100)], 1)
    function = LogLinear([0], [], 2, DOUBLE)
    random, intercept, seen = torch.Generator().manual_seed(0), torch.zeros(2, dtype=DOUBLE), []
    for _ in range(300):
        intercept = update_log_linear(
            function,
            intercept,
            covariates(x),
            poisson(counts),
            n_steps=2,
            is_drawn=is_drawn,
            generator=random,
        )
        seen.append(intercept[1].item())
    # Less than a token in all hundred documents; the prior weighs less than one.
    assert min(seen[10:]) > -13
    assert max(seen[10:]) < 0.5
    assert -8 < np.median(seen) < np.log(2 / 100)
    np.testing.assert_allclose(intercept[0].item(), np.log(5), atol=0.2)


# -- draws -----------------------------------------------------------------------------------


def test_draws_have_the_mean_and_covariance_of_laplace():
    """2,000 topics with the same counts are as many draws of the same posterior."""
    random, n = np.random.default_rng(0), 2_000
    x = random.normal(size=(80, 2)) @ [[1.0, 0.6], [0.0, 0.8]]
    counts = random.poisson(np.exp(1.0 + x @ [0.4, -0.2]))
    function = LogLinear([0, 1], [], n, DOUBLE)
    intercept = update_log_linear(
        function,
        torch.zeros(n, dtype=DOUBLE),
        covariates(x),
        poisson(np.tile(counts[:, None], (1, n))),
        n_steps=20,
        is_drawn=True,
        generator=torch.Generator().manual_seed(0),
    )
    drawn = np.vstack([intercept[None], function.coefficients])
    # The variances that it started from are 1.
    z, precision = np.column_stack([np.ones(80), x]), np.diag([1 / 9, 1.0, 1.0])
    beta = np.zeros(3)
    for _ in range(50):
        mean = np.exp(z @ beta)
        hessian = (z.T * mean) @ z + precision
        beta += np.linalg.solve(hessian, z.T @ (counts - mean) - precision @ beta)
    # Whitened errors are independent standard normal variables.
    errors = np.linalg.cholesky(hessian).T @ (drawn - beta[:, None])
    assert stats.kstest(errors.ravel(), "norm").pvalue > P_VALUE
    correlation = np.corrcoef(errors) - np.eye(3)
    assert np.abs(correlation).max() < 3.6 / np.sqrt(n)


def test_drawn_intercepts_of_groups_have_their_mean_and_variance():
    n = 3_000
    known = covariates(np.zeros((n, 0)), np.arange(n)[:, None])
    function = LogLinear([], [n], 1, DOUBLE)

    def information(predictor):
        # A normal likelihood, of which Laplace's approximation is exact: y = 3, variance 1/2.
        return Information(2 * (3.0 - predictor), torch.full_like(predictor, 2.0))

    # The intercept has its own block, so it is held by what it has been told already.
    intercept = update_log_linear(
        function,
        torch.zeros(1, dtype=DOUBLE),
        known,
        information,
        n_steps=10,
        is_drawn=True,
        generator=torch.Generator().manual_seed(1),
    )
    mean = 2 * (3.0 - intercept.item()) / 3
    drawn = function.intercepts(0)[:, 0].numpy()
    assert stats.kstest(drawn, stats.norm(mean, np.sqrt(1 / 3)).cdf).pvalue > P_VALUE


def test_drawn_variances_are_scaled_inverse_chi_squared():
    """Without information, coefficients are from their prior; the variance is drawn given them."""
    n = 2_000
    function = LogLinear(list(range(n)), [], 6, DOUBLE)
    function.coefficients.fill_(0.5)
    from topicgen.models import count_regression

    count_regression._update_variances(
        function, torch.zeros(n, 6, dtype=DOUBLE), True, torch.Generator().manual_seed(0)
    )
    square, degrees = 6 * 0.25 + 0.04, 7
    drawn = function.variances.numpy()
    free = drawn < 4.0
    law = stats.invgamma(degrees / 2, scale=square / 2)
    assert stats.kstest(drawn[free], lambda x: law.cdf(x) / law.cdf(4.0)).pvalue > P_VALUE


def test_the_same_seed_draws_the_same():
    known = covariates([[-1.0], [0.0], [1.0]], [[0], [1], [1]])
    found = []
    for _ in range(2):
        function = LogLinear([0], [2], 2, DOUBLE)
        random = torch.Generator().manual_seed(4)
        state = torch.random.get_rng_state()
        moved(function, known, poisson(np.ones((3, 2))), 3, 2, is_drawn=True, generator=random)
        assert torch.equal(torch.random.get_rng_state(), state)
        found.append(function.coefficients)
    assert torch.equal(*found)


def test_draws_are_the_posterior_of_a_small_regression():
    """Gibbs draws of one coefficient against its density on a grid, with its variance drawn."""
    x = np.linspace(-1, 1, 12)[:, None]
    counts = np.array([1, 0, 1, 2, 1, 3, 1, 2, 4, 3, 2, 5])[:, None]
    n = 400
    function = LogLinear(list(range(1)), [], n, DOUBLE)
    random = torch.Generator().manual_seed(0)
    intercept = torch.zeros(n, dtype=DOUBLE)
    for _ in range(15):
        intercept = update_log_linear(
            function,
            intercept,
            covariates(x),
            poisson(np.tile(counts, (1, n))),
            n_steps=3,
            is_drawn=True,
            generator=random,
        )
    # With 400 equal topics, their variance is known: the posterior has it as its prior's.
    variance = function.variances.item()
    a, g = np.meshgrid(np.linspace(-2, 3, 200), np.linspace(-3, 4, 200), indexing="ij")
    predictor = a[..., None] + g[..., None] * x[:, 0]
    log_p = (counts[:, 0] * predictor - np.exp(predictor)).sum(-1) - g**2 / (2 * variance)
    mass = np.exp(log_p - special.logsumexp(log_p)).sum(0)
    mean = (mass * g[0]).sum()
    deviation = np.sqrt((mass * (g[0] - mean) ** 2).sum())
    drawn = function.coefficients[0].numpy()
    # Laplace's approximation is a little off with so few counts.
    assert abs(drawn.mean() - mean) < 3.3 * deviation / np.sqrt(n) + 0.1 * deviation
    assert drawn.std() == pytest.approx(deviation, rel=0.2)
