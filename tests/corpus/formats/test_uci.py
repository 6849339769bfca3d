import pytest

from topicgen.corpus.formats import read_corpus, write_corpus

VOCABULARY = "bank\nrate\nrose\n"
TEXT = "3\n3\n3\n1 1 1\n1 3 13\n3 2 2\n"


def test_a_file_written_by_hand(make):
    corpus = read_corpus(make(**{"docword.kos.txt": TEXT, "vocab.kos.txt": VOCABULARY}))
    assert corpus.counts.toarray().tolist() == [[1, 0, 13], [0, 0, 0], [0, 2, 0]]
    assert corpus.vocabulary == ["bank", "rate", "rose"]
    assert (corpus.ids, corpus.labels) == (["1", "2", "3"], None)


def test_order_and_blanks_do_not_matter_and_zeros_are_dropped(make):
    text = "2\r\n3\r\n3\r\n 2\t2  2\r\n\r\n1 1 1\r\n1 3 0"
    counts = read_corpus(make(**{"docword.a.txt": text, "vocab.a.txt": VOCABULARY})).counts
    assert counts.toarray().tolist() == [[1, 0, 0], [0, 2, 0]]
    assert counts.nnz == 2


@pytest.mark.parametrize("name", ["docword.a.txt", "docword.a.txt.gz"])
def test_round_trip(tmp_path, corpus, plain, assert_same, name):
    for written in (corpus, plain):
        write_corpus(written, tmp_path / name, overwrite=True)
        assert_same(read_corpus(tmp_path / name), written)


def test_what_is_written(tmp_path, corpus):
    write_corpus(corpus, tmp_path / "docword.a.txt")
    assert (tmp_path / "docword.a.txt").read_text() == "3\n4\n3\n1 1 1\n1 3 12\n3 2 3\n"
    names = ["docword.a.txt", "docword.a.txt.ids", "docword.a.txt.labels", "vocab.a.txt"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names


def test_another_name_on_request(tmp_path, corpus, assert_same):
    write_corpus(corpus, tmp_path / "bag", "uci")
    assert (tmp_path / "bag.vocab").is_file()
    assert_same(read_corpus(tmp_path / "bag", "uci"), corpus)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("3\n3\n4\n1 1 1\n1 3 13\n3 2 2\n", ["expected 4 entries", "got 3", "correct the header"]),
        ("3\n3\n2\n1 1 1\n1 3 13\n3 2 2\n", ["expected 2 entries", "got 3"]),
        ("3\n3\n2\n", ["expected 2 entries", "got 0"]),
        ("3\n5\n3\n1 1 1\n", ["a vocabulary of 5 words", "got 3", "vocab.a.txt"]),
        ("3\n2\n3\n1 1 1\n", ["a vocabulary of 2 words", "got 3", "vocab.a.txt"]),
        ("2\n3\n3\n1 1 1\n1 3 13\n3 2 2\n", ["2 documents", "from 1 to 2", "got '3'", "line 6"]),
        ("3\n3\n1\n1 4 1\n", ["the 3 words", "from 1 to 3", "got '4'", "line 4"]),
        ("3\n3\n1\n0 1 1\n", ["from 1 to 3", "got '0'", "line 4"]),
        ("3\n3\n1\n1 1 -2\n", ["whole number from 0", "got '-2'", "line 4"]),
        ("3\n3\n1\n1 1 0.5\n", ["whole number from 0", "got '0.5'", "line 4"]),
        ("3\n3\n1\n1 1 NaN\n", ["whole number from 0", "got 'NaN'", "line 4"]),
        ("3\n3\n2\n1 1 1\n1 1\n", ["'document word count'", "got 2 fields", "line 5"]),
        ("3\n3\n2\n1 1 1 1 2 1\n", ["got 6 fields", "line 4"]),
        ("3 3 3\n1 1 1\n", ["the numbers 'documents'", "got '3 3 3'", "line 1"]),
        ("3\nx\n3\n", ["got 'x'", "line 2"]),
        (
            f"{10**17}\n3\n1\n1 1 1\n",
            ["at most 1,000,029 documents", f"got {10**17:,}"],
        ),
        ("3\n3\n", ["expected a header", "the end of"]),
        ("", ["expected a header", "an empty file"]),
    ],
)
def test_what_is_wrong_is_named(make, refuses, text, parts):
    path = make(**{"docword.a.txt": text, "vocab.a.txt": VOCABULARY})
    with refuses(*parts, str(path.parent)):
        read_corpus(path)


def test_missing_vocabulary_says_which_were_looked_for(make, refuses):
    with refuses("got none of", "vocab.a.txt"):
        read_corpus(make(**{"docword.a.txt": TEXT}))
