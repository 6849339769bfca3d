import numpy as np
import pytest
import torch
from scipy.sparse import csr_matrix

from topicgen.training import Collection

ROWS = np.array([[1, 0, 2], [0, 0, 0], [3, 0, 0], [0, 4, 1], [5, 0, 0]])


@pytest.fixture
def collection():
    return Collection(csr_matrix(ROWS), np.array([0, 2, 3, 4]))


def dense(counts):
    full = torch.zeros(len(counts), counts.n_columns, dtype=counts.values.dtype)
    return full.index_put((counts.rows, counts.columns), counts.values).tolist()


def test_positions_are_among_its_rows(collection):
    assert len(collection) == 4
    assert dense(collection.select(torch.tensor([3, 0]))) == [[5, 0, 0], [1, 0, 2]]


def test_another_type_is_that_of_the_batches(collection):
    assert collection.select(torch.tensor([0])).values.dtype == torch.float32
    in_double = collection.to(torch.float64)
    assert in_double.select(torch.tensor([0])).values.dtype == torch.float64
    assert len(in_double) == 4


def test_totals_and_powers_are_those_of_its_rows(collection, monkeypatch):
    monkeypatch.setattr("topicgen.training.collection._CHUNK", 3)
    assert collection.word_totals().tolist() == [9, 4, 3]
    assert collection.sum_of_powers(1) == 16
    assert collection.sum_of_powers(0.5) == pytest.approx(sum(np.sqrt([1, 2, 3, 4, 1, 5])))


@pytest.mark.parametrize(("most", "rows"), [(9, [0, 2, 3, 4]), (2, [0, 3]), (3, [0, 3]), (1, [0])])
def test_documents_of_at_most_are_spread(collection, most, rows):
    assert collection.at_most(most).toarray().tolist() == ROWS[rows].tolist()


def test_a_sample_is_of_distinct_documents_in_order(collection):
    sample = collection.sample(3, np.random.default_rng(0)).toarray().tolist()
    places = [ROWS.tolist().index(row) for row in sample]
    assert places == sorted(set(places))
    assert len(places) == 3
    assert 1 not in places
    everything = collection.sample(4, np.random.default_rng(0))
    assert everything.toarray().tolist() == ROWS[[0, 2, 3, 4]].tolist()


def test_a_matrix_mapped_from_disk_gives_the_same(tmp_path):
    matrix = csr_matrix(ROWS.astype(np.int32))
    for name in ("data", "indices", "indptr"):
        np.save(tmp_path / f"{name}.npy", getattr(matrix, name))
    parts = [np.load(tmp_path / f"{n}.npy", mmap_mode="r") for n in ("data", "indices", "indptr")]
    mapped = Collection(csr_matrix(tuple(parts), shape=matrix.shape))
    assert dense(mapped.select(torch.tensor([4, 1]))) == [[5, 0, 0], [0, 0, 0]]
