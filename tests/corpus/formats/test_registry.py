import os

import pandas as pd
import pytest

from topicgen.corpus import Corpus
from topicgen.corpus.formats import FORMATS, read_corpus, recognise, write_corpus

NAMES = {
    "topicgen": "folder",
    "ldac": "a.ldac",
    "uci": "docword.a.txt",
    "mtx": "a.mtx",
    "svmlight": "a.svmlight",
    "octis": "folder",
    "topmost": "folder",
    "mallet": "a.mallet.txt",
    "gensim": "a.mm",
    "npz": "a.npz",
    "h5ad": "a.h5ad",
}
TOLD = {name: file for name, file in NAMES.items() if file != "folder"}
COMPRESSED = ["ldac", "uci", "mtx", "svmlight", "mallet", "gensim"]


def test_the_forms():
    assert FORMATS.keys() == NAMES.keys()
    for name, form in FORMATS.items():
        assert form.name == name
        assert "\n" not in form.description


@pytest.mark.parametrize(("name", "file"), TOLD.items())
def test_names_tell_the_form(name, file):
    assert recognise(file) == recognise(f"some/{file}") == name


@pytest.mark.parametrize("name", COMPRESSED)
def test_compressed_names_tell_the_form(name):
    for suffix in (".gz", ".bz2", ".xz"):
        assert recognise(NAMES[name] + suffix) == name


@pytest.mark.parametrize(
    "path", ["a.txt", "a.csv", "a", ".", "..", "/", "", "a.npz.gz", "vocab.txt"]
)
def test_other_names_tell_nothing(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert recognise(path) is None


@pytest.mark.parametrize("name", NAMES)
def test_what_is_written_is_recognised_and_read(tmp_path, corpus, assert_same, name):
    if name == "h5ad":
        pytest.importorskip("h5py")
    path = tmp_path / NAMES[name]
    write_corpus(corpus, path, name)
    assert recognise(path) == name
    assert_same(read_corpus(path), corpus)


# The containers of the others tell the time.
@pytest.mark.parametrize("name", [*COMPRESSED, "octis"])
def test_writing_twice_gives_the_same_bytes(tmp_path, corpus, name):
    paths = [tmp_path / "one" / NAMES[name], tmp_path / "two" / NAMES[name]]
    for path in paths:
        path.parent.mkdir()
        write_corpus(corpus, path, name)
    one, two = (
        {file.name: file.read_bytes() for file in path.parent.rglob("*") if file.is_file()}
        for path in paths
    )
    assert one == two


def test_reading_what_no_name_tells_is_refused(tmp_path, refuses):
    (tmp_path / "a.txt").write_text("1 0:1")
    with refuses(
        "a format among ", "ldac, uci, mtx", "h5ad", "'", "a.txt', whose name does not say which"
    ):
        read_corpus(tmp_path / "a.txt")
    with refuses("does not exist", "check the path"):
        read_corpus(tmp_path / "b.txt")


def test_an_unknown_form_is_refused(tmp_path, corpus, refuses):
    with refuses("a format among ", "ldac, uci", "got 'lda'"):
        read_corpus(tmp_path / "a.ldac", "lda")
    with refuses("a format among ", "ldac, uci", "got 'lda'"):
        write_corpus(corpus, tmp_path / "a.ldac", "lda")
    with refuses("a format among ", "ldac, uci", "whose name does not say which"):
        write_corpus(corpus, tmp_path / "folder")


def test_a_compression_that_is_only_read_is_refused(tmp_path, corpus, refuses):
    with refuses("among .gz, .bz2, .xz to write", "got 'a.ldac.zst'"):
        write_corpus(corpus, tmp_path / "a.ldac.zst")


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA, pd.NaT, ""], ids=repr)
@pytest.mark.parametrize("name", NAMES)
def test_missing_labels_are_missing_in_every_format(tmp_path, corpus, name, missing):
    if name == "h5ad":
        pytest.importorskip("h5py")
    for number, labels in enumerate((["x", missing, "größer"], ["1", "2", missing])):
        written = Corpus(corpus.counts, corpus.vocabulary, ["train/1", "train/2", "test/1"], labels)
        path = tmp_path / str(number) / NAMES[name]
        path.parent.mkdir()
        write_corpus(written, path, name)
        expected = ["" if label is missing else label for label in labels]
        assert list(read_corpus(path).labels) == list(written.labels) == expected


