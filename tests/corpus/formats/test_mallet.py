import pytest

from topicgen.corpus import Corpus
from topicgen.corpus.formats import read_corpus, write_corpus


def test_a_file_written_by_hand(make):
    corpus = read_corpus(make(**{"a.mallet.txt": "d1 money rate bank  rate\nd2\t-\nd3 - rain\n"}))
    assert corpus.vocabulary == ["bank", "rain", "rate"]
    assert corpus.counts.toarray().tolist() == [[1, 0, 2], [0, 0, 0], [0, 1, 0]]
    assert corpus.ids == ["d1", "d2", "d3"]
    assert corpus.labels == ["money", "", ""]


def test_raw_texts_have_the_words_of_mallet(make):
    text = "d1 x The bank, the Bank.\nd2 - It's covid-19; élan, R&D to 日本語 a_b_c\n"
    corpus = read_corpus(make(**{"a.mallet.txt": text}))
    words = [
        {corpus.vocabulary[i]: int(n) for i, n in zip(row.indices, row.data, strict=True)}
        for row in corpus.counts
    ]
    assert words[0] == {"bank": 2, "the": 2}
    assert words[1] == dict.fromkeys(["it's", "covid", "élan", "r&d", "日本語", "a_b_c"], 1)


def test_words_with_a_vocabulary_beside_are_read_as_they_are(make):
    path = make(**{"a.mallet.txt": "d1 x to The bank,\n", "a.mallet.txt.vocab": "bank,\nThe\nto\n"})
    assert read_corpus(path).counts.toarray().tolist() == [[1, 1, 1]]


def test_blanks_between_the_fields_are_those_of_java(make):
    corpus = read_corpus(make(**{"a.mallet.txt": "a\xa0b \t x\u2003y  bank\n"}))
    assert (corpus.ids, corpus.labels) == (["a\xa0b"], ["x\u2003y"])


@pytest.mark.parametrize("missing", ["nan", "None", "<NA>", "-"])
def test_missing_labels(make, missing):
    path = make(**{"a.mallet.txt": f"d1 x bank\nd2 {missing} rain\n"})
    assert read_corpus(path).labels == ["x", ""]


def test_no_label_at_all(make):
    assert read_corpus(make(**{"a.mallet.txt": "d1 - rain\n"})).labels is None


def test_words_outside_the_vocabulary_are_told(make):
    path = make(**{"a.mallet.txt": "1 - a x\n", "a.mallet.txt.vocab": "a\n"})
    with pytest.warns(
        UserWarning, match=r"left out 1 token in '.*' outside the vocabulary, the first being 'x'"
    ):
        assert read_corpus(path).vocabulary == ["a"]


@pytest.mark.parametrize("name", ["a.mallet.txt", "a.mallet.txt.gz"])
@pytest.mark.parametrize(
    ("ids", "labels"),
    [
        (["a/1", "b", "ü"], ["x", "", "größer"]),
        (["a 1", "b", ""], ["x y", "", ""]),
        (["1", "2", "3"], None),
        (["1", "2", "3"], ["", "", ""]),
        (["1", "2", "3"], ["-", "", "x"]),
    ],
)
def test_round_trip(tmp_path, corpus, assert_same, name, ids, labels):
    corpus = Corpus(corpus.counts, corpus.vocabulary, ids, labels)
    write_corpus(corpus, tmp_path / name)
    assert_same(read_corpus(tmp_path / name), corpus)


def test_what_is_written(tmp_path):
    corpus = Corpus([[1, 2], [0, 0]], ["b", "a"], ["d1", "d2"], ["x", ""])
    write_corpus(corpus, tmp_path / "a.mallet.txt")
    assert (tmp_path / "a.mallet.txt").read_text() == "d1 x b a a\nd2 -\n"
    names = ["a.mallet.txt", "a.mallet.txt.vocab"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        ("d1 x a\nd2\n", ["expected 'id label text'", "got 'd2'", "line 2"]),
        ("d1 x a\n\n", ["got ''", "line 2"]),
        (b"d1 x caf\xe9\n", ["expected UTF-8", "0xe9", "line 1"]),
        ("", ["an empty file"]),
    ],
)
def test_what_is_wrong_is_named(make, refuses, content, parts):
    with refuses(*parts, "a.mallet.txt"):
        read_corpus(make(**{"a.mallet.txt": content}))


def test_word_with_a_blank_is_refused(tmp_path, refuses):
    with refuses("words without blanks", "'new york'"):
        write_corpus(Corpus([[1]], ["new york"], ["1"]), tmp_path / "a.mallet.txt")


def test_parts_make_one_matrix(make, monkeypatch):
    path = make(
        **{
            "a.mallet.txt": "".join(
                f"{n} - w{chr(97 + n // 2)}w {'www'[: 1 + n % 3]}www bbb bbb\n" for n in range(50)
            )
        }
    )
    whole = read_corpus(path)
    monkeypatch.setattr("topicgen.corpus.formats.text.texts._TOKENS_A_PART", 7)
    parts = read_corpus(path)
    assert parts.vocabulary == whole.vocabulary == sorted(whole.vocabulary)
    assert (parts.counts != whole.counts).nnz == 0
