import numpy as np
import pytest
from scipy.sparse import csr_matrix, save_npz

from topicgen.corpus.formats import read_corpus, recognise, write_corpus


@pytest.fixture
def folder(make):
    """Two train documents and a test document, with the labels of the former."""
    folder = make(**{"t/vocab.txt": "bank\nrate\n", "t/train_labels.txt": "1\n0\n"}).parent
    save_npz(folder / "train_bow.npz", csr_matrix([[1.0, 2.0], [0.0, 0.0]]))
    save_npz(folder / "test_bow.npz", csr_matrix([[0, 5]]))
    return folder


def test_a_folder_made_by_hand(folder):
    corpus = read_corpus(folder)
    assert corpus.counts.toarray().tolist() == [[1, 2], [0, 0], [0, 5]]
    assert corpus.counts.dtype == np.int64
    assert corpus.ids == ["train/1", "train/2", "test/1"]
    assert corpus.labels == ["1", "0", ""]


def test_one_split_by_its_file(folder):
    train = read_corpus(folder / "train_bow.npz")
    assert (train.ids, train.labels) == (["train/1", "train/2"], ["1", "0"])
    test = read_corpus(folder / "test_bow.npz")
    assert (test.ids, test.labels) == (["test/1"], None)


def test_the_split_is_optional(folder):
    (folder / "test_bow.npz").unlink()
    assert len(read_corpus(folder)) == 2


def test_the_splits_survive_the_round_trip(folder, tmp_path, assert_same):
    write_corpus(read_corpus(folder), tmp_path / "again", "topmost")
    assert recognise(tmp_path / "again") == "topmost"
    assert_same(read_corpus(tmp_path / "again"), read_corpus(folder))
    names = ["test_bow.npz", "test_labels.txt", "train_bow.npz", "train_labels.txt", "vocab.txt"]
    assert sorted(path.name for path in (tmp_path / "again").iterdir()) == names


def test_round_trip(tmp_path, corpus, plain, assert_same):
    for number, written in enumerate((corpus, plain)):
        write_corpus(written, tmp_path / str(number), "topmost")
        assert_same(read_corpus(tmp_path / str(number)), written)


def test_vocabulary_of_another_length_is_refused(folder, refuses):
    (folder / "vocab.txt").write_text("bank\n")
    with refuses("a vocabulary of 2 words", "got 1", "vocab.txt", "train_bow.npz"):
        read_corpus(folder)


def test_labels_of_another_number_are_refused(folder, refuses):
    (folder / "train_labels.txt").write_text("1\n")
    with refuses("expected 2 lines", "got 1", "train_labels.txt"):
        read_corpus(folder)


def test_missing_vocabulary_is_refused(folder, refuses):
    (folder / "vocab.txt").unlink()
    with refuses("vocab.txt", "does not exist"):
        read_corpus(folder, "topmost")


def test_another_folder_is_refused(tmp_path, refuses):
    with refuses("a folder with train_bow.npz", "got", "which has none"):
        read_corpus(tmp_path, "topmost")


def test_20_newsgroups(data):
    corpus = read_corpus(data / "20ng_5000")
    assert repr(corpus) == "Corpus(18,846 documents, 5,000 words, 2,054,069 tokens, 0 empty)"
    assert len(read_corpus(data / "20ng_5000" / "train_bow.npz")) == 11314
    assert len(set(corpus.labels)) == 20
