"""Regressions against the formulas, computed here step by step.

Coverage tests are seeded; each would fail for about one seed in a thousand if all is right.
"""

import numpy as np
import pytest
from scipy import stats

from topicgen.effects import Quantity, TokenDraws, regress

SHARE, RATE = Quantity("share", "attention"), Quantity("log_rate", "attention")
AMOUNT = Quantity("log_rate", "amount")


def documents(n=200, n_draws=1, seed=0):
    """Tokens of three topics, of which draws differ from document to document."""
    random = np.random.default_rng(seed)
    x = np.column_stack([random.normal(size=n), random.integers(0, 2, n)])
    lengths = random.integers(10, 60, n)
    shares = np.exp(np.column_stack([0.5 * x[:, 0], -0.4 * x[:, 1], np.full(n, 0.2)]))
    shares = np.stack([random.dirichlet(2 * row) for row in shares])
    draws = [
        np.stack([random.multinomial(m, row) for m, row in zip(lengths, shares, strict=True)])
        for _ in range(n_draws)
    ]
    return TokenDraws.of(draws), x


def design(x):
    return np.column_stack([np.ones(len(x)), x])


def maximum_likelihood(z, y, exposure):
    """Of a Poisson regression, by Newton's method."""
    beta = np.zeros(z.shape[1])
    beta[0] = np.log(y.sum() / exposure.sum())
    for _ in range(40):
        mean = exposure * np.exp(z @ beta)
        beta += np.linalg.solve((z.T * mean) @ z, z.T @ (y - mean))
    return beta, exposure * np.exp(z @ beta)


def hc3(z, weight, errors):
    """The sandwich with leverages, for weighted errors of any regression."""
    bread = np.linalg.inv((z.T * weight) @ z)
    leverage = np.diag(z @ bread @ z.T) * weight
    return bread @ (z.T * (errors / (1 - leverage)) ** 2) @ z @ bread


# -- one draw: the textbook ------------------------------------------------------------------


def test_shares_are_regressed_by_least_squares_with_hc3_errors():
    draws, x = documents()
    z = design(x)
    found = regress(draws, x, SHARE)
    for k in range(3):
        y = draws.draw(0)[:, k] / draws.lengths
        beta = np.linalg.solve(z.T @ z, z.T @ y)
        np.testing.assert_allclose(found.coefficients[k], beta, rtol=1e-8)
        expected = hc3(z, np.ones(len(z)), y - z @ beta)
        np.testing.assert_allclose(found.covariance[k], expected, rtol=1e-8)
        np.testing.assert_allclose(found.within[k], expected, rtol=1e-8)


def test_rates_are_regressed_by_poisson_with_hc3_errors():
    draws, x = documents()
    z = design(x)
    found = regress(draws, x, RATE)
    for k in range(3):
        y = draws.draw(0)[:, k]
        beta, mean = maximum_likelihood(z, y, draws.lengths)
        np.testing.assert_allclose(found.coefficients[k], beta, rtol=1e-6, atol=1e-8)
        np.testing.assert_allclose(found.covariance[k], hc3(z, mean, y - mean), rtol=1e-6)


def test_a_rate_by_group_is_the_tokens_per_token():
    draws, x = documents()
    group = x[:, 1:]
    found = regress(draws, group, RATE)
    of_group = [
        draws.draw(0)[group[:, 0] == g].sum(0) / draws.lengths[group[:, 0] == g].sum()
        for g in (0, 1)
    ]
    np.testing.assert_allclose(np.exp(found.coefficients[:, 0]), of_group[0], rtol=1e-7)
    np.testing.assert_allclose(
        np.exp(found.coefficients[:, 1]), of_group[1] / of_group[0], rtol=1e-7
    )


def test_amounts_are_weighted_by_their_bursts():
    draws, x = documents()
    z, ones = design(x), np.ones(len(x))
    found = regress(draws, x, AMOUNT)
    for k in range(3):
        y = draws.draw(0)[:, k]
        _, mean = maximum_likelihood(z, y, ones)
        burst = ((y - mean) ** 2 - y).sum() / (mean**2).sum()
        assert burst > 0
        weight = 1 / (1 + burst * mean)
        beta = found.coefficients[k]
        mean = np.exp(z @ beta)
        # The weighted estimating equation holds, and the errors are its sandwich.
        np.testing.assert_allclose(z.T @ (weight * (y - mean)), 0, atol=1e-5)
        expected = hc3(z, weight * mean, weight * (y - mean))
        np.testing.assert_allclose(found.covariance[k], expected, rtol=1e-6)


