import gzip

import pytest

from topicgen.corpus import Corpus
from topicgen.corpus.formats import read_corpus, write_corpus

VOCABULARY = "bank\nrate\nrose\n"


def test_a_file_written_by_hand(make):
    path = make(**{"a.ldac": "2 0:1 2:13\n0\n1 1:2\n", "a.ldac.vocab": VOCABULARY})
    corpus = read_corpus(path)
    assert corpus.counts.toarray().tolist() == [[1, 0, 13], [0, 0, 0], [0, 2, 0]]
    assert corpus.vocabulary == ["bank", "rate", "rose"]
    assert (corpus.ids, corpus.labels) == (["1", "2", "3"], None)


@pytest.mark.parametrize("name", ["a.vocab", "a.tokens", "vocab.txt", "a.ldac.vocab"])
def test_names_of_the_vocabulary(make, name):
    assert read_corpus(make(**{"a.ldac": "1 2:1\n", name: VOCABULARY})).n_words == 3


def test_the_nearest_vocabulary_is_taken(make):
    path = make(**{"a.ldac": "1 0:1", "vocab.txt": "no\n", "a.ldac.vocab": "yes\n"})
    assert read_corpus(path).vocabulary == ["yes"]


def test_zeros_are_dropped_repeats_are_added_and_blanks_do_not_matter(make):
    text = "\ufeff4  0:1\t1:0 0:2 2:1 \r\n0\r\n"
    counts = read_corpus(make(**{"a.lda-c": text, "vocab.txt": VOCABULARY})).counts
    assert counts.toarray().tolist() == [[3, 0, 1], [0, 0, 0]]
    assert counts.nnz == 2


def test_whole_numbers_written_as_fractions_are_counts(make):
    path = make(**{"a.ldac": "2 0:1.0 1:2e0\n1 2:1\n", "vocab.txt": VOCABULARY})
    assert read_corpus(path).counts.toarray().tolist() == [[1, 2, 0], [0, 0, 1]]


@pytest.mark.parametrize("name", ["a.ldac", "a.lda-c", "a.ldac.gz", "a.ldac.xz"])
def test_round_trip(tmp_path, corpus, plain, assert_same, name):
    for written in (corpus, plain):
        write_corpus(written, tmp_path / name, overwrite=True)
        assert_same(read_corpus(tmp_path / name), written)


def test_what_is_written(tmp_path, corpus, plain):
    write_corpus(corpus, tmp_path / "a.ldac")
    assert (tmp_path / "a.ldac").read_text() == "2 0:1 2:12\n0\n1 1:3\n"
    names = ["a.ldac", "a.ldac.ids", "a.ldac.labels", "a.ldac.vocab"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
    write_corpus(plain, tmp_path / "b.ldac")
    assert not (tmp_path / "b.ldac.ids").exists()
    assert not (tmp_path / "b.ldac.labels").exists()


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("3 0:1 1:1", ["expected 3 id:count pairs", "got 2"]),
        ("1 0:1 1:1", ["expected 1 id:count pairs", "got 2"]),
        ("1 3:1", ["ids of the 3 words in the vocabulary", "from 0 to 2", "got '3'"]),
        ("1 -1:1", ["from 0 to 2", "got '-1'"]),
        ("1 99999999999999999999:1", ["from 0 to 2", "got '99999999999999999999'"]),
        ("1 0:-1", ["a count, a whole number from 0", "got '-1'"]),
        ("1 0:1.5", ["whole number", "got '1.5'"]),
        ("1 0:nan", ["whole number", "got 'nan'"]),
        ("1 0:inf", ["whole number", "got 'inf'"]),
        ("1 0:", ["whole number", "got ''"]),
        ("1 0:1:2", ["whole number", "got '1:2'"]),
        ("1 0:99999999999999999999", ["whole number", "got '99999999999999999999'"]),
        ("2 0 1:1", ["expected id:count", "got '0'"]),
        ("1 0: 1", ["expected 1 id:count pairs", "got 2"]),
        ("x 0:1", ["whole number", "got 'x'"]),
        ("", ["got a blank line", "write 0 for an empty document"]),
        ("1 0:\xe9", ["whole number", "got 'é'"]),
    ],
)
def test_a_line_that_is_wrong_is_named(make, refuses, line, parts):
    path = make(**{"a.ldac": f"1 0:1\n{line}\n0\n", "vocab.txt": VOCABULARY})
    with refuses(*parts, f"in {str(path)!r}, line 2"):
        read_corpus(path)


def test_a_wrong_line_far_below_is_named(make, refuses, monkeypatch):
    monkeypatch.setattr("topicgen.corpus.formats.text.lines.BLOCK_BYTES", 64)
    path = make(**{"a.ldac": "1 0:1\n" * 999 + "1 0:x\n", "vocab.txt": VOCABULARY})
    with refuses("got 'x'", "line 1000"):
        read_corpus(path)


def test_blocks_make_one_matrix(make, monkeypatch):
    path = make(**{"a.ldac": "1 0:1\n2 1:10 2:3\n" * 100, "vocab.txt": VOCABULARY})
    whole = read_corpus(path).counts
    for size in (1, 7, 64):
        monkeypatch.setattr("topicgen.corpus.formats.text.lines.BLOCK_BYTES", size)
        assert (read_corpus(path).counts != whole).nnz == 0


def test_missing_vocabulary_says_which_were_looked_for(make, refuses):
    path = make(**{"a.ldac": "1 0:1\n"})
    with refuses(
        f"the vocabulary next to {str(path)!r}",
        "got none of a.ldac.vocab, a.vocab, a.tokens, vocab.txt",
        "write its words there, one per line",
    ):
        read_corpus(path)


def test_empty_file_is_refused(make, refuses):
    with refuses("expected one document per line", "got an empty file", "a.ldac"):
        read_corpus(make(**{"a.ldac": "", "vocab.txt": VOCABULARY}))


def test_missing_file_is_refused(tmp_path, refuses):
    with refuses("does not exist", repr(str(tmp_path / "a.ldac"))):
        read_corpus(tmp_path / "a.ldac")


def test_truncated_gzip_is_refused(make, refuses):
    content = gzip.compress(b"1 0:1\n2 0:1 1:2\n" * 1000)[:-20]
    with refuses("damaged, cut short", "a.ldac.gz"):
        read_corpus(make(**{"a.ldac.gz": content, "vocab.txt": VOCABULARY}))


def test_fractional_counts_are_not_written(tmp_path, refuses):
    corpus = Corpus([[1, 0], [0, 0.5]], ["bank", "rate"], ["1", "2"])
    with refuses(
        "expected whole, non-negative counts",
        "got 0.5 at row 1, column 1 ('rate')",
        "of the corpus",
    ):
        write_corpus(corpus, tmp_path / "a.ldac")
    assert list(tmp_path.iterdir()) == []
