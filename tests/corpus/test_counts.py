import numpy as np
import pytest
from scipy.sparse import coo_array, csc_matrix, csr_array, csr_matrix

from topicgen.corpus.counts import check_counts, stack, take_columns

DENSE = [[0, 2, 1], [3, 0, 0]]


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
    assert isinstance(checked, csr_matrix)
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
    ("value", "shown"), [(np.nan, "NaN"), (np.inf, "infinity"), (-np.inf, "-infinity"), (-1, "-1")]
)
@pytest.mark.parametrize("kind", [np.array, csr_matrix, csc_matrix])
def test_first_bad_value_is_named(refuses, kind, value, shown):
    counts = np.array([[0.0, 1.0, 2.0], [0.0, 0.0, value], [value, 0.0, 0.0]])
    with refuses("counts from 0", f"got {shown}", "row 1, column 2 ('rate')", "correct"):
        check_counts(kind(counts), vocabulary=["bank", "fund", "rate"])


@pytest.mark.parametrize("counts", [[1, 2], 3, np.zeros((1, 1, 1))])
def test_another_number_of_dimensions_is_refused(refuses, counts):
    with refuses("shape (n_documents, n_words)", f"got shape {np.shape(counts)}", "reshape"):
        check_counts(counts)


@pytest.mark.parametrize("counts", [[["a"]], [[None]], [[1j]]])
def test_what_is_no_number_is_refused(refuses, counts):
    with refuses("counts that are numbers", "use a Vectorizer"):
        check_counts(counts)


def test_ragged_rows_are_refused(refuses):
    with refuses("the same number of columns in every row", "several lengths"):
        check_counts([[1, 2], [3]])


def test_columns_are_moved_added_and_left_out():
    counts = csr_matrix([[1, 2, 3, 4], [0, 0, 5, 6]])
    taken = take_columns(counts, np.array([2, -1, 0, 2]), 3)
    np.testing.assert_array_equal(taken.toarray(), [[3, 0, 5], [5, 0, 6]])
    assert take_columns(counts, np.full(4, -2), 2).toarray().tolist() == [[0, 0], [0, 0]]


def test_no_blocks_make_no_rows():
    assert stack([], 3).shape == (0, 3)