@pytest.mark.parametrize("of", ["attention", "amount"])
def test_the_amount_is_among_documents_with_the_topic(of):
    draws, x = documents()
    found = regress(draws, x[:, 1:], Quantity("log_amount", of))
    tokens = draws.draw(0)
    for k in range(3):
        rates = []
        for g in (0, 1):
            rows = (x[:, 1] == g) & (tokens[:, k] > 0)
            exposure = draws.lengths[rows].sum() if of == "attention" else rows.sum()
            rates.append(tokens[rows, k].sum() / exposure)
        assert found.coefficients[k, 1] == pytest.approx(np.log(rates[1] / rates[0]), rel=1e-6)


def test_presence_is_the_probability_of_a_token():
    draws, x = documents()
    found = regress(draws, x[:, 1:], Quantity("presence", "attention"))
    present = draws.draw(0) > 0
    shares = [present[x[:, 1] == g].mean(0) for g in (0, 1)]
    np.testing.assert_allclose(found.coefficients[:, 0], shares[0], rtol=1e-9)
    np.testing.assert_allclose(found.coefficients[:, 1], shares[1] - shares[0], atol=1e-12)


# -- several draws ---------------------------------------------------------------------------


def test_draws_are_combined_by_rubins_rules():
    n_draws = 5
    draws, x = documents(n_draws=n_draws)
    z = design(x)
    found = regress(draws, x, SHARE)
    for k in range(3):
        each, within = [], []
        pooled = np.linalg.solve(z.T @ z, z.T @ (draws.mean[:, k] / draws.lengths))
        for s in range(n_draws):
            y = draws.draw(s)[:, k] / draws.lengths
            each.append(np.linalg.solve(z.T @ z, z.T @ y))
            within.append(hc3(z, np.ones(len(z)), y - z @ pooled))
        np.testing.assert_allclose(found.coefficients[k], np.mean(each, 0), rtol=1e-8)
        between = np.cov(np.transpose(each))
        np.testing.assert_allclose(found.within[k], np.mean(within, 0), rtol=1e-8)
        total = np.mean(within, 0) + (1 + 1 / n_draws) * between
        np.testing.assert_allclose(found.covariance[k], total, rtol=1e-8)


def test_rates_of_several_draws_are_near_those_of_each():
    draws, x = documents(n_draws=4)
    found = regress(draws, x, RATE)
    z = design(x)
    for k in range(3):
        each = [maximum_likelihood(z, draws.draw(s)[:, k], draws.lengths)[0] for s in range(4)]
        np.testing.assert_allclose(found.coefficients[k], np.mean(each, 0), atol=5e-3)
        # To first order, steps from the pooled coefficients are those of each draw.
        added = (found.covariance - found.within)[k]
        np.testing.assert_allclose(added, 1.25 * np.cov(np.transpose(each)), rtol=0.2, atol=2e-5)


def test_equal_draws_add_nothing():
    draws, x = documents()
    many = TokenDraws.of([draws.draw(0)] * 10)
    one, ten = regress(draws, x, RATE), regress(many, x, RATE)
    np.testing.assert_allclose(ten.covariance, one.covariance, rtol=1e-8)
    eye = np.eye(3)
    np.testing.assert_allclose(ten.of(eye)[2], one.of(eye)[2], rtol=1e-6)
    # About the degrees of freedom of the documents (Barnard and Rubin).
    nu = one.complete
    assert (nu <= 197).all()
    expected = np.broadcast_to(nu * (nu + 1) / (nu + 3), (3, 3))
    np.testing.assert_allclose(ten.of(eye)[2], expected, rtol=1e-6)