@pytest.mark.parametrize("name", NAMES)
def test_corpus_open_reads_every_format(tmp_path, corpus, assert_same, name):
    if name == "h5ad":
        pytest.importorskip("h5py")
    ids = ["train/1", "train/2", "test/1"]
    written = Corpus(corpus.counts, corpus.vocabulary, ids, corpus.labels)
    path = tmp_path / NAMES[name]
    write_corpus(written, path, name)
    found = Corpus.open(path)
    assert_same(found, written)
    assert found.source == str(path)
    assert found.splits == ["train", "train", "test"]
    assert_same(Corpus.open(str(path), format=name), written)
    test = Corpus.open(path, split="test")
    assert (list(test.ids), list(test.labels)) == (["test/1"], ["größer"])
    assert test.counts.toarray().tolist() == [[0, 3, 0, 0]]


def test_corpus_open_says_what_it_cannot_read(make, tmp_path, refuses):
    (tmp_path / "folder").mkdir()
    with refuses("'none' does not exist"):
        Corpus.open("none")
    with refuses("is not a corpus folder", "corpus.json", "topicgen corpus build"):
        Corpus.open(tmp_path / "folder")
    with refuses("whose name does not say which", "topicgen corpus build"):
        Corpus.open(make(**{"a.txt": "a text\n"}))
    path = make(**{"a.ldac": "1 0:1\n", "a.vocab": "bank\n"})
    with refuses("split 'test'", "a.ldac", "ids that name no split", "leave the split out"):
        Corpus.open(path, split="test")
    with refuses("a split among train, val, test", "got 'all'"):
        Corpus.open(path, split="all")


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["unix", "dos", "mac"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["", "bom"])
@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("topicgen", "h5ad")])
def test_line_ends_and_marks_do_not_matter_in_any_file(
    tmp_path, corpus, assert_same, name, end, mark
):
    path = tmp_path / NAMES[name]
    write_corpus(corpus, path, name)
    n_files = 0
    for file in tmp_path.rglob("*"):
        if file.is_file() and file.suffix != ".npz":
            n_files += 1
            file.write_text(mark + file.read_text("utf-8"), "utf-8", newline=end)
    assert n_files > 0
    assert_same(read_corpus(path), corpus)


@pytest.mark.parametrize("name", NAMES)
def test_metadata_are_kept_or_said_to_be_left_out(tmp_path, corpus, name):
    if name == "h5ad":
        pytest.importorskip("h5py")
    metadata = pd.DataFrame(
        {
            "party": ["Lab", None, "größer"],
            "year": pd.array([1999, None, 2001], dtype="Int64"),
            "score": [0.5, float("nan"), 2.0],
            "old": [True, False, True],
            "number": [7, 8, 9],
            "known": pd.array([True, None, False], dtype="boolean"),
        }
    )
    written = Corpus(corpus.counts, corpus.vocabulary, corpus.ids, corpus.labels, metadata=metadata)
    path = tmp_path / NAMES[name]
    if not FORMATS[name].keeps_metadata:
        with pytest.warns(UserWarning, match=rf"metadata \(party, .*\) cannot .* format {name} "):
            write_corpus(written, path, name)
        assert read_corpus(path).metadata is None
        return
    write_corpus(written, path, name)
    found = read_corpus(path)
    pd.testing.assert_frame_equal(found.metadata, metadata)
    assert list(found.labels) == corpus.labels


_MANY = 999_999_999_999_999_999


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.ldac", "10 " + f"0:{_MANY} " * 10),
        ("a.svmlight", "0 " + f"0:{_MANY} " * 10),
        ("docword.a.txt", "1\n2\n10\n" + f"1 1 {_MANY}\n" * 10),
        (
            "a.mtx",
            "%%MatrixMarket matrix coordinate integer general\n1 2 10\n" + f"1 1 {_MANY}\n" * 10,
        ),
    ],
)
def test_entries_that_come_often_do_not_wrap_around(tmp_path, refuses, name, text):
    (tmp_path / "vocab.txt").write_text("bank\nrate\n")
    (path := tmp_path / name).write_text(text)
    with refuses("at most 9,007,199,254,740,992", "got 1e+19 at row 0, column 0"):
        read_corpus(path)


@pytest.mark.parametrize("name", ["a.ldac", "docword.a.txt", "a.mtx", "a.mm", "a.mallet.txt"])
def test_pipes_are_refused(tmp_path, refuses, name):
    (tmp_path / "vocab.txt").write_text("bank\nrate\n")
    os.mkfifo(tmp_path / name)
    with refuses("expected a file", "which is a pipe"):
        read_corpus(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("docword.a.txt", "100000000\n2\n0\n"),
        ("a.mtx", "%%MatrixMarket matrix coordinate integer general\n100000000 2 0\n"),
    ],
)
def test_documents_that_are_only_declared_are_refused(tmp_path, refuses, name, text):
    (tmp_path / "vocab.txt").write_text("bank\nrate\n")
    (path := tmp_path / name).write_text(text)
    with refuses("at most 1,000,0", "got 100,000,000", str(path)):
        read_corpus(path)
