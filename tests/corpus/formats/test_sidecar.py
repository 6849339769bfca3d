import pytest

from topicgen.corpus import Corpus
from topicgen.corpus.formats import read_corpus, write_corpus

COUNTS = "2 0:1 1:1\n1 0:2\n"


@pytest.mark.parametrize(
    ("vocabulary", "parts"),
    [
        ("bank\nrate\nbank\n", ["distinct words", "got 'bank'", "lines 1 and 3"]),
        ("bank\n\nrate\n", ["one word per line", "a blank line", "line 2"]),
        ("", ["one word per line", "no word"]),
        ("\n\n", ["no word"]),
        (b"bank\ncaf\xe9\n", ["expected UTF-8", "the byte 0xe9", "line 2", "iconv"]),
        (b"\xff\xfeb\x00a", ["expected utf-16", "byte order mark", "convert it to UTF-8"]),
    ],
)
def test_vocabulary_that_is_wrong_is_named(make, refuses, vocabulary, parts):
    with refuses(*parts, "a.ldac.vocab"):
        read_corpus(make(**{"a.ldac": COUNTS, "a.ldac.vocab": vocabulary}))


def test_marks_and_ends_of_lines_do_not_matter(make):
    path = make(**{"a.ldac": COUNTS, "a.ldac.vocab": "\ufeffbank \r\na\u2028b\n\n\n"})
    assert read_corpus(path).vocabulary == ["bank ", "a\u2028b"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_counts_and_words_may_be_in_a_declared_encoding(make, encoding):
    words = "bänk\r\nrate\r\n"
    path = make(**{"a.ldac": COUNTS.encode(encoding), "a.ldac.vocab": words.encode(encoding)})
    corpus = read_corpus(path)
    assert corpus.vocabulary == ["bänk", "rate"]
    assert corpus.counts.toarray().tolist() == [[1, 1], [2, 0]]


def test_ids_and_labels_beside_are_read(make):
    path = make(
        **{
            "a.ldac": COUNTS,
            "vocab.txt": "bank\nrate\n",
            "a.ldac.ids": "ü\r\n\n",
            "a.ldac.labels": "x\n\n",
        }
    )
    corpus = read_corpus(path)
    assert (corpus.ids, corpus.labels) == (["ü", ""], ["x", ""])


@pytest.mark.parametrize("suffix", [".ids", ".labels"])
def test_another_number_of_them_is_refused(make, refuses, suffix):
    path = make(**{"a.ldac": COUNTS, "vocab.txt": "bank\nrate\n", f"a.ldac{suffix}": "x\n"})
    with refuses("expected 2 lines", "got 1", f"a.ldac{suffix}", "write it again"):
        read_corpus(path)


@pytest.mark.parametrize(
    ("part", "values", "parts"),
    [
        ("vocabulary", ["a\nb", "c"], ["words without line ends", r"'a\nb' at index 0"]),
        ("vocabulary", ["a", ""], ["words of at least one character", "column 1"]),
        ("ids", ["1", "2\r"], ["ids without line ends", r"'2\r' at index 1"]),
        ("labels", ["x\ny", ""], ["labels without line ends", r"'x\ny' at index 0"]),
    ],
)
def test_what_has_no_place_on_a_line_is_refused(tmp_path, refuses, part, values, parts):
    names = {"vocabulary": ["a", "b"], "ids": ["1", "2"], "labels": None, part: values}
    with refuses(*parts):
        write_corpus(Corpus([[1, 1], [2, 0]], **names), tmp_path / "a.ldac")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a.mtx", "a.npz", "docword.a.txt"])
def test_words_by_documents_are_named(tmp_path, refuses, name):
    corpus = Corpus([[1, 0], [2, 1], [0, 1]], ["bank", "rate"], ["1", "2", "3"])
    write_corpus(corpus, tmp_path / name)
    vocabulary = next(file for file in tmp_path.iterdir() if "vocab" in file.name)
    vocabulary.write_text("bank\nrate\nrose\n")
    with refuses("expected a vocabulary of 2 words", "got 3", "transpose the counts"):
        read_corpus(tmp_path / name)
