import numpy as np
import pytest
from scipy.sparse import csr_matrix

from topicgen.errors import InputError
from topicgen.evaluation import log_likelihood, paired_test, perplexity, perplexity_interval

THETA = np.array([[0.5, 0.5], [0.25, 0.75]])
BETA = np.array([[0.5, 0.5, 0.0], [0.0, 0.5, 0.5]])
COUNTS = np.array([[2, 1, 0], [0, 0, 3]])


def test_log_likelihood_by_hand():
    expected = [2 * np.log(1 / 4) + np.log(1 / 2), 3 * np.log(3 / 8)]
    for counts in (COUNTS, csr_matrix(COUNTS), COUNTS.astype(np.float32)):
        np.testing.assert_allclose(log_likelihood(THETA, BETA, counts), expected, rtol=1e-14)


def test_log_likelihood_equals_the_dense_product_when_it_takes_several_chunks():
    rng = np.random.default_rng(0)
    theta, beta = rng.dirichlet(np.ones(3000), 50), rng.dirichlet(np.ones(200), 3000)
    counts = rng.poisson(0.3, (50, 200))
    assert np.count_nonzero(counts) * 3000 > 2**22
    expected = (counts * np.log(theta @ beta)).sum(axis=1)
    np.testing.assert_allclose(log_likelihood(theta, beta, csr_matrix(counts)), expected)


def test_stored_zeros_and_duplicates_change_nothing_and_the_input_is_left_alone():
    counts = csr_matrix(([1, 0, 1, 1, 3], [0, 2, 1, 0, 2], [0, 4, 5]), shape=(2, 3))
    before = counts.data.copy()
    np.testing.assert_allclose(
        log_likelihood(THETA, BETA, counts), log_likelihood(THETA, BETA, COUNTS)
    )
    np.testing.assert_array_equal(counts.data, before)


def test_impossible_word_is_minus_infinity_and_an_absent_one_costs_nothing():
    theta = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0]])
    counts = np.array([[1, 0, 1], [2, 0, 0], [0, 0, 0]])
    np.testing.assert_allclose(log_likelihood(theta, BETA, counts), [-np.inf, 2 * np.log(0.5), 0.0])
    assert perplexity([-np.inf, -1.0], [1, 1])[:2] == (np.inf, np.inf)
    assert perplexity([-1e6], [1])[:2] == (np.inf, np.inf)


def test_perplexity_by_hand():
    scores = perplexity([-3 * np.log(8), -np.log(2), 0.0], [3, 1, 0])
    assert scores.corpus == pytest.approx(2 ** (10 / 4))
    assert scores.per_document == pytest.approx(2 ** ((3 + 1) / 2))


def test_documents_without_tokens_are_left_out_even_where_a_bound_charges_them():
    assert perplexity([-np.log(8), -5.0], [1, 0])[:2] == pytest.approx((8.0, 8.0))


def test_uniform_model_is_as_perplexed_as_the_vocabulary_is_large():
    rng = np.random.default_rng(1)
    counts = rng.poisson(1.0, (10, 37))
    log_p = log_likelihood(rng.dirichlet(np.ones(5), 10), np.full((5, 37), 1 / 37), counts)
    assert perplexity(log_p, counts.sum(axis=1))[:2] == pytest.approx((37.0, 37.0))


