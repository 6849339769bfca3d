"""Embeddings of documents: what may be passed, and how they are standardised."""

import numpy as np
import pandas as pd
import pytest
import torch
from scipy.sparse import csr_matrix

from topicgen.errors import InputError
from topicgen.topic_model import embeddings as module
from topicgen.topic_model.embeddings import Embedding, read_embeddings


def read(embeddings, n_documents=3, n_dimensions=None):
    return read_embeddings(embeddings, n_documents, lambda: ["a", "bc", "def"], n_dimensions)


# -- standardisation -------------------------------------------------------------------------


def test_each_dimension_has_mean_0_and_deviation_1_over_the_documents_of_the_fit(monkeypatch):
    monkeypatch.setattr(module, "_ROWS", 7)
    random = np.random.default_rng(0)
    vectors = random.normal(size=(40, 3)) * [1.0, 100.0, 1e-3] + [5.0, -300.0, 0.0]
    rows = np.arange(0, 40, 2)
    embedding = Embedding.of(vectors, rows)
    found = embedding.standardized(vectors, rows)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found.mean(0), torch.zeros(3), rtol=0, atol=1e-5)
    torch.testing.assert_close(found.std(0, correction=0), torch.ones(3), rtol=1e-5, atol=0)
    torch.testing.assert_close(embedding.standardized(vectors)[rows], found, rtol=0, atol=0)


@pytest.mark.parametrize("value", [0.0, 0.1, 1e9, 3e38])
def test_a_constant_dimension_becomes_0_and_not_rounding(value):
    vectors = np.column_stack([np.arange(100.0), np.full(100, value)])
    embedding = Embedding.of(vectors, np.arange(100))
    assert embedding.scale[1] == pytest.approx(max(value, 1.0))
    found = embedding.standardized(vectors)
    assert found[:, 1].abs().max() < 1e-6
    assert found[:, 0].std(correction=0) == pytest.approx(1.0)  # whatever its size


def test_a_document_far_from_all_others_stays_finite():
    embedding = Embedding.of(np.array([[1e-3, 0.0], [-1e-3, 0.0]]), np.arange(2))
    found = embedding.standardized(np.array([[3e38, -3e38]], dtype=np.float32))
    torch.testing.assert_close(found, torch.tensor([[1e6, -1e6]]), rtol=0, atol=0)


def test_half_precision_is_standardised_in_double_precision():
    vectors = np.full((1_000, 1), 60_000.0, dtype=np.float16)  # whose sum half precision lacks
    vectors[0] = 0
    embedding = Embedding.of(vectors, np.arange(1_000))
    assert embedding.center[0] == pytest.approx(float(vectors[1, 0]) * 0.999)


def test_embeddings_may_lie_on_disk(tmp_path):
    vectors = np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32)
    np.save(tmp_path / "e.npy", vectors)
    mapped = np.load(tmp_path / "e.npy", mmap_mode="r")
    assert np.shares_memory(read(mapped), mapped)
    embedding = Embedding.of(mapped, np.arange(3))
    expected = (vectors - vectors.mean(0)) / vectors.std(0)
    np.testing.assert_allclose(embedding.standardized(mapped), expected, rtol=1e-4, atol=1e-6)


def test_what_is_saved_comes_back():
    embedding = Embedding.of(np.random.default_rng(0).normal(size=(9, 4)), np.arange(9))
    again = Embedding.from_arrays(embedding.to_arrays())
    np.testing.assert_array_equal(again.center, embedding.center)
    np.testing.assert_array_equal(again.scale, embedding.scale)
    assert again.n_dimensions == 4


@pytest.mark.parametrize(
    "arrays",
    [
        {"center": np.zeros(2), "scale": np.ones(3)},
        {"center": np.zeros(2), "scale": np.zeros(2)},
        {"center": np.array([0.0, np.nan]), "scale": np.ones(2)},
        {"center": np.zeros((2, 1)), "scale": np.ones((2, 1))},
        {"center": np.zeros(2, dtype=np.float32), "scale": np.ones(2)},
        {"center": np.zeros(0), "scale": np.zeros(0)},
    ],
)
def test_what_cannot_have_been_saved_is_refused(arrays):
    with pytest.raises(ValueError, match="embedding"):
        Embedding.from_arrays(arrays)


