"""Numbers, counts and labels in every form that holds them: one value, whatever the form."""

from decimal import Decimal

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse as sp
import torch

from topicgen import evaluation
from topicgen.arrays import as_array, as_matrix
from topicgen.errors import InputError

COUNTS = [[3, 0, 4], [1, 2, 0]]
THETA = [[0.25, 0.75], [1.0, 0.0]]
BETA = [[0.5, 0.25, 0.25], [0.25, 0.25, 0.5]]
EXPECTED = evaluation.completion_perplexity(THETA, BETA, COUNTS)


def frame(dtype):
    return pd.DataFrame(COUNTS).astype(dtype)


FORMS = {
    **{
        f"array of {np.dtype(dtype).name}": np.array(COUNTS, dtype=dtype)
        for dtype in ("f2", "f4", "f8", "g", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8")
    },
    "big-endian integers": np.array(COUNTS, dtype=">i4"),
    "big-endian floats": np.array(COUNTS, dtype=">f8"),
    "objects": np.array(COUNTS, dtype=object),
    "Decimals": np.array([[Decimal(count) for count in row] for row in COUNTS]),
    "frame": frame("int64"),
    "nullable frame": frame("Int64"),
    "nullable floats": frame("Float32"),
    "arrow frame": frame("int64[pyarrow]"),
    "sparse frame": frame(pd.SparseDtype("int64", 0)),
    "mixed frame": frame({0: "Int8", 1: "float64", 2: "uint8"}),
    "polars": pl.DataFrame(np.array(COUNTS)),
    "tensor": torch.tensor(COUNTS),
    "half tensor": torch.tensor(COUNTS, dtype=torch.float16),
    "matrix": sp.csr_matrix(COUNTS).todense(),
    "masked array without a mask": np.ma.array(COUNTS),
    **{
        kind: getattr(sp, kind)(np.array(COUNTS))
        for kind in ("csr_matrix", "csc_matrix", "coo_matrix", "lil_matrix", "dok_matrix")
    },
    **{kind: getattr(sp, kind)(np.array(COUNTS)) for kind in ("csr_array", "bsr_array")},
    "CSR of bytes": sp.csr_array(np.array(COUNTS, dtype=np.uint8)),
}


@pytest.mark.parametrize("counts", FORMS.values(), ids=FORMS)
def test_counts_of_every_form(counts):
    assert evaluation.completion_perplexity(THETA, BETA, counts) == pytest.approx(EXPECTED)
    observed, held_out = evaluation.split_tokens(counts)
    np.testing.assert_array_equal((observed + held_out).toarray(), COUNTS)
    topics = [["a", "b"], ["a", "c"]]
    expected = evaluation.coherence(topics, np.array(COUNTS), vocabulary=list("abc"))
    assert evaluation.coherence(topics, counts, vocabulary=list("abc")) == expected


@pytest.mark.filterwarnings("ignore:Parsing dates")
@pytest.mark.parametrize(
    "rows",
    [
        np.array(THETA, dtype=np.float16),
        np.array(THETA, dtype=np.longdouble),
        np.array(THETA, dtype=object),
        pd.DataFrame(THETA, dtype="Float64"),
        pd.DataFrame(THETA, dtype="double[pyarrow]"),
        pl.DataFrame(np.array(THETA)),
        torch.tensor(THETA),
        sp.csr_matrix(THETA),
    ],
    ids=["half", "long", "objects", "nullable", "arrow", "polars", "tensor", "sparse"],
)
def test_distributions_of_every_form(rows):
    assert evaluation.completion_perplexity(rows, BETA, COUNTS) == pytest.approx(EXPECTED)
    assert evaluation.match_topics(rows, THETA).similarity == pytest.approx([1, 1])


def test_float16_counts_by_hand():
    half = np.array([[3, 4]], np.float16)
    assert evaluation.completion_perplexity([[1.0]], [[0.5, 0.5]], half) == pytest.approx(2)


def test_booleans_are_counts_of_one():
    x = np.array([[True, True, True, False]])
    observed, held_out = evaluation.split_tokens(x)
    assert (observed.sum(), held_out.sum()) == (1, 2)
    assert evaluation.split_tokens(sp.csr_array(x))[1].sum() == 2


def test_duplicates_of_small_integers_do_not_overflow():
    rows, columns, amounts = [0, 0], [1, 1], np.array([200, 100], dtype=np.uint8)
    x = sp.coo_array((amounts, (rows, columns)), shape=(1, 2))
    _, held_out = evaluation.split_tokens(x)
    assert held_out.toarray().tolist() == [[0, 150]]


MISSING = {
    "pandas NA": pd.DataFrame([[1, pd.NA, 2]], dtype="Int64"),
    "NA in floats": pd.DataFrame([[1.0, pd.NA, 2.0]], dtype="Float64"),
    "arrow null": pd.DataFrame([[1, None, 2]], dtype="int64[pyarrow]"),
    "None in objects": np.array([[1, None, 2]]),
    "polars null": pl.DataFrame(
        {"a": [1], "b": [None], "c": [2]}, schema=dict.fromkeys("abc", int)
    ),
    "masked": np.ma.array([[1, 5, 2]], mask=[[0, 1, 0]]),
}


@pytest.mark.parametrize("counts", MISSING.values(), ids=MISSING)
def test_missing_counts_are_named(counts):
    with pytest.raises(InputError, match="non-negative counts, got nan at row 0, column 1"):
        evaluation.split_tokens(counts)


def test_missing_numbers_are_named():
    for scores in (pd.Series([-1, pd.NA], dtype="Float64"), [-1.0, None], [-1.0, np.nan]):
        with pytest.raises(InputError, match="log_prob, got nan at index 1"):
            evaluation.perplexity(scores, [1, 1])
    for row in ([0.5, None], pd.array([0.5, None], dtype="Float64")):
        with pytest.raises(InputError, match="doc_topic, got nan at row 0, column 1"):
            evaluation.log_likelihood(np.array([row], dtype=object), BETA, [[1, 1, 1]])


NOT_NUMBERS = {
    "ragged": ([[1, 2], [3]], "got list, which numpy cannot read .*; pass rows of one length"),
    "gradient": (torch.ones(2, 2, requires_grad=True), "got Tensor, which numpy cannot read"),
    "strings": ([["a", "b"]], r"shape \(1, 2\) of dtype <U1"),
    "digits": (np.array([["1", "2"]], dtype=object), r"shape \(1, 2\) of dtype object"),
    "complex": ([[1j]], "of dtype complex128"),
    "dates": (np.array([["2020-01-01"]], dtype="M8[D]"), "of dtype datetime64"),
    "dictionary": ({"a": 1}, r"shape \(\) of dtype object"),
    "frame of words": (pd.DataFrame({"a": ["x"]}), "of dtype "),
    "None": (None, r"as a matrix of numbers .*, got shape \(\)"),
    "vector": ([1, 2], r"got shape \(2,\); pass a scipy CSR matrix or a 2-D array"),
    "sparse complex": (sp.csr_array([[1j]]), "a sparse matrix of dtype complex128"),
}


@pytest.mark.parametrize(("counts", "message"), NOT_NUMBERS.values(), ids=NOT_NUMBERS)
def test_what_is_not_a_matrix_of_numbers(counts, message):
    with pytest.raises(InputError, match=message) as error:
        as_matrix(counts, "counts")
    assert "\n" not in str(error.value)


def test_arrays_are_not_copied():
    for array in (np.ones((2, 2)), np.ones(3, dtype=np.int32)):
        assert as_array(array, "values", "numbers") is array
    x = sp.csr_array(np.eye(2))
    assert as_matrix(x, "counts").data is x.data


LABELS = {
    "list": list("aabba"),
    "string": pd.Series(list("aabba"), dtype="string"),
    "arrow string": pd.Series(list("aabba"), dtype="string[pyarrow]"),
    "categorical": pd.Series(list("aabba"), dtype="category"),
    "Categorical": pd.Categorical(list("aabba"), categories=list("cba")),
    "shuffled index": pd.Series(list("aabba"), index=[4, 2, 0, 1, 3]),
    "Index": pd.Index(list("aabba")),
    "nullable integers": pd.Series([1, 1, 2, 2, 1], dtype="Int64"),
    "booleans": [True, True, False, False, True],
    "nullable booleans": pd.Series([True, True, False, False, True], dtype="boolean"),
    "floats": [0.5, 0.5, 1.5, 1.5, 0.5],
    "polars": pl.Series(list("aabba")),
    "tensor": torch.tensor([1, 1, 2, 2, 1]),
    "bytes": np.array(list("aabba"), dtype="S"),
    "dates": pd.to_datetime(pd.Series(["2020", "2020", "2021", "2021", "2020"])),
    "numpy dates": np.array(["2020", "2020", "2021", "2021", "2020"], dtype="M8[ns]"),
    "mixed": np.array(["a", "a", 2, 2, "a"], dtype=object),
}


@pytest.mark.parametrize("labels", LABELS.values(), ids=LABELS)
def test_labels_of_every_form(labels):
    clusters = [0, 0, 0, 1, 1]
    assert evaluation.purity(labels, clusters) == 0.6
    assert evaluation.purity(clusters, labels) == 0.6
    expected = evaluation.adjusted_rand_index(list("aabba"), clusters)
    assert evaluation.adjusted_rand_index(labels, clusters) == expected
    expected = evaluation.normalized_mutual_information(list("aabba"), clusters)
    assert evaluation.normalized_mutual_information(labels, clusters) == expected
    theta = np.where(np.array(list("aabba"))[:, None] == "a", [[0.9, 0.1]], [[0.2, 0.8]])
    assert evaluation.classification_accuracy(theta, labels, folds=2) == 1


MISSING_LABELS = {
    "NA": pd.Series(["a", pd.NA, "b"], dtype="string"),
    "arrow null": pd.Series(["a", None, "b"], dtype="string[pyarrow]"),
    "category": pd.Series(["a", None, "b"], dtype="category"),
    "nullable integers": pd.Series([1, pd.NA, 2], dtype="Int64"),
    "objects": pd.Series(["a", pd.NA, "b"], dtype=object),
    "NaT": pd.to_datetime(pd.Series(["2020", None, "2021"])),
    "numpy NaT": np.array(["2020", "NaT", "2021"], dtype="M8[ns]"),
    "polars": pl.Series(["a", None, "b"]),
    "masked": np.ma.array([1, 5, 2], mask=[0, 1, 0]),
    "None": ["a", None, "b"],
    "NaN": ["a", float("nan"), "b"],
}


@pytest.mark.parametrize("labels", MISSING_LABELS.values(), ids=MISSING_LABELS)
def test_missing_labels_are_named(labels):
    scores = (
        evaluation.purity,
        evaluation.normalized_mutual_information,
        evaluation.adjusted_rand_index,
    )
    for score in scores:
        with pytest.raises(InputError, match=r"for every document in labels, got .* at index 1"):
            score(labels, [0, 1, 1])
        with pytest.raises(InputError, match=r"for every document in clusters, got .* at index 1"):
            score([0, 1, 1], labels)
    with pytest.raises(InputError, match=r"for every document in labels, got .* at index 1"):
        evaluation.classification_accuracy([[1.0]] * 3, labels)


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([["a"], ["b"]], r"labels of shape \(documents,\), got \(2, 1\); pass one per document"),
        ("ab", r"labels of shape \(documents,\), got \(\)"),
        (pd.DataFrame({"label": ["a", "b"]}), r"got \(2, 1\)"),
        (pd.Series([["a"], ["b"]]), "numbers or strings in labels, got list at index 0"),
    ],
)
def test_what_is_not_a_label_per_document(labels, message):
    with pytest.raises(InputError, match=message):
        evaluation.purity(labels, [0, 1])
