import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix

from topicgen.models import SparseCounts

DENSE = np.array([[0, 2, 1, 0], [0, 0, 0, 0], [3, 0, 0, 5], [1, 1, 1, 1]], dtype=float)


@pytest.fixture
def counts():
    return SparseCounts.from_csr(csr_matrix(DENSE), torch.float64)


def dense(counts):
    matrix = torch.zeros(len(counts), counts.n_columns, dtype=counts.values.dtype)
    return matrix.index_put((counts.rows, counts.columns), counts.values).numpy()


def factors(n_rows=4, n_topics=3, n_words=4):
    left = torch.rand(n_rows, n_topics, dtype=torch.float64, requires_grad=True)
    right = torch.rand(n_topics, n_words, dtype=torch.float64, requires_grad=True)
    return left, right


def test_from_csr_keeps_the_matrix(counts):
    assert len(counts) == 4
    np.testing.assert_array_equal(dense(counts), DENSE)
    assert counts.rows.tolist() == [0, 0, 2, 2, 3, 3, 3, 3]
    assert counts.n_tokens.tolist() == [3.0, 0.0, 8.0, 4.0]


@pytest.mark.parametrize("dtype", [np.int32, np.int64, np.float32, bool])
def test_from_csr_takes_any_numbers_and_gives_float32(dtype):
    counts = SparseCounts.from_csr(csr_matrix(DENSE.astype(dtype)))
    assert counts.values.dtype == torch.float32
    np.testing.assert_array_equal(dense(counts), DENSE.astype(dtype))


def test_sum_rows(counts):
    entries = torch.arange(8, dtype=torch.float64)
    assert counts.sum_rows(entries).tolist() == [1.0, 0.0, 5.0, 22.0]


def test_product_at_words_equals_the_dense_product(counts):
    left, right = factors()
    expected = (left @ right)[counts.rows, counts.columns]
    torch.testing.assert_close(counts.product_at_words(left, right), expected)


def test_times_transposed_equals_the_dense_product(counts):
    _, right = factors()
    expected = torch.from_numpy(DENSE) @ right.T
    torch.testing.assert_close(counts.times_transposed(counts.values, right), expected)


def test_products_take_factors_in_any_memory_order(counts):
    left, right = factors()
    turned = right.T.contiguous().T
    torch.testing.assert_close(
        counts.product_at_words(left, turned), counts.product_at_words(left, right)
    )
    torch.testing.assert_close(
        counts.times_transposed(counts.values, turned),
        counts.times_transposed(counts.values, right),
    )


def test_gradient_of_product_at_words(counts):
    left, right = factors()
    assert torch.autograd.gradcheck(counts.product_at_words, (left, right))
    assert torch.autograd.gradcheck(lambda a: counts.product_at_words(a, right.detach()), left)
    assert torch.autograd.gradcheck(lambda b: counts.product_at_words(left.detach(), b), right)


def test_gradient_of_times_transposed(counts):
    _, right = factors()
    entries = counts.values.clone().requires_grad_()
    assert torch.autograd.gradcheck(counts.times_transposed, (entries, right))
    assert torch.autograd.gradcheck(lambda a: counts.times_transposed(a, right.detach()), entries)
    assert torch.autograd.gradcheck(lambda b: counts.times_transposed(entries.detach(), b), right)


def test_gradients_of_the_products_have_gradients(counts):
    left, right = factors()
    entries = counts.values.clone().requires_grad_()
    assert torch.autograd.gradgradcheck(counts.product_at_words, (left, right))
    assert torch.autograd.gradgradcheck(counts.times_transposed, (entries, right))
    assert torch.autograd.gradgradcheck(lambda a: counts.product_at_words(a, right.detach()), left)


def test_gradients_equal_those_of_dense_algebra_through_both_products(counts):
    left, right = factors()
    mask = torch.from_numpy(DENSE > 0)
    ours = counts.times_transposed(counts.product_at_words(left, right).log(), right).square().sum()
    scores = (left @ right).log() * mask
    theirs = (scores @ right.T).square().sum()
    torch.testing.assert_close(ours, theirs)
    for a, b in zip(
        torch.autograd.grad(ours, (left, right)),
        torch.autograd.grad(theirs, (left, right)),
        strict=True,
    ):
        torch.testing.assert_close(a, b)


