import numpy as np
from scipy.sparse import csr_array, csr_matrix

from topicgen.corpus.counts import as_csr, stack, take_columns


def test_counts_are_a_matrix_of_scipy():
    for counts in ([[1, 0]], csr_array([[1, 0]])):
        assert isinstance(as_csr(counts), csr_matrix)
    counts = csr_matrix([[1, 0]])
    assert as_csr(counts) is counts


def test_columns_are_moved_added_and_left_out():
    counts = csr_matrix([[1, 2, 3, 4], [0, 0, 5, 6]])
    taken = take_columns(counts, np.array([2, -1, 0, 2]), 3)
    np.testing.assert_array_equal(taken.toarray(), [[3, 0, 5], [5, 0, 6]])
    assert take_columns(counts, np.full(4, -2), 2).toarray().tolist() == [[0, 0], [0, 0]]


def test_no_blocks_make_no_rows():
    assert stack([], 3).shape == (0, 3)


def test_columns_of_bytes_are_added_in_wide_types():
    counts = csr_matrix(np.array([[200, 100]], dtype=np.uint8))
    assert take_columns(counts, np.array([0, 0]), 1).toarray().tolist() == [[300]]
