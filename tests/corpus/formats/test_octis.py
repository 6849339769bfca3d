import pandas as pd
import pytest

from topicgen.corpus import Corpus
from topicgen.corpus.formats import read_corpus, recognise, write_corpus

TABLE = "bank bank rate\ttrain\tmoney\n\tval\t\nrain\ttest\tweather hot\n"


def test_a_folder_written_by_hand(make):
    folder = make(**{"o/corpus.tsv": TABLE, "o/vocabulary.txt": "rate\nbank\nrain\nsun\n"}).parent
    corpus = read_corpus(folder)
    assert corpus.counts.toarray().tolist() == [[1, 2, 0, 0], [0] * 4, [0, 0, 1, 0]]
    assert corpus.vocabulary == ["rate", "bank", "rain", "sun"]
    assert corpus.ids == ["train/1", "val/2", "test/3"]
    assert corpus.labels == ["money", "", "weather hot"]


def test_texts_alone_tell_the_vocabulary(make):
    corpus = read_corpus(make(**{"o/corpus.tsv": "b a b\r\nc\r\n"}).parent)
    assert corpus.vocabulary == ["a", "b", "c"]
    assert corpus.counts.toarray().tolist() == [[1, 2, 0], [0, 0, 1]]
    assert (corpus.ids, corpus.labels) == (["1", "2"], None)


def test_words_outside_the_vocabulary_are_told(make):
    path = make(**{"o/corpus.tsv": "a x y\ttrain\ny\ttest\n", "o/vocabulary.txt": "a\n"})
    with pytest.warns(
        UserWarning, match=r"left out 3 tokens in '.*corpus.tsv' outside .*, the first being 'x'"
    ):
        assert read_corpus(path.parent).counts.toarray().tolist() == [[1], [0]]


def test_round_trip(tmp_path, corpus, plain, assert_same):
    for number, written in enumerate((corpus, plain)):
        folder = tmp_path / str(number)
        write_corpus(written, folder, "octis")
        assert recognise(folder) == "octis"
        assert_same(read_corpus(folder), written)


def test_partitions_are_kept_in_the_ids(tmp_path, make):
    folder = make(**{"o/corpus.tsv": TABLE}).parent
    write_corpus(read_corpus(folder), tmp_path / "again", "octis")
    again = tmp_path / "again" / "corpus.tsv"
    assert again.read_text() == TABLE
    assert sorted(path.name for path in again.parent.iterdir()) == ["corpus.tsv", "vocabulary.txt"]


def test_pandas_reads_it_as_octis_does(tmp_path, corpus):
    write_corpus(corpus, tmp_path / "o", "octis")
    table = pd.read_csv(tmp_path / "o" / "corpus.tsv", sep="\t", header=None)
    assert table[0][0].split() == ["日本"] + ["größer"] * 12
    assert table[1].tolist() == ["train"] * 3


@pytest.mark.parametrize(
    ("words", "labels", "parts"),
    [
        (["new york", "b"], None, ["words without blanks", "'new york' at column 0", "'_'"]),
        (["a", ""], None, ["words without blanks", "'' at column 1"]),
        (["a", "b"], ["x\ty"], ["labels without tabs", r"'x\ty' at index 0"]),
    ],
)
def test_what_has_no_place_is_refused(tmp_path, refuses, words, labels, parts):
    with refuses(*parts):
        write_corpus(Corpus([[1, 1]], words, ["1"], labels), tmp_path / "o", "octis")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ("a\ttrain\tx\n" + "a\tb\tc\td\n", ["got 4 fields", "line 2", "remove the other tabs"]),
        (b"a\ttrain\ncaf\xe9\ttrain\n", ["expected UTF-8", "0xe9", "line 2"]),
        ("", ["an empty file"]),
    ],
)
def test_what_is_wrong_is_named(make, refuses, content, parts):
    with refuses(*parts, "corpus.tsv"):
        read_corpus(make(**{"o/corpus.tsv": content}).parent)
