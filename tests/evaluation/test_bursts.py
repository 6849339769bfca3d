import numpy as np
import pytest
from scipy.sparse import csr_matrix

from topicgen.errors import InputError
from topicgen.evaluation import burst_log_likelihood, log_likelihood

THETA = np.array([[0.5, 0.5], [0.25, 0.75], [1.0, 0.0]])
BETA = np.array([[0.5, 0.25, 0.25], [0.0, 0.25, 0.75]])
OBSERVED = np.array([[2, 1, 0], [0, 0, 3], [0, 0, 0]])
HELD_OUT = np.array([[1, 2, 1], [2, 0, 1], [0, 0, 0]])
CONCENTRATION = np.array([4.0, 0.5, 7.0])


def draw_from_urn(balls, tokens, *, with_return):
    """Return the log-probability of tokens, drawn one after the other."""
    balls, total = balls.astype(float).copy(), 0.0
    for word in tokens:
        total += np.log(balls[word] / balls.sum())
        balls[word] += with_return
    return total


@pytest.mark.parametrize("in_sequence", [False, True])
@pytest.mark.parametrize("kind", [np.asarray, csr_matrix])
def test_it_is_that_of_an_urn_whose_balls_come_back_with_another_one(in_sequence, kind):
    ours = burst_log_likelihood(
        THETA, BETA, kind(HELD_OUT), kind(OBSERVED), CONCENTRATION, in_sequence=in_sequence
    )
    balls = CONCENTRATION[:, None] * (THETA @ BETA) + OBSERVED
    for d in range(3):
        tokens = np.repeat(np.arange(3), HELD_OUT[d])
        for order in (tokens, tokens[::-1]):
            urn = draw_from_urn(balls[d], order, with_return=in_sequence)
            assert ours[d] == pytest.approx(urn, rel=1e-12)


def test_urns_that_are_played_draw_the_words_as_often():
    """200,000 urns; the chance of another word pair beyond 4.5 standard errors is below 1e-4."""
    random, n = np.random.default_rng(0), 200_000
    balls = np.tile(CONCENTRATION[0] * (THETA[0] @ BETA) + OBSERVED[0], (n, 1))
    drawn = np.empty((n, 2), dtype=int)
    for place in range(2):
        share = balls.cumsum(1) / balls.sum(1, keepdims=True)
        drawn[:, place] = (random.random((n, 1)) > share).sum(1)
        balls[np.arange(n), drawn[:, place]] += 1
    for first in range(3):
        for second in range(3):
            held_out = np.bincount([first, second], minlength=3)[None]
            given = THETA[:1], BETA, held_out, OBSERVED[:1], CONCENTRATION[:1]
            chance = np.exp(burst_log_likelihood(*given, in_sequence=True)[0])
            seen = (drawn == [first, second]).all(1).mean()
            assert abs(seen - chance) < 4.5 * np.sqrt(chance * (1 - chance) / n)


@pytest.mark.parametrize("in_sequence", [False, True])
def test_without_bursts_it_is_that_of_the_mixture(in_sequence):
    many = np.full(3, 1e8)
    ours = burst_log_likelihood(THETA, BETA, HELD_OUT, OBSERVED, many, in_sequence=in_sequence)
    np.testing.assert_allclose(ours, log_likelihood(THETA, BETA, HELD_OUT), atol=1e-5)


@pytest.mark.parametrize("in_sequence", [False, True])
def test_a_word_that_no_topic_has_can_come_again_but_not_begin(in_sequence):
    topics, c = [[1.0, 0.0]], [1.0]
    options = {"in_sequence": in_sequence}
    again = burst_log_likelihood([[1.0]], topics, [[0, 1]], [[0, 1]], c, **options)
    assert again[0] == pytest.approx(np.log(0.5))
    first = burst_log_likelihood([[1.0]], topics, [[0, 1]], [[1, 0]], c, **options)
    assert first[0] == -np.inf


@pytest.mark.parametrize(
    ("held_out", "observed", "concentration", "message"),
    [
        (HELD_OUT, OBSERVED[:, :2], CONCENTRATION, r"observed and held_out of the same shape"),
        (HELD_OUT, OBSERVED, CONCENTRATION[:2], r"one number for each of 3 documents, got shape"),
        (HELD_OUT, OBSERVED, [1.0, 0.0, 2.0], "above 0 in concentration, got 0.0 at index 1"),
        (HELD_OUT, OBSERVED, [1.0, 2.0, np.inf], "concentration, got inf at index 2"),
        (HELD_OUT, OBSERVED, [1.0, np.nan, 2.0], "concentration, got nan at index 1"),
        (-HELD_OUT, OBSERVED, CONCENTRATION, "non-negative held_out"),
        (HELD_OUT, -OBSERVED, CONCENTRATION, "non-negative observed"),
        (HELD_OUT[:2], OBSERVED[:2], CONCENTRATION[:2], "expected counts of shape"),
    ],
)
def test_wrong_input_is_named(held_out, observed, concentration, message):
    with pytest.raises(InputError, match=message):
        burst_log_likelihood(THETA, BETA, held_out, observed, concentration)