def test_few_documents_that_decide_leave_few_degrees_of_freedom():
    """Of normal errors, the sandwich knows the variance as n documents do; of bursts, as few do."""
    random = np.random.default_rng(0)
    x = np.tile([[0.0], [1.0]], (500, 1))
    even = random.binomial(80, 0.5, 1000)
    burst = np.where(random.random(1000) < 0.01, 60, 0)
    draws = TokenDraws.of([np.stack([even, burst, 160 - even - burst], 1)])
    steady, bursty, _ = regress(draws, x, SHARE).complete[:, 0]
    assert 700 < steady <= 998
    assert bursty < 40


def test_degrees_of_freedom_are_those_of_barnard_and_rubin():
    draws, x = documents(n_draws=6)
    found = regress(draws, x, SHARE)
    _, error, degrees = found.of(np.eye(3))
    total, within = error**2, np.diagonal(found.within, axis1=1, axis2=2)
    missing, nu = 1 - within / total, found.complete
    observed = (nu + 1) / (nu + 3) * nu * (1 - missing)
    expected = 1 / (missing**2 / 5 + 1 / observed)
    np.testing.assert_allclose(degrees, expected, rtol=1e-8)
    half = found.half_width(np.eye(3), 0.9)
    np.testing.assert_allclose(half, stats.t.ppf(0.95, expected) * error, rtol=1e-8)


# -- clusters --------------------------------------------------------------------------------


def test_clusters_count_as_one_observation():
    draws, x = documents(n_draws=2)
    z, clusters = design(x), np.arange(200) // 8 * 3 + 7
    found = regress(draws, x, SHARE, clusters)
    bread = np.linalg.inv(z.T @ z)
    for k in range(3):
        meat = np.zeros((3, 3))
        for s in range(2):
            errors = draws.draw(s)[:, k] / draws.lengths - z @ found.coefficients[k]
            for cluster in np.unique(clusters):
                score = z[clusters == cluster].T @ errors[clusters == cluster]
                meat += np.outer(score, score) / 2
        correction = 25 / 24 * 199 / 197
        np.testing.assert_allclose(found.within[k], correction * bread @ meat @ bread, rtol=1e-8)
    assert (found.complete <= 24).all()


def test_copies_of_documents_in_a_cluster_tell_nothing_new():
    draws, x = documents(n=100)
    four = TokenDraws.of([np.repeat(draws.draw(0), 4, 0)])
    copied = regress(four, np.repeat(x, 4, 0), SHARE, np.repeat(np.arange(100), 4))
    alone = regress(draws, x, SHARE, np.arange(100))
    np.testing.assert_allclose(copied.coefficients, alone.coefficients, rtol=1e-8)
    ratio = copied.within / alone.within
    np.testing.assert_allclose(ratio, (399 / 397) / (99 / 97), rtol=1e-8)


# -- scales ----------------------------------------------------------------------------------


