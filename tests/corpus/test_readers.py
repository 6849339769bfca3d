import bz2
import gzip
import io
import lzma

import pytest

from topicgen.corpus import read_documents, read_stop_words, streams

COMPRESSORS = {"": bytes, ".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}


@pytest.fixture
def write(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


@pytest.fixture
def standard_input(monkeypatch):
    def set_(content):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))

    return set_


@pytest.mark.parametrize("suffix", COMPRESSORS)
def test_text_file_is_a_document_a_line(write, suffix):
    path = write(f"corpus.txt{suffix}", COMPRESSORS[suffix](b"one\r\n\r\nthree\x85still\nlast"))
    with pytest.warns(UserWarning, match="1 byte of another encoding"):
        documents = list(read_documents(path))
    assert [tuple(document) for document in documents] == [
        ("one", "1", None),
        ("", "2", None),
        ("three\x85still", "3", None),
        ("last", "4", None),
    ]


def test_final_newline_makes_no_document(write):
    assert len(list(read_documents(str(write("corpus", b"one\ntwo\n"))))) == 2


def test_standard_input_is_a_document_a_line(standard_input):
    standard_input(b"one\ntwo\n")
    assert [document.text for document in read_documents("-")] == ["one", "two"]


def test_empty_standard_input_is_refused(standard_input, refuses):
    standard_input(b"")
    with refuses("got none in standard input"):
        list(read_documents("-"))


def test_folder_and_table_are_told_apart(tmp_path, write):
    write("a.csv", b"text,label\nword,x\n")
    assert next(read_documents(tmp_path / "a.csv", label_column="label")).label == "x"
    write("b.txt", b"words")
    with pytest.warns(UserWarning, match="skipped 1 file"):
        assert [document.id for document in read_documents(tmp_path)] == ["b.txt"]


def test_documents_come_one_at_a_time(write):
    documents = read_documents(write("corpus.txt", b"one\nbin\0ary\n"))
    assert next(documents).text == "one"


@pytest.mark.parametrize("name", ["no.txt", "no.csv", "no.jsonl.gz"])
def test_missing_path_is_refused(tmp_path, refuses, name):
    with refuses(f"{name}'", "does not exist", "check the path"):
        list(read_documents(tmp_path / name))


@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.tsv", "a.jsonl"])
def test_empty_file_is_refused(write, refuses, name):
    with refuses("documents with text", f"got none in '{write(name, b'')}'", "at least one"):
        list(read_documents(write(name, b"")))


def test_blank_file_is_refused(write, refuses):
    with refuses("got only blank ones (2) in"):
        list(read_documents(write("a.txt", b"\n \n")))


def test_folder_of_empty_files_is_refused(tmp_path, write, refuses):
    write("a.txt", b"")
    with refuses("got only blank ones (1) in", repr(str(tmp_path))):
        list(read_documents(tmp_path))


def test_binary_file_is_refused_with_its_line(write, refuses):
    with refuses("a.txt', line 2", "NUL byte at offset 2", "extract the text"):
        list(read_documents(write("a.txt", b"fine\nno\0\1\2\n")))


def test_too_long_line_is_refused(write, refuses, monkeypatch):
    monkeypatch.setattr(streams, "MAX_DOCUMENT_BYTES", 10)
    with refuses("a.txt', line 2", "at most 10 bytes", "one a line"):
        list(read_documents(write("a.txt", b"fine\nmuch too long\n")))


def test_truncated_compressed_file_is_refused(write, refuses):
    content = gzip.compress(b"word\n" * 10_000)
    with refuses("a.txt.gz'", "damaged or cut short"):
        list(read_documents(write("a.txt.gz", content[:-20])))


@pytest.mark.parametrize("option", ["column", "id_column", "label_column"])
def test_column_of_what_is_no_table_is_refused(tmp_path, write, refuses, option):
    with refuses("a table (.csv", "the column 'body'", "got text with a document a line in"):
        list(read_documents(write("a.txt", b"word"), **{option: "body"}))
    with refuses("the column 'body'", "got a folder in", repr(str(tmp_path))):
        list(read_documents(tmp_path, **{option: "body"}))


def test_stop_words_a_line(write):
    assert read_stop_words(write("stop.txt", b"the\n\n a \nof")) == ["the", "a", "of"]


def test_stop_words_missing_are_refused(tmp_path, refuses):
    with refuses("does not exist"):
        read_stop_words(tmp_path / "stop.txt")
