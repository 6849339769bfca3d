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
