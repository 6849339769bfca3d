import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import csc_matrix, csr_matrix

from topicgen.corpus import Corpus
from topicgen.corpus.formats import from_anndata, read_corpus, write_corpus
from topicgen.corpus.formats import h5ad as form

h5py = pytest.importorskip("h5py")

COUNTS = np.array([[1, 0, 2], [0, 0, 0], [0, 3, 0]])
WORDS, IDS = ["bank", "größer", "日本"], ["a", "b", "ü"]


@pytest.fixture
def path(tmp_path):
    """A file as AnnData writes it, X dense, the label a categorical."""
    path = tmp_path / "a.h5ad"
    with h5py.File(path, "w") as file:
        file.attrs.update({"encoding-type": "anndata", "encoding-version": "0.1.0"})
        file["X"] = COUNTS.astype(np.float32)
        for frame, key, values in (("obs", "_index", IDS), ("var", "word", WORDS)):
            file.create_group(frame).attrs["_index"] = key
            file[frame][key] = values
        label = file["obs"].create_group("label")
        label["categories"] = ["x", "y z"]
        label["codes"] = np.array([1, -1, 0], dtype=np.int8)
    return path


@pytest.fixture
def change(path):
    """``change(key, value)``: another element in the place of one of the file's."""

    def change(key, value):
        with h5py.File(path, "r+") as file:
            del file[key]
            if value is not None:
                file[key] = value

    return change


def replace_matrix(path, matrix, kind):
    with h5py.File(path, "r+") as file:
        del file["X"]
        group = file.create_group("X")
        group.attrs.update({"encoding-type": kind, "shape": matrix.shape})
        for part in ("data", "indices", "indptr"):
            group[part] = getattr(matrix, part)


def test_a_file_made_by_hand(path):
    corpus = read_corpus(path)
    assert corpus.counts.toarray().tolist() == COUNTS.tolist()
    assert corpus.counts.dtype == np.int64
    assert (corpus.vocabulary, corpus.ids) == (WORDS, IDS)
    assert corpus.labels == ["y z", "", "x"]


@pytest.mark.parametrize(("make", "kind"), [(csr_matrix, "csr_matrix"), (csc_matrix, "csc_matrix")])
def test_sparse_matrices(path, make, kind):
    replace_matrix(path, make(COUNTS), kind)
    assert read_corpus(path).counts.toarray().tolist() == COUNTS.tolist()


def test_dense_matrices_are_read_a_part_at_once(path, monkeypatch):
    monkeypatch.setattr(form, "_DENSE_BYTES", 24)
    assert read_corpus(path).counts.toarray().tolist() == COUNTS.tolist()


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([1, 2, 3], ["1", "2", "3"]),
        ([1.0, np.nan, 2.5], ["1.0", "", "2.5"]),
        (["x", "nan", "<NA>"], ["x", "", ""]),
        (["None", "NA", "none"], ["", "", "none"]),
        (["x", "", "ü"], ["x", "", "ü"]),
        (None, None),
    ],
)
def test_labels(path, change, labels, expected):
    change("obs/label", labels)
    assert read_corpus(path).labels == expected


def test_nullable_labels(path, change):
    change("obs/label", None)
    with h5py.File(path, "r+") as file:
        label = file["obs"].create_group("label")
        label["values"] = ["x", "?", "y"]
        label["mask"] = [False, True, False]
    assert read_corpus(path).labels == ["x", "", "y"]


def test_round_trip(tmp_path, corpus, plain, assert_same):
    for written in (corpus, plain, Corpus(np.zeros((2, 1)), ["bank"], ["1", "2"], ["", "x"])):
        write_corpus(written, tmp_path / "a.h5ad", overwrite=True)
        assert_same(read_corpus(tmp_path / "a.h5ad"), written)
        assert [path.name for path in tmp_path.iterdir()] == ["a.h5ad"]


def test_what_is_written_is_marked_as_the_specification_says(tmp_path, corpus):
    write_corpus(corpus, tmp_path / "a.h5ad")
    kinds = {
        "/": ("anndata", "0.1.0"),
        "X": ("csr_matrix", "0.1.0"),
        "obs": ("dataframe", "0.2.0"),
        "var": ("dataframe", "0.2.0"),
        "obs/_index": ("string-array", "0.2.0"),
        "obs/label": ("string-array", "0.2.0"),
        "uns": ("dict", "0.1.0"),
    }
    with h5py.File(tmp_path / "a.h5ad") as file:
        for name, kind in kinds.items():
            attributes = file[name].attrs
            assert (attributes["encoding-type"], attributes["encoding-version"]) == kind
        assert file["X"].attrs["shape"].tolist() == [3, 4]
        assert file["obs"].attrs["column-order"].tolist() == ["label"]
        assert file["var"].attrs["_index"] == "_index"