@pytest.mark.parametrize("quantity", [SHARE, RATE, AMOUNT], ids=["share", "rate", "amount"])
@pytest.mark.parametrize("unit", [1e-3, 1e6])
def test_units_do_not_matter(quantity, unit):
    draws, x = documents(n_draws=3)
    one, other = regress(draws, x, quantity), regress(draws, x * [unit, 1.0], quantity)
    scale = np.array([1.0, unit, 1.0])
    np.testing.assert_allclose(other.coefficients * scale, one.coefficients, rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(
        other.covariance * np.outer(scale, scale), one.covariance, rtol=1e-6, atol=1e-12
    )


@pytest.mark.parametrize("quantity", [SHARE, RATE, AMOUNT], ids=["share", "rate", "amount"])
@pytest.mark.parametrize(("first", "unit"), [(1990, 10), (2.02e7, 300), (1.7e12, 1e8)])
def test_the_origin_of_years_does_not_matter(quantity, first, unit):
    """Years; dates as numbers of eight digits; milliseconds since 1970 over some days."""
    draws, x = documents(n_draws=3)
    moved = x * [unit, 1.0] + [first, 0.0]
    one, other = regress(draws, x, quantity), regress(draws, moved, quantity)
    np.testing.assert_allclose(other.coefficients[:, 1] * unit, one.coefficients[:, 1], rtol=1e-4)
    weights = np.array([[0.0, unit, 0.0], [0.0, 0.0, 1.0]])
    same = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    for found, expected in zip(other.of(weights), one.of(same), strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4)


# -- what is hardly there --------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["share", "log_rate", "presence", "log_amount"])
def test_topics_that_are_nowhere_or_everywhere_stay_finite(kind):
    n = 40
    tokens = np.column_stack([np.zeros(n), np.full(n, 5), np.arange(n) % 2])
    draws = TokenDraws.of([tokens] * 3)
    x = np.linspace(-1, 1, n)[:, None]
    found = regress(draws, x, Quantity(kind, "attention"))
    for value in (*found.of(np.eye(2)), found.half_width(np.eye(2), 0.95)):
        assert np.isfinite(value).all()
    if kind in ("share", "presence"):
        np.testing.assert_allclose(found.coefficients[0], 0, atol=1e-12)


def test_a_topic_absent_from_a_group_stays_finite():
    x = np.repeat([0.0, 1.0], 50)[:, None]
    tokens = np.column_stack([x[:, 0] * 5, np.full(100, 5.0)])
    found = regress(TokenDraws.of([tokens]), x, RATE)
    assert np.isfinite(found.coefficients).all()
    assert found.coefficients[0, 1] > 5
    assert np.isfinite(found.half_width(np.eye(2), 0.95)).all()


def test_without_columns_there_is_the_mean():
    draws, _ = documents()
    none = np.zeros((200, 0))
    share, rate = regress(draws, none, SHARE), regress(draws, none, RATE)
    tokens = draws.draw(0)
    np.testing.assert_allclose(share.coefficients[:, 0], (tokens / draws.lengths[:, None]).mean(0))
    np.testing.assert_allclose(
        np.exp(rate.coefficients[:, 0]), tokens.sum(0) / draws.lengths.sum(), rtol=1e-8
    )


# -- coverage --------------------------------------------------------------------------------


@pytest.mark.parametrize("n_draws", [1, 10])
@pytest.mark.parametrize("quantity", [SHARE, RATE], ids=["share", "rate"])
def test_intervals_cover_what_was_planted(quantity, n_draws):
    """With 10 draws each token's topic is mistaken for another with a known probability."""
    covered, n_sets, n, level = [], 150, 120, 0.9
    confusion = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8]])
    for seed in range(n_sets):
        random = np.random.default_rng(seed)
        x = random.integers(0, 2, n)
        mean = np.array([[0.2, 0.4, 0.4], [0.3, 0.3, 0.4]])
        rates = random.gamma(3 * mean[x])
        shares = rates / rates.sum(1, keepdims=True)
        lengths = random.integers(20, 60, n)
        tokens = random.multinomial(lengths, shares)
        draws = [tokens]
        if n_draws > 1:
            # What is seen is a noisy word of each topic; the draws are of the posterior given it.
            seen = [random.multinomial(tokens[:, k], confusion[k]) for k in range(3)]
            words = np.sum(seen, 0)
            posterior = shares[:, :, None] * confusion
            posterior = posterior / posterior.sum(1, keepdims=True)
            draws = [
                np.sum([random.multinomial(words[:, v], posterior[:, :, v]) for v in range(3)], 0)
                for _ in range(n_draws)
            ]
        found = regress(TokenDraws.of(draws), x[:, None].astype(float), quantity)
        width = found.half_width(np.eye(2)[1:], level)[0, 0]
        true = 0.1 if quantity is SHARE else np.log(1.5)
        covered.append(abs(found.coefficients[0, 1] - true) < width)
    assert abs(np.mean(covered) - level) < 3.3 * np.sqrt(level * (1 - level) / n_sets)


def test_a_group_without_a_topic_has_an_interval_that_says_nothing():
    tokens = np.tile([[9, 1], [8, 2], [10, 0], [7, 0]], (20, 1))
    x = np.tile([0.0, 0.0, 1.0, 1.0], 20)[:, None]
    draws = TokenDraws.of([tokens, tokens])
    found = regress(draws, x, Quantity.named("log_rate", "attention"))
    estimate, error, _ = found.of(np.array([[0.0, 1.0]]))
    assert estimate[1, 0] < -12
    assert error[1, 0] == pytest.approx(1000, rel=0.01)
    assert error[0, 0] < 0.2
