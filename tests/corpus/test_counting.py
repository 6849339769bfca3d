from collections import defaultdict

import numpy as np
from scipy.sparse import csr_matrix

from topicgen.corpus.counting import count_terms, keep_terms


def test_growing_vocabulary_numbers_terms_as_they_come():
    vocabulary = defaultdict()
    vocabulary.default_factory = vocabulary.__len__
    counts = count_terms(iter(["b a b", "", "c b"]), str.split, vocabulary, grow=True)
    assert dict(vocabulary) == {"b": 0, "a": 1, "c": 2}
    np.testing.assert_array_equal(counts.toarray(), [[2, 1, 0], [0, 0, 0], [1, 0, 1]])


def test_fixed_vocabulary_leaves_other_terms_out():
    vocabulary = {"a": 0, "b": 1}
    counts = count_terms(["b x a b", "y"], str.split, vocabulary)
    assert vocabulary == {"a": 0, "b": 1}
    np.testing.assert_array_equal(counts.toarray(), [[1, 2], [0, 0]])


def test_counts_are_canonical_int64():
    counts = count_terms(["b a b a c"], str.split, {"a": 0, "b": 1, "c": 2})
    assert counts.dtype == np.int64
    assert counts.indices.dtype == np.int32
    assert counts.has_canonical_format
    assert counts.indices.tolist() == [0, 1, 2]


def test_no_documents():
    assert count_terms([], str.split, {"a": 0}).shape == (0, 1)


def test_keep_terms_by_document_frequency_both_ends_included():
    counts = csr_matrix([[5, 1, 1, 0], [0, 1, 1, 0], [0, 0, 1, 0]])
    assert keep_terms(counts, 1, 2, None).tolist() == [0, 1]
    assert keep_terms(counts, 2, 3, None).tolist() == [1, 2]
    assert keep_terms(counts, 4, 5, None).tolist() == []


def test_keep_terms_takes_the_most_frequent_and_the_first_in_a_tie():
    counts = csr_matrix([[1, 7, 1, 2, 2, 2]])
    assert keep_terms(counts, 1, 1, 3).tolist() == [1, 3, 4]
    assert keep_terms(counts, 1, 1, 99).tolist() == [0, 1, 2, 3, 4, 5]
