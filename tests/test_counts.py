from contextlib import contextmanager

import numpy as np
import pytest
from scipy.sparse import coo_array, csc_matrix, csr_array, csr_matrix

from topicgen.counts import check_counts
from topicgen.errors import InputError

DENSE = [[0, 2, 1], [3, 0, 0]]


@pytest.fixture
def refuses():
    """``with refuses(*parts)``: an InputError that says all parts."""

    @contextmanager
    def refuses(*parts):
        with pytest.raises(InputError) as caught:
            yield
        assert all(part in str(caught.value) for part in parts), str(caught.value)

    return refuses


@pytest.mark.parametrize(
    "counts",
    [DENSE, np.array(DENSE)]
    + [
        kind(np.array(DENSE, dtype=float))
        for kind in (csr_matrix, csr_array, csc_matrix, coo_array)
    ],
)
def test_any_matrix_of_numbers_becomes_csr(counts):
    checked = check_counts(counts)
    assert checked.format == "csr"
    assert checked.dtype == getattr(counts, "dtype", np.int64)
    np.testing.assert_array_equal(checked.toarray(), DENSE)


def test_result_is_canonical_and_the_input_is_left_as_it_is():
    data, indices, indptr = np.array([1, 0, 2, 3]), np.array([2, 1, 2, 0]), np.array([0, 4])
    counts = csr_matrix((data, indices, indptr), shape=(1, 3))
    checked = check_counts(counts)
    assert checked.indices.tolist() == [0, 2]
    assert checked.data.tolist() == [3, 3]
    assert counts.indices.tolist() == [2, 1, 2, 0]


def test_canonical_counts_are_not_copied():
    counts = csr_matrix(DENSE)
    assert np.shares_memory(check_counts(counts).data, counts.data)


def test_booleans_are_counted():
    assert check_counts(np.array([[True, False]])).dtype == np.int64


@pytest.mark.parametrize(
    ("value", "shown"), [(np.nan, "nan"), (np.inf, "inf"), (-np.inf, "-inf"), (-1, "-1")]
)
@pytest.mark.parametrize("kind", [np.array, csr_matrix, csc_matrix])
def test_first_bad_value_is_named(refuses, kind, value, shown):
    counts = np.array([[0.0, 1.0, 2.0], [0.0, 0.0, value], [value, 0.0, 0.0]])
    with refuses("finite, non-negative counts", f"got {shown}", "row 1, column 2 ('rate')"):
        check_counts(kind(counts), vocabulary=["bank", "fund", "rate"])


@pytest.mark.parametrize("counts", [[1, 2], 3, np.zeros((1, 1, 1))])
def test_another_number_of_dimensions_is_refused(refuses, counts):
    with refuses("counts as a matrix of numbers", f"got shape {np.shape(counts)}", "pass a"):
        check_counts(counts)


@pytest.mark.parametrize("counts", [[["a"]], [["a", None]], [[1j]]])
def test_what_is_no_number_is_refused(refuses, counts):
    with refuses("counts as a matrix of numbers", "of dtype"):
        check_counts(counts)


def test_ragged_rows_are_refused(refuses):
    with refuses("counts as a matrix of numbers", "pass rows of one length"):
        check_counts([[1, 2], [3]])


@pytest.mark.parametrize("dtype", [np.int8, np.uint16, np.int32])
def test_sums_of_duplicates_do_not_overflow(dtype):
    most = np.iinfo(dtype).max
    counts = coo_array((np.full(2, most, dtype=dtype), ([0, 0], [1, 1])), shape=(1, 2))
    assert check_counts(counts).toarray().tolist() == [[0, 2 * int(most)]]


def test_whole_numbers_and_names_may_be_asked_for(refuses):
    assert check_counts([[1.5]]).toarray().tolist() == [[1.5]]
    with refuses("expected whole, non-negative counts in 'a.npz', got 1.5 at row 0"):
        check_counts([[1.5]], "counts in 'a.npz'", integers=True)
    with refuses("got -1 at row 11, column 0"):
        check_counts([[1], [-1]], first_row=10)


@pytest.mark.parametrize("kind", [np.array, csr_matrix, csc_matrix, coo_array])
@pytest.mark.parametrize(
    ("value", "dtype"),
    [(2**53 + 1, np.int64), (2**63 + 5, np.uint64), (1e30, float), (10**30, object)],
)
def test_counts_that_cannot_be_added_exactly_are_refused(refuses, kind, value, dtype):
    if dtype is object and kind is not np.array:
        pytest.skip("no sparse matrix has objects")
    counts = kind(np.array([[0, 1], [0, value]], dtype=dtype))
    with refuses("at most 9,007,199,254,740,992 for each of the counts", "at row 1, column 1"):
        check_counts(counts)


@pytest.mark.parametrize("value", [2**62, 2**60])
def test_sums_of_duplicates_do_not_wrap_around(refuses, value):
    places = ([0] * 16, [1] * 16)
    counts = coo_array((np.full(16, value), places), shape=(1, 2))
    with refuses("at most 9,007,199,254,740,992", f"got {16.0 * value:g}"[:6], "column 1"):
        check_counts(counts)


def test_counts_add_up_to_what_is_exact(refuses):
    assert check_counts([[2**52, 2**52]]).sum() == 2**53
    with refuses("counts that add up to at most 9,007,199,254,740,992", "got 1.35e+16"):
        check_counts([[2**52, 2**52, 2**52]])


@pytest.mark.parametrize("kind", [csr_matrix, csc_matrix, csr_array])
def test_bytes_and_half_precision_are_added_in_wide_types(kind):
    for dtype, value in ((np.uint8, 200), (np.float32, 2**24 + 2), (np.int16, 30_000)):
        data, indptr = np.array([value, 1], dtype=dtype), np.array([0, 2])
        counts = kind((data, np.array([0, 0]), indptr), shape=(1, 1))
        assert check_counts(counts).toarray().tolist() == [[value + 1]]
