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


def test_the_table_is_read_as_pandas_reads_it(make):
    text = (
        '"say ""bank"" rate"\ttrain\t"weather,\thot"\n\n   \n'
        'in"side\tval\t1\n"two\nlines"\ttest\t"nan"\n"a"b\ttrain\n"rate" "x"\ttrain\n'
    )
    path = make(**{"o/corpus.tsv": text})
    table = pd.read_csv(path, sep="\t", header=None)
    corpus = read_corpus(path.parent)
    words = [{corpus.vocabulary[column] for column in row.indices} for row in corpus.counts]
    assert words == [set(document.split()) for document in table[0]]
    assert words[0] == {"say", '"bank"', "rate"}
    assert corpus.splits == table[1].tolist()
    assert corpus.labels == table[2].fillna("").tolist()
    assert corpus.labels == ["weather,\thot", "1", "", "", ""]
    assert corpus.ids == ["train/1", "val/2", "test/3", "train/4", "train/5"]


def test_the_table_alone_may_be_named(make, assert_same):
    table = make(**{"o/corpus.tsv": TABLE})
    assert recognise(table) is None  # it may be anybody's
    make(**{"o/vocabulary.txt": "rate\nbank\nrain\n"})
    assert recognise(table) == "octis"
    assert_same(read_corpus(table), read_corpus(table.parent))


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA])
def test_missing_labels_that_pandas_writes(tmp_path, missing):
    (tmp_path / "o").mkdir()
    table = pd.DataFrame({0: ["bank", "rain"], 1: "train", 2: ["x", missing]})
    for number, written in enumerate((table, table.astype(str))):
        written.to_csv(tmp_path / "o" / "corpus.tsv", sep="\t", header=False, index=False)
        assert read_corpus(tmp_path / "o").labels == ["x", ""], number


@pytest.mark.parametrize(
    ("name", "split"),
    [("training", "train"), ("Train", "train"), ("valid", "val"), ("dev", "val"), ("TEST", "test")],
)
def test_other_names_of_partitions(make, name, split):
    assert read_corpus(make(**{"o/corpus.tsv": f"a\t{name}\n"}).parent).splits == [split]


def test_a_text_as_long_as_a_document_may_be(make):
    words = "bank " * 40_000  # beyond the usual limit of Python's csv
    path = make(**{"o/corpus.tsv": f'"{words}"\ttrain\n'})
    assert read_corpus(path.parent).n_tokens == 40_000


def test_words_and_labels_with_quotation_marks_survive_the_round_trip(tmp_path, assert_same):
    words = ['"', '"bank', 'ra"te', "null"]
    labels = ['"x"', "a\tb", "", "'"]
    ids = ["train/1", "test/2", "val/3", "train/4"]
    corpus = Corpus([[1, 0, 2, 0], [0, 1, 0, 0], [1, 1, 1, 1], [0, 0, 0, 1]], words, ids, labels)
    write_corpus(corpus, tmp_path / "o", "octis")
    assert_same(read_corpus(tmp_path / "o"), corpus)


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
        (["a", "b"], ["x\ny"], ["labels without line ends", r"'x\ny' at index 0"]),
    ],
)
def test_what_has_no_place_is_refused(tmp_path, refuses, words, labels, parts):
    with refuses(*parts):
        write_corpus(Corpus([[1, 1]], words, ["1"], labels), tmp_path / "o", "octis")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ("a\ttrain\tx\na\tval\tc\td\n", ["got 4 fields", "line 2", "remove the other tabs"]),
        (
            "0\tbank rate\n1\train\n",
            ["train, val or test", "got 'bank rate'", "line 1", "index=False"],
        ),
        ("0\tbank\ttrain\tx\n", ["train, val or test", "got 'bank'", "line 1"]),
        ("text\tpartition\tlabel\nbank\ttrain\tx\n", ["got 'partition'", "header=False"]),
        ("bank\ttrain\nrain\n", ["train, val or test", "got none", "line 2"]),
        ("bank\ttrain\nrain\t\tx\n", ["train, val or test", "got ''", "line 2"]),
        ('bank\ttrain\n"rain\ttrain\nsun\ttest\n', ["quotation marks", "not closed", "line 2"]),
        ('a "b\tsteam train\n', ["got 'steam train'"]),
        (b"a\ttrain\ncaf\xe9\ttrain\n", ["expected UTF-8", "0xe9", "line 2"]),
        ("", ["an empty file"]),
    ],
)
def test_what_is_wrong_is_named(make, refuses, content, parts):
    with refuses(*parts, "corpus.tsv"):
        read_corpus(make(**{"o/corpus.tsv": content}).parent)
