import io
import os
import zipfile

import numpy as np
import pytest
from scipy.sparse import coo_matrix, csc_matrix, csr_matrix, load_npz, save_npz

from topicgen.corpus import Corpus
from topicgen.corpus.formats import read_corpus, write_corpus


@pytest.mark.parametrize("kind", [csr_matrix, csc_matrix, coo_matrix])
@pytest.mark.parametrize("dtype", [np.float32, np.uint8, np.int32, bool])
def test_what_scipy_writes_is_read(make, kind, dtype):
    path = make(**{"a.npz": "", "vocab.txt": "bank\nrate\n"})
    save_npz(path, kind(np.array([[1, 0], [0, 0], [0, 1]], dtype=dtype)))
    counts = read_corpus(path).counts
    assert counts.toarray().tolist() == [[1, 0], [0, 0], [0, 1]]
    assert counts.dtype in (np.int32, np.int64)


def test_round_trip(tmp_path, corpus, plain, assert_same):
    for written in (corpus, plain):
        write_corpus(written, tmp_path / "a.npz", overwrite=True)
        assert_same(read_corpus(tmp_path / "a.npz"), written)
    assert load_npz(tmp_path / "a.npz").shape == (3, 4)


def test_another_name_is_kept(tmp_path, corpus, assert_same):
    write_corpus(corpus, tmp_path / "bag", "npz")
    assert_same(read_corpus(tmp_path / "bag", "npz"), corpus)


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        (-1.0, ["non-negative counts", "got -1.0"]),
        (np.nan, ["non-negative counts", "got nan"]),
        (0.25, ["whole, non-negative counts", "got 0.25", "not weights"]),
    ],
)
def test_a_number_that_is_no_count_is_named(make, refuses, value, parts):
    path = make(**{"a.npz": "", "vocab.txt": "bank\nrate\n"})
    save_npz(path, csr_matrix([[1, 0], [0, value]]))
    with refuses(*parts, "row 1, column 1 ('rate')", f"in {str(path)!r}"):
        read_corpus(path)


def objects(path):
    np.savez(path, data=np.array([{}], dtype=object), format=np.array("csr"))


def other_arrays(path):
    np.savez(path, a=np.arange(3))


def out_of_range(path):
    matrix = csc_matrix([[1, 0], [0, 1]])
    matrix.indices[0] = 1000
    save_npz(path, matrix)


def text(path):
    path.write_text("1 0:1\n")


def truncated(path):
    save_npz(path, csr_matrix(np.eye(50)))
    path.write_bytes(path.read_bytes()[:-100])


def overwritten(path):
    save_npz(path, csr_matrix(np.eye(50)))
    content = bytearray(path.read_bytes())
    content[60:90] = b"x" * 30
    path.write_bytes(content)


@pytest.mark.parametrize(
    "write", [objects, other_arrays, out_of_range, text, truncated, overwritten]
)
def test_other_contents_are_refused(make, refuses, write):
    path = make(**{"a.npz": "", "vocab.txt": "bank\nrate\n"})
    write(path)
    with refuses(repr(str(path)), "damaged or"):
        read_corpus(path)


def test_empty_file_is_refused(make, refuses):
    with refuses("a.npz", "damaged or"):
        read_corpus(make(**{"a.npz": "", "vocab.txt": "bank\n"}))


def test_vocabulary_of_another_length_is_refused(make, refuses):
    path = make(**{"a.npz": "", "vocab.txt": "bank\nrate\n"})
    save_npz(path, csr_matrix([[1, 2, 3]]))
    with refuses("a vocabulary of 3 words", "got 2", "vocab.txt"):
        read_corpus(path)


def test_missing_vocabulary_says_which_were_looked_for(make, refuses):
    with refuses("got none of a.npz.vocab, a.vocab, vocab.txt"):
        read_corpus(make(**{"a.npz": ""}))


def test_no_documents(tmp_path):
    write_corpus(Corpus(np.zeros((0, 2)), ["bank", "rate"], []), tmp_path / "a.npz")
    assert read_corpus(tmp_path / "a.npz").counts.shape == (0, 2)


def archive(path, **changed):
    """Write an archive as ``save_npz`` does, some of its members changed."""
    members = {"indices": [0, 1], "indptr": [0, 1, 2], "format": b"csr", "shape": [2, 4]}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, value in (members | {"data": [1, 2]} | changed).items():
            content = io.BytesIO()
            np.save(content, np.array(value))
            data = value if name != "format" and isinstance(value, bytes) else content.getvalue()
            file.writestr(f"{name}.npy", data)
    path.with_suffix(".vocab").write_text("a\nb\nc\nd\n")
    return path


def header(shape):
    content = io.BytesIO()
    kind = {"descr": "<i4", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(content, kind)
    return content.getvalue()


def test_archive_is_read(tmp_path):
    assert read_corpus(archive(tmp_path / "a.npz")).counts.toarray().tolist() == [
        [1, 0, 0, 0],
        [0, 2, 0, 0],
    ]


@pytest.mark.parametrize("shape", [(10**12,), (10**8,), (-1,), (2**40, 2**40)])
def test_shapes_that_the_bytes_do_not_fill_are_refused(tmp_path, refuses, shape):
    path = archive(tmp_path / "a.npz", data=header(shape))
    with refuses("damaged", f"data.npy says that its shape is {shape}, but has 0 bytes"):
        read_corpus(path)


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY", b"\x93NUMPY\x01\x00\xff\xff", b"text"])
def test_arrays_that_are_none_are_refused(tmp_path, refuses, content):
    with refuses("a sparse matrix that scipy.sparse.save_npz wrote", "damaged"):
        read_corpus(archive(tmp_path / "a.npz", indptr=content))


def test_documents_that_are_only_declared_are_refused(tmp_path, refuses):
    path = archive(tmp_path / "a.npz", format=b"coo", shape=[10**9, 4], row=[0, 1], col=[0, 1])
    with refuses("documents in the", "got 1,000,000,000", str(path)):
        read_corpus(path)


def test_archives_of_nothing_but_zeros_are_refused_before_they_are_read(tmp_path, refuses):
    path = archive(tmp_path / "a.npz", indptr=np.zeros(10**7, dtype=np.int64))
    with refuses("at most 250 bytes", "got 80,000,", str(path)):
        read_corpus(path)


@pytest.mark.parametrize(
    ("data", "value"), [(np.array([2**63 + 5, 1], np.uint64), 2**63 + 5), ([1e30, 1.0], 1e30)]
)
def test_counts_that_no_corpus_holds_are_refused(tmp_path, refuses, data, value):
    with refuses("at most 9,007,199,254,740,992", f"got {value} at row 0, column 0 ('a')"):
        read_corpus(archive(tmp_path / "a.npz", data=data))


def test_duplicates_of_bytes_are_added(tmp_path):
    data = np.array([200, 100], np.uint8)
    path = archive(tmp_path / "a.npz", format=b"coo", data=data, row=[0, 0], col=[1, 1])
    assert read_corpus(path).counts.toarray()[0].tolist() == [0, 300, 0, 0]


def test_a_pipe_is_refused(tmp_path, refuses):
    path = archive(tmp_path / "a.npz")
    path.unlink()
    os.mkfifo(path)
    with refuses("expected a file", "which is a pipe"):
        read_corpus(path)
