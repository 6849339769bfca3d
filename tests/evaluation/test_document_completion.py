import numpy as np
import pytest
from scipy.sparse import csr_array, csr_matrix
from scipy.stats import chisquare

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
    np.testing.assert_array_equal(observed.toarray(), [[1, 2, 1], [1, 0, 3]])


def test_observed_counts_follow_the_hypergeometric_law():
    # Two of the four tokens of [2, 2] are observed: 0, 1 or 2 of the first word with 1/6, 4/6, 1/6.
    observed, _ = split_tokens(np.tile([2, 2], (6000, 1)))
    times = np.bincount(observed.toarray()[:, 0], minlength=3)
    assert chisquare(times, [1000, 4000, 1000]).pvalue > 1e-6


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
