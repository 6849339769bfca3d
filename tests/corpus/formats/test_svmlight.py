import numpy as np
import pytest
from sklearn.datasets import load_svmlight_file

from topicgen.corpus import Corpus
from topicgen.corpus.formats import read_corpus, write_corpus

VOCABULARY = "bank\nrate\nrose\n"


def test_a_file_written_by_hand(make):
    text = "# made by hand\n+1 1:1 3:13 # the first\n\n-1\n2.5 2:2\t1:0\r\n"
    corpus = read_corpus(make(**{"a.svmlight": text, "a.vocab": VOCABULARY}))
    assert corpus.counts.toarray().tolist() == [[1, 0, 13], [0, 0, 0], [0, 2, 0]]
    assert corpus.counts.nnz == 3
    assert corpus.labels == ["+1", "-1", "2.5"]
    assert corpus.ids == ["1", "2", "3"]


@pytest.mark.parametrize("name", ["a.vocab", "vocab.txt", "vocab.new"])
def test_totals_in_the_vocabulary_are_left_out(make, name):
    path = make(**{"a.feat": "1 1:1 2:1\n", name: "bank 12\nrate 3\n"})
    assert read_corpus(path).vocabulary == ["bank", "rate"]


def test_words_with_blanks_are_no_totals(make):
    path = make(**{"a.feat": "1 2:1\n", "a.vocab": "windows 95\nnew york\n"})
    assert read_corpus(path).vocabulary == ["windows 95", "new york"]


def test_words_that_look_like_totals_survive_the_round_trip(tmp_path):
    corpus = Corpus([[1, 2]], ["windows 95", "windows 98"], ["1"])
    write_corpus(corpus, tmp_path / "a.svmlight")
    assert read_corpus(tmp_path / "a.svmlight").vocabulary == corpus.vocabulary


@pytest.mark.parametrize("name", ["a.svmlight", "a.libsvm", "a.feat.gz"])
@pytest.mark.parametrize(
    "labels",
    [
        None,
        ["1", "-1", "2.5"],
        ["0", "0", "0"],
        ["sport", "", "größer #1"],
        ["", "", ""],
    ],
)
def test_round_trip(tmp_path, corpus, assert_same, name, labels):
    corpus = Corpus(corpus.counts, corpus.vocabulary, corpus.ids, labels)
    write_corpus(corpus, tmp_path / name)
    assert_same(read_corpus(tmp_path / name), corpus)


def test_labels_are_numbers_for_other_tools(tmp_path, corpus):
    write_corpus(corpus, tmp_path / "a.svmlight")
    assert (tmp_path / "a.svmlight").read_text() == "2 1:1 3:12\n0\n1 2:3\n"
    assert (tmp_path / "a.svmlight.labels").read_text() == "x\n\ngrößer\n"
    counts, labels = load_svmlight_file(
        str(tmp_path / "a.svmlight"), n_features=4, zero_based=False
    )
    np.testing.assert_array_equal(counts.toarray(), corpus.counts.toarray())
    assert labels.tolist() == [2, 0, 1]


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("1 4:1", ["ids of the 3 words in the vocabulary", "from 1 to 3", "got '4'"]),
        ("1 0:1 3:1", ["from 0 to 2", "got '3'", "ids start at 0", "one in line 3 is 0"]),
        ("1 x:3 1:1", ["ids of the 3 words", "whole numbers", "got 'x'"]),
        ("1 1:1 qid:3", ["whole numbers", "got 'qid'"]),
        ("1 -1:1", ["whole numbers", "got '-1'"]),
        (f"1 {10**12}:1", ["ids of the 3 words", f"got '{10**12}'"]),
        ("1:1 2:1", ["expected a label before the pairs", "got '1:1'"]),
        ("1 1:-1", ["got '-1'"]),
        ("1 1:0.5", ["got '0.5'"]),
        ("1 1:nan", ["got 'nan'"]),
        ("1 2", ["expected id:count", "got '2'"]),
        (b"\xe9 1:1", ["expected UTF-8", "the byte 0xe9", "iconv"]),
    ],
)
def test_a_line_that_is_wrong_is_named(make, refuses, line, parts):
    line = line if isinstance(line, bytes) else line.encode()
    text = b"# a comment\n1 1:1\n" + line + b"\n"
    with refuses(*parts, "line 3"):
        read_corpus(make(**{"a.svmlight": text, "vocab.txt": VOCABULARY}))


ZERO, ONE, EITHER = "9 0:9 2:4\n1\n", "9 1:9 3:4\n1\n", "1 1:2 2:1\n0 1:1\n"