@pytest.mark.parametrize(
    ("theta", "beta", "counts", "message"),
    [
        (THETA[:, :1] * [2], BETA, COUNTS, "sum to 1, got a sum of 0.5 at row 1; divide"),
        (THETA[:, [0, 0, 1]], BETA, COUNTS, "rows of doc_topic that sum to 1, got a sum of 1.5"),
        (THETA, BETA * [[1], [1.002]], COUNTS, "rows of topic_word that sum to 1.* at row 1"),
        ([[0.5, 0.5], [np.nan, 1]], BETA, COUNTS, "doc_topic, got nan at row 1, column 0"),
        (THETA, [[1.5, -0.5, 0]] * 2, COUNTS, "topic_word, got -0.5 at row 0, column 1"),
        (THETA[0], BETA, COUNTS, r"doc_topic as a 2-D array .* got shape \(2,\)"),
        ([["a"]], BETA, COUNTS, "doc_topic as a 2-D array of probabilities.* dtype <U1"),
        ([[1.0]] * 2, BETA, COUNTS, "doc_topic with 2 columns .*, got 1"),
        (THETA, BETA, COUNTS[:, :2], r"counts of shape \(2, 3\) .*, got \(2, 2\)"),
        (THETA[:1], BETA, COUNTS, r"counts of shape \(1, 3\) .*, got \(2, 3\)"),
        (THETA, BETA, [[0, 0, 1], [0, -2, 0]], "counts, got -2 at row 1, column 1"),
        (THETA, BETA, [[0, np.inf, 1], [0, 0, 0]], "counts, got inf at row 0, column 1"),
        (THETA, BETA, [[0, 0, 1], [0, 0, np.nan]], "counts, got nan at row 1, column 2"),
        (THETA, BETA, [1, 2, 3], r"counts as a matrix of numbers .* got shape \(3,\)"),
        (THETA, BETA, [["a", "b", "c"]] * 2, "counts as a matrix of numbers .* dtype <U1"),
    ],
)
def test_bad_input_names_the_argument_and_the_first_bad_index(theta, beta, counts, message):
    with pytest.raises(InputError, match=message) as error:
        log_likelihood(theta, beta, counts)
    assert "\n" not in str(error.value)


def test_rows_that_sum_to_one_within_a_thousandth_are_accepted():
    log_likelihood(THETA * 1.0009, BETA.astype(np.float32), COUNTS)


@pytest.mark.parametrize(
    ("log_prob", "n_tokens", "message"),
    [
        ([-1.0, np.nan], [1, 1], "log_prob, got nan at index 1"),
        ([-1.0, np.inf], [1, 1], "log_prob, got inf at index 1"),
        ([-1.0, -1.0], [1, -3], "n_tokens, got -3.0 at index 1"),
        ([-1.0, -1.0], [np.inf, 1], "n_tokens, got inf at index 0"),
        ([-1.0, -1.0], [1], r"got \(2,\) and \(1,\)"),
        ([[-1.0]], [[1]], r"one shape \(documents,\), got \(1, 1\)"),
        ([0.0], [0], "at least one token in n_tokens, got none"),
        ([], [], "at least one token in n_tokens, got none"),
    ],
)
def test_perplexity_of_bad_numbers(log_prob, n_tokens, message):
    with pytest.raises(InputError, match=message) as error:
        perplexity(log_prob, n_tokens)
    assert "\n" not in str(error.value)


def test_the_interval_is_that_of_the_log_likelihood_per_token():
    rng = np.random.default_rng(5)
    n_tokens = rng.integers(1, 200, 40)
    log_prob = -n_tokens * rng.gamma(20, 0.3, 40)
    low, high = perplexity_interval(log_prob, n_tokens, confidence=0.9)
    test = paired_test(log_prob, np.zeros(40), n_tokens, confidence=0.9)
    assert (low, high) == pytest.approx((np.exp(-test.high), np.exp(-test.low)))
    assert low < perplexity(log_prob, n_tokens).corpus < high
    assert perplexity_interval([*log_prob, -5.0], [*n_tokens, 0], confidence=0.9) == (low, high)


def test_where_there_is_no_interval():
    for log_prob in ([-3.0], [-3.0, -np.inf]):
        assert np.isnan(perplexity_interval(log_prob, np.ones(len(log_prob)))).all()
    assert perplexity_interval([-3.0, -4.0], [1, 1]) == (0, np.inf)
    with pytest.raises(InputError, match="confidence between 0 and 1, both excluded, got 95"):
        perplexity_interval([-3.0, -4.0], [1, 1], confidence=95)


def test_intervals_of_ten_documents_cover_the_truth():
    # Lengths vary, scores are skewed per token. 93.5% covered in scripts/study_significance.py, the
    # perplexity +- 1.96 standard errors 83.8%. Of 400, 90% is 2.8 standard errors from 93.5%: it
    # fails for one seed in four hundred.
    rng = np.random.default_rng(6)
    covered = 0
    for seed in range(400):
        n_tokens = np.ceil(rng.lognormal(3.5, 0.78, 10))
        rate = -7 - 0.6 * (rng.gamma(2, size=10) - 2) / np.sqrt(2)
        low, high = perplexity_interval(
            rate * n_tokens, n_tokens, n_resamples=999, random_state=seed
        )
        covered += low <= np.exp(7) <= high
    assert covered >= 360
