import numpy as np
import pytest
from scipy import stats

from topicgen.topic_model.occurrence import Occurrence, ends_on_log_scale, occurrence

UNKNOWN = np.full((3, 2), np.nan)


def found(tokens, lengths, seed=0):
    return occurrence(tokens, lengths, UNKNOWN, np.random.default_rng(seed))


def test_estimates_by_hand():
    tokens = np.array([[[4, 0], [0, 2]], [[4, 0], [1, 1]]])
    seen = found(tokens, np.array([4, 2]))
    np.testing.assert_allclose(seen.tokens[0], [2.25, 0.75])
    np.testing.assert_allclose(seen.presence[0], [0.75, 0.5])
    # Where they are: 1; 1 and 1/2. Nowhere else: 1; 1/2.
    np.testing.assert_allclose(seen.amount[0], [(1 + 0.75) / 2, (1 + 0.5) / 2])


def test_intervals_hold_the_population_as_often_as_they_say():
    """Fails for one seed in a thousand at each of the three."""
    n_samples, random = 400, np.random.default_rng(0)
    law = stats.nbinom(0.5, 0.5 / 6.5)
    true = {"tokens": 6.0, "presence": 1 - law.pmf(0)}
    within = dict.fromkeys(true, 0)
    for _ in range(n_samples):
        tokens = law.rvs((1, 150, 1), random_state=random)
        seen = found(np.repeat(tokens, 20, axis=0), np.full(150, 100), random)
        for name, value in true.items():
            _, low, high = getattr(seen, name)[:, 0]
            within[name] += low <= value <= high
    for times in within.values():
        # The Bayesian bootstrap of 150 skewed numbers falls short by a point or two.
        assert times / n_samples == pytest.approx(0.94, abs=3.3 * np.sqrt(0.05 * 0.95 / 400) + 0.01)


def test_what_draws_leave_open_widens_the_intervals():
    random = np.random.default_rng(0)
    sure = np.repeat((random.random((1, 300, 1)) < 0.3).astype(int), 20, axis=0)
    unsure = (random.random((20, 300, 1)) < 0.3) & (random.random((20, 1, 1)) < 0.9)
    widths = [np.ptp(found(x, np.ones(300)).presence[1:, 0]) for x in (sure, unsure.astype(int))]
    assert widths[1] > widths[0]


def test_a_topic_without_tokens_has_no_amount():
    tokens = np.zeros((3, 4, 2))
    tokens[..., 0] = 1
    seen = found(tokens, np.ones(4))
    assert seen.presence[:, 1].tolist() == [0, 0, 0]
    assert np.isnan(seen.amount[:, 1]).all()
    assert seen.amount[:, 0].tolist() == [1, 1, 1]


def test_combined_with_what_later_documents_show():
    def of(value, margin):
        return np.array([[value], [value - margin], [value + margin]])

    nan = np.full((3, 1), np.nan)
    old = Occurrence(of(1.0, 0.3), of(0.5, 0.0), nan, of(1.0, 0.1))
    new = Occurrence(of(2.0, 0.4), of(0.5, 0.0), of(0.2, 0.1), nan)
    both = old.combined(new, 0.5)
    np.testing.assert_allclose(both.tokens, of(1.5, 0.25))
    np.testing.assert_allclose(both.presence, of(0.5, 0.0))
    np.testing.assert_allclose(both.amount, of(0.2, 0.1))
    np.testing.assert_allclose(both.dispersion, of(1.0, 0.1))


def test_ends_on_log_scale():
    low, high = ends_on_log_scale(np.array([2.0]), np.array([0.5]))
    np.testing.assert_allclose(
        np.log([low, high]), np.log(2) + np.array([[-0.98], [0.98]]), atol=1e-3
    )


def test_dispersions_are_averaged_as_the_rates_are():
    known = np.ones((3, 2))
    first, second = (
        Occurrence(known, known, known, dispersion=np.array(rows))
        for rows in (
            [[1.0, 1.0], [0.5, 0.0], [2.0, np.inf]],
            [[4.0, 4.0], [2.0, 2.0], [8.0, 8.0]],
        )
    )
    estimate, low, high = first.combined(second, 0.5).dispersion
    np.testing.assert_allclose(estimate, 2)
    factor = 2 ** (0.5**0.5)
    np.testing.assert_allclose(low, [2 / factor, 0])
    np.testing.assert_allclose(high, [2 * factor, np.inf])
