import numpy as np
import pytest
from gensim.corpora import Dictionary, MmCorpus

from topicgen.corpus import Corpus
from topicgen.corpus.formats import (
    from_gensim,
    read_corpus,
    recognise,
    to_gensim,
    write_corpus,
)

TEXTS = [["bank", "rate", "bank"], [], ["rain", "größer"]]
MM = "%%MatrixMarket matrix coordinate real general\n2 2 2\n1 1 1\n2 2 3.0\n"


@pytest.fixture
def prefix(tmp_path):
    """What gensim itself saves."""
    dictionary = Dictionary(TEXTS)
    dictionary.save_as_text(str(tmp_path / "news.dict.txt"))
    bow = [dictionary.doc2bow(text) for text in TEXTS]
    MmCorpus.serialize(str(tmp_path / "news.mm"), bow)
    return tmp_path / "news"


def check(corpus):
    rows = [dict(zip(corpus.vocabulary, row, strict=True)) for row in corpus.counts.toarray()]
    assert rows[0] == {"bank": 2, "rate": 1, "rain": 0, "größer": 0}
    assert rows[2] == {"bank": 0, "rate": 0, "rain": 1, "größer": 1}
    assert (corpus.ids, corpus.labels) == (["1", "2", "3"], None)


@pytest.mark.parametrize("end", ["", ".mm", ".dict.txt"])
def test_what_gensim_writes_is_read(prefix, end):
    path = prefix.with_name(prefix.name + end)
    assert recognise(path) == "gensim"
    check(read_corpus(path))


def test_a_folder_is_read(prefix):
    assert recognise(prefix.parent) == "gensim"
    check(read_corpus(prefix.parent))


def test_files_written_by_hand(make):
    path = make(**{"a.mm": MM, "a.dict.txt": "2\n1\tbank\t1\n0\trate\t1\n2\tsun\t0\n"})
    corpus = read_corpus(path)
    assert corpus.vocabulary == ["rate", "bank", "sun"]
    assert corpus.counts.toarray().tolist() == [[1, 0, 0], [0, 3, 0]]


@pytest.mark.parametrize("name", ["a.mm", "a.dict.txt", "folder", "a.mm.gz"])
def test_round_trip(tmp_path, corpus, plain, assert_same, name):
    for written in (corpus, plain):
        write_corpus(written, tmp_path / name, "gensim", overwrite=True)
        assert_same(read_corpus(tmp_path / name), written)


def test_gensim_reads_what_is_written(tmp_path, corpus):
    write_corpus(corpus, tmp_path / "a.mm")
    dictionary = Dictionary.load_from_text(str(tmp_path / "a.dict.txt"))
    assert [dictionary[column] for column in range(4)] == corpus.vocabulary
    assert dictionary.num_docs == 3
    assert list(MmCorpus(str(tmp_path / "a.mm"))) == [[(0, 1), (2, 12)], [], [(1, 3)]]


def test_objects_round_trip(plain, assert_same):
    dictionary, bow = to_gensim(plain)
    assert bow == [[(0, 1), (2, 12)], [], [(1, 3)]]
    assert dictionary.doc2bow(["bank", "bank", "unknown"]) == [(1, 2)]
    assert (dictionary.dfs, dictionary.num_docs, dictionary.num_pos) == ({0: 1, 1: 1, 2: 1}, 3, 16)
    assert_same(from_gensim(dictionary, bow), plain)


def test_objects_of_gensim():
    dictionary = Dictionary(TEXTS)
    check(from_gensim(dictionary, (dictionary.doc2bow(text) for text in TEXTS)))
    assert from_gensim(dictionary, []).counts.shape == (0, 4)
    assert from_gensim(dictionary, [[(0, np.float32(2))]]).counts.dtype == np.int64


@pytest.mark.parametrize(
    ("bow", "parts"),
    [
        ([[(0, 1)], [(9, 1)]], ["from 0 to 3", "got 9 in document 1"]),
        ([[(0, 0.5)]], ["whole, non-negative counts", "got 0.5 at row 0", "in the documents"]),
    ],
)
def test_objects_that_disagree_are_refused(refuses, bow, parts):
    with refuses(*parts):
        from_gensim(Dictionary(TEXTS), bow)


def test_dictionary_with_a_gap_is_refused(refuses):
    dictionary = Dictionary(TEXTS)
    del dictionary.token2id["bank"]
    with refuses("each column from 0 to 2 once", "in the dictionary", "compactify()"):
        from_gensim(dictionary, [])


def test_dictionary_with_two_words_for_an_id_is_refused(refuses):
    dictionary = Dictionary(TEXTS)
    dictionary.token2id["bank"] = dictionary.token2id["rate"]
    with refuses("once in a vocabulary of 4 words", "in the dictionary"):
        from_gensim(dictionary, [])


@pytest.mark.parametrize(
    ("dictionary", "parts"),
    [
        ("1\n0\tbank\t1\n", ["a vocabulary of 2 words", "got 1", "a.dict.txt"]),
        ("2\n0\tbank\t1\n1\tbank\t1\n", ["distinct words", "'bank'", "lines 2 and 3"]),
        ("2\n0\tbank\t1\n0\trate\t1\n", ["'bank' and 'rate' for 0", "line 3"]),
        ("2\n0\tbank\t1\n2\trate\t1\n", ["from 0 to 2", "got none for 1"]),
        ("2\n0\tbank\n", ["got 2 fields", "line 2", "save_as_text"]),
        ("2\nx\tbank\t1\n", ["got 'x'", "line 2"]),
        (b"1\n0\tcaf\xe9\t1\n", ["expected UTF-8", "line 2"]),
        ("", ["got none", "a.dict.txt"]),
    ],
)
def test_dictionary_that_is_wrong_is_named(make, refuses, dictionary, parts):
    with refuses(*parts):
        read_corpus(make(**{"a.mm": MM, "a.dict.txt": dictionary}))


def test_missing_files_are_refused(make, tmp_path, refuses):
    with refuses("a.mm", "does not exist"):
        read_corpus(tmp_path / "a.mm")
    with refuses("the dictionary", "got no such file", "save_as_text"):
        read_corpus(make(**{"a.mm": MM}))
    make(**{"b.mm": MM, "b.dict.txt": "1\n"})
    with refuses("one *.mm and one *.dict.txt", "got 2 and 1"):
        read_corpus(tmp_path)


def test_word_with_a_tab_is_refused(tmp_path, refuses):
    with refuses("words without tabs", r"'a\tb' at column 0"):
        write_corpus(Corpus([[1]], ["a\tb"], ["1"]), tmp_path / "a.mm")
