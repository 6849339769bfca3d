import re
from collections import Counter

import numpy as np
import pytest
from scipy.sparse import csr_array, csr_matrix
from scipy.special import comb
from scipy.stats import binom, chisquare, kstest

from topicgen.errors import InputError
from topicgen.evaluation import completion_perplexity, split_tokens


@pytest.fixture
def counts():
    return csr_matrix(np.random.default_rng(0).poisson(0.5, (40, 25)))


def test_halves_add_up_to_the_document(counts):
    observed, held_out = split_tokens(counts)
    np.testing.assert_array_equal((observed + held_out).toarray(), counts.toarray())
    assert observed.min() >= 0
    assert held_out.min() >= 0
    lengths = np.asarray(counts.sum(axis=1))
    np.testing.assert_array_equal(observed.sum(axis=1), lengths // 2)


@pytest.mark.parametrize("kind", [csr_matrix, csr_array])
@pytest.mark.parametrize("dtype", [np.int64, np.int32, np.float32])
def test_halves_keep_shape_format_and_dtype_and_the_counts_are_left_alone(counts, kind, dtype):
    x = kind(counts.astype(dtype))
    before = x.toarray()
    for half in split_tokens(x):
        assert isinstance(half, kind)
        assert (half.shape, half.dtype, half.format) == (x.shape, dtype, "csr")
        assert half.data.all()
    np.testing.assert_array_equal(x.toarray(), before)


def test_short_documents():
    observed, held_out = split_tokens([[0, 0], [0, 1], [5, 0], [0, 0]])
    np.testing.assert_array_equal(observed.toarray(), [[0, 0], [0, 0], [2, 0], [0, 0]])
    np.testing.assert_array_equal(held_out.toarray(), [[0, 0], [0, 1], [3, 0], [0, 0]])
    for half in split_tokens(np.zeros((0, 3), dtype=int)):
        assert half.shape == (0, 3)


def test_the_seed_alone_decides(counts):
    first = split_tokens(counts, random_state=3)[0].toarray()
    np.testing.assert_array_equal(first, split_tokens(counts, random_state=3)[0].toarray())
    np.testing.assert_array_equal(first, split_tokens(counts.toarray(), 3)[0].toarray())
    assert (first != split_tokens(counts, random_state=4)[0].toarray()).any()


def test_the_global_generator_is_neither_read_nor_moved(counts):
    before = np.random.get_state()[1:3]  # noqa: NPY002
    split_tokens(counts)
    after = np.random.get_state()[1:3]  # noqa: NPY002
    np.testing.assert_array_equal(before[0], after[0])
    assert before[1] == after[1]


def test_the_split_is_the_same_on_every_machine():
    observed, _ = split_tokens([[3, 2, 4], [1, 1, 6]], random_state=0)
    np.testing.assert_array_equal(observed.toarray(), [[2, 1, 1], [1, 1, 2]])


@pytest.mark.parametrize("kind", [np.random.default_rng, np.random.RandomState])
def test_a_generator_is_advanced(counts, kind):
    random_state = kind(3)
    first = split_tokens(counts, random_state)[0].toarray()
    assert (first != split_tokens(counts, random_state)[0].toarray()).any()
    np.testing.assert_array_equal(first, split_tokens(counts, kind(3))[0].toarray())


def test_a_random_state_of_another_kind():
    with pytest.raises(InputError, match="random_state to be a whole number from 0, None, or"):
        split_tokens([[1, 2]], random_state="0")


def test_blocks_of_rows_leave_no_document_out(monkeypatch):
    """Rows of 0 to 7 entries, in blocks of 4 or more."""
    monkeypatch.setattr("topicgen.evaluation.document_completion._BLOCK", 4)
    x = csr_matrix(np.random.default_rng(0).poisson(np.arange(60)[:, None] % 5, (60, 7)))
    observed, held_out = split_tokens(x)
    np.testing.assert_array_equal((observed + held_out).toarray(), x.toarray())
    np.testing.assert_array_equal(observed.sum(axis=1), x.sum(axis=1) // 2)


def test_counts_mapped_from_disk(counts, tmp_path):
    parts = []
    for name in ("data", "indices", "indptr"):
        np.save(tmp_path / f"{name}.npy", getattr(counts, name))
        parts.append(np.load(tmp_path / f"{name}.npy", mmap_mode="r"))
    mapped = csr_matrix(tuple(parts), shape=counts.shape, copy=False)
    for half, expected in zip(split_tokens(mapped), split_tokens(counts), strict=True):
        np.testing.assert_array_equal(half.toarray(), expected.toarray())


@pytest.mark.parametrize("amount", [2**31, 2**51 - 3])
def test_large_counts_are_halved_exactly(amount):
    x = csr_matrix(np.array([[amount, 3, amount], [0, 1, 0], [7, 0, amount]]))
    observed, held_out = split_tokens(x)
    assert (observed + held_out != x).nnz == 0
    for half, whole in zip(observed.toarray().tolist(), x.toarray().tolist(), strict=True):
        assert sum(half) == sum(whole) // 2


@pytest.mark.parametrize(
    ("dtype", "count", "expected"),
    [
        (np.float32, 2**24, np.float32),
        (np.float32, 2**25, np.int64),
        (np.float64, 2**53, np.float64),
    ],
)
def test_halves_that_a_float_cannot_hold_are_whole_numbers(dtype, count, expected):
    observed, held_out = split_tokens(np.array([[count, 1]], dtype=dtype))
    assert observed.dtype == held_out.dtype == expected
    assert observed.sum() == count // 2
    assert (observed + held_out).toarray().tolist() == [[count, 1]]


def test_counts_that_add_up_to_too_many():
    message = "counts that add up to at most 9,007,199,254,740,992, got 1.8e+16"
    with pytest.raises(InputError, match=re.escape(message)):
        split_tokens([[1.0, 1.0], [2.0**53, 2.0**53]])


@pytest.mark.parametrize("row", [[2.0**63, 1.0], [1.0, 2.0**54]])
def test_a_count_that_is_too_large(row):
    message = "at most 9,007,199,254,740,992 for each of the counts, got .* at row 1"
    with pytest.raises(InputError, match=message):
        split_tokens([[1.0, 1.0], row])


def test_observed_counts_have_the_multivariate_hypergeometric_distribution():
    """Chi-square over all outcomes; a right split fails once in a million seeds."""
    document, n_copies = np.array([3, 2, 1, 2]), 20_000
    outcomes = [
        outcome for outcome in np.ndindex(*(document + 1)) if sum(outcome) == document.sum() // 2
    ]
    ways = [np.prod(comb(document, outcome)) for outcome in outcomes]
    observed, _ = split_tokens(np.tile(document, (n_copies, 1)))
    times = Counter(map(tuple, observed.toarray().tolist()))
    assert times.keys() <= set(outcomes)
    expected = n_copies * np.array(ways) / comb(8, 4)
    assert chisquare([times[outcome] for outcome in outcomes], expected).pvalue > 1e-6


def test_the_distribution_of_large_counts():
    """Of five tokens among 2**41 the observed are binomial within 10**-11 (total variation), and a
    half of the others is normal within 10**-6; each right test fails once in a million seeds."""
    n_copies, large = 4_000, 2**40
    observed, _ = split_tokens(csr_matrix(np.tile([large, 5, large - 5], (n_copies, 1))))
    first, rare, _ = observed.toarray().T
    times = np.bincount(rare, minlength=6)
    assert chisquare(times, n_copies * binom.pmf(np.arange(6), 5, 0.5)).pvalue > 1e-6
    deviations = (first - large / 2) / np.sqrt(2 * large / 16)
    assert kstest(deviations, "norm").pvalue > 1e-6


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([[1.0, 0.0], [0.0, 0.5]], "whole, non-negative counts, got 0.5 at row 1, column 1; pass"),
        ([[1, 0], [-1, 0]], "whole, non-negative counts, got -1 at row 1, column 0"),
        ([[1, np.nan]], "counts, got nan at row 0, column 1"),
        ([[1, np.inf]], "counts, got inf at row 0, column 1"),
    ],
)
def test_counts_that_are_not_counts(counts, message):
    with pytest.raises(InputError, match=message) as error:
        split_tokens(counts)
    assert "\n" not in str(error.value)


def test_completion_perplexity_by_hand():
    theta, beta = [[0.5, 0.5], [1.0, 0.0]], [[0.5, 0.5], [0.0, 1.0]]
    # Two tokens of probability 1/4, two of 1/2: on average 2^-1.5.
    assert completion_perplexity(theta, beta, [[2, 0], [1, 1]]) == pytest.approx(2**1.5)


def test_uniform_model_is_as_perplexed_as_the_vocabulary_is_large(counts):
    theta = np.random.default_rng(0).dirichlet(np.ones(3), 40)
    uniform = np.full((3, 25), 1 / 25)
    assert completion_perplexity(theta, uniform, split_tokens(counts)[1]) == pytest.approx(25)


def test_an_impossible_word_makes_it_infinite():
    assert completion_perplexity([[1.0]], [[1.0, 0.0]], [[1, 1]]) == np.inf


def test_nothing_held_out():
    with pytest.raises(InputError, match="at least one token in n_tokens, got none"):
        completion_perplexity([[1.0]], [[1.0, 0.0]], [[0, 0]])
    with pytest.raises(InputError, match="held_out, got nan at row 0, column 0"):
        completion_perplexity([[1.0]], [[1.0, 0.0]], [[np.nan, 0]])