@pytest.mark.parametrize(
    ("key", "value", "parts"),
    [
        ("X", None, ["without X", "AnnData.write_h5ad"]),
        ("var", None, ["without var"]),
        ("X", COUNTS - 1, ["non-negative counts", "got -1 at row 0, column 1 ('größer')"]),
        ("X", np.log1p(COUNTS), ["whole, non-negative counts", "got 0.69", "not weights"]),
        ("X", COUNTS[:, :2], ["3 words", "got 3", "2 words"]),
        ("var/word", None, ["an index at /var", "AnnData 0.8"]),
        ("var/word", ["a", "b", "a"], ["distinct words", "'a'", "columns 0 and 2"]),
        ("obs", np.array([(1,)], dtype=[("index", int)]), ["an index at /obs", "AnnData 0.8"]),
    ],
)
def test_what_is_wrong_is_named(path, change, refuses, key, value, parts):
    change(key, value)
    if "2 words" in parts:
        parts = ["X is 3 x 2", "obs and var are 3 x 3"]
    with refuses(*parts, repr(str(path))):
        read_corpus(path)


@pytest.mark.parametrize("kind", ["csr_matrix", "awkward-array"])
def test_matrix_that_is_wrong_is_refused(path, refuses, kind):
    matrix = csr_matrix(COUNTS)
    matrix.indices[0] = 1000
    replace_matrix(path, matrix, kind)
    with refuses("damaged or of another kind", repr(str(path)), "save it again"):
        read_corpus(path)


@pytest.mark.parametrize("content", ["", "1 0:1\n"])
def test_other_contents_are_refused(path, refuses, content):
    path.write_text(content)
    with refuses("damaged or of another kind", repr(str(path))):
        read_corpus(path)


def test_truncated_file_is_refused(path, refuses):
    path.write_bytes(path.read_bytes()[:-500])
    with refuses("damaged or of another kind", repr(str(path))):
        read_corpus(path)


def test_missing_file_is_refused(tmp_path, refuses):
    with refuses("does not exist"):
        read_corpus(tmp_path / "a.h5ad")


def anndata(**changes):
    parts = {"X": csr_matrix(COUNTS), "obs": pd.DataFrame({"label": ["x", "y", "x"]}, index=IDS)}
    return SimpleNamespace(var_names=pd.Index(WORDS), obs_names=pd.Index(IDS), **parts | changes)


def test_from_anndata():
    corpus = from_anndata(anndata())
    assert corpus.counts.toarray().tolist() == COUNTS.tolist()
    assert (corpus.vocabulary, corpus.ids, corpus.labels) == (WORDS, IDS, ["x", "y", "x"])
    assert from_anndata(anndata(X=COUNTS, obs=pd.DataFrame(index=IDS))).labels is None


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["x", None, np.nan], ["x", "", ""]),
        (pd.Categorical(["x", None, "y"]), ["x", "", "y"]),
        (pd.array([1, None, 2], dtype="Int64"), ["1", "", "2"]),
        (pd.array(["x", None, "y"], dtype="string"), ["x", "", "y"]),
        (pd.array([True, None, False], dtype="boolean"), ["True", "", "False"]),
        (pd.to_datetime(["2020-01-01", None, None]), ["2020-01-01 00:00:00", "", ""]),
        ([1.0, np.nan, 2.5], ["1.0", "", "2.5"]),
        (["x", "None", "nan"], ["x", "", ""]),
    ],
)
def test_missing_labels_of_anndata_are_missing(labels, expected):
    obs = pd.DataFrame({"label": labels}, index=IDS)
    assert from_anndata(anndata(obs=obs)).labels == expected


def test_other_columns_of_anndata_are_metadata():
    obs = pd.DataFrame({"party": ["x", None, "y"], "label": ["a", "b", "c"]}, index=IDS)
    corpus = from_anndata(anndata(obs=obs))
    assert corpus.metadata["party"].isna().tolist() == [False, True, False]
    assert corpus.metadata.columns.tolist() == ["party"]


def test_columns_of_other_kinds_are_left_out(path):
    with h5py.File(path, "r+") as file:
        file["obs"]["year"] = [1999, 2000, 2001]
        file["obs"].create_group("strange")["data"] = [1]
        file["obs"].attrs["column-order"] = ["label", "year", "strange", "gone"]
    assert read_corpus(path).metadata.to_dict("list") == {"year": [1999, 2000, 2001]}


def test_dates_become_text(tmp_path):
    dates = pd.to_datetime(["2020-01-31", None])
    corpus = Corpus([[1], [2]], ["bank"], ["a", "b"], metadata=pd.DataFrame({"date": dates}))
    write_corpus(corpus, tmp_path / "a.h5ad")
    found = read_corpus(tmp_path / "a.h5ad").metadata["date"]
    assert found[0] == "2020-01-31 00:00:00"
    assert found.isna().tolist() == [False, True]


def test_from_anndata_refuses_what_is_no_count(refuses):
    with refuses("counts in X, got 0.5 at row 0, column 0 ('bank'); "):
        from_anndata(anndata(X=COUNTS / 2))


def test_import_loads_neither_h5py_nor_gensim():
    program = (
        "import sys, topicgen.corpus.formats\n"
        "assert not {'h5py', 'gensim', 'anndata', 'torch'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
