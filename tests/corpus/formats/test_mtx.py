import numpy as np
import pytest
from scipy.io import mmread, mmwrite
from scipy.sparse import csr_matrix

from topicgen.corpus.formats import read_corpus, write_corpus

VOCABULARY = "bank\nrate\nrose\n"
BANNER = "%%MatrixMarket matrix coordinate integer general\n"


def test_a_file_written_by_hand(make):
    text = "%%matrixmarket  matrix coordinate real general\n% a comment\n%\n3 3 3  \n1 1 1\n"
    path = make(**{"a.mtx": text + "1 3 13.0\n3 2 2\n", "vocab.txt": VOCABULARY})
    corpus = read_corpus(path)
    assert corpus.counts.toarray().tolist() == [[1, 0, 13], [0, 0, 0], [0, 2, 0]]
    assert corpus.vocabulary == ["bank", "rate", "rose"]


@pytest.mark.parametrize("name", ["a.mtx", "a.mtx.gz", "a.mtx.bz2"])
def test_round_trip(tmp_path, corpus, plain, assert_same, name):
    for written in (corpus, plain):
        write_corpus(written, tmp_path / name, overwrite=True)
        assert_same(read_corpus(tmp_path / name), written)


def test_scipy_reads_what_is_written(tmp_path, corpus):
    write_corpus(corpus, tmp_path / "a.mtx")
    np.testing.assert_array_equal(mmread(tmp_path / "a.mtx").toarray(), corpus.counts.toarray())


@pytest.mark.parametrize("dtype", [np.int32, np.float64])
def test_what_scipy_writes_is_read(tmp_path, corpus, dtype):
    mmwrite(tmp_path / "a.mtx", corpus.counts.astype(dtype), comment="made by hand")
    (tmp_path / "a.vocab").write_text("\n".join(corpus.vocabulary))
    found = read_corpus(tmp_path / "a.mtx")
    assert found.counts.toarray().tolist() == corpus.counts.toarray().tolist()


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (BANNER + "3 3 2\n1 1 1\n", ["expected 2 entries", "got 1"]),
        (BANNER + "3 3 1\n4 1 1\n", ["the 3 documents", "got '4'", "line 3"]),
        (BANNER + "3 4 1\n1 4 1\n", ["a vocabulary of 4 words", "got 3"]),
        (BANNER + "3 3\n1 1 1\n", ["'documents words entries'", "got '3 3'", "line 2"]),
        (BANNER, ["expected a header", "the end of"]),
        ("", ["an empty file"]),
        ("1 1 1\n", ["%%MatrixMarket", "got '1 1 1'", "line 1"]),
        (BANNER.replace("general", "hermitian"), ["got '%%MatrixMarket", "hermitian"]),
        (BANNER.replace("general", "skew-symmetric"), ["skew-symmetric", "line 1"]),
        (BANNER.replace("coordinate", "array"), ["array", "save the counts as a sparse matrix"]),
        (BANNER.replace("integer", "complex"), ["complex", "line 1"]),
        (BANNER.replace("integer", "pattern") + "3 3 1\n1 1 1\n", ["'document word'", "line 3"]),
        (BANNER.replace("general", "symmetric") + "2 3 1\n1 1 1\n", ["as many documents as words"]),
        ("%%MatrixMarket\n", ["got '%%MatrixMarket'", "line 1"]),
        ("\n", ["got ''", "line 1"]),
        (BANNER + "3 3 2\n1 1 1 9\n1 1 1\n", ["got 4 fields", "line 3"]),
        (BANNER + "3 3 0\n1 1 1\n", ["expected 0 entries", "got 1"]),
        (BANNER + "3 3 1\n1 1 -1\n", ["got '-1'", "line 3"]),
        (BANNER + f"3 3 1\n1 1 {10**19}\n", [f"got '{10**19}'", "line 3"]),
        (BANNER + "3 3 1\n1 1 0.25\n", ["got '0.25'", "line 3"]),
    ],
)
def test_what_is_wrong_is_named(make, refuses, text, parts):
    with refuses(*parts):
        read_corpus(make(**{"a.mtx": text, "vocab.txt": VOCABULARY}))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint32, np.uint64, np.float32])
@pytest.mark.parametrize("symmetry", ["general", None])
def test_whatever_scipy_writes_is_read(tmp_path, dtype, symmetry):
    """Its mmwrite finds the symmetry of a square matrix by itself."""
    counts = csr_matrix(np.array([[0, 1, 1], [1, 1, 0], [1, 0, 0]], dtype=dtype))
    mmwrite(tmp_path / "a.mtx", counts, symmetry=symmetry)
    if symmetry is None:
        assert "symmetric" in (tmp_path / "a.mtx").read_text()
    (tmp_path / "a.vocab").write_text(VOCABULARY)
    assert read_corpus(tmp_path / "a.mtx").counts.toarray().tolist() == counts.toarray().tolist()


@pytest.mark.parametrize("lines", ["1 2\n2 1\n3 3\n", " 1\t2 \r\r\n\n2 1\r3 3"])
def test_entries_of_a_pattern_count_once(make, lines):
    text = f"%%MatrixMarket matrix coordinate pattern general\n3 3 3\n{lines}"
    path = make(**{"a.mtx": text, "vocab.txt": VOCABULARY})
    assert read_corpus(path).counts.toarray().tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 1]]


@pytest.mark.parametrize("field", ["integer", "unsigned-integer", "real"])
@pytest.mark.parametrize(
    "lines",
    [
        "1 1 1\n1 3 13\n3 2 2\n",
        "  1\t1   1 \r\n\n1 3 13\r\n3 2 2",
        "1 1 1.0\n1 3 13.00\n3 2 2\n",
        "3 2 2e0\n1 3 12\n1 1 01\n1 3 1\n",
    ],
    ids=["plain", "blanks", "fractions", "read line by line"],
)
def test_lines_that_say_the_same(make, field, lines):
    banner = BANNER.replace("integer", field)
    n_entries = len(lines.split()) // 3
    path = make(**{"a.mtx": f"{banner}3 3 {n_entries}\n{lines}", "vocab.txt": VOCABULARY})
    assert read_corpus(path).counts.toarray().tolist() == [[1, 0, 13], [0, 0, 0], [0, 2, 0]]


def test_counts_up_to_what_a_float_holds_are_exact(make, refuses):
    banner = BANNER.replace("integer", "real")
    for count in (2**53 - 1, 2**53):
        path = make(**{"a.mtx": f"{banner}1 1 1\n1 1 {count}.0\n", "vocab.txt": "bank\n"})
        assert read_corpus(path).counts.toarray().tolist() == [[count]]
    path = make(**{"a.mtx": f"{banner}1 1 1\n1 1 {2**53 + 1}.0\n", "vocab.txt": "bank\n"})
    with refuses("at most 9,007,199,254,740,992", f"got {2**53 + 1} at row 0, column 0"):
        read_corpus(path)


def test_missing_vocabulary_says_which_were_looked_for(make, refuses):
    with refuses("got none of a.mtx.vocab, a.vocab, vocab.txt"):
        read_corpus(make(**{"a.mtx": BANNER + "1 1 0\n"}))