# -- what may be passed ----------------------------------------------------------------------

NUMBERS = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]


@pytest.mark.parametrize(
    "embeddings",
    [
        NUMBERS,
        np.array(NUMBERS, dtype=np.float16),
        np.array(NUMBERS, dtype=np.int32),
        pd.DataFrame(NUMBERS),
        torch.tensor(NUMBERS, requires_grad=True),
        torch.tensor(NUMBERS, dtype=torch.bfloat16),
        [np.array(row) for row in NUMBERS],
        pd.Series(NUMBERS),
        pd.Series([np.array(row) for row in NUMBERS]),
        lambda texts: NUMBERS,
    ],
    ids=[
        "list",
        "half",
        "whole",
        "frame",
        "tensor",
        "bfloat16",
        "vectors",
        "column",
        "column_of_arrays",
        "function",
    ],
)
def test_anything_that_is_an_array_of_numbers_will_do(embeddings):
    found = read(embeddings)
    assert found.dtype.kind == "f"
    np.testing.assert_array_equal(found, NUMBERS)


def test_a_function_gets_the_texts():
    found = read(lambda texts: [[len(text), 1] for text in texts])
    np.testing.assert_array_equal(found, [[1, 1], [2, 1], [3, 1]])


@pytest.mark.parametrize(
    ("embeddings", "message"),
    [
        (csr_matrix(NUMBERS), "expected embeddings as a dense array, got a csr_matrix; pass its"),
        (np.ones(3), r"shape \(n_documents, n_dimensions\), got an array of shape \(3,\); pass"),
        (np.ones((3, 0)), r"got an array of shape \(3, 0\)"),
        (np.ones((2, 4)), "a row for each of the 3 documents, got 2 rows; pass both in the same"),
        (lambda texts: np.ones((2, 4)), "got 2 rows from the function"),
        (lambda texts: None, "expected embeddings, got None from the function"),
        ("vectors.npy", "expected embeddings, got 'vectors.npy'; pass an array"),
        ({"a": [1.0]}, "expected embeddings, got {'a': .* pass an array"),
        ([[1.0], [2.0, 3.0], [4.0]], "got a list that cannot be read as an array of numbers"),
        (pd.DataFrame({"a": ["x", "y", "z"]}), "got a DataFrame that cannot be read as an array"),
        (np.ones((3, 2), dtype=bool), "cannot be read as an array of numbers .they are of type b"),
        (np.ones((3, 2), dtype=complex), "they are of type complex"),
        (torch.ones((3, 2), dtype=torch.complex64), "they are of type complex"),
        (torch.ones((3, 2), dtype=torch.bool), "they are of type bool"),
        (pd.Series([[1.0], [2.0, 3.0], [4.0]]), "got a Series that cannot be read as an array"),
        (np.ma.masked_equal(NUMBERS, 3.0), "with masked numbers"),
    ],
)
def test_other_kinds_and_shapes_are_refused(embeddings, message):
    with pytest.raises(InputError, match=message):
        read(embeddings)


@pytest.mark.parametrize("value", [np.nan, np.inf, -1e300])
def test_a_number_that_single_precision_lacks_is_refused_with_its_place(monkeypatch, value):
    monkeypatch.setattr(module, "_ROWS", 2)
    vectors = np.ones((3, 4))
    vectors[2, 1] = value
    with pytest.raises(
        InputError, match=r"finite numbers, got .* in row 2, column 1, counted from"
    ):
        read(vectors)


def test_other_dimensions_than_those_of_the_fit_are_refused():
    with pytest.raises(InputError, match="fitted with embeddings of 384 dimensions, got 2; use"):
        read(NUMBERS, n_dimensions=384)
    assert read(NUMBERS, n_dimensions=2).shape == (3, 2)