@pytest.mark.parametrize(
    ("text", "zero_based", "expected"),
    [
        (ZERO, "auto", [[9, 0, 4], [0, 0, 0]]),
        (ZERO, True, [[9, 0, 4], [0, 0, 0]]),
        (ONE, "auto", [[9, 0, 4], [0, 0, 0]]),
        (ONE, False, [[9, 0, 4], [0, 0, 0]]),
        (EITHER, True, [[0, 2, 1], [0, 1, 0]]),
        (EITHER, False, [[2, 1, 0], [1, 0, 0]]),
    ],
)
def test_ids_from_0_or_1_are_read_as_scikit_learn_reads_them(make, text, zero_based, expected):
    path = make(**{"a.svmlight": text, "a.vocab": VOCABULARY})
    assert read_corpus(path, zero_based=zero_based).counts.toarray().tolist() == expected
    assert Corpus.open(path, zero_based=zero_based).counts.toarray().tolist() == expected
    counts, _ = load_svmlight_file(str(path), n_features=3, zero_based=zero_based)
    assert counts.toarray().tolist() == expected


def test_a_doubt_where_ids_begin_is_said(make):
    path = make(**{"a.svmlight": EITHER, "a.vocab": VOCABULARY})
    with pytest.warns(UserWarning, match="start at 1, since no id is 0; .* 'rose', then never"):
        assert read_corpus(path).counts.toarray().tolist() == [[2, 1, 0], [1, 0, 0]]


@pytest.mark.parametrize(
    ("text", "zero_based", "parts"),
    [
        (ZERO, False, ["from 1 to 3", "got '0'", "line 1", "--zero-based yes", "zero_based=True"]),
        (ONE, True, ["from 0 to 2", "got '3'", "line 1", "ids start at 0"]),
        (ONE, "yes", ["zero_based", "True, False or 'auto'", "got 'yes'"]),
        (ONE, None, ["zero_based", "got None"]),
    ],
)
def test_ids_that_cannot_be_are_named(make, refuses, text, zero_based, parts):
    path = make(**{"a.svmlight": text, "a.vocab": VOCABULARY})
    with refuses(*parts):
        read_corpus(path, zero_based=zero_based)


def test_other_formats_count_from_what_they_say(make, refuses):
    path = make(**{"a.ldac": "1 0:1\n", "a.vocab": VOCABULARY})
    with refuses("zero_based applies only to the format svmlight", "a.ldac", "leave it out"):
        read_corpus(path, zero_based=True)


def test_queries_and_comments_are_left_out(make):
    text = "# a query\n1 qid:3 1:1 3:2\n0 qid:4\t2:1 # qid:5 1:9\n2 qid:1\n"
    path = make(**{"a.svmlight": text, "a.vocab": VOCABULARY})
    corpus = read_corpus(path)
    assert corpus.counts.toarray().tolist() == [[1, 0, 2], [0, 1, 0], [0, 0, 0]]
    assert corpus.labels == ["1", "0", "2"]


def test_labels_that_numpy_writes_for_missing_ones(make):
    path = make(**{"a.svmlight": "nan 1:1\n1 3:1\n", "a.vocab": VOCABULARY})
    assert read_corpus(path).labels == ["", "1"]


def test_a_folder_with_a_file_for_each_split(make):
    folder = make(
        **{
            "f/vocab.new": "bank 2\nrate 2\nrose 1\n",
            "f/train.feat": "1 1:2 2:1\n2 2:1\n",
            "f/test.feat": "2 3:1\n",
        }
    ).parent
    corpus = Corpus.open(folder)
    assert corpus.counts.toarray().tolist() == [[2, 1, 0], [0, 1, 0], [0, 0, 1]]
    assert corpus.ids == ["train/1", "train/2", "test/1"]
    assert (corpus.splits, corpus.labels) == (["train", "train", "test"], ["1", "2", "2"])
    assert Corpus.open(folder, split="test").ids == ["test/1"]


def test_another_folder_is_refused(tmp_path, refuses):
    with refuses("expected train.feat", "got none", "name the file"):
        read_corpus(tmp_path, "svmlight")


@pytest.mark.parametrize("text", ["", "# a comment\n"])
def test_no_document_is_refused(make, refuses, text):
    with refuses("got no document", "a.svmlight"):
        read_corpus(make(**{"a.svmlight": text, "vocab.txt": VOCABULARY}))


def test_missing_vocabulary_says_which_were_looked_for(make, refuses):
    with refuses("got none of a.feat.vocab, a.vocab, vocab.new, vocab.txt"):
        read_corpus(make(**{"a.feat": "1 1:1\n"}))


def test_20_newsgroups_of_nvdm(data):
    train = read_corpus(data / "20ng_nvdm2000" / "train.feat")
    test = read_corpus(data / "20ng_nvdm2000" / "test.feat")
    assert (len(train), len(test)) == (11268, 7505)
    assert train.vocabulary == test.vocabulary
    assert len(set(train.labels)) == len(set(test.labels)) == 20
    # The totals, which reading leaves out, are those of the train documents.
    totals = train.counts.sum(axis=0).tolist()[0]
    lines = (data / "20ng_nvdm2000" / "vocab.new").read_text().splitlines()
    assert [f"{w} {n}" for w, n in zip(train.vocabulary, totals, strict=True)] == lines