@pytest.mark.parametrize("rows", [[0, 1, 2, 3], [3, 1], [2, 2, 1, 0, 2], [1], []])
def test_select_takes_rows_in_order(counts, rows):
    chosen = counts.select(torch.tensor(rows, dtype=torch.int64))
    assert len(chosen) == len(rows)
    np.testing.assert_array_equal(dense(chosen), DENSE[rows])
    left, right = factors(n_rows=len(rows))
    expected = (left @ right)[chosen.rows, chosen.columns]
    torch.testing.assert_close(chosen.product_at_words(left, right), expected)


def test_replace_keeps_the_words_and_leaves_the_original(counts):
    other = counts.replace(counts.values * 2)
    np.testing.assert_array_equal(dense(other), DENSE * 2)
    np.testing.assert_array_equal(dense(counts), DENSE)
    assert other.n_tokens.tolist() == [6.0, 0.0, 16.0, 8.0]
    assert counts.n_tokens.tolist() == [3.0, 0.0, 8.0, 4.0]


def test_replace_after_the_sums_were_read_does_not_keep_them(counts):
    assert counts.n_tokens.sum() == 15
    assert counts.replace(torch.zeros(8, dtype=torch.float64)).n_tokens.sum() == 0


def test_split_gives_every_token_to_one_part(counts):
    kept, hidden = counts.split(0.4)
    np.testing.assert_array_equal(dense(kept) + dense(hidden), DENSE)
    for part in (kept, hidden):
        assert part.columns is counts.columns
        assert bool((part.values >= 0).all())
        assert bool((part.values == part.values.round()).all())


def test_split_hides_each_token_with_its_probability():
    """Mean and variance of 1e5 binomials, 4 standard errors: 2e-4 of the seeds fail."""
    n, size, share = 100_000, 7.0, 0.3
    counts = SparseCounts.from_csr(csr_matrix(np.full((n, 1), size)), torch.float64)
    hidden = counts.split(share)[1].values
    expected, variance = size * share, size * share * (1 - share)
    assert abs(hidden.mean().item() - expected) < 4 * (variance / n) ** 0.5
    assert abs(hidden.var().item() - variance) < 4 * variance * (2 / n) ** 0.5


def test_split_keeps_or_hides_a_fraction_whole():
    """The share kept of 1e5 fractions, 4 standard errors: 6e-5 of the seeds fail."""
    n = 100_000
    counts = SparseCounts.from_csr(csr_matrix(np.full((n, 1), 0.25)), torch.float64)
    kept = counts.split(0.3)[0].values
    assert set(kept.tolist()) == {0.0, 0.25}
    assert abs((kept > 0).double().mean().item() - 0.7) < 4 * (0.7 * 0.3 / n) ** 0.5


def test_split_keeps_the_mean_of_mixed_weights():
    """The mean of 1e5 weights of 2.5, 4 standard errors: 6e-5 of the seeds fail."""
    n, share = 100_000, 0.6
    counts = SparseCounts.from_csr(csr_matrix(np.full((n, 1), 2.5)), torch.float64)
    kept = counts.split(share)[0].values
    assert kept.max() <= 2.5
    error = ((2 + 0.25) * share * (1 - share) / n) ** 0.5
    assert abs(kept.mean().item() - 2.5 * (1 - share)) < 4 * error


def test_split_by_nothing_is_the_same_twice_and_leaves_the_random_state(counts):
    state = torch.random.get_rng_state()
    assert all(part is counts for part in counts.split(0.0))
    assert torch.equal(torch.random.get_rng_state(), state)


def test_split_by_everything_leaves_no_token(counts):
    kept, hidden = counts.split(1.0)
    assert kept.n_tokens.tolist() == [0.0] * 4
    np.testing.assert_array_equal(dense(hidden), DENSE)


@pytest.mark.parametrize("shape", [(0, 4), (3, 4)])
def test_matrix_without_entries(shape):
    counts = SparseCounts.from_csr(csr_matrix(shape), torch.float64)
    left, right = factors(n_rows=shape[0])
    assert counts.n_tokens.tolist() == [0.0] * shape[0]
    product = counts.product_at_words(left, right)
    assert product.shape == (0,)
    sums = counts.times_transposed(product, right)
    assert sums.tolist() == [[0.0] * 3] * shape[0]
    sums.sum().backward()
    assert right.grad.abs().sum() == 0
    assert [len(part) for part in counts.split(0.5)] == [shape[0]] * 2
    assert len(counts.select(torch.arange(shape[0]))) == shape[0]
